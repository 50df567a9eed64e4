"""What time brings: waves open, reminders fall due, waves close. Safe on two workers at once.

Each of these yields after a piece that stands by itself, and says how many it did: the caller commits
there, so that no transaction is longer than a piece. A crash loses a piece, and the next tick does it.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import contains_eager

from trainingapp.accounts import audit
from trainingapp.cohorts.models import Cohort, CohortState, Enrolment, EnrolmentState
from trainingapp.db import db, lock
from trainingapp.followups import audience, calendar, queries
from trainingapp.followups.audience import Person
from trainingapp.followups.models import (
    REFUSED,
    TOO_LATE,
    Invitation,
    InvitationState,
    LeftOut,
    LeftOutReason,
    Schedule,
    Wave,
    WaveState,
)
from trainingapp.followups.rescue import silence
from trainingapp.followups.schedules import actions as scheduling
from trainingapp.outbox import bulk
from trainingapp.outbox import queries as outbox
from trainingapp.participants import queries as participants
from trainingapp.programmes.models import Theme
from trainingapp.tokens import fingerprint, issue

NOT_RUNNING = (CohortState.DRAFT, CohortState.POSTPONED, CohortState.CANCELLED)
REST = timedelta(minutes=15)  # before a wave that broke is tried again
LATER = timedelta(hours=1)  # after its hour a mail has gone, or something let it go


def apart(wave_id: int, act: Callable[[Wave], int], now: datetime) -> int | None:
    """One wave, locked. If it raises, it alone is set back and marked, and the others go on: None."""
    wave = db.session.scalar(_waves().where(Wave.id == wave_id))
    if wave is None:  # removed a moment ago
        return None
    try:
        with db.session.begin_nested():
            lock(wave)
            done = act(wave)
            if wave.problem:
                wave.problem = wave.problem_at = None
    except (OperationalError, InterfaceError):  # the database is away or busy: the next tick tries again
        raise
    except Exception as problem:  # whatever is wrong with this wave: those behind it wait for their turn
        current_app.logger.exception("wave %s cannot go on", wave_id)
        mark = sa.update(Wave).where(Wave.id == wave_id)
        text = f"{type(problem).__name__}: {problem}"
        db.session.execute(mark.values(problem=text, problem_at=now))
        return None
    return done


def _waves() -> sa.Select[Wave]:
    whole = contains_eager(Wave.schedule).contains_eager(Schedule.cohort).contains_eager(Cohort.theme, Theme)
    return sa.select(Wave).join(Wave.schedule).join(Schedule.cohort).join(Cohort.theme).options(whole)


def rested(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(Wave.problem_at.is_(None), Wave.problem_at <= now - REST)


# Opening --------------------------------------------------------------------------------------------


def open_due(now: datetime) -> Iterator[int]:
    """Freezes the audience of each wave whose day has come and puts its first mails in the outbox.

    A wave that is found with less than a day left to answer is held instead, for a person to decide.
    Those that were being opened when a worker died are gone on with.
    """
    for wave_id in db.session.scalars(_begun(now)).all():
        yield from fill(wave_id, now)
    for wave_id in db.session.scalars(_due(now)).all():
        yield apart(wave_id, partial(_open_or_hold, now=now), now) or 0
        yield from fill(wave_id, now)


def _begun(now: datetime) -> sa.Select[int]:
    halfway = sa.select(Wave.id).where(Wave.opening_to.is_not(None), Wave.state == WaveState.OPEN)
    return halfway.where(rested(now)).order_by(Wave.id)


def _due(now: datetime) -> sa.Select[int]:
    """Whose day has come somewhere on Earth; not while people are on the course and nobody has completed."""
    enrolled = sa.exists().where(Enrolment.cohort_id == Schedule.cohort_id)
    on_the_way = enrolled.where(Enrolment.state.in_([EnrolmentState.ENROLLED, EnrolmentState.JOINED]))
    return (
        sa.select(Wave.id)
        .join(Wave.schedule)
        .join(Schedule.cohort)
        .where(
            Wave.state == WaveState.PLANNED,
            Wave.opens_on <= (now + calendar.EARTH).date(),
            Schedule.armed_at.is_not(None),
            Cohort.state.not_in(NOT_RUNNING),
            Wave.survey_version_id.not_in(scheduling.TELLING_VERSIONS),
            sa.or_(enrolled.where(Enrolment.state == EnrolmentState.COMPLETED), sa.not_(on_the_way)),
            rested(now),
        )
        .order_by(Wave.opens_on, Wave.id)
    )


def _open_or_hold(wave: Wave, now: datetime) -> int:
    if wave.state is not WaveState.PLANNED:
        return 0
    if calendar.is_too_late(wave.closes_on, now):
        scheduling.hold(wave, TOO_LATE)
        return 0
    begin(wave, now)
    return 1


def begin(wave: Wave, now: datetime, *, at_once: bool = False) -> None:
    """The moment the audience is frozen: whoever is enrolled now. `at_once` skips the hours.

    The caller holds the wave's lock. The first chunk gets its rows here; `fill` does the others.
    """
    newest = sa.select(sa.func.max(Enrolment.id)).where(Enrolment.cohort_id == wave.schedule.cohort_id)
    wave.state, wave.opened_at, wave.is_at_once = WaveState.OPEN, now, at_once
    wave.opening_to = db.session.scalar(newest) or 0
    _next_chunk(wave, now)


def fill(wave_id: int, now: datetime) -> Iterator[int]:
    """Chunk after chunk, until everybody in the audience has a row; counts nothing."""
    still = sa.select(Wave.id).where(Wave.id == wave_id, Wave.opening_to.is_not(None))
    while db.session.scalar(still.where(Wave.state == WaveState.OPEN, rested(now))):
        apart(wave_id, partial(_go_on, now=now), now)
        yield 0


def _go_on(wave: Wave, now: datetime) -> int:
    if wave.state is WaveState.OPEN and wave.opening_to is not None:
        _next_chunk(wave, now)
    return 0


def _next_chunk(wave: Wave, now: datetime) -> None:
    """Goes on behind the last enrolment that has a row: nothing else remembers how far it came."""
    taken = (
        db.session.scalar(sa.select(sa.func.max(table.enrolment_id)).where(table.wave_id == wave.id)) or 0
        for table in (Invitation, LeftOut)
    )
    people = audience.chunk(wave.schedule.cohort_id, max(taken), wave.opening_to or 0)
    left_out = [
        {"wave_id": wave.id, "enrolment_id": person.enrolment_id, "reason": person.reason}
        for person in people
        if person.reason
    ]
    if left_out:
        db.session.execute(sa.insert(LeftOut), left_out)
    asked = [person for person in people if person.reason in {None, LeftOutReason.NO_ADDRESS}]
    invite(wave, asked, now, at_once=wave.is_at_once)
    if len(people) < audience.CHUNK:
        _end_opening(wave)


def _end_opening(wave: Wave) -> None:
    wave.opening_to = None
    counts = {
        name: db.session.scalar(sa.select(sa.func.count()).where(table.wave_id == wave.id))
        for name, table in (("invited", Invitation), ("left_out", LeftOut))
    }
    audit.record(
        wave,
        "opened",
        before=WaveState.PLANNED,
        after=WaveState.OPEN,
        programme_id=wave.schedule.cohort.theme.programme_id,
        facts=counts,
    )


def invite(wave: Wave, people: Sequence[Person], now: datetime, *, at_once: bool = False) -> None:
    """Rows for these people, and the first mail of each that has an address. Few statements a chunk."""
    if not people:
        return
    end, hours = calendar.ends(wave.closes_on), queries.hours(wave.schedule)
    rows = []
    for number, person in zip(_numbers(len(people)), people, strict=True):
        due_at = now
        if not at_once:
            due_at = calendar.invitation_at(wave.opens_on, now, person.last_contact, person.place, hours)
        rows.append(_row(number, wave, person, due_at, end))
    db.session.execute(sa.insert(Invitation), rows)
    bulk.enqueue_many(
        "invitation",
        (
            mail(
                row["id"],
                person.participant_id,
                "invite",
                row["address"],
                row["language"],
                row["next_at"],
                end,
            )
            for row, person in zip(rows, people, strict=True)
            if row["next_at"]
        ),
        now,
        batch=queries.batch(wave.id),
    )


def _numbers(count: int) -> Sequence[int]:
    """Ids for rows to come: a link is made of its invitation's id, and writing each row twice is slow.

    On SQLite nobody else can write before this transaction ends.
    """
    if db.session.get_bind().dialect.name == "sqlite":
        last = db.session.scalar(sa.select(sa.func.max(Invitation.id))) or 0
        return range(last + 1, last + 1 + count)
    following = sa.func.nextval(sa.func.pg_get_serial_sequence(Invitation.__tablename__, "id"))
    each = sa.func.generate_series(1, count).table_valued("number")
    return db.session.scalars(sa.select(following).select_from(each)).all()


def _row(number: int, wave: Wave, person: Person, due_at: datetime, end: datetime) -> dict[str, Any]:
    is_sent = person.address is not None and due_at < end
    return {
        "id": number,
        "wave_id": wave.id,
        "enrolment_id": person.enrolment_id,
        "state": InvitationState.PLANNED,
        "address": person.address,
        "language": person.language,
        "time_zone": person.place.zone,
        "link_number": 1,
        "token_hash": fingerprint(issue("invitation", number, 1)),
        "due_at": due_at,
        "next_at": due_at if is_sent else None,
        "look_at": due_at + LATER if is_sent else None,
        "reminders": 0,
        "rescue_at": silence.look_for_from(due_at, due_at, wave.schedule.reminder_days, end)
        if person.address
        else due_at,
    }


def mail(
    number: int, owner: int, what: str, address: str, language: str, send_at: datetime, end: datetime
) -> dict[str, Any]:
    """What outbox.bulk.enqueue_many wants, for an invitation and its person; `what` makes the key unique."""
    return {
        "dedupe_key": f"invitation:{number}:{what}",
        "address": address,
        "language": language,
        "about": f"invitation:{number}",
        "facts": {"invitation_id": number},
        "reader": participants.reader(owner),
        "send_at": send_at,
        "not_after": end,
    }


# What the servers refuse ----------------------------------------------------------------------------


def heed_refusals(now: datetime) -> Iterator[int]:
    """Holds each wave of which relays refuse what its mails say, with their words."""
    for fault in outbox.content_faults():
        kind, _colon, number = fault.batch.partition(":")
        held = sa.select(Wave.id).where(Wave.id == int(number), Wave.state == WaveState.OPEN)
        if kind == "wave" and db.session.scalar(held):
            yield apart(int(number), partial(_refused, words=f"{fault.code} {fault.text}"), now) or 0


def _refused(wave: Wave, words: str) -> int:
    if wave.state is WaveState.OPEN:
        scheduling.hold(wave, REFUSED + words)
    return 0


# Closing --------------------------------------------------------------------------------------------


def close_due(now: datetime) -> Iterator[int]:
    """Ends each wave whose closing day is over everywhere."""
    over = sa.select(Wave.id).where(
        Wave.state.in_([WaveState.OPEN, WaveState.HELD]),
        sa.or_(Wave.state == WaveState.OPEN, Wave.opened_at.is_not(None)),
        Wave.closes_on < calendar.ended_before(now),
        rested(now),
    )
    for wave_id in db.session.scalars(over.order_by(Wave.id)).all():
        yield apart(wave_id, _close, now) or 0


def _close(wave: Wave) -> int:
    if wave.state not in {WaveState.OPEN, WaveState.HELD}:
        return 0
    before = wave.state
    silent = scheduling.stop(wave, "wave closed")
    wave.state, wave.opening_to = WaveState.CLOSED, None
    audit.record(
        wave,
        "closed",
        before=before,
        after=WaveState.CLOSED,
        programme_id=wave.schedule.cohort.theme.programme_id,
        facts={"without_answer": silent},
    )
    return 1
