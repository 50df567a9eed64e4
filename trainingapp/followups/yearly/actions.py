"""Once a year, between and after the waves: whether we still reach the right person at the right place.

Each edition has its day: 18 months after its last one, then every twelve. `Schedule.next_check_on` holds the
next, so that a tick reads only the editions whose day has come.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp.accounts import audit
from trainingapp.cohorts.models import CohortState, Enrolment
from trainingapp.db import db, lock
from trainingapp.followups import audience, calendar, queries
from trainingapp.followups.audience import Person
from trainingapp.followups.invitations import wishes
from trainingapp.followups.models import CheckState, ContactCheck, Invitation, Schedule, Wave, WaveState
from trainingapp.followups.rescue import actions as rescue
from trainingapp.followups.rescue.models import RescueCause
from trainingapp.followups.yearly.queries import WHOLE, about, point_of, token
from trainingapp.outbox import actions as outbox
from trainingapp.outbox import bulk
from trainingapp.participants import moves
from trainingapp.participants import queries as participants
from trainingapp.participants.models import ContactPoint, ContactState, Employment
from trainingapp.tokens import fingerprint

FIRST, EVERY = 18, 12  # months: half-way between the waves of 12 and 24 months, and on
ABOUT_A_YEAR = timedelta(days=350)  # since we heard from someone; the day moves with rest days
AT_ONCE = 20  # editions a call; the next tick takes the next ones
NOT_RUNNING = (CohortState.DRAFT, CohortState.POSTPONED, CohortState.CANCELLED)


def next_day(ends_on: date, after: date) -> date:
    """The first of an edition's yearly days beyond `after`."""
    months = FIRST
    while calendar.offset_day(ends_on, months) <= after:
        months += EVERY
    return calendar.offset_day(ends_on, months)


def set_years(schedule: Schedule, years: int | None) -> None:
    """For how many years after the edition its people are asked; None leaves it as it is, 0 is never."""
    if years is None or years == schedule.check_years:
        return
    programme_id = schedule.cohort.theme.programme_id
    before, schedule.check_years = schedule.check_years, years
    audit.record(schedule, "changed the years", before=before, after=years, programme_id=programme_id)


def ask_due(now: datetime) -> Iterator[int]:
    """Writes to those of the editions whose day has come; after each edition says to how many.

    The caller commits there: what ends in the middle has finished the editions before.
    """
    today = now.date()
    new = sa.select(Schedule).where(Schedule.next_check_on.is_(None)).limit(AT_ONCE)
    for schedule in db.session.scalars(new.options(joinedload(Schedule.cohort))).all():
        schedule.next_check_on = next_day(schedule.cohort.ends_on, today)
    yield 0
    due = sa.select(Schedule.id).where(Schedule.next_check_on <= today).order_by(Schedule.next_check_on)
    for number in db.session.scalars(due.limit(AT_ONCE)).all():
        yield _ask_edition(number, now)


def _ask_edition(number: int, now: datetime) -> int:
    schedule, today = db.session.get(Schedule, number, options=[joinedload(Schedule.cohort)]), now.date()
    if schedule is None:  # removed a moment ago
        return 0
    lock(schedule)
    if schedule.next_check_on is None or schedule.next_check_on > today:
        return 0
    schedule.next_check_on = next_day(schedule.cohort.ends_on, today)
    if not _is_wanted(schedule, today):
        return 0
    return sum(_ask(schedule, people, now) for people in audience.of_cohort(schedule.cohort_id))


def _is_wanted(schedule: Schedule, today: date) -> bool:
    last = calendar.offset_day(schedule.cohort.ends_on, 12 * schedule.check_years)
    return schedule.armed_at is not None and schedule.cohort.state not in NOT_RUNNING and today <= last


def _ask(schedule: Schedule, people: Sequence[Person], now: datetime) -> int:
    """Of these, those we may write to, have not heard from for a year and do not ask anything just now."""
    numbers = [person.participant_id for person in people if person.reason is None]
    left_out = _heard_from(numbers, now) | _asked(numbers, now)
    chosen = [person for person in people if person.reason is None and person.participant_id not in left_out]
    if not chosen:
        return 0
    hours = queries.hours(schedule)
    rows = []
    for person in chosen:
        earliest = max(now, person.last_contact + calendar.WEEK) if person.last_contact else now
        rows.append(
            ContactCheck(
                participant_id=person.participant_id,
                enrolment_id=person.enrolment_id,
                year=now.year,
                address=person.address or "",
                language=person.language,
                token_hash=f"{person.participant_id}:{now.year}",  # until the id is known
                due_at=calendar.next_instant(earliest, person.place, hours),
            )
        )
    db.session.add_all(rows)
    db.session.flush()
    for row in rows:
        row.token_hash = fingerprint(token(row))
    db.session.flush()
    bulk.enqueue_many("still_you", [_mail(row) for row in rows], now)
    return len(rows)


def _mail(check: ContactCheck) -> dict[str, object]:
    return {
        "dedupe_key": about(check),
        "address": check.address,
        "language": check.language,
        "about": about(check),
        "facts": {"check_id": check.id},
        "reader": participants.reader(check.participant_id),
        "send_at": check.due_at,
        "not_after": check.due_at + timedelta(days=28),
    }


def hold_those_free(numbers: Collection[int]) -> Sequence[ContactCheck]:
    """Locked; without those that somebody else holds."""
    query = sa.select(ContactCheck).where(ContactCheck.id.in_(numbers)).options(*WHOLE)
    free = query.with_for_update(of=ContactCheck, skip_locked=True)
    return db.session.scalars(free, execution_options={"populate_existing": True}).all()


def put_off(check: ContactCheck, turn: datetime) -> datetime:
    """To her next good hour from then on."""
    schedule = queries.schedule_of(check.enrolment.cohort_id)
    hours = queries.hours(schedule) if schedule else calendar.USUAL
    check.due_at = calendar.next_instant(turn, audience.place_of(check.participant), hours)
    return check.due_at


def _heard_from(numbers: Sequence[int], now: datetime) -> set[int]:
    """Who answered, confirmed or told us something within about a year, or has questions open just now."""
    since = now - ABOUT_A_YEAR
    is_open = sa.and_(Wave.state.in_([WaveState.OPEN, WaveState.HELD]), Wave.opened_at.is_not(None))
    asked = (
        sa.select(Enrolment.participant_id)
        .join(Invitation, Invitation.enrolment_id == Enrolment.id)
        .join(Wave, Wave.id == Invitation.wave_id)
        .where(Enrolment.participant_id.in_(numbers), sa.or_(Invitation.answered_at > since, is_open))
    )
    confirmed = sa.select(ContactPoint.participant_id).where(
        ContactPoint.participant_id.in_(numbers), ContactPoint.confirmed_at > since
    )
    told = sa.select(Employment.participant_id).where(
        Employment.participant_id.in_(numbers), Employment.told_at > since
    )
    return set(db.session.scalars(sa.union(asked, confirmed, told)))


def _asked(numbers: Sequence[int], now: datetime) -> set[int]:
    """Whom another edition of theirs asked this year, or less than ten months ago."""
    query = sa.select(ContactCheck.participant_id).where(
        ContactCheck.participant_id.in_(numbers),
        sa.or_(ContactCheck.year == now.year, ContactCheck.due_at > now - timedelta(days=300)),
    )
    return set(db.session.scalars(query))


# What is answered behind the link -------------------------------------------------------------------


def confirm(check: ContactCheck, now: datetime) -> None:
    """All is still right. A second press says nothing more."""
    lock(check)
    if check.answered_at is None:
        _answer(check, CheckState.CONFIRMED, now)


def change(check: ContactCheck, now: datetime, **told: str) -> None:
    """As wishes.tell_moved, once. Raises Refusal for an address that cannot be read."""
    lock(check)
    if check.answered_at is None:
        wishes.tell_moved(check.enrolment, now, **told)
        _answer(check, CheckState.CHANGED, now)


def _answer(check: ContactCheck, state: CheckState, now: datetime) -> None:
    outbox.cancel(about(check), "answered")
    before, check.state, check.answered_at = check.state, state, now
    if point := point_of(check.participant_id, check.address):
        point.confirmed_at = now
    _note(check, state.value, before)


def undo(check: ContactCheck, now: datetime) -> None:
    """As if nothing had been said. What she told us about her work is taken back too."""
    lock(check)
    if check.answered_at is None:
        return
    told = moves.latest(check.participant_id)
    if check.state is CheckState.CHANGED and told and told.told_at == check.answered_at:
        moves.take_back(told, now)
    point = point_of(check.participant_id, check.address)
    if point and point.confirmed_at == check.answered_at:
        point.confirmed_at = None
    before, check.state, check.answered_at = check.state, CheckState.SENT, None
    _note(check, "taken back", before)


def note_went(check: ContactCheck, at: datetime) -> None:
    check.sent_at = at
    if check.state is CheckState.PLANNED:
        check.state = CheckState.SENT


def note_bounced(check: ContactCheck, now: datetime) -> None:
    if point := point_of(check.participant_id, check.address):
        point.state = ContactState.BOUNCED
    before, check.state = check.state, CheckState.NOT_DELIVERED
    _note(check, "bounced", before)
    rescue.open_task(check.enrolment, RescueCause.BOUNCED, now)


def _note(check: ContactCheck, verb: str, before: CheckState) -> None:
    programme_id = check.enrolment.cohort.theme.programme_id
    audit.record(check, verb, before=before, after=check.state, programme_id=programme_id)
