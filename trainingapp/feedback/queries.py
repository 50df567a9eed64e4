"""What came back: counted in the database, never loaded answer by answer."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from trainingapp.archives import queries as archives
from trainingapp.archives.models import Archive
from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db
from trainingapp.files.models import StoredFile
from trainingapp.followups.models import Invitation, InvitationState, Schedule, Wave, WaveState
from trainingapp.participants.models import Participant
from trainingapp.responses import sealed
from trainingapp.responses.models import Answer, Response, ResponseState, SealedBox
from trainingapp.statistics import SMALLEST_GROUP, Cube
from trainingapp.surveys.models import Anonymity, Question, SurveyVersion
from trainingapp.surveys.question_types import Counted
from trainingapp.voices.models import Voice, VoiceRound


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


# Answers that belong together: of a wave, of an old spreadsheet, of supervisors or hosts.
Gathered = Wave | Archive | VoiceRound


def sent_responses(of: Gathered) -> sa.Select[int]:
    if isinstance(of, Archive):
        return archives.responses_of(of)
    if isinstance(of, VoiceRound):
        return sa.select(Response.id).join(Voice).where(Voice.round_id == of.id)
    return sa.select(Response.id).where(Response.wave_id == of.id, Response.state == ResponseState.SENT)


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


def answered(of: Gathered) -> int:
    """Those in a sealed box too."""
    sent = db.session.scalar(sa.select(sa.func.count()).select_from(sent_responses(of).subquery())) or 0
    is_sealed = isinstance(of, Wave) and of.survey_version.anonymity == Anonymity.ANONYMOUS
    return sent + (sealed.sealed_in(of.id) if is_sealed else 0)


def is_released(of: Gathered, responses: int) -> bool:
    """Whether its answers may be read: never of fewer than five, and anonymous ones only when no further
    answer can come, since two looks with one answer between them would show that answer.
    """
    if of.survey_version.anonymity == Anonymity.NAMED:
        return responses > 0
    if isinstance(of, Wave) and of.survey_version.anonymity == Anonymity.ANONYMOUS:
        is_open = of.state != WaveState.CLOSED or bool(sealed.sealed_in(of.id))
        return responses >= SMALLEST_GROUP and not is_open
    return responses >= SMALLEST_GROUP


Counts = dict[int, dict[str, int]]  # question id -> choice -> how many


def counts(of: Gathered) -> Counts:
    """How often each value of each question was chosen; an answer without a choice counts under ''."""
    query = (
        sa.select(Answer.question_id, Answer.choice, sa.func.count())
        .where(Answer.response_id.in_(sent_responses(of)))
        .group_by(Answer.question_id, Answer.choice)
    )
    found: Counts = defaultdict(dict)
    for question_id, choice, count in db.session.execute(query):
        found[question_id][choice] = count
    return found


def people(of: Gathered, question_ids: Sequence[int]) -> dict[int, int]:
    """How many answered each of these questions, where one person may have given several values."""
    if not question_ids:
        return {}
    query = (
        sa.select(Answer.question_id, sa.func.count(Answer.response_id.distinct()))
        .where(Answer.response_id.in_(sent_responses(of)), Answer.question_id.in_(question_ids))
        .group_by(Answer.question_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def numbers(of: Gathered, question_ids: Sequence[int]) -> dict[int, dict[float, int]]:
    """Question id -> number -> how often it was given, lowest first."""
    if not question_ids:
        return {}
    query = (
        sa.select(Answer.question_id, Answer.number, sa.func.count())
        .where(
            Answer.response_id.in_(sent_responses(of)),
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


def counted(of: Gathered, question_ids: Sequence[int]) -> dict[int, list[Counted]]:
    """Question id -> how often each value was given of each item."""
    if not question_ids:
        return {}
    by = (Answer.question_id, Answer.item, Answer.choice, Answer.number)
    query = (
        sa.select(*by, sa.func.count())
        .where(Answer.response_id.in_(sent_responses(of)), Answer.question_id.in_(question_ids))
        .group_by(*by)
        .order_by(*by)
    )
    found: dict[int, list[Counted]] = defaultdict(list)
    for question_id, item, choice, number, count in db.session.execute(query):
        found[question_id].append(Counted(choice, number, count, item))
    return found


def pairs(of: Gathered, question_ids: Sequence[int]) -> dict[int, dict[tuple[float, float], int]]:
    """Question id -> (then, now) -> how many gave both."""
    if not question_ids:
        return {}
    then, now = orm.aliased(Answer), orm.aliased(Answer)
    query = (
        sa.select(then.question_id, then.number, now.number, sa.func.count())
        .join(now, sa.and_(now.response_id == then.response_id, now.question_id == then.question_id))
        .where(
            then.response_id.in_(sent_responses(of)),
            then.question_id.in_(question_ids),
            then.item == "then",
            now.item == "now",
        )
        .group_by(then.question_id, then.number, now.number)
    )
    found: dict[int, dict[tuple[float, float], int]] = defaultdict(dict)
    for question_id, before, after, count in db.session.execute(query):
        found[question_id][before or 0.0, after or 0.0] = count
    return found


def texts(of: Gathered, question_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Question id -> text as it was written -> how often."""
    if not question_ids:
        return {}
    query = (
        sa.select(Answer.question_id, Answer.text, sa.func.count())
        .where(
            Answer.response_id.in_(sent_responses(of)),
            Answer.question_id.in_(question_ids),
            Answer.text.is_not(None),
        )
        .group_by(Answer.question_id, Answer.text)
        .order_by(Answer.question_id, Answer.text)
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for question_id, text, count in db.session.execute(query):
        found[question_id][text or ""] = count
    return found


def files(of: Gathered, question_ids: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    """Question id -> answer id and name of each file."""
    if not question_ids:
        return {}
    query = (
        sa.select(Answer.question_id, Answer.id, Answer.text)
        .where(
            Answer.response_id.in_(sent_responses(of)),
            Answer.question_id.in_(question_ids),
            Answer.file_id.is_not(None),
        )
        .order_by(Answer.text, Answer.id)
    )
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for question_id, answer_id, name in db.session.execute(query):
        found[question_id].append((answer_id, name or ""))
    return found


def file(answer_id: int) -> tuple[StoredFile, Wave] | None:
    """What was added as an answer that was sent, and the wave it belongs to."""
    query = (
        sa.select(StoredFile, Wave)
        .join(Answer, Answer.file_id == StoredFile.id)
        .join(Response, Response.id == Answer.response_id)
        .join(Wave, Wave.id == Response.wave_id)
        .where(Answer.id == answer_id, Response.state == ResponseState.SENT)
    )
    found = db.session.execute(query).one_or_none()
    return (found[0], found[1]) if found else None


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
