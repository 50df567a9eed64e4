"""One look at each invitation for which time, or a change, may have brought something.

`look_at` says when: after the hour of a mail that waits, a day before a reminder is due, or at once where
something about its reader was written (invitations/changes.py). So a tick touches only what is due, however
many sleep.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from trainingapp.cohorts.models import Enrolment, EnrolmentState
from trainingapp.db import db, table
from trainingapp.followups import audience, calendar, queries
from trainingapp.followups.models import Invitation, InvitationState, Messages, Wave, WaveState
from trainingapp.followups.waves import ticks
from trainingapp.outbox import bulk
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.participants.models import Participant

ALIVE = (
    *(EmailState.QUEUED, EmailState.LEASED, EmailState.DOT, EmailState.UNCERTAIN),
    *(EmailState.HELD, EmailState.SET_ASIDE),
)
REMINDED = (InvitationState.SENT, InvitationState.OPENED, InvitationState.STARTED)
DAY = timedelta(days=1)


def remind_due(now: datetime) -> Iterator[int]:
    """Puts reminders that fall due within a day in the outbox; wave by wave, and says how many."""
    due = sa.select(Invitation.id, Invitation.wave_id).where(Invitation.look_at <= now)
    due = due.order_by(Invitation.look_at, Invitation.id).limit(audience.CHUNK)
    while chunk := db.session.execute(due).all():
        for wave_id, rows in groupby(sorted(chunk, key=lambda row: row.wave_id), lambda row: row.wave_id):
            numbers = [row.id for row in rows]
            planned = ticks.apart(wave_id, partial(_look, numbers=numbers, now=now), now)
            if planned is None:  # these may not stand in the way of all others
                theirs = sa.update(Invitation).where(Invitation.id.in_(numbers))
                db.session.execute(theirs.values(look_at=now + ticks.REST))
            yield planned or 0


@dataclass
class Found:
    """What a look at one wave's people comes to, written in a few statements at the end."""

    changes: list[dict[str, Any]] = field(default_factory=list)
    mails: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    moved: dict[tuple[datetime, str], list[str]] = field(default_factory=dict)
    readdressed: dict[str, str] = field(default_factory=dict)


def _look(wave: Wave, *, numbers: Sequence[int], now: datetime) -> int:
    """Another worker may have been here: only what is still due is looked at."""
    rows = db.session.execute(_details(wave, numbers, now)).all()
    owners = [row.participant_id for row in rows]
    contacts, reached = audience.last_contacts(owners), audience.reach(owners)
    alive = _alive([row.id for row in rows if row.next_at])
    found = Found()
    for row in rows:
        known, last = reached.get(row.participant_id), contacts.get(row.participant_id)
        changes = _waiting(wave, row, known, found, now) if row.id in alive else None
        if changes is None:
            changes = {"next_at": None, **_silent(wave, row, known, last, found, now)}
        found.changes.append({"id": row.id, "seen": row.look_at, **changes})
    _write(wave, found, now)
    return len(found.mails)


def _details(wave: Wave, numbers: Sequence[int], now: datetime) -> Any:
    is_unwanted = sa.or_(
        Enrolment.state != EnrolmentState.COMPLETED,
        Participant.opted_out_at.is_not(None),
        Participant.deceased_on.is_not(None),
        Participant.erased_at.is_not(None),
    )
    return (
        sa.select(
            *(Invitation.id, Invitation.look_at, Invitation.state, Invitation.messages, Invitation.language),
            *(Invitation.time_zone, Invitation.sent_at, Invitation.next_at, Invitation.reminders),
            *(Invitation.snoozed_until, Invitation.address),
            is_unwanted.label("is_unwanted"),
            Participant.id.label("participant_id"),
            Participant.country,
            Participant.time_zone.label("own_zone"),
            Participant.language.label("own_language"),
            Participant.contact_lost_at,
        )
        .join(Enrolment, Enrolment.id == Invitation.enrolment_id)
        .join(Participant, Participant.id == Enrolment.participant_id)
        .where(Invitation.wave_id == wave.id, Invitation.id.in_(numbers), Invitation.look_at <= now)
        .order_by(Invitation.id)
    )


def _alive(numbers: Sequence[int]) -> set[int]:
    """Those with a mail that may still go; what the outbox let go meanwhile is not among them."""
    abouts = [f"invitation:{number}" for number in numbers]
    kinds = OutgoingEmail.kind.in_(["invitation", "reminder"])
    query = sa.select(OutgoingEmail.about).where(OutgoingEmail.about.in_(abouts), kinds)
    found = db.session.scalars(query.where(OutgoingEmail.state.in_(ALIVE)))
    return {int(about.partition(":")[2]) for about in found}


def _waiting(
    wave: Wave, row: Any, known: audience.Reach | None, found: Found, now: datetime
) -> dict[str, Any] | None:
    """A mail waits: it goes with its reader, or it is dropped. None when that leaves nothing waiting."""
    if row.is_unwanted:
        found.dropped.append(f"invitation:{row.id}")
        return None
    place = audience.place(row.own_zone, row.country)
    moment, language = row.next_at, row.own_language
    if moment > now or place.zone != row.time_zone:  # else it is due, or sent by hand whatever the hour
        moment = calendar.next_instant(moment, place, queries.hours(wave.schedule))
    if (moment, language) != (row.next_at, row.language):
        found.moved.setdefault((moment, language), []).append(f"invitation:{row.id}")
    address = known.address if known and not known.is_stopped else row.address
    if address != row.address:
        found.readdressed[f"invitation:{row.id}"] = address
    return {
        "next_at": moment,
        "look_at": max(moment, now) + ticks.LATER,
        "address": address,
        "time_zone": place.zone,
        "language": language,
    }


def _silent(
    wave: Wave, row: Any, known: audience.Reach | None, last: datetime | None, found: Found, now: datetime
) -> dict[str, Any]:
    """Nothing waits: perhaps a reminder is due, to the address that works now."""
    days, hours = wave.schedule.reminder_days, queries.hours(wave.schedule)
    is_over = wave.state is not WaveState.OPEN or row.sent_at is None or row.state not in REMINDED
    has_named_her_day = row.snoozed_until is not None  # who did so gets no other reminder
    if (
        is_over
        or has_named_her_day
        or row.is_unwanted
        or row.contact_lost_at
        or row.messages is not Messages.GO
    ):
        return {"look_at": None}
    number = calendar.reminder_due(row.sent_at, row.reminders, days, now)
    if not number:
        return {"look_at": calendar.reminder_look(row.sent_at, row.reminders, days)}
    if known is None or known.is_stopped:
        return {"look_at": now + DAY}
    place, end = audience.place(row.own_zone, row.country), calendar.ends(wave.closes_on)
    send_at = calendar.reminder_at(row.sent_at, days[number - 1], now, last, place, hours)
    if send_at >= end:
        return {"look_at": None}
    what, owner = f"remind:{number}", row.participant_id
    found.mails.append(ticks.mail(row.id, owner, what, known.address, row.own_language, send_at, end))
    return {
        "reminders": number,
        "next_at": send_at,
        "look_at": send_at + ticks.LATER,
        "address": known.address,
        "time_zone": place.zone,
        "language": row.own_language,
    }


def _write(wave: Wave, found: Found, now: datetime) -> None:
    """Compared and set: a sender or a reader who wrote in between has named another hour to look, or none."""
    same: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for change in found.changes:
        same.setdefault(tuple(change), []).append({f"new_{name}": value for name, value in change.items()})
    invitations = table(Invitation)
    unchanged = sa.and_(
        invitations.c.id == sa.bindparam("new_id"), invitations.c.look_at == sa.bindparam("new_seen")
    )
    for names, changes in same.items():
        new: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in set(names) - {"id", "seen"}}
        db.session.connection().execute(sa.update(invitations).where(unchanged).values(new), changes)
    if found.dropped:
        bulk.cancel_all(_these(found.dropped), "no longer wanted")
    for (moment, language), abouts in found.moved.items():
        bulk.move(_these(abouts), moment)
        bulk.reword(_these(abouts), language)
    for about, address in found.readdressed.items():
        bulk.readdress(_these([about]), address)
    bulk.enqueue_many("reminder", found.mails, now, batch=queries.batch(wave.id))


def _these(abouts: Sequence[str]) -> sa.Select[str]:
    return sa.select(OutgoingEmail.about).where(OutgoingEmail.about.in_(abouts))
