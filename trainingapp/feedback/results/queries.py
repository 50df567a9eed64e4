"""What came back: counted in the database, never loaded answer by answer."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from trainingapp.archives import queries as archives
from trainingapp.archives.models import Archive
from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db
from trainingapp.files.models import StoredFile
from trainingapp.followups.models import Invitation, Schedule, Wave, WaveState
from trainingapp.participants.models import Participant
from trainingapp.responses import sealed
from trainingapp.responses.models import Answer, Response, ResponseState, SealedBox
from trainingapp.statistics import SMALLEST_GROUP
from trainingapp.surveys.models import Anonymity, Question, SurveyVersion
from trainingapp.voices.models import Voice, VoiceRound

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


def answered(of: Gathered) -> int:
    """Those in a sealed box too."""
    return sent(of) + sealed_in(of)


def sent(of: Gathered) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(sent_responses(of).subquery())) or 0


def sealed_in(of: Gathered) -> int:
    is_sealed = isinstance(of, Wave) and of.survey_version.anonymity == Anonymity.ANONYMOUS
    return sealed.sealed_in(of.id) if is_sealed else 0


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


def file(answer_id: int) -> tuple[StoredFile, Wave | VoiceRound] | None:
    """What was added as an answer that was sent, and what asked for it. Old spreadsheets hold no files."""
    query = (
        sa.select(StoredFile, Wave, VoiceRound)
        .join(Answer, Answer.file_id == StoredFile.id)
        .join(Response, Response.id == Answer.response_id)
        .outerjoin(Wave, Wave.id == Response.wave_id)
        .outerjoin(Voice, Voice.response_id == Response.id)
        .outerjoin(VoiceRound, VoiceRound.id == Voice.round_id)
        .where(Answer.id == answer_id, Response.state == ResponseState.SENT)
    )
    for stored, wave, others in db.session.execute(query):
        if wave or others:
            return stored, wave or others
    return None
