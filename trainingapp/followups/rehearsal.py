"""The test clock: plays a schedule with the people of today, by the same rules as the real thing."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from trainingapp.followups import audience, calendar, queries
from trainingapp.followups.audience import Person
from trainingapp.followups.models import LeftOutReason, Schedule, Wave, WaveState

MOST_NAMES = 50


@dataclass(frozen=True)
class Sends:
    """What one person who never answers gets from one wave, in UTC."""

    person: Person
    first: datetime
    reminders: tuple[datetime, ...]


@dataclass
class Day:
    """A calendar day in the recipients' own places."""

    people: int = 0
    countries: Counter[str] = field(default_factory=Counter)
    earliest: datetime | None = None
    latest: datetime | None = None

    def add(self, sends: Sends) -> None:
        self.people += 1
        self.countries[sends.person.country] += 1
        self.earliest = min(self.earliest or sends.first, sends.first)
        self.latest = max(self.latest or sends.first, sends.first)


@dataclass
class Played:
    """One wave."""

    wave: Wave
    days: dict[date, Day] = field(default_factory=dict)
    reminders: Counter[int] = field(default_factory=Counter)  # number of the reminder -> people
    left_out: Counter[LeftOutReason] = field(default_factory=Counter)
    no_time: int = 0  # whose hour comes only after the closing day

    @property
    def invited(self) -> int:
        return sum(day.people for day in self.days.values())

    @property
    def busiest(self) -> date | None:
        return max(self.days, key=lambda day: self.days[day].people, default=None)

    @property
    def is_moved(self) -> bool:
        """Whether somebody's rest day, or another mail, makes it later than the day that was asked for."""
        return any(day != self.wave.opens_on for day in self.days)


@dataclass
class Play:
    waves: list[Played]
    people: int = 0
    most: int = 0  # messages that one person gets if they never answer
    messages: int = 0  # in all, if nobody ever answers
    missing: list[tuple[Person, LeftOutReason, int]] = field(default_factory=list)  # and sends missed
    missing_in_all: int = 0
    names: list[Sends] = field(default_factory=list)  # of the wave that is shown
    more_names: int | None = None  # the enrolment after which the next page of names begins


def play(schedule: Schedule, waves: list[Wave], now: datetime, *, shown: int | None, after: int = 0) -> Play:
    """`shown` is the wave whose people are named, from the enrolment `after` on."""
    coming = [
        wave for wave in waves if wave.state in {WaveState.PLANNED, WaveState.HELD} and not wave.opened_at
    ]
    result = Play([Played(wave) for wave in coming])
    for people in audience.of_cohort(schedule.cohort_id, expected=True):
        for person in people:
            _play_one(result, person, schedule, now, shown, after)
    return result


def _play_one(
    result: Play, person: Person, schedule: Schedule, now: datetime, shown: int | None, after: int
) -> None:
    result.people += 1
    if person.reason:
        result.missing_in_all += 1
        if len(result.missing) < MOST_NAMES:
            result.missing.append((person, person.reason, len(result.waves)))
    last, messages = person.last_contact, 0
    for played in result.waves:
        if person.reason:
            played.left_out[person.reason] += 1
            continue
        sends = sends_of(person, played.wave, schedule, now, last)
        if sends is None:
            played.no_time += 1
            continue
        last = (sends.first, *sends.reminders)[-1]
        messages += 1 + len(sends.reminders)
        here = sends.first.astimezone(ZoneInfo(person.place.zone)).date()
        played.days.setdefault(here, Day()).add(sends)
        played.reminders.update(range(1, len(sends.reminders) + 1))
        if played.wave.id == shown and person.enrolment_id > after:
            _name(result, sends)
    result.messages += messages
    result.most = max(result.most, messages)


def _name(result: Play, sends: Sends) -> None:
    if len(result.names) < MOST_NAMES:
        result.names.append(sends)
    elif result.more_names is None:
        result.more_names = result.names[-1].person.enrolment_id


def sends_of(
    person: Person, wave: Wave, schedule: Schedule, now: datetime, last: datetime | None
) -> Sends | None:
    """What the wave would write to this person, who never answers; None when no time is left."""
    end, hours = calendar.ends(wave.closes_on), queries.hours(schedule)
    if calendar.is_too_late(wave.closes_on, now):
        return None
    first = calendar.invitation_at(wave.opens_on, now, last, person.place, hours)
    if first >= end:
        return None
    last, reminders = first, []
    for days in schedule.reminder_days:
        planned_at = first + timedelta(days=days) - calendar.AHEAD
        moment = calendar.reminder_at(first, days, planned_at, last, person.place, hours)
        if moment < end:
            reminders.append(moment)
            last = moment
    return Sends(person, first, tuple(reminders))
