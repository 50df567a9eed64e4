"""Supervisors and hosts who were asked: answered, waiting, came back, said no; some have no address."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import MultiDict

from trainingapp.cohorts.models import Cohort, CohortState, Enrolment, EnrolmentState
from trainingapp.db import db
from trainingapp.demo import facts
from trainingapp.followups.models import Schedule
from trainingapp.outbox import actions as outbox
from trainingapp.outbox.addresses import digest
from trainingapp.outbox.models import EmailState
from trainingapp.participants.models import Participant
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.surveys.models import Audience
from trainingapp.surveys.queries import questions_of
from trainingapp.surveys.question_types import QUESTION_TYPES, Asked
from trainingapp.tokens import fingerprint
from trainingapp.visits.models import SiteVisit
from trainingapp.voices import asking, queries
from trainingapp.voices.kinds import KINDS, kind_of
from trainingapp.voices.models import RoundState, Voice, VoiceRound, VoiceState

S = VoiceState
FATES = (  # of the supervisors of an edition, in turn
    *(S.ANSWERED, S.NOT_DELIVERED, S.ANSWERED, S.SENT, S.ANSWERED, S.REFUSED, S.ANSWERED, S.DECLINED),
    *(S.ANSWERED, S.PLANNED, S.SENT),
)
FATES_OF_HOSTS = (S.ANSWERED, S.SENT, S.DECLINED)
WRITTEN_TO = (S.SENT, S.ANSWERED, S.NOT_DELIVERED, S.DECLINED, S.CLOSED)
BEGAN = timedelta(days=13)  # the round that is open
WORDS = (
    "Tell us two days before how many come, and who translates.",
    "Setengah hari terlalu singkat untuk melihat proses pewarnaan.",
    "Please bring one person who can follow up by message.",
)


def make(rng: Random, now: datetime) -> None:
    """The supervisors of the latest edition are asked just now; those of the one before have been."""
    ended = (
        sa.select(Schedule)
        .join(Schedule.cohort)
        .where(Cohort.state == CohortState.FOLLOW_UP, Cohort.ends_on < now.date())
        .order_by(Cohort.ends_on.desc())
        .options(joinedload(Schedule.cohort).joinedload(Cohort.theme))
        .limit(2)
    )
    for number, schedule in enumerate(db.session.scalars(ended).all()):
        begins = None if number else (now - BEGAN).date()
        of = _round(schedule, Audience.SUPERVISORS, 6, begins, now)
        for fate, enrolment in zip(FATES * len(FATES), _alumnae(of), strict=False):
            address = (
                f"supervisor{enrolment.id}@{'returned' if fate is S.NOT_DELIVERED else 'office'}.example"
            )
            enrolment.supervisor_name = facts.SUPERVISORS[enrolment.id % len(facts.SUPERVISORS)]
            enrolment.supervisor_email = address
            language = enrolment.participant.language
            about = {"enrolment_id": enrolment.id, "name": enrolment.supervisor_name, "language": language}
            _ask(rng, of, fate, now, address=address, **about)
        hosts = _round(schedule, Audience.HOSTS, 0, None, now)
        for fate, visit in zip(FATES_OF_HOSTS, _visits(hosts), strict=False):
            address = visit.host.contact_email = f"host{visit.host_id}@batik.example"
            about = {"visit_id": visit.id, "name": visit.host.contact_name, "language": "id"}
            _ask(rng, hosts, fate, now, address=address, **about)


def _round(
    schedule: Schedule, audience: Audience, months: int, begins: date | None, now: datetime
) -> VoiceRound:
    version = queries.versions_for(schedule.cohort.theme.programme_id, audience)[0]
    opens_on, closes_on = KINDS[audience].days(schedule, months)
    if begins:
        opens_on, closes_on = begins, begins + timedelta(days=schedule.open_days)
    made = VoiceRound(
        schedule=schedule,
        survey_version=version,
        audience=audience,
        offset_months=months,
        opens_on=opens_on,
        closes_on=closes_on,
        state=RoundState.CLOSED if closes_on < now.date() else RoundState.OPEN,
    )
    db.session.add(made)
    db.session.flush()
    version.first_answered_at = version.first_answered_at or opens_on
    return made


def _alumnae(of: VoiceRound) -> Sequence[Enrolment]:
    """Those who have a superior: an owner of a firm has none."""
    query = (
        sa.select(Enrolment)
        .join(Enrolment.participant)
        .where(
            Enrolment.cohort_id == of.schedule.cohort_id,
            Enrolment.state == EnrolmentState.COMPLETED,
            Enrolment.supervisor_name != "",
            Participant.opted_out_at.is_(None),
        )
        .options(joinedload(Enrolment.participant))
    )
    return db.session.scalars(query.order_by(Enrolment.id)).all()


def _visits(of: VoiceRound) -> Sequence[SiteVisit]:
    query = sa.select(SiteVisit).where(SiteVisit.cohort_id == of.schedule.cohort_id)
    return db.session.scalars(query.options(joinedload(SiteVisit.host)).order_by(SiteVisit.id)).all()


def _ask(rng: Random, of: VoiceRound, fate: VoiceState, now: datetime, **about: object) -> None:
    opened = datetime.combine(of.opens_on, time(4), UTC)
    at = opened + timedelta(hours=rng.randrange(5))
    is_over = of.state is RoundState.CLOSED
    state = S.CLOSED if is_over and fate in {S.SENT, S.PLANNED} else fate
    is_written_to = state in WRITTEN_TO
    voice = Voice(round=of, state=state, token_hash=f"{of.id} {about['address']}", **about)
    if kind_of(of).notice:
        voice.told_at = now if fate is S.PLANNED else at - kind_of(of).notice
    if is_written_to:
        voice.sent_at = at
    if not is_over and state in {S.SENT, S.PLANNED}:
        voice.look_at = now
    db.session.add(voice)
    db.session.flush()
    voice.token_hash = fingerprint(asking.token(voice))
    voice.told_hash = fingerprint(asking.told_token(voice)) if kind_of(of).notice else None
    if is_written_to:
        _mail(voice, at)
    if fate is S.DECLINED:
        topic = kind_of(of).topic
        outbox.suppress(digest(voice.address), topic, reason="declined", by="personal link", now=at)
    if fate is S.ANSWERED:
        _answer(rng, voice, min(at + timedelta(days=rng.randrange(1, 9)), now))


def _mail(voice: Voice, at: datetime) -> None:
    has_bounced = voice.state is S.NOT_DELIVERED
    mail = outbox.enqueue(
        asking.ASK[voice.round.audience],
        f"{asking.about(voice)}:ask",
        voice.address,
        now=at,
        language=voice.language,
        about=asking.about(voice),
        facts={"voice_id": voice.id},
    )
    mail.state = EmailState.BOUNCED if has_bounced else EmailState.SENT
    mail.sent_at = mail.dot_at = None if has_bounced else at
    mail.last_text = "5.1.1 No such person here" if has_bounced else facts.REPLIES[0]


def _answer(rng: Random, voice: Voice, at: datetime) -> None:
    response = Response(state=ResponseState.SENT, language=voice.language, saved_at=at, sent_at=at)
    db.session.add(response)
    db.session.flush()
    voice.response_id, voice.answered_at = response.id, at
    for question in questions_of(voice.round.survey_version):
        kind, asked = QUESTION_TYPES[question.kind], Asked("en")
        options = kind.options(question, asked)
        said = rng.choice(options[:3]).value if options else rng.choice(WORDS)
        for value in kind.read(question, MultiDict([(kind.name(question), said)]), asked):
            db.session.add(Answer(response=response, question_id=question.id, **asdict(value)))
