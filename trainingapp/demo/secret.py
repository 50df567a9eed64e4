"""Anonymous questions: a wave whose sealed box was opened, one still sealed, one too small to open."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from trainingapp.cohorts.models import Cohort, Enrolment, EnrolmentState
from trainingapp.db import db
from trainingapp.demo import facts
from trainingapp.followups.models import Invitation, InvitationState, Schedule, Wave, WaveState
from trainingapp.participants import queries as participants
from trainingapp.participants.models import Participant
from trainingapp.programmes.models import Programme
from trainingapp.responses import sealed
from trainingapp.surveys.actions import LANGUAGES, shipped
from trainingapp.surveys.models import Anonymity, Level, Question, Survey, SurveyVersion
from trainingapp.surveys.queries import questions_of
from trainingapp.surveys.question_types import QUESTION_TYPES, AnswerValue, Asked
from trainingapp.tokens import fingerprint, issue

ASKS = ("relevance", "balance", "recommend", "improve")
MONTHS = 9  # between two waves of every edition
OPEN_DAYS = 90
LATEST = 3  # editions
ANSWERED = (0.7, 0.1, 0.6)  # of the latest edition, the one before, and the one before that
BEGAN_DAYS_AGO = (12, 200, 400)


def make(rng: Random, programme: Programme, now: datetime) -> None:
    version = _published(programme, now)
    ended = (
        sa.select(Schedule)
        .join(Cohort, Cohort.id == Schedule.cohort_id)
        .where(Cohort.ends_on < now.date() - timedelta(days=30), Schedule.armed_at.is_not(None))
    )
    schedules = db.session.scalars(ended.order_by(Cohort.ends_on.desc()).limit(LATEST)).all()
    for schedule, share, days in zip(schedules, ANSWERED, BEGAN_DAYS_AGO, strict=True):
        _ask(rng, version, schedule, share, now - timedelta(days=days), now)
    for _box in sealed.open_due(now):
        db.session.flush()


def _published(programme: Programme, now: datetime) -> SurveyVersion:
    survey = Survey(programme_id=programme.id, key="frank", title="Frankly: what should change?")
    db.session.add(survey)
    db.session.flush()
    version = SurveyVersion(
        survey_id=survey.id,
        number=1,
        anonymity=Anonymity.ANONYMOUS,
        languages=LANGUAGES,
        published_at=now,
        first_answered_at=now.date(),
    )
    db.session.add(version)
    db.session.flush()
    bank = shipped()["questions"]
    for position, key in enumerate(ASKS, start=1):
        about = {name: bank[key].get(name, {}) for name in ("wording", "hint", "options")}
        asked = {"key": key, "kind": bank[key]["kind"], "level": Level(bank[key]["level"]), **about}
        db.session.add(Question(version_id=version.id, position=position, **asked))
    db.session.flush()
    return version


def _ask(
    rng: Random, version: SurveyVersion, schedule: Schedule, share: float, began: datetime, now: datetime
) -> None:
    closes_on = began.date() + timedelta(days=OPEN_DAYS)
    wave = Wave(
        schedule_id=schedule.id,
        survey_version_id=version.id,
        offset_months=MONTHS,
        opens_on=began.date(),
        closes_on=closes_on,
        opened_at=began,
        state=WaveState.OPEN if closes_on >= now.date() else WaveState.CLOSED,
    )
    db.session.add(wave)
    db.session.flush()
    invited = list(_invited(wave, began))
    questions = questions_of(version)
    for invitation in rng.sample(invited, round(len(invited) * share)):
        day = (began + timedelta(days=rng.randrange(10))).replace(hour=0)
        invitation.state = InvitationState.ANSWERED
        invitation.opened_at = invitation.started_at = invitation.answered_at = day
        sealed.put_in(wave, {question.id: _said(rng, question) for question in questions})


def _invited(wave: Wave, when: datetime) -> Iterator[Invitation]:
    alumni = (
        sa.select(Enrolment, Participant)
        .join(Participant, Participant.id == Enrolment.participant_id)
        .where(
            Enrolment.cohort_id == wave.schedule.cohort_id,
            Enrolment.state == EnrolmentState.COMPLETED,
            Participant.erased_at.is_(None),
        )
        .order_by(Enrolment.id)
    )
    for enrolment, person in db.session.execute(alumni).all():
        invitation = Invitation(
            wave_id=wave.id,
            enrolment_id=enrolment.id,
            language=person.language,
            time_zone=participants.zone(person),
            token_hash=f"{wave.id} {enrolment.id}",  # made of the id, which comes with the flush
            due_at=when,
            sent_at=when,
            state=InvitationState.SENT if wave.state is WaveState.OPEN else InvitationState.CLOSED,
        )
        db.session.add(invitation)
        db.session.flush()
        invitation.token_hash = fingerprint(issue("invitation", invitation.id, 1))
        yield invitation


def _said(rng: Random, question: Question) -> Sequence[AnswerValue]:
    kind, asked = QUESTION_TYPES[question.kind], Asked("en")
    options = kind.options(question, asked)
    typed = rng.choice([*options, *options[-2:]]).value if options else rng.choice(facts.COMMENTS)
    return kind.read(question, MultiDict([(kind.name(question), typed)]), asked)
