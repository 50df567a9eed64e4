"""Every edition and wave in figures. A bounded number of queries a page, whatever its rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from trainingapp.cohorts.models import HOLDS_A_PLACE, Cohort, CohortState, Enrolment
from trainingapp.db import db
from trainingapp.followups.invitations import uncertain
from trainingapp.followups.models import Invitation, InvitationState, Schedule, Wave
from trainingapp.numbers import whole
from trainingapp.paging import SIZE
from trainingapp.programmes.models import Theme

S = InvitationState


def count_if(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((sa.and_(*conditions), 1), else_=0)), 0)


# The ledger -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    wave: Wave
    due: int
    answered: int


@dataclass
class Edition:
    cohort: Cohort
    people: int
    cells: dict[int, Cell] = field(default_factory=dict)  # by months after its end


def editions(allowed: sa.ColumnElement[bool], after: str | None) -> tuple[list[Edition], str | None]:
    """The newest first, and where the next page begins. `allowed` says which programmes may be seen."""
    query = (
        sa.select(Cohort)
        .join(Cohort.theme)
        .options(contains_eager(Cohort.theme))
        .where(allowed, Cohort.state != CohortState.DRAFT)
        .order_by(Cohort.starts_on.desc(), Cohort.id.desc())
        .limit(SIZE + 1)
    )
    if edge := _day_and_number(after):
        query = query.where(sa.tuple_(Cohort.starts_on, Cohort.id) < sa.tuple_(*map(sa.literal, edge)))
    cohorts = db.session.scalars(query).all()
    shown = cohorts[:SIZE]
    numbers = [cohort.id for cohort in shown]
    people = _people(numbers)
    found = {cohort.id: Edition(cohort, people.get(cohort.id, 0)) for cohort in shown}
    for cohort_id, cell in _cells(numbers):
        found[cohort_id].cells[cell.wave.offset_months] = cell
    last = shown[-1] if len(cohorts) > SIZE else None
    return list(found.values()), f"{last.starts_on}.{last.id}" if last else None


def _people(cohort_ids: Sequence[int]) -> dict[int, int]:
    query = (
        sa.select(Enrolment.cohort_id, sa.func.count())
        .where(Enrolment.cohort_id.in_(cohort_ids), Enrolment.state.in_(HOLDS_A_PLACE))
        .group_by(Enrolment.cohort_id)
    )
    return dict(db.session.execute(query).all())


def _cells(cohort_ids: Sequence[int]) -> Iterator[tuple[int, Cell]]:
    query = (
        sa.select(Wave)
        .join(Wave.schedule)
        .options(contains_eager(Wave.schedule))
        .where(Schedule.cohort_id.in_(cohort_ids))
    )
    waves = db.session.scalars(query).all()
    counts = answered([wave.id for wave in waves])
    for wave in waves:
        yield wave.schedule.cohort_id, Cell(wave, *counts.get(wave.id, (0, 0)))


def answered(wave_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Wave -> (people due, of whom answered)."""
    query = (
        sa.select(Invitation.wave_id, sa.func.count(), count_if(Invitation.state == S.ANSWERED))
        .where(Invitation.wave_id.in_(wave_ids))
        .group_by(Invitation.wave_id)
    )
    return {number: (due, int(told)) for number, due, told in db.session.execute(query)}


def _day_and_number(text: str | None) -> tuple[date, int] | None:
    """None for nothing, and for what somebody made up."""
    day, _dot, number = (text or "").partition(".")
    try:
        return (date.fromisoformat(day), whole(number))
    except ValueError:
        return None


def rows_to_export(allowed: sa.ColumnElement[bool]) -> Iterator[tuple[Cohort, Wave, "Funnel"]]:
    """Every edition and wave, newest edition first, read as they are sent."""
    query = (
        sa.select(Wave)
        .join(Wave.schedule)
        .join(Schedule.cohort)
        .join(Cohort.theme)
        .options(
            contains_eager(Wave.schedule).contains_eager(Schedule.cohort).contains_eager(Cohort.theme, Theme)
        )
        .where(allowed)
        .order_by(Cohort.starts_on.desc(), Cohort.id.desc(), Wave.offset_months)
    )
    waves = db.session.scalars(query).all()
    for start in range(0, len(waves), SIZE):
        chunk = waves[start : start + SIZE]
        funnels = _funnels(Invitation.wave_id.in_([wave.id for wave in chunk]))
        for wave in chunk:
            yield wave.schedule.cohort, wave, funnels.get(wave.id, Funnel())


# One wave -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Funnel:
    """People at each step; each includes those of the steps after it."""

    due: int = 0
    addressed: int = 0
    sent: int = 0
    bounced: int = 0
    opened: int = 0
    started: int = 0
    answered: int = 0
    declined: int = 0
    uncertain: int = 0  # of those not sent for certain: a mail of which nobody knows whether it arrived

    @property
    def waiting(self) -> int:
        return max(0, self.addressed - self.sent - self.uncertain)

    @property
    def delivered(self) -> int:
        return self.sent - self.bounced


def funnel(wave: Wave) -> Funnel:
    found = _funnels(Invitation.wave_id == wave.id).get(wave.id, Funnel())
    return replace(found, uncertain=uncertain.count(wave, Invitation.sent_at.is_(None)))


def _funnels(which: sa.ColumnElement[bool]) -> dict[int, Funnel]:
    is_sent = sa.or_(Invitation.sent_at.is_not(None), Invitation.state == S.NOT_DELIVERED)
    query = (
        sa.select(
            Invitation.wave_id,
            sa.func.count(),
            count_if(Invitation.address.is_not(None)),
            count_if(is_sent),
            count_if(Invitation.state == S.NOT_DELIVERED),
            count_if(Invitation.opened_at.is_not(None)),
            count_if(Invitation.started_at.is_not(None)),
            count_if(Invitation.state == S.ANSWERED),
            count_if(Invitation.state.in_([S.DECLINED, S.GONE])),
        )
        .where(which)
        .group_by(Invitation.wave_id)
    )
    return {number: Funnel(*map(int, counts)) for number, *counts in db.session.execute(query)}


@dataclass(frozen=True)
class NextSend:
    at: datetime
    time_zone: str
    is_first: bool
    people: int


def next_sends(waves: Sequence[Wave], limit: int = 200) -> list[NextSend]:
    """What waits in the outbox, by hour and place."""
    is_first = Invitation.sent_at.is_(None)
    query = (
        sa.select(Invitation.next_at, Invitation.time_zone, is_first, sa.func.count())
        .where(Invitation.wave_id.in_([wave.id for wave in waves]), Invitation.next_at.is_not(None))
        .group_by(Invitation.next_at, Invitation.time_zone, is_first)
        .order_by(Invitation.next_at, Invitation.time_zone)
        .limit(limit)
    )
    return [NextSend(at, zone, bool(first), n) for at, zone, first, n in db.session.execute(query) if at]
