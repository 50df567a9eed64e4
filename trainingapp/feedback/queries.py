"""What came back: counted in the database, never loaded answer by answer."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db
from trainingapp.followups.models import Invitation, InvitationState, Schedule, Wave, WaveState
from trainingapp.participants.models import Participant
from trainingapp.responses import sealed
from trainingapp.responses.models import Answer, Response, ResponseState, SealedBox
from trainingapp.statistics import SMALLEST_GROUP, Cube
from trainingapp.surveys.models import Anonymity, Question, SurveyVersion


class Outcome(StrEnum):
    """What came of asking, in the four groups that a response rate is computed from."""

    ANSWERED = "answered"
    SILENT = "silent"  # asked, and no answer so far
    UNREACHED = "unreached"
    DECLINED = "declined"


OUTCOME_OF = {
    InvitationState.PLANNED: Outcome.SILENT,
    InvitationState.SENT: Outcome.SILENT,
    InvitationState.OPENED: Outcome.SILENT,
    InvitationState.STARTED: Outcome.SILENT,
    InvitationState.ANSWERED: Outcome.ANSWERED,
    InvitationState.NOT_DELIVERED: Outcome.UNREACHED,
    InvitationState.DECLINED: Outcome.DECLINED,
    InvitationState.GONE: Outcome.UNREACHED,
    InvitationState.CLOSED: Outcome.SILENT,
}

# What results can be broken down by, in this order everywhere.
DIMENSIONS: dict[str, InstrumentedAttribute[str]] = {
    "country": Enrolment.country,
    "sex": Participant.sex,
    "kind": Enrolment.kind,
}


def sent_responses(wave_id: int) -> sa.Select[int]:
    return sa.select(Response.id).where(Response.wave_id == wave_id, Response.state == ResponseState.SENT)


@dataclass(frozen=True)
class WaveLine:
    wave: Wave
    asked: int
    answered: int
    comments: int


def waves_of(cohort: Cohort, kinds_of_words: Collection[str]) -> list[WaveLine]:
    """An edition's waves in order, with how many were asked and answered, and how many comments came."""
    counts = (
        sa.select(Invitation.wave_id, sa.func.count().label("asked"))
        .join(Wave)
        .join(Schedule)
        .where(Schedule.cohort_id == cohort.id)
        .group_by(Invitation.wave_id)
        .subquery()
    )
    answered = (
        sa.select(sa.func.count())
        .where(Response.wave_id == Wave.id, Response.state == ResponseState.SENT)
        .correlate(Wave)
        .scalar_subquery()
    )
    query = (
        sa.select(Wave, sa.func.coalesce(counts.c.asked, 0), answered + sa.func.coalesce(SealedBox.count, 0))
        .join(Wave.schedule)
        .outerjoin(SealedBox, SealedBox.wave_id == Wave.id)
        .outerjoin(counts, counts.c.wave_id == Wave.id)
        .where(Schedule.cohort_id == cohort.id)
        .options(joinedload(Wave.survey_version).joinedload(SurveyVersion.survey))
        .order_by(Wave.offset_months)
    )
    words = _comments_by_wave(cohort, kinds_of_words)
    return [
        WaveLine(row, asked, done, words.get(row.id, 0)) for row, asked, done in db.session.execute(query)
    ]


def _comments_by_wave(cohort: Cohort, kinds: Collection[str]) -> dict[int, int]:
    query = (
        sa.select(Response.wave_id, sa.func.count())
        .join(Wave)
        .join(Schedule)
        .join(Answer, Answer.response_id == Response.id)
        .where(
            Schedule.cohort_id == cohort.id,
            Response.state == ResponseState.SENT,
            Answer.text != "",
            Answer.question.has(Question.kind.in_(kinds)),
        )
        .group_by(Response.wave_id)
    )
    return {wave_id: count for wave_id, count in db.session.execute(query) if wave_id}


def outcomes(wave: Wave) -> dict[Outcome, int]:
    """Every outcome with its count. Answered means a response was sent, however the ledger calls it."""
    query = sa.select(Invitation.state, sa.func.count()).where(Invitation.wave_id == wave.id)
    counts = dict.fromkeys(Outcome, 0)
    for state, count in db.session.execute(query.group_by(Invitation.state)):
        counts[OUTCOME_OF[state]] += count
    return counts


def answered(wave: Wave) -> int:
    """Those in a sealed box too."""
    sent = db.session.scalar(sa.select(sa.func.count()).select_from(sent_responses(wave.id).subquery())) or 0
    return sent + (sealed.sealed_in(wave.id) if wave.survey_version.anonymity == Anonymity.ANONYMOUS else 0)


def is_released(wave: Wave, responses: int) -> bool:
    """Whether its answers may be read: never of fewer than five, and anonymous ones only when no further
    answer can come, since two looks with one answer between them would show that answer.
    """
    if wave.survey_version.anonymity == Anonymity.NAMED:
        return responses > 0
    if wave.survey_version.anonymity == Anonymity.ANONYMOUS and (
        wave.state != WaveState.CLOSED or sealed.sealed_in(wave.id)
    ):
        return False
    return responses >= SMALLEST_GROUP


Counts = dict[int, dict[str, int]]  # question id -> choice -> how many


def counts(wave: Wave) -> Counts:
    """How often each value of each question was chosen; an answer without a choice counts under ''."""
    query = (
        sa.select(Answer.question_id, Answer.choice, sa.func.count())
        .where(Answer.response_id.in_(sent_responses(wave.id)))
        .group_by(Answer.question_id, Answer.choice)
    )
    found: Counts = defaultdict(dict)
    for question_id, choice, count in db.session.execute(query):
        found[question_id][choice] = count
    return found


def people(wave: Wave, question_ids: Sequence[int]) -> dict[int, int]:
    """How many answered each of these questions, where one person may have given several values."""
    query = (
        sa.select(Answer.question_id, sa.func.count(Answer.response_id.distinct()))
        .where(Answer.response_id.in_(sent_responses(wave.id)), Answer.question_id.in_(question_ids))
        .group_by(Answer.question_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def numbers(wave: Wave, question_ids: Sequence[int]) -> dict[int, dict[float, int]]:
    """Question id -> number -> how often it was given, lowest first."""
    query = (
        sa.select(Answer.question_id, Answer.number, sa.func.count())
        .where(
            Answer.response_id.in_(sent_responses(wave.id)),
            Answer.question_id.in_(question_ids),
            Answer.number.is_not(None),
        )
        .group_by(Answer.question_id, Answer.number)
        .order_by(Answer.question_id, Answer.number)
    )
    found: dict[int, dict[float, int]] = defaultdict(dict)
    for question_id, number, count in db.session.execute(query):
        found[question_id][number or 0.0] = count
    return found


def cube(wave: Wave) -> Cube:
    """How many sent a response, by country, sex and kind together."""
    query = (
        sa.select(*DIMENSIONS.values(), sa.func.count())
        .select_from(Response)
        .join(Invitation, Invitation.id == Response.invitation_id)
        .join(Enrolment, Enrolment.id == Invitation.enrolment_id)
        .join(Participant, Participant.id == Enrolment.participant_id)
        .where(Response.wave_id == wave.id, Response.state == ResponseState.SENT)
        .group_by(*DIMENSIONS.values())
    )
    rows: Sequence[Any] = db.session.execute(query).all()
    return {(country, sex.value, kind.value): number for country, sex, kind, number in rows}


def counts_by(
    wave: Wave, dimension: str, question_ids: Sequence[int]
) -> dict[int, dict[str, dict[str, int]]]:
    """Question id -> group -> choice -> how many."""
    query = _answers_by(wave, dimension, question_ids).add_columns(Answer.choice, sa.func.count())
    query = query.group_by(Answer.question_id, DIMENSIONS[dimension], Answer.choice)
    found: dict[int, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for question_id, group, choice, count in db.session.execute(query):
        found[question_id][str(group)][choice] = count
    return found


def people_by(wave: Wave, dimension: str, question_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Question id -> group -> how many answered, where one person may have given several values."""
    query = _answers_by(wave, dimension, question_ids).add_columns(sa.func.count(Response.id.distinct()))
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for question_id, group, count in db.session.execute(
        query.group_by(Answer.question_id, DIMENSIONS[dimension])
    ):
        found[question_id][str(group)] = count
    return found


def _answers_by(wave: Wave, dimension: str, question_ids: Sequence[int]) -> sa.Select[int, str]:
    return (
        sa.select(Answer.question_id, DIMENSIONS[dimension])
        .select_from(Response)
        .join(Invitation, Invitation.id == Response.invitation_id)
        .join(Enrolment, Enrolment.id == Invitation.enrolment_id)
        .join(Participant, Participant.id == Enrolment.participant_id)
        .join(Answer, Answer.response_id == Response.id)
        .where(
            Response.wave_id == wave.id,
            Response.state == ResponseState.SENT,
            Answer.question_id.in_(question_ids),
        )
    )
