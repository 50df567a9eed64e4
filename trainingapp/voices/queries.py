"""Questions about rounds and voices; nothing here writes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp import paging
from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db
from trainingapp.followups import calendar
from trainingapp.followups.models import Schedule
from trainingapp.followups.waves.people import TROUBLE
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.programmes.models import Theme
from trainingapp.surveys.models import Anonymity, Audience, Survey, SurveyVersion
from trainingapp.tokens import fingerprint
from trainingapp.visits.models import SiteVisit
from trainingapp.voices import asking
from trainingapp.voices.kinds import Candidate, kind_of, stopped_by
from trainingapp.voices.models import MAY_ANSWER, WAITS, RoundState, Voice, VoiceRound, VoiceState

WHOLE = (
    joinedload(VoiceRound.schedule)
    .joinedload(Schedule.cohort)
    .joinedload(Cohort.theme)
    .joinedload(Theme.programme),
    joinedload(VoiceRound.survey_version).joinedload(SurveyVersion.survey),
)
WITH_SUBJECT = (
    joinedload(Voice.enrolment).joinedload(Enrolment.participant),
    joinedload(Voice.visit).joinedload(SiteVisit.host),
)
WITH_ROUND = (
    joinedload(Voice.round)
    .joinedload(VoiceRound.schedule)
    .joinedload(Schedule.cohort)
    .joinedload(Cohort.theme)
    .joinedload(Theme.programme),
    joinedload(Voice.round).joinedload(VoiceRound.survey_version),
)


def round_of(number: int) -> VoiceRound | None:
    return db.session.scalar(sa.select(VoiceRound).where(VoiceRound.id == number).options(*WHOLE))


def voice(number: int) -> Voice | None:
    return _voice(Voice.id == number)


def voice_for(token: str) -> Voice | None:
    """What a personal link opens, whatever became of its round: ask `takes_answers` before showing a form."""
    return _voice(Voice.token_hash == fingerprint(token))


def told_by(token: str) -> Voice | None:
    """What the alumna's own link opens."""
    return _voice(Voice.told_hash == fingerprint(token))


def _voice(which: sa.ColumnElement[bool]) -> Voice | None:
    return db.session.scalar(sa.select(Voice).where(which).options(*WITH_SUBJECT, *WITH_ROUND))


def voice_about(of: VoiceRound, subject_id: int) -> Voice | None:
    return _voice(sa.and_(Voice.round_id == of.id, getattr(Voice, kind_of(of).subject) == subject_id))


def takes_answers(voice: Voice, now: datetime) -> bool:
    """Until the closing day has ended everywhere; also of who had declined."""
    return is_going_on(voice) and voice.state in MAY_ANSWER and now < calendar.ends(voice.round.closes_on)


def is_going_on(voice: Voice) -> bool:
    """Whether anything may still be asked here, of whomever."""
    return voice.round.state is RoundState.OPEN and kind_of(voice.round).unwanted_because(voice) is None


def is_too_late(of: VoiceRound, now: datetime) -> bool:
    """Whether nobody can be asked any more: who has to be told first is told in time, or not at all."""
    return calendar.is_too_late(of.closes_on, now + kind_of(of).notice)


def may_be_asked_at(of: VoiceRound, voice: Voice, now: datetime) -> datetime:
    """Not before the round's first day, nor before the alumna has had her time to say no."""
    kind = kind_of(of)
    first = calendar.local(of.opens_on, 0, kind.place(voice).zone)
    return max(now, first, voice.told_at + kind.notice if voice.told_at else now)


@dataclass(frozen=True)
class RoundLine:
    round: VoiceRound
    asked: int
    answered: int


def rounds_of(cohort_id: int) -> list[RoundLine]:
    """An edition's rounds in order, with how many were written to, and how many of them answered."""
    counts = (
        sa.select(
            Voice.round_id,
            sa.func.count(Voice.sent_at).label("asked"),
            sa.func.count(Voice.answered_at).label("answered"),
        )
        .group_by(Voice.round_id)
        .subquery()
    )
    query = (
        sa.select(VoiceRound, sa.func.coalesce(counts.c.asked, 0), sa.func.coalesce(counts.c.answered, 0))
        .join(VoiceRound.schedule)
        .outerjoin(counts, counts.c.round_id == VoiceRound.id)
        .where(Schedule.cohort_id == cohort_id)
        .options(joinedload(VoiceRound.survey_version).joinedload(SurveyVersion.survey))
        .order_by(VoiceRound.opens_on, VoiceRound.id)
    )
    return [RoundLine(*row) for row in db.session.execute(query)]


@dataclass(frozen=True)
class VoiceLine:
    voice: Voice
    about: str
    subject_id: int
    state: VoiceState  # declined, too, where they stopped our mail by its own link
    trouble: str  # why the latest mail did not arrive, in the words of the server or ours


def lines(of: VoiceRound, after: str | None) -> tuple[list[VoiceLine], str | None]:
    """A page of those who have a voice, and where the next one begins."""
    query = sa.select(Voice).where(Voice.round_id == of.id).options(*WITH_SUBJECT)
    page = paging.page(query, (Voice.id,), after=after)
    mails, kind = _latest_mails(page.rows), kind_of(of)
    stopped = stopped_by([one.address for one in page.rows])
    found = []
    for one in page.rows:
        is_stopped = one.state in WAITS and kind.topic in stopped[one.address]
        state = VoiceState.DECLINED if is_stopped else one.state
        trouble = _trouble(mails.get(asking.about(one)))
        found.append(VoiceLine(one, kind.about(one), getattr(one, kind.subject), state, trouble))
    return found, page.after


def _latest_mails(voices: Sequence[Voice]) -> dict[str, OutgoingEmail]:
    query = sa.select(OutgoingEmail).where(OutgoingEmail.about.in_([asking.about(one) for one in voices]))
    return {mail.about: mail for mail in db.session.scalars(query.order_by(OutgoingEmail.id))}


def _trouble(mail: OutgoingEmail | None) -> str:
    return (mail.last_text or "") if mail and mail.state in TROUBLE else ""


def states(of: VoiceRound) -> Counter[VoiceState]:
    query = sa.select(Voice.state, sa.func.count()).where(Voice.round_id == of.id).group_by(Voice.state)
    return Counter(dict(db.session.execute(query).all()))


def asked(of: VoiceRound) -> int:
    """How many were written to."""
    return db.session.scalar(sa.select(sa.func.count(Voice.sent_at)).where(Voice.round_id == of.id)) or 0


def not_asked(of: VoiceRound) -> list[Candidate]:
    """Of the first who have no voice: those who can be asked only when somebody does something."""
    if of.state in {RoundState.CLOSED, RoundState.CANCELLED}:
        return []
    return [one for one in kind_of(of).candidates(of) if one.why_not is not None]


def candidate(of: VoiceRound, subject_id: int) -> Candidate | None:
    return next(iter(kind_of(of).candidates(of, only=subject_id)), None)


def versions_for(programme_id: int, audience: Audience) -> list[SurveyVersion]:
    """The latest published version of each questionnaire that is written for them. None is anonymous: a
    supervisor is asked about one person, a host about one visit.
    """
    newest = (
        sa.select(SurveyVersion.survey_id, sa.func.max(SurveyVersion.number).label("number"))
        .where(SurveyVersion.published_at.is_not(None), SurveyVersion.asked_elsewhere.is_(False))
        .group_by(SurveyVersion.survey_id)
        .subquery()
    )
    is_newest = sa.and_(
        newest.c.survey_id == SurveyVersion.survey_id, newest.c.number == SurveyVersion.number
    )
    query = (
        sa.select(SurveyVersion)
        .join(newest, is_newest)
        .join(SurveyVersion.survey)
        .where(
            Survey.programme_id == programme_id,
            Survey.audience == audience,
            SurveyVersion.anonymity != Anonymity.ANONYMOUS,
        )
        .options(joinedload(SurveyVersion.survey))
        .order_by(Survey.id)
    )
    return list(db.session.scalars(query))
