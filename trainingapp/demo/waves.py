"""Schedules, waves, invitations, the mails they sent, and what people answered."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from werkzeug.datastructures import MultiDict

from trainingapp.cohorts.models import CohortState, Enrolment, EnrolmentState
from trainingapp.db import db
from trainingapp.demo import facts
from trainingapp.demo.editions import MadeCohort
from trainingapp.demo.plans import WrittenPlan
from trainingapp.followups.models import (
    Invitation,
    InvitationState,
    LeftOut,
    LeftOutReason,
    Schedule,
    Wave,
    WaveState,
)
from trainingapp.outbox.actions import message_id
from trainingapp.outbox.models import DeliveryAttempt, EmailState, OutgoingEmail
from trainingapp.participants import queries as participants
from trainingapp.participants.models import ContactKind, ContactPoint, ContactState, Participant
from trainingapp.plans.models import (
    ActivityReport,
    ActivityState,
    IndicatorValue,
    PlanState,
    ProgressUpdate,
    Source,
)
from trainingapp.programmes.models import Programme
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.surveys import actions as surveys
from trainingapp.surveys import queries
from trainingapp.surveys.models import Question, SurveyVersion
from trainingapp.surveys.question_types import QUESTION_TYPES, AnswerValue
from trainingapp.tokens import fingerprint, issue

OFFSETS = (0, 1, 3, 6, 12, 24)  # months
ANSWERED = {0: 0.9, 1: 0.75, 3: 0.7, 6: 0.5, 12: 0.4, 24: 0.35}  # shares seen in such programmes
OPEN_DAYS = 28
BY_PHONE = 0.08
BLANK, WRITES = 0.1, 0.5


def make(
    rng: Random,
    programme: Programme,
    cohorts: list[MadeCohort],
    crowd: dict[int, list[Enrolment]],
    plans: dict[int, WrittenPlan],
    now: datetime,
) -> None:
    surveys.ship_questionnaires(programme, now)
    versions = {months: queries.latest_for(programme.id, months) for months in OFFSETS}
    for cohort in cohorts:
        if cohort.row.state in {CohortState.DRAFT, CohortState.CANCELLED}:
            continue
        schedule = Schedule(cohort_id=cohort.row.id, armed_at=min(_noon(cohort.row.ends_on), now))
        db.session.add(schedule)
        db.session.flush()
        for months in OFFSETS:
            version = versions[months]
            assert version, "the shipped questionnaires cover every offset"
            wave = _wave(schedule, version, cohort.row.ends_on, months, now)
            if wave.state != WaveState.PLANNED:
                _ask(rng, wave, crowd[cohort.row.id], plans, now)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def _wave(schedule: Schedule, version: SurveyVersion, ends_on: date, months: int, now: datetime) -> Wave:
    opens_on = ends_on + relativedelta(months=months)
    closes_on = opens_on + timedelta(days=OPEN_DAYS)
    state = WaveState.PLANNED
    if opens_on < now.date():
        state = WaveState.OPEN if closes_on >= now.date() else WaveState.CLOSED
    wave = Wave(
        schedule_id=schedule.id,
        survey_version_id=version.id,
        offset_months=months,
        opens_on=opens_on,
        closes_on=closes_on,
        state=state,
        opened_at=None if state == WaveState.PLANNED else _noon(opens_on),
    )
    db.session.add(wave)
    db.session.flush()
    return wave


def _ask(
    rng: Random, wave: Wave, enrolments: list[Enrolment], plans: dict[int, WrittenPlan], now: datetime
) -> None:
    questions = queries.questions_of(wave.survey_version)
    for enrolment in enrolments:
        if enrolment.state != EnrolmentState.COMPLETED:
            db.session.add(
                LeftOut(
                    wave_id=wave.id, enrolment_id=enrolment.id, reason=LeftOutReason(enrolment.state.value)
                )
            )
            continue
        invitation, opened = _invite(rng, wave, enrolment, now)
        if invitation.state == InvitationState.ANSWERED:
            _answer(rng, wave, invitation, questions, plans.get(enrolment.id))
        elif opened and wave.state == WaveState.OPEN:
            invitation.state, invitation.opened_at = InvitationState.OPENED, invitation.sent_at
    db.session.flush()


def _invite(rng: Random, wave: Wave, enrolment: Enrolment, now: datetime) -> tuple[Invitation, bool]:
    person = db.session.get_one(Participant, enrolment.participant_id)
    point = db.session.scalars(
        sa.select(ContactPoint).where(
            ContactPoint.participant_id == person.id, ContactPoint.kind == ContactKind.EMAIL
        )
    ).one()
    zone = participants.zone(person)
    due_at = datetime.combine(wave.opens_on, time(3, rng.randrange(60)), UTC)
    gone = point.state == ContactState.BOUNCED and wave.offset_months >= 3  # noqa: PLR2004 - people move on
    days = min(
        rng.randrange(1, OPEN_DAYS), (now - due_at).days if wave.state == WaveState.OPEN else OPEN_DAYS
    )
    answers = not gone and rng.random() < ANSWERED[wave.offset_months]
    answered_at = min(due_at + timedelta(days=days, hours=rng.randrange(8)), now) if answers else None
    invitation = Invitation(
        wave_id=wave.id,
        enrolment_id=enrolment.id,
        address=point.value,
        language=person.language,
        time_zone=zone,
        token_hash=f"to come {wave.id} {enrolment.id}",
        due_at=due_at,
        sent_at=None if gone else due_at,
        state=_state(wave, gone, answers),
        opened_at=answered_at,
        started_at=answered_at,
        answered_at=answered_at,
    )
    db.session.add(invitation)
    db.session.flush()
    invitation.token_hash = fingerprint(issue("invitation", invitation.id, invitation.link_number))
    reminders = _mails(rng, invitation, gone=gone, answered_at=answered_at, now=now)
    invitation.reminders = reminders
    return invitation, not answers and not gone and rng.random() < 0.4  # noqa: PLR2004 - some look and leave


def _state(wave: Wave, gone: bool, answers: bool) -> InvitationState:
    if answers:
        return InvitationState.ANSWERED
    if gone:
        return InvitationState.NOT_DELIVERED
    return InvitationState.SENT if wave.state == WaveState.OPEN else InvitationState.CLOSED


def _mails(
    rng: Random,
    invitation: Invitation,
    *,
    gone: bool,
    answered_at: datetime | None,
    now: datetime,
) -> int:
    """The invitation and the reminders that followed; returns how many reminders."""
    _mail(rng, invitation, "invite", "invitation", invitation.due_at, gone)
    reminders = 0
    for number, days in enumerate(() if gone else (10, 17), 1):
        when = invitation.due_at + timedelta(days=days)
        if when > now or (answered_at and answered_at < when):
            break
        _mail(rng, invitation, f"remind:{number}", "reminder", when, gone)
        invitation.reminded_at = when
        reminders = number
    return reminders


def _mail(rng: Random, invitation: Invitation, what: str, kind: str, when: datetime, gone: bool) -> None:
    key = f"invitation:{invitation.id}:{what}"
    address = invitation.address or ""
    text = "550 5.1.1 No such person here" if gone else rng.choice(facts.REPLIES)
    email = OutgoingEmail(
        dedupe_key=key,
        message_id=message_id(key),
        kind=kind,
        topic="surveys",
        about=f"invitation:{invitation.id}",
        address=address,
        domain=address.rpartition("@")[2],
        language=invitation.language,
        facts={"invitation_id": invitation.id},
        state=EmailState.BOUNCED if gone else EmailState.SENT,
        next_attempt_at=when,
        attempts=1,
        dot_at=None if gone else when,
        sent_at=None if gone else when,
        last_code=550 if gone else 250,
        last_enhanced_code="5.1.1" if gone else "2.0.0",
        last_text=text,
        created_at=when,
    )
    db.session.add(email)
    db.session.flush()
    db.session.add(
        DeliveryAttempt(
            email_id=email.id,
            number=1,
            worker="demo",
            began_at=when,
            phase="rcpt" if gone else "dot",
            dot_at=email.dot_at,
            ended_at=when + timedelta(seconds=1),
            code=email.last_code,
            reply=text,
            outcome="failed" if gone else "sent",
        )
    )


def _answer(
    rng: Random,
    wave: Wave,
    invitation: Invitation,
    questions: Sequence[Question],
    written: WrittenPlan | None,
) -> None:
    source = Source.PHONE if rng.random() < BY_PHONE else Source.SELF
    when = invitation.answered_at
    update = None
    if written and when and wave.survey_version.asks_progress:
        update = _progress(rng, wave, written, source, when)
    response = Response(
        wave_id=wave.id,
        invitation_id=invitation.id,
        progress_update_id=update.id if update else None,
        state=ResponseState.SENT,
        source=source,
        language=invitation.language,
        saved_at=when,
        sent_at=when,
    )
    db.session.add(response)
    db.session.flush()
    for question in questions:
        for value in _said(rng, question):
            db.session.add(
                Answer(
                    response_id=response.id,
                    question_id=question.id,
                    choice=value.choice,
                    number=value.number,
                    text=value.text,
                )
            )


def _said(rng: Random, question: Question) -> list[AnswerValue]:
    """Something a person might give, as the question's own class reads it; nobody answers everything."""
    if rng.random() < BLANK:
        return []
    kind = QUESTION_TYPES[question.kind]
    options = kind.options(question, "en")
    if options:
        typed = rng.choice([*options, *options[-2:]]).value  # people who answer are mostly content
    elif kind.summary(question, [], 0, "en").has_words:
        typed = rng.choice(facts.COMMENTS) if rng.random() < WRITES else ""
    else:
        typed = str(rng.randrange(0, 40))
    return kind.read(question, MultiDict([(kind.name(question), typed)]))


def _progress(
    rng: Random, wave: Wave, written: WrittenPlan, source: Source, when: datetime
) -> ProgressUpdate:
    update = ProgressUpdate(
        plan_id=written.plan.id, source=source, text="", started_at=when, reported_at=when
    )
    db.session.add(update)
    db.session.flush()
    share = min(1.0, wave.offset_months / 14)
    for number, activity in enumerate(written.activities):
        state = _reached(rng, written, number, share)
        note = (
            rng.choice(facts.PROGRESS_NOTES)
            if state in {ActivityState.BLOCKED, ActivityState.DELAYED}
            else ""
        )
        db.session.add(ActivityReport(update_id=update.id, activity_id=activity.id, state=state, note=note))
        activity.state = state
    low, high = written.indicator.baseline or Decimal(0), written.indicator.target or Decimal(0)
    reached = low + (high - low) * Decimal(str(round(share * rng.uniform(0.4, 1.0), 2)))
    db.session.add(
        IndicatorValue(update_id=update.id, indicator_id=written.indicator.id, value=round(reached))
    )
    return update


def _reached(rng: Random, written: WrittenPlan, number: int, share: float) -> ActivityState:
    """Earlier lines are finished first; a stopped plan drops what it had not finished."""
    done = (number + 0.5) / len(written.activities) < share
    if written.plan.state == PlanState.DONE and share > 0.8:  # noqa: PLR2004 - by the twelfth month
        return ActivityState.DONE
    if done:
        return ActivityState.DONE
    if written.plan.state == PlanState.STOPPED and share > 0.4:  # noqa: PLR2004 - by the sixth month
        return ActivityState.DROPPED
    return rng.choice(
        (
            ActivityState.NOT_STARTED,
            ActivityState.ON_TRACK,
            ActivityState.ON_TRACK,
            ActivityState.BLOCKED,
            ActivityState.DELAYED,
        )
    )
