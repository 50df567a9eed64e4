"""A schedule as one line of time: what is open when, what else reaches the same people, and silences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased, contains_eager, joinedload

from trainingapp.cohorts.models import HOLDS_A_PLACE, Cohort, Enrolment
from trainingapp.db import db
from trainingapp.followups import calendar, ledger
from trainingapp.followups.models import Schedule, Wave, WaveState

MARKS = (0, 3, 6, 9, 12, 15, 18, 21, 24)  # months
LAST = 24
SILENCE = timedelta(days=200)  # without a word from anyone, longer than people remember who writes
MOST_OTHERS = 12


@dataclass(frozen=True)
class Bar:
    """In percent of the chart's width."""

    x: float
    width: float


@dataclass(frozen=True)
class Row:
    wave: Wave
    bar: Bar
    reminders: list[tuple[float, date]]
    due: int = 0
    answered: int = 0
    shared: int = 0  # of another edition's: people who are in this one too


@dataclass(frozen=True)
class Gap:
    begins_on: date
    ends_on: date


@dataclass(frozen=True)
class Clash:
    """Two waves that are open at once to some of the same people: their mails move apart by a week."""

    first: Wave
    second: Wave
    people: int | None  # none: all


@dataclass(frozen=True)
class Timeline:
    begins_on: date
    ends_on: date
    marks: list[tuple[float, int]]
    today: float | None
    rows: list[Row]
    others: list[Row]
    gaps: list[Gap]
    clashes: list[Clash]


def of(schedule: Schedule, waves: Sequence[Wave], today: date) -> Timeline:
    """From the edition's last day to two years later, or to the last closing day. Three queries."""
    begins_on = schedule.cohort.ends_on
    two_years = calendar.offset_day(begins_on, LAST) + timedelta(days=schedule.open_days)
    ends_on = max([two_years, *(wave.closes_on for wave in waves)])
    whole = (ends_on - begins_on).days or 1

    def x(day: date) -> float:
        return round(100 * max(0, min(whole, (day - begins_on).days)) / whole, 2)

    def row(wave: Wave, due: int = 0, answered: int = 0, shared: int = 0) -> Row:
        bar = Bar(x(wave.opens_on), max(0.7, x(wave.closes_on) - x(wave.opens_on)))
        days = [wave.opens_on + timedelta(days=number) for number in wave.schedule.reminder_days]
        reminders = [(x(day), day) for day in days if day <= wave.closes_on]
        return Row(wave, bar, reminders, due, answered, shared)

    counts = ledger.answered([wave.id for wave in waves])
    shared = _shared(schedule.cohort_id)
    others = _others(shared, begins_on, ends_on)
    at = [calendar.offset_day(begins_on, months) for months in MARKS]
    return Timeline(
        begins_on,
        ends_on,
        [(x(day), months) for day, months in zip(at, MARKS, strict=True)],
        x(today) if begins_on <= today <= ends_on else None,
        [
            row(wave, **dict(zip(("due", "answered"), counts.get(wave.id, (0, 0)), strict=True)))
            for wave in waves
        ],
        [row(wave, shared=shared[wave.schedule.cohort_id]) for wave in others],
        _gaps(waves, begins_on, two_years),
        list(_clashes(waves, others, shared)),
    )


def _shared(cohort_id: int) -> dict[int, int]:
    """Other edition -> how many of this one's people took part in it too."""
    here, there = aliased(Enrolment), aliased(Enrolment)
    query = (
        sa.select(there.cohort_id, sa.func.count())
        .join(here, here.participant_id == there.participant_id)
        .where(here.cohort_id == cohort_id, there.cohort_id != cohort_id)
        .where(here.state.in_(HOLDS_A_PLACE), there.state.in_(HOLDS_A_PLACE))
        .group_by(there.cohort_id)
    )
    return dict(db.session.execute(query).all())


def _others(shared: dict[int, int], begins_on: date, ends_on: date) -> Sequence[Wave]:
    query = (
        sa.select(Wave)
        .join(Wave.schedule)
        .join(Schedule.cohort)
        .options(contains_eager(Wave.schedule).contains_eager(Schedule.cohort).joinedload(Cohort.theme))
        .options(joinedload(Wave.survey_version))
        .where(
            Schedule.cohort_id.in_(shared),
            Wave.state != WaveState.CANCELLED,
            Wave.closes_on >= begins_on,
            Wave.opens_on <= ends_on,
        )
        .order_by(Wave.opens_on, Wave.id)
        .limit(MOST_OTHERS)
    )
    return db.session.scalars(query).all()


def _gaps(waves: Sequence[Wave], begins_on: date, ends_on: date) -> list[Gap]:
    """Long silences between what is open, up to the end of the two years."""
    heard, gaps = begins_on, []
    for wave in sorted(_alive(waves), key=lambda wave: wave.opens_on):
        if wave.opens_on - heard > SILENCE:
            gaps.append(Gap(heard, wave.opens_on))
        heard = max(heard, wave.closes_on)
    if ends_on - heard > SILENCE:
        gaps.append(Gap(heard, ends_on))
    return gaps


def _alive(waves: Sequence[Wave]) -> list[Wave]:
    return [wave for wave in waves if wave.state is not WaveState.CANCELLED]


def _clashes(waves: Sequence[Wave], others: Sequence[Wave], shared: dict[int, int]) -> list[Clash]:
    own = _alive(waves)
    pairs: list[tuple[Wave, Wave, int | None]] = [
        (a, b, None) for number, a in enumerate(own) for b in own[number + 1 :]
    ]
    pairs += [(a, b, shared[b.schedule.cohort_id]) for a in own for b in others]
    return [
        Clash(a, b, people)
        for a, b, people in pairs
        if a.opens_on <= b.closes_on and b.opens_on <= a.closes_on and not _is_over(a) and not _is_over(b)
    ]


def _is_over(wave: Wave) -> bool:
    return wave.state is WaveState.CLOSED
