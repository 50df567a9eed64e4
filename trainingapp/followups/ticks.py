"""What time brings: waves open, reminders fall due, waves close. Safe on two workers at once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from trainingapp.accounts import audit
from trainingapp.cohorts.models import Cohort, CohortState, Enrolment, EnrolmentState
from trainingapp.countries import weekend_of
from trainingapp.db import db, lock
from trainingapp.followups import audience, calendar, queries, rescue, scheduling
from trainingapp.followups.audience import CHUNK, Person
from trainingapp.followups.models import (
    TOO_LATE,
    Invitation,
    InvitationState,
    LeftOut,
    LeftOutReason,
    Schedule,
    Wave,
    WaveState,
)
from trainingapp.outbox import bulk
from trainingapp.participants.models import Participant
from trainingapp.programmes.models import Theme
from trainingapp.tokens import fingerprint, issue

AT_ONCE = 20  # waves a call; the next tick takes the next ones
NOT_RUNNING = (CohortState.DRAFT, CohortState.POSTPONED, CohortState.CANCELLED)
REMINDED = (InvitationState.SENT, InvitationState.OPENED, InvitationState.STARTED)


def open_due_waves(now: datetime) -> int:
    """Freezes the audience of each wave whose day has come and puts its first mails in the outbox.

    A wave that is found with less than a day left to answer is held instead, for a person to decide.
    """
    due = _waves(WaveState.PLANNED).where(
        Schedule.armed_at.is_not(None),
        Cohort.state.not_in(NOT_RUNNING),
        Wave.opens_on <= (now + calendar.EARTH).date(),
        Wave.survey_version_id.not_in(scheduling.ANONYMOUS_VERSIONS),
    )
    opened = 0
    # Those that wait for people to complete come first every time: they must not use up the turn.
    for wave in db.session.scalars(due.order_by(Wave.opens_on, Wave.id)).all():
        if opened == AT_ONCE:
            break
        lock(wave)
        if wave.state is not WaveState.PLANNED:
            continue
        if calendar.is_too_late(wave.closes_on, now):
            scheduling.hold(wave, TOO_LATE)
        elif queries.is_anyone_there(wave.schedule.cohort_id):
            open_wave(wave, now)
            opened += 1
    return opened


def _waves(*states: WaveState) -> sa.Select[Wave]:
    return (
        sa.select(Wave)
        .join(Wave.schedule)
        .join(Schedule.cohort)
        .join(Cohort.theme)
        .options(
            contains_eager(Wave.schedule).contains_eager(Schedule.cohort).contains_eager(Cohort.theme, Theme),
        )
        .where(Wave.state.in_(states))
    )


def open_wave(wave: Wave, now: datetime, *, at_once: bool = False) -> None:
    """The caller holds the wave's lock. `at_once` skips the hours: a person asked for it."""
    invited = left_out = 0
    for people in audience.of_cohort(wave.schedule.cohort_id):
        asked = [person for person in people if person.reason in {None, LeftOutReason.NO_ADDRESS}]
        others = [
            {"wave_id": wave.id, "enrolment_id": person.enrolment_id, "reason": person.reason}
            for person in people
            if person.reason
        ]
        if others:
            db.session.execute(sa.insert(LeftOut), others)
        invite(wave, asked, now, at_once=at_once)
        invited += len(asked)
        left_out += len(others)
    wave.opened_at, wave.state = now, WaveState.OPEN
    audit.record(
        wave,
        "opened",
        before=WaveState.PLANNED,
        after=WaveState.OPEN,
        programme_id=wave.schedule.cohort.theme.programme_id,
        facts={"invited": invited, "left_out": left_out},
    )


def invite(wave: Wave, people: Sequence[Person], now: datetime, *, at_once: bool = False) -> None:
    """Rows for these people, and the first mail of each that has an address. Five statements a chunk."""
    if not people:
        return
    end, hours = calendar.ends(wave.closes_on), queries.hours(wave.schedule)
    rows = []
    for person in people:
        due_at = now
        if not at_once:
            due_at = calendar.invitation_at(wave.opens_on, now, person.last_contact, person.place, hours)
        rows.append(_row(wave, person, due_at, end))
    db.session.execute(sa.insert(Invitation), rows)
    ids = sa.select(Invitation.enrolment_id, Invitation.id).where(
        Invitation.wave_id == wave.id, Invitation.enrolment_id.in_([row["enrolment_id"] for row in rows])
    )
    numbers = dict(db.session.execute(ids).all())
    links = [
        {"id": number, "token_hash": fingerprint(issue("invitation", number, 1))}
        for number in numbers.values()
    ]
    db.session.execute(sa.update(Invitation), links)
    bulk.enqueue_many(
        "invitation",
        (
            mail(numbers[row["enrolment_id"]], "invite", row["address"], row["language"], row["next_at"], end)
            for row in rows
            if row["next_at"]
        ),
        now,
        batch=queries.batch(wave.id),
    )


def _row(wave: Wave, person: Person, due_at: datetime, end: datetime) -> dict[str, Any]:
    return {
        "wave_id": wave.id,
        "enrolment_id": person.enrolment_id,
        "state": InvitationState.PLANNED,
        "address": person.address,
        "language": person.language,
        "time_zone": person.place.zone,
        "link_number": 1,
        "token_hash": f"{wave.id}:{person.enrolment_id}",  # until the id is known, a statement later
        "due_at": due_at,
        "next_at": due_at if person.address and due_at < end else None,
        "reminders": 0,
        "rescue_at": rescue.look_for_from(due_at, due_at, wave.schedule.reminder_days, end)
        if person.address
        else due_at,
    }


def mail(
    number: int, what: str, address: str, language: str, send_at: datetime, end: datetime
) -> dict[str, Any]:
    """What outbox.bulk.enqueue_many wants; `what` makes the key unique."""
    return {
        "dedupe_key": f"invitation:{number}:{what}",
        "address": address,
        "language": language,
        "about": f"invitation:{number}",
        "facts": {"invitation_id": number},
        "send_at": send_at,
        "not_after": end,
    }


def plan_reminders(now: datetime) -> int:
    """Puts reminders that fall due within a day in the outbox; says how many."""
    planned = 0
    for wave in db.session.scalars(_waves(WaveState.OPEN).order_by(Wave.id)).all():
        lock(wave)
        last = 0
        while chunk := _silent(wave, last, now):
            planned += _remind(wave, chunk, now)
            last = chunk[-1].id
    return planned


def _silent(wave: Wave, after: int, now: datetime) -> Sequence[Any]:
    """Invited, with a mail that arrived and no answer, and nothing waiting; by id, in chunks."""
    days = wave.schedule.reminder_days
    if not days:
        return []
    query = (
        sa.select(
            Invitation.id,
            Invitation.language,
            Invitation.time_zone,
            Invitation.sent_at,
            Invitation.reminders,
            Participant.id.label("participant_id"),
            Participant.country,
        )
        .join(Enrolment, Enrolment.id == Invitation.enrolment_id)
        .join(Participant, Participant.id == Enrolment.participant_id)
        .where(
            Invitation.wave_id == wave.id,
            Invitation.id > after,
            Invitation.state.in_(REMINDED),
            Invitation.sent_at <= now + calendar.AHEAD - timedelta(days=min(days)),
            Invitation.reminders < len(days),
            Invitation.next_at.is_(None),
            Invitation.address.is_not(None),
            Enrolment.state == EnrolmentState.COMPLETED,
            Participant.opted_out_at.is_(None),
            Participant.deceased_on.is_(None),
            Participant.erased_at.is_(None),
            Participant.contact_lost_at.is_(None),
        )
        .order_by(Invitation.id)
        .limit(CHUNK)
    )
    return db.session.execute(query).all()


def _remind(wave: Wave, rows: Sequence[Any], now: datetime) -> int:
    """To the address that works now, which may be another than the invitation went to."""
    end, hours = calendar.ends(wave.closes_on), queries.hours(wave.schedule)
    owners = [row.participant_id for row in rows]
    contacts, reached = audience.last_contacts(owners), audience.reach(owners)
    mails, changes = [], []
    for row in rows:
        known = reached.get(row.participant_id)
        number = calendar.reminder_due(row.sent_at, row.reminders, wave.schedule.reminder_days, now)
        if not number or known is None or known.is_stopped:
            continue
        place = calendar.Place(row.time_zone, weekend_of(row.country))
        days = wave.schedule.reminder_days[number - 1]
        send_at = calendar.reminder_at(row.sent_at, days, now, contacts.get(row.participant_id), place, hours)
        if send_at < end:
            mails.append(mail(row.id, f"remind:{number}", known.address, row.language, send_at, end))
            facts = {"reminders": number, "next_at": send_at, "address": known.address}
            changes.append({"id": row.id, **facts})
    if changes:
        db.session.execute(sa.update(Invitation), changes)
        bulk.enqueue_many("reminder", mails, now, batch=queries.batch(wave.id))
    return len(changes)


def close_due_waves(now: datetime) -> int:
    """Ends each wave whose closing day is over everywhere; says how many."""
    over = _waves(WaveState.OPEN, WaveState.HELD).where(
        sa.or_(Wave.state == WaveState.OPEN, Wave.opened_at.is_not(None)),
        Wave.closes_on < calendar.ended_before(now),
    )
    closed = 0
    for wave in db.session.scalars(over.order_by(Wave.id).limit(AT_ONCE)).all():
        lock(wave)
        if wave.state not in {WaveState.OPEN, WaveState.HELD}:
            continue
        before = wave.state
        silent = scheduling.stop(wave, "wave closed")
        wave.state = WaveState.CLOSED
        audit.record(
            wave,
            "closed",
            before=before,
            after=WaveState.CLOSED,
            programme_id=wave.schedule.cohort.theme.programme_id,
            facts={"without_answer": silent},
        )
        closed += 1
    return closed
