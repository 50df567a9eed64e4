"""Schedules, waves, invitations and the mails they sent. Rows are added in bulk: there are thousands."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta

from trainingapp.cohorts.models import CohortState, Enrolment, EnrolmentState
from trainingapp.db import db
from trainingapp.demo import facts
from trainingapp.demo.editions import MadeCohort
from trainingapp.followups.models import (
    AT_ONCE,
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
from trainingapp.programmes.models import Programme
from trainingapp.surveys import actions as surveys
from trainingapp.surveys import queries
from trainingapp.tokens import fingerprint, issue

OFFSETS = (0, 1, 3, 6, 12, 24)  # months
ANSWERED = {0: 0.9, 1: 0.75, 3: 0.7, 6: 0.5, 12: 0.4, 24: 0.35}  # shares seen in such programmes
LOOKED = 0.4  # of those who did not answer, opened the page
OPEN_DAYS = 28
REMINDERS = (10, 17)  # days after the invitation
MOVED_AFTER = 3  # months until people who change ministry have gone


@dataclass(frozen=True)
class Asked:
    wave: Wave
    invitation: Invitation


def make(
    rng: Random,
    programme: Programme,
    cohorts: list[MadeCohort],
    crowd: dict[int, list[Enrolment]],
    now: datetime,
) -> list[Asked]:
    surveys.ship_questionnaires(programme, now)
    asked: list[Asked] = []
    people = _people()
    for cohort in cohorts:
        if cohort.row.state not in {CohortState.DRAFT, CohortState.CANCELLED}:
            for wave in _waves(programme, cohort, now):
                asked += _ask(rng, wave, crowd[cohort.row.id], people, now)
    db.session.flush()
    for one in asked:
        one.invitation.token_hash = fingerprint(issue("invitation", one.invitation.id, 1))
    mails = [mail for one in asked for mail in _mails(rng, one, now)]
    db.session.add_all(mails)
    db.session.flush()
    db.session.add_all(_attempt(mail) for mail in mails)
    return asked


def _people() -> dict[int, tuple[Participant, ContactPoint]]:
    query = (
        sa.select(Participant, ContactPoint).join(ContactPoint).where(ContactPoint.kind == ContactKind.EMAIL)
    )
    return {person.id: (person, point) for person, point in db.session.execute(query)}


def _waves(programme: Programme, cohort: MadeCohort, now: datetime) -> Iterator[Wave]:
    """All of them are planned; those whose day has come are returned."""
    ended = cohort.row.ends_on
    schedule = Schedule(cohort_id=cohort.row.id, armed_at=min(_noon(ended), now))
    db.session.add(schedule)
    db.session.flush()
    for months in OFFSETS:
        version = queries.latest_for(programme.id, months)
        assert version, "the shipped questionnaires cover every offset"
        opens_on = ended + relativedelta(months=months)
        wave = Wave(
            schedule_id=schedule.id,
            survey_version_id=version.id,
            offset_months=months,
            opens_on=opens_on,
            closes_on=opens_on + timedelta(days=OPEN_DAYS),
        )
        db.session.add(wave)
        if opens_on < now.date():
            wave.state = WaveState.OPEN if wave.closes_on >= now.date() else WaveState.CLOSED
            wave.opened_at = _noon(opens_on)
            db.session.flush()
            yield wave


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def _ask(
    rng: Random,
    wave: Wave,
    enrolments: list[Enrolment],
    people: dict[int, tuple[Participant, ContactPoint]],
    now: datetime,
) -> list[Asked]:
    asked = []
    for enrolment in enrolments:
        if enrolment.state == EnrolmentState.COMPLETED:
            person, point = people[enrolment.participant_id]
            asked.append(Asked(wave, _invitation(rng, wave, enrolment, person, point, now)))
        else:
            reason = LeftOutReason(enrolment.state.value)
            db.session.add(LeftOut(wave_id=wave.id, enrolment_id=enrolment.id, reason=reason))
    db.session.add_all(one.invitation for one in asked)
    return asked


def _invitation(
    rng: Random, wave: Wave, enrolment: Enrolment, person: Participant, point: ContactPoint, now: datetime
) -> Invitation:
    due_at = datetime.combine(wave.opens_on, time(3, rng.randrange(60)), UTC)
    invitation = Invitation(
        wave_id=wave.id,
        enrolment_id=enrolment.id,
        address=point.value,
        language=person.language,
        time_zone=participants.zone(person),
        token_hash=f"{wave.id} {enrolment.id}",  # made of the id, which comes with the flush
        due_at=due_at,
        sent_at=due_at,
        look_at=AT_ONCE if wave.state == WaveState.OPEN else None,
        state=InvitationState.SENT if wave.state == WaveState.OPEN else InvitationState.CLOSED,
    )
    if point.state == ContactState.BOUNCED and wave.offset_months >= MOVED_AFTER:
        invitation.state, invitation.sent_at = InvitationState.NOT_DELIVERED, None
    elif rng.random() < ANSWERED[wave.offset_months]:
        within = min(OPEN_DAYS, (now - due_at).days)
        when = min(due_at + timedelta(days=rng.randrange(max(1, within)), hours=1 + rng.randrange(8)), now)
        invitation.state = InvitationState.ANSWERED
        invitation.opened_at = invitation.started_at = invitation.answered_at = when
    elif rng.random() < LOOKED:
        invitation.opened_at = due_at + timedelta(hours=2)
        if wave.state == WaveState.OPEN:
            invitation.state = InvitationState.OPENED
    return invitation


def _mails(rng: Random, asked: Asked, now: datetime) -> Iterator[OutgoingEmail]:
    """The invitation, and the reminders until there was an answer."""
    invitation = asked.invitation
    gone = invitation.state == InvitationState.NOT_DELIVERED
    yield _mail(rng, invitation, "invite", "invitation", invitation.due_at, gone=gone)
    for number, days in enumerate(() if gone else REMINDERS, 1):
        when = invitation.due_at + timedelta(days=days)
        if when > min(now, invitation.answered_at or now):
            return
        invitation.reminders, invitation.reminded_at = number, when
        yield _mail(rng, invitation, f"remind:{number}", "reminder", when, gone=False)


def _mail(
    rng: Random, invitation: Invitation, what: str, kind: str, when: datetime, *, gone: bool
) -> OutgoingEmail:
    key = f"invitation:{invitation.id}:{what}"
    address = invitation.address or ""
    return OutgoingEmail(
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
        last_text="5.1.1 No such person here" if gone else rng.choice(facts.REPLIES),
        created_at=when,
    )


def _attempt(mail: OutgoingEmail) -> DeliveryAttempt:
    sent = mail.state == EmailState.SENT
    return DeliveryAttempt(
        email_id=mail.id,
        number=1,
        worker="demo",
        began_at=mail.created_at,
        phase="dot" if sent else "rcpt",
        dot_at=mail.dot_at,
        ended_at=mail.created_at + timedelta(seconds=1),
        code=mail.last_code,
        reply=mail.last_text,
        outcome="sent" if sent else "failed",
    )
