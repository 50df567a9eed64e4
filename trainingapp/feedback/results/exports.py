"""The answers as rows, read from the database in stretches."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, groupby, zip_longest
from random import SystemRandom
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp.archives.models import Archive
from trainingapp.cohorts.models import Enrolment
from trainingapp.db import db
from trainingapp.feedback.results import counting, queries
from trainingapp.followups.models import Invitation, Wave
from trainingapp.participants.models import Participant
from trainingapp.responses.models import Answer, Response
from trainingapp.surveys.models import Anonymity, Question
from trainingapp.surveys.question_types import QUESTION_TYPES, AnswerValue

STRETCH = 2000  # rows fetched at a time
ABOUT = 7  # columns of the answer, before those about the person

PRIME = 2**31 - 1  # no product of two leaves a 64-bit integer

Cell = str | float | None

_random = SystemRandom()


def _columns(of: queries.Gathered, questions: Sequence[Question]) -> list[tuple[Question, str, str]]:
    """Question, its column and the heading: the key, and key.column where there are several.

    What says whose answer it is (a file, her activities) is given out only where people are named.
    """
    is_named = of.survey_version.anonymity == Anonymity.NAMED
    return [
        (question, column, f"{question.key}.{column}" if column else question.key)
        for question in questions
        if is_named or not QUESTION_TYPES[question.kind].knows_person
        for column in QUESTION_TYPES[question.kind].columns(question)
    ]


def _about(of: queries.Gathered) -> dict[str, sa.ColumnElement[Any]]:
    """Only where people are named do the rows say whose they are."""
    if not isinstance(of, Wave) or of.survey_version.anonymity is not Anonymity.NAMED:
        return {}
    return {
        "name": Participant.full_name.expression,
        "organisation": Enrolment.organisation.expression,
        "country": Enrolment.country.expression,
        "sex": Participant.sex.expression,
        "kind": Enrolment.kind.expression,
    }


def too_few() -> str:
    return _(
        "Answers can be downloaded when five people have answered, "
        "and anonymous ones when the wave is closed too."
    )


def answers(of: queries.Gathered, questions: Sequence[Question]) -> tuple[list[str], Iterator[list[Cell]]]:
    """Headings, and as many rows as responses. Ask queries.is_released first.

    Where nobody is named, one answer may say who wrote it (a country, a story), and answers are told by group
    too (grouping.py): rows that hold together would say what else she answered. So each question stands in an
    order of its own, and no row is a person. An old spreadsheet is with whoever brought it in, row by row.
    """
    about = _about(of)
    if of.survey_version.anonymity is not Anonymity.NAMED:
        questions = counting.enough(of, questions)
    for question in questions:  # the rows are read when the transaction of the request has ended
        db.session.expunge(question)
    columns = _columns(of, questions)
    headings = [*about, *(heading for *_column, heading in columns)]
    if of.survey_version.anonymity is not Anonymity.NAMED and not isinstance(of, Archive):
        apart = [list(some) for _question, some in groupby(columns, key=lambda column: column[0])]
        return headings, _beside([(_rows(_query(of, {}, [some[0][0]]), some), len(some)) for some in apart])
    return headings, _rows(_query(of, about, questions), columns)


def _beside(files: Sequence[tuple[Iterator[list[Cell]], int]]) -> Iterator[list[Cell]]:
    """Each has its rows and their width. An answer that comes meanwhile may be in one and not in another."""
    for row in zip_longest(*(rows for rows, _width in files)):
        cells = (found or [None] * width for found, (_rows, width) in zip(row, files, strict=True))
        yield list(chain.from_iterable(cells))


def _query(
    of: queries.Gathered, about: Mapping[str, sa.ColumnElement[Any]], questions: Sequence[Question]
) -> sa.Select[Any]:
    """In no order of time, and in another each time."""
    factor = sa.literal(_random.randrange(1, PRIME), sa.BigInteger)
    asked = Answer.question_id.in_([question.id for question in questions])
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
        .outerjoin(Answer, sa.and_(Answer.response_id == Response.id, asked))
        .where(Response.id.in_(queries.sent_responses(of)))
        .order_by(Response.id * factor % PRIME, Response.id, Answer.id)
    )
    if about:
        query = (
            query.join(Invitation, Invitation.id == Response.invitation_id)
            .join(Enrolment, Enrolment.id == Invitation.enrolment_id)
            .join(Participant, Participant.id == Enrolment.participant_id)
        )
    return query


def read(query: sa.Select[Any]) -> Iterator[sa.Row[Any]]:
    yield from db.session.execute(query, execution_options={"yield_per": STRETCH})


def _rows(query: sa.Select[Any], columns: Sequence[tuple[Question, str, str]]) -> Iterator[list[Cell]]:
    """Choices as their values, which live for years; texts of them change."""
    asked = {question.id: question for question, _column, _heading in columns}
    for _response, group in groupby(read(query), key=lambda row: row[0]):
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
