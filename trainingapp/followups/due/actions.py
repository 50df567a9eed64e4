"""Which activities fall due within a week, and whom to remind of them: once for each day, in her own hours.

A wave asks about the same activities: while one is near, or still has mails to come, it goes first and nobody
is reminded twice.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp.cohorts.models import Enrolment, EnrolmentState
from trainingapp.db import db
from trainingapp.followups import audience, calendar, queries
from trainingapp.followups.due.models import DueLine, DueNotice, DueWhat
from trainingapp.followups.due.queries import KIND, TOPIC, about, token
from trainingapp.followups.models import MAY_ANSWER, Invitation, Schedule, Wave, WaveState
from trainingapp.outbox import bulk
from trainingapp.participants import queries as participants
from trainingapp.participants.models import Participant
from trainingapp.plans.board import queries as board
from trainingapp.plans.board.models import PlanStanding
from trainingapp.plans.models import OVER, ActionPlan, Activity
from trainingapp.tokens import fingerprint

AHEAD = timedelta(days=7)
PIECE = 500  # people looked at together


@dataclass(frozen=True)
class Due:
    activity_id: int
    enrolment_id: int
    participant_id: int
    what: DueWhat
    due_on: date


def remind_due(now: datetime) -> Iterator[int]:
    """Puts one mail a person in the outbox; after each piece of people says how many. The caller commits
    there.
    """
    wanted = (_activities(now), DueWhat.ACTIVITY), (_first_steps(now), DueWhat.FIRST_STEP)
    after = 0
    while numbers := _some([query for query, _what in wanted], after):
        after = numbers[-1]
        busy = _with_a_wave(numbers, now)
        by_enrolment: dict[int, list[Due]] = {}
        for query, what in wanted:
            for one in _due(query.where(ActionPlan.enrolment_id.in_(set(numbers) - busy)), what):
                by_enrolment.setdefault(one.enrolment_id, []).append(one)
        yield _write(by_enrolment, now)


def _some(queries: Sequence[Any], after: int) -> Sequence[int]:
    """The next enrolments. Their order is not that of the days: whom nobody can reach comes by each time."""
    number = ActionPlan.enrolment_id
    theirs = (query.with_only_columns(number).where(number > after).order_by(None) for query in queries)
    found = sa.union(*theirs).subquery()
    next_ones = sa.select(found.c.enrolment_id).order_by(found.c.enrolment_id).limit(PIECE)
    return db.session.scalars(next_ones).all()


def _open(*columns: Any) -> Any:
    """Of plans that go on, of alumni who may be written to."""
    return (
        sa.select(Activity.id, ActionPlan.enrolment_id, Enrolment.participant_id, *columns)
        .select_from(Activity)
        .join(ActionPlan, ActionPlan.id == Activity.plan_id)
        .join(PlanStanding, PlanStanding.plan_id == ActionPlan.id)
        .join(Enrolment, Enrolment.id == ActionPlan.enrolment_id)
        .join(Participant, Participant.id == Enrolment.participant_id)
        .where(
            PlanStanding.silent_since.is_not(None),
            Activity.removed_at.is_(None),
            Activity.what != "",
            Activity.state.not_in(OVER),
            Enrolment.state == EnrolmentState.COMPLETED,
            Participant.opted_out_at.is_(None),
            Participant.deceased_on.is_(None),
            Participant.erased_at.is_(None),
            Participant.contact_lost_at.is_(None),
        )
    )


def _activities(now: datetime) -> Any:
    """Due within a week, and not reminded of that day."""
    today = now.date()
    known = sa.exists().where(
        DueLine.activity_id == Activity.id,
        DueLine.what == DueWhat.ACTIVITY,
        DueLine.due_on == Activity.due_on,
    )
    near = Activity.due_on.between(today + timedelta(days=1), today + AHEAD)
    return _open(Activity.due_on).where(near, ~known).order_by(Activity.due_on, Activity.id)


def _first_steps(now: datetime) -> Any:
    """Approved some three weeks ago, nothing begun: of the first activity, once."""
    known = sa.exists().where(DueLine.activity_id == Activity.id, DueLine.what == DueWhat.FIRST_STEP)
    earlier = sa.select(sa.func.min(Activity.position)).where(
        Activity.plan_id == ActionPlan.id, Activity.removed_at.is_(None), Activity.what != ""
    )
    since = PlanStanding.unbegun_since
    return (
        _open(since)
        .where(
            since > now - board.FIRST_STEP,
            since <= now - board.FIRST_STEP + AHEAD,
            Activity.position == earlier.correlate(ActionPlan).scalar_subquery(),
            ~known,
        )
        .order_by(since, Activity.id)
    )


def _due(query: Any, what: DueWhat) -> Iterator[Due]:
    for activity_id, enrolment_id, participant_id, day in db.session.execute(query):
        is_step = what is DueWhat.FIRST_STEP
        due_on = (day + board.FIRST_STEP).date() if is_step else day
        yield Due(activity_id, enrolment_id, participant_id, what, due_on)


def _with_a_wave(enrolments: Collection[int], now: datetime) -> set[int]:
    """Whom a wave of any edition of theirs asks within a week, or may still write to."""
    theirs = sa.select(Enrolment.participant_id).where(Enrolment.id.in_(enrolments))
    soon = (
        sa.select(Enrolment.participant_id)
        .join(Schedule, Schedule.cohort_id == Enrolment.cohort_id)
        .join(Wave, Wave.schedule_id == Schedule.id)
        .where(
            Enrolment.participant_id.in_(theirs),
            Enrolment.state == EnrolmentState.COMPLETED,
            Wave.state == WaveState.PLANNED,
            Schedule.armed_at.is_not(None),
            Wave.opens_on <= (now + AHEAD).date(),
        )
    )
    still = (
        sa.select(Enrolment.participant_id)
        .join(Invitation, Invitation.enrolment_id == Enrolment.id)
        .join(Wave, Wave.id == Invitation.wave_id)
        .where(
            Enrolment.participant_id.in_(theirs),
            Invitation.state.in_(MAY_ANSWER),
            Invitation.look_at.is_not(None),
            Wave.state == WaveState.OPEN,
        )
    )
    people = set(db.session.scalars(sa.union(soon, still)))
    rows = sa.select(Enrolment.id, Enrolment.participant_id).where(Enrolment.id.in_(enrolments))
    return {number for number, owner in db.session.execute(rows) if owner in people}


def _write(wanted: dict[int, list[Due]], now: datetime) -> int:
    owners = [lines[0].participant_id for lines in wanted.values()]
    reached, contacts = audience.reach(owners, TOPIC), audience.last_contacts(owners)
    people = _people(wanted)
    made: list[tuple[DueNotice, list[Due], int]] = []
    for number, lines in wanted.items():
        owner = lines[0].participant_id
        known, (person, hours) = reached.get(owner), people[number]
        if known is None or known.is_stopped:
            continue
        last, place = contacts.get(owner), audience.place_of(person)
        send_at = calendar.next_instant(max(now, last + calendar.WEEK) if last else now, place, hours)
        in_time = [line for line in lines if send_at < calendar.ends(line.due_on)]
        if in_time:
            row = DueNotice(
                enrolment_id=number,
                address=known.address,
                language=person.language,
                token_hash=f"{number}:{in_time[0].activity_id}:{now.isoformat()}",  # until the id is known
                due_at=send_at,
            )
            made.append((row, in_time, owner))
    db.session.add_all(row for row, _lines, _owner in made)
    db.session.flush()
    for row, lines, _owner in made:
        row.token_hash = fingerprint(token(row))
        facts = {"notice_id": row.id}
        db.session.add_all(
            DueLine(**facts, activity_id=one.activity_id, what=one.what, due_on=one.due_on) for one in lines
        )
    db.session.flush()
    bulk.enqueue_many(KIND, [_mail(*one) for one in made], now)
    return len(made)


def _people(enrolments: Collection[int]) -> dict[int, tuple[Participant, calendar.Hours]]:
    """Enrolment -> its person, and the hours of its edition's schedule."""
    query = (
        sa.select(Enrolment, Schedule)
        .outerjoin(Schedule, Schedule.cohort_id == Enrolment.cohort_id)
        .where(Enrolment.id.in_(enrolments))
        .options(joinedload(Enrolment.participant))
    )
    return {
        enrolment.id: (enrolment.participant, queries.hours(schedule) if schedule else calendar.USUAL)
        for enrolment, schedule in db.session.execute(query)
    }


def _mail(notice: DueNotice, lines: Sequence[Due], owner: int) -> dict[str, object]:
    return {
        "dedupe_key": about(notice),
        "address": notice.address,
        "language": notice.language,
        "about": about(notice),
        "facts": {"notice_id": notice.id},
        "reader": participants.reader(owner),
        "send_at": notice.due_at,
        "not_after": calendar.ends(max(line.due_on for line in lines)),
    }
