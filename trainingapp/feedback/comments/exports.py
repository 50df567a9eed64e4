"""Comments as rows, read from the database in stretches."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp.feedback.comments import queries
from trainingapp.feedback.models import CommentState, Tag
from trainingapp.feedback.results.exports import STRETCH, Cell, read
from trainingapp.labels import label
from trainingapp.surveys.wording import text_in


def rows(
    within: sa.ColumnElement[bool], wanted: queries.Wanted, state: CommentState | None, language: str
) -> tuple[list[str], Iterator[list[Cell]]]:
    """Every comment that fits, with its state, note and tags; the name only where the wave names people."""
    headings = [
        "year",
        "edition",
        "months_after",
        "gathered_with",
        "question",
        "wording",
        "comment",
        "translation",
        "name",
        "state",
        "owner",
        "note",
        "tags",
    ]
    return headings, _rows(queries.everything(within, wanted, state), language)


def _rows(query: sa.Select[Any], language: str) -> Iterator[list[Cell]]:
    found = read(query)
    while stretch := list(islice(found, STRETCH)):
        reviews = [row.CommentReview.id for row in stretch if row.CommentReview]
        tags = queries.tags_of(reviews)
        for row in stretch:
            yield _row(row, tags, language)


def _row(row: sa.Row[Any], tags: Mapping[int, Sequence[Tag]], language: str) -> list[Cell]:
    review = row.CommentReview
    return [
        row.Theme.year if row.Theme else None,
        row.Cohort.name if row.Cohort else None,
        row.Wave.offset_months if row.Wave else None,
        row.Archive.source if row.Archive else None,
        row.Question.key,
        text_in(row.Question.wording, language),
        row.Answer.text,
        review.translation if review else None,
        row.Participant.full_name if row.Participant else None,
        label(review.state) if review else _("New"),
        row.User.name if row.User else None,
        review.note if review else None,
        ", ".join(tag.name for tag in tags.get(review.id, [])) if review else None,
    ]
