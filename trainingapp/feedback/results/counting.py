"""Counts in the database, never answer by answer. Of very many, most are counted ahead (parts.py)."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from trainingapp.cohorts.models import Enrolment
from trainingapp.db import db
from trainingapp.feedback.results import parts, queries
from trainingapp.feedback.results.chart_kinds import kind_of
from trainingapp.feedback.results.figures import Cells, Figures, Rows
from trainingapp.feedback.results.queries import DIMENSIONS, Gathered, sent_responses
from trainingapp.followups.models import Invitation, Wave
from trainingapp.participants.models import Participant
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.statistics import SMALLEST_GROUP
from trainingapp.surveys.models import Question


class Counts:
    """What was answered, as it stands now; looked up when it is asked for, and once."""

    def __init__(self, of: Gathered, questions: Sequence[Question]) -> None:
        self.of, self.questions = of, questions

    @cached_property
    def _look(self) -> parts.Look | None:
        return parts.look(self.of.id) if isinstance(self.of, Wave) else None

    @cached_property
    def responses(self) -> int:
        """Those in a sealed box too."""
        sent = self._look.before + self._look.since if self._look else queries.sent(self.of)
        return sent + queries.sealed_in(self.of)

    @cached_property
    def figures(self) -> Figures:
        kept = parts.kept(self._look, "figures") if self._look else parts.NOTHING
        now = [] if kept.is_all else [count(self.of, self.questions, *kept.left)]
        return Figures.together([*(Figures(**one) for one in kept.counted), *now])

    @cached_property
    def cells(self) -> Cells:
        """Of a wave whose answers know whose they are."""
        assert isinstance(self.of, Wave)
        kept = parts.kept(self._look, "cells") if self._look else parts.NOTHING
        now = [] if kept.is_all else [count_cells(self.of, self.questions, *kept.left)]
        return Cells.together([*(Cells(**one) for one in kept.counted), *now])


def count(of: Gathered, questions: Sequence[Question], *which: sa.ColumnElement[bool]) -> Figures:
    sent = sent_responses(of).where(*which)
    within = Answer.response_id.in_(sent)
    responses = db.session.scalar(sa.select(sa.func.count()).select_from(sent.subquery()))
    return Figures(
        responses or 0,
        _values(within),
        _people(within, _ids(questions, "has_several")),
        _pairs(within, _ids(questions, "has_pairs")),
        _texts(within, _ids(questions, "has_texts")),
    )


def enough(of: Gathered, questions: Sequence[Question]) -> list[Question]:
    """Those that five people or more answered."""
    found = _people(Answer.response_id.in_(sent_responses(of)), [question.id for question in questions])
    answered: dict[int, int] = {question_id: people for question_id, people in found}  # noqa: C416 - rows are lists
    return [question for question in questions if answered.get(question.id, 0) >= SMALLEST_GROUP]


def own_words(of: Gathered, question_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Question id -> text as it was written -> how often."""
    found: dict[int, dict[str, int]] = {}
    for question_id, text, people in _texts(Answer.response_id.in_(sent_responses(of)), question_ids):
        found.setdefault(question_id, {})[text] = people
    return found


def count_cells(wave: Wave, questions: Sequence[Question], *which: sa.ColumnElement[bool]) -> Cells:
    told = [question for question in questions if kind_of(question).has_groups]
    names = tuple(DIMENSIONS.values())
    everybody = _of_people(sa.select(*names, sa.func.count()), wave, *which).group_by(*names)
    answers = Answer.question_id.in_([question.id for question in told])
    answered = sa.select(Answer.question_id, *names, Answer.choice, sa.func.count())
    chosen = _of_people(answered, wave, *which).join(Answer, Answer.response_id == Response.id)
    return Cells(
        _rows(everybody),
        _rows(chosen.where(answers).group_by(Answer.question_id, *names, Answer.choice)),
        _people_in_cells(wave, _ids(told, "has_several"), *which),
    )


def _ids(questions: Iterable[Question], trait: str) -> list[int]:
    return [question.id for question in questions if getattr(kind_of(question), trait)]


def _rows(query: Any) -> Rows:
    return [list(row) for row in db.session.execute(query)]


def _values(within: sa.ColumnElement[bool]) -> Rows:
    by = (Answer.question_id, Answer.item, Answer.choice, Answer.number)
    return _rows(sa.select(*by, sa.func.count()).where(within).group_by(*by).order_by(*by))


def _people(within: sa.ColumnElement[bool], question_ids: Sequence[int]) -> Rows:
    if not question_ids:
        return []
    query = sa.select(Answer.question_id, sa.func.count(Answer.response_id.distinct()))
    return _rows(query.where(within, Answer.question_id.in_(question_ids)).group_by(Answer.question_id))


def _pairs(within: sa.ColumnElement[bool], question_ids: Sequence[int]) -> Rows:
    if not question_ids:
        return []
    now = orm.aliased(Answer)
    same = sa.and_(now.response_id == Answer.response_id, now.question_id == Answer.question_id)
    both = (Answer.item == "then", now.item == "now", Answer.question_id.in_(question_ids))
    by = (Answer.question_id, Answer.number, now.number)
    return _rows(sa.select(*by, sa.func.count()).join(now, same).where(within, *both).group_by(*by))


def _texts(within: sa.ColumnElement[bool], question_ids: Sequence[int]) -> Rows:
    if not question_ids:
        return []
    which = (Answer.question_id.in_(question_ids), Answer.text.is_not(None))
    by = (Answer.question_id, Answer.text)
    return _rows(sa.select(*by, sa.func.count()).where(within, *which).group_by(*by).order_by(*by))


def _people_in_cells(wave: Wave, question_ids: Sequence[int], *which: sa.ColumnElement[bool]) -> Rows:
    if not question_ids:
        return []
    names = tuple(DIMENSIONS.values())
    people = sa.select(Answer.question_id, *names, sa.func.count(Response.id.distinct()))
    query = _of_people(people, wave, *which).join(Answer, Answer.response_id == Response.id)
    return _rows(query.where(Answer.question_id.in_(question_ids)).group_by(Answer.question_id, *names))


def _of_people(query: Any, wave: Wave, *which: sa.ColumnElement[bool]) -> Any:
    """Those who sent a response, with who they are."""
    return (
        query.select_from(Response)
        .join(Invitation, Invitation.id == Response.invitation_id)
        .join(Enrolment, Enrolment.id == Invitation.enrolment_id)
        .join(Participant, Participant.id == Enrolment.participant_id)
        .where(Response.wave_id == wave.id, Response.state == ResponseState.SENT, *which)
    )
