"""The answers as rows, read from the database in stretches."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp.cohorts.models import Enrolment
from trainingapp.db import db
from trainingapp.feedback import comments
from trainingapp.feedback.models import Tag
from trainingapp.followups.models import Invitation, Wave
from trainingapp.labels import label
from trainingapp.participants.models import Participant
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.surveys.models import Anonymity, Question
from trainingapp.surveys.question_types import QUESTION_TYPES, AnswerValue
from trainingapp.surveys.wording import text_in

STRETCH = 2000  # rows fetched at a time
ABOUT = 7  # columns of the answer, before those about the person

Cell = str | float | None


def _columns(wave: Wave, questions: Sequence[Question]) -> list[tuple[Question, str, str]]:
    """Question, its column and the heading: the key, and key.column where there are several.

    What says whose answer it is (a file, her activities) is given out only where people are named.
    """
    is_named = wave.survey_version.anonymity == Anonymity.NAMED
    return [
        (question, column, f"{question.key}.{column}" if column else question.key)
        for question in questions
        if is_named or not QUESTION_TYPES[question.kind].knows_person
        for column in QUESTION_TYPES[question.kind].columns(question)
    ]


def _about(wave: Wave) -> dict[str, sa.ColumnElement[Any]]:
    """What the rows may say of the person: all of it where people are named, else only what narrows a
    group. Nothing links an anonymous answer to a person.
    """
    groups: dict[str, sa.ColumnElement[Any]] = {
        "country": Enrolment.country.expression,
        "sex": Participant.sex.expression,
        "kind": Enrolment.kind.expression,
    }
    if wave.survey_version.anonymity == Anonymity.NAMED:
        return {
            "name": Participant.full_name.expression,
            "organisation": Enrolment.organisation.expression,
            **groups,
        }
    if wave.survey_version.anonymity == Anonymity.CONFIDENTIAL:
        return groups
    return {}


def answers(wave: Wave, questions: Sequence[Question]) -> tuple[list[str], Iterator[list[Cell]]]:
    """Headings, and one row a response in no order of time. Ask queries.is_released first."""
    about = _about(wave)
    for question in questions:  # the rows are read when the transaction of the request has ended
        db.session.expunge(question)
    columns = _columns(wave, questions)
    shuffled = (Response.id % 10007) * 7919 % 10007
    query = (
        sa.select(
            Response.id,
            Answer.question_id,
            Answer.choice,
            Answer.number,
            Answer.text,
            Answer.item,
            Answer.file_id,
            *about.values(),
        )
        .select_from(Response)
        .outerjoin(Answer, Answer.response_id == Response.id)
        .where(Response.wave_id == wave.id, Response.state == ResponseState.SENT)
        .order_by(shuffled, Response.id, Answer.id)
    )
    if about:
        query = (
            query.join(Invitation, Invitation.id == Response.invitation_id)
            .join(Enrolment, Enrolment.id == Invitation.enrolment_id)
            .join(Participant, Participant.id == Enrolment.participant_id)
        )
    return [*about, *(heading for *_column, heading in columns)], _rows(query, columns)


def _read(query: sa.Select[Any]) -> Iterator[sa.Row[Any]]:
    yield from db.session.execute(query, execution_options={"yield_per": STRETCH})


def _rows(query: sa.Select[Any], columns: Sequence[tuple[Question, str, str]]) -> Iterator[list[Cell]]:
    """Choices as their values, which live for years; texts of them change."""
    asked = {question.id: question for question, _column, _heading in columns}
    for _response, group in groupby(_read(query), key=lambda row: row[0]):
        rows = [tuple(row) for row in group]
        given: dict[int, list[AnswerValue]] = {}
        for _number, question_id, *value in (row[:ABOUT] for row in rows):
            if question_id in asked:
                given.setdefault(question_id, []).append(AnswerValue(*value))
        cells = {
            question_id: QUESTION_TYPES[asked[question_id].kind].write(asked[question_id], values, "")
            for question_id, values in given.items()
        }
        person = [str(value) for value in rows[0][ABOUT:]]
        yield [*person, *(cells.get(question.id, {}).get(column) for question, column, _heading in columns)]


def comment_rows(
    within: sa.ColumnElement[bool], wanted: comments.Wanted, language: str
) -> tuple[list[str], Iterator[list[Cell]]]:
    """Every comment that fits, with its state, note and tags; the name only where the wave names people."""
    headings = [
        "year",
        "edition",
        "months_after",
        "question",
        "wording",
        "comment",
        "name",
        "state",
        "note",
        "tags",
    ]
    return headings, _comment_rows(comments.everything(within, wanted), language)


def _comment_rows(query: sa.Select[Any], language: str) -> Iterator[list[Cell]]:
    found = _read(query)
    while stretch := list(islice(found, STRETCH)):
        reviews = [row.CommentReview.id for row in stretch if row.CommentReview]
        tags = comments.tags_of(reviews)
        for row in stretch:
            yield _comment_row(row, tags, language)


def _comment_row(row: sa.Row[Any], tags: Mapping[int, Sequence[Tag]], language: str) -> list[Cell]:
    review = row.CommentReview
    return [
        row.Theme.year,
        row.Cohort.name,
        row.Wave.offset_months,
        row.Question.key,
        text_in(row.Question.wording, language),
        row.Answer.text,
        row.Participant.full_name if row.Participant else None,
        label(review.state) if review else _("New"),
        review.note if review else None,
        ", ".join(tag.name for tag in tags.get(review.id, [])) if review else None,
    ]
