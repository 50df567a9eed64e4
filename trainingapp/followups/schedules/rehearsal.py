"""The test clock: plays a schedule with the people of today, by the same rules as the real thing.

A chunk of people at a time, and the moments of a place worked out once: ten thousand take no more memory
than fifty. What it plays is a schedule by itself; waves of other editions are told by timeline.py.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from heapq import heapify, heappop, heappush
from itertools import count
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from trainingapp.followups import audience, calendar, queries
from trainingapp.followups.audience import Person
from trainingapp.followups.models import LeftOutReason, Schedule, Wave, WaveState
from trainingapp.labels import label

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
    rest: int = 0  # of those invited, to whom it comes later because of a rest day
    pushed: int = 0  # and because another mail had gone in the week before
    untranslated: Counter[str] = field(default_factory=Counter)  # language -> people who read only that

    @property
    def invited(self) -> int:
        return sum(day.people for day in self.days.values())

    @property
    def busiest(self) -> date | None:
        return max(self.days, key=lambda day: self.days[day].people, default=None)

    @property
    def is_moved(self) -> bool:
        """Whether somebody's rest day, or another mail, makes it later than the day that was asked for."""
        return bool(self.rest or self.pushed)

    def add(self, sends: Sends, schedule: Schedule, now: datetime) -> None:
        place, version = sends.person.place, self.wave.survey_version
        here = sends.first.astimezone(ZoneInfo(place.zone)).date()
        self.days.setdefault(here, Day()).add(sends)
        self.reminders.update(range(1, len(sends.reminders) + 1))
        opens_at = max(now, calendar.begins(self.wave.opens_on))
        alone = calendar.invitation_at(self.wave.opens_on, opens_at, None, place, queries.hours(schedule))
        self.pushed += sends.first > alone
        self.rest += alone.astimezone(ZoneInfo(place.zone)).date() > max(self.wave.opens_on, now.date())
        if _plain(sends.person.language) not in map(_plain, version.languages):
            self.untranslated[sends.person.language] += 1


def _plain(language: str) -> str:
    """fa-AF and fa_AF are read by whoever reads fa."""
    return language.replace("-", "_").partition("_")[0]


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


Moments = dict[int, list[datetime]]  # wave -> the invitation and its reminders, in UTC


def coming(waves: Sequence[Wave]) -> list[Wave]:
    """Those that have not opened, in the order in which they will."""
    planned = (WaveState.PLANNED, WaveState.HELD)
    return [wave for wave in waves if wave.state in planned and not wave.opened_at]


def play(schedule: Schedule, waves: list[Wave], now: datetime, *, shown: int | None, after: int = 0) -> Play:
    """`shown` is the wave whose people are named, from the enrolment `after` on."""
    result = Play([Played(wave) for wave in coming(waves)])
    for person, found in everyone(schedule, waves, now):
        result.people += 1
        if person.reason:
            result.missing_in_all += 1
            if len(result.missing) < MOST_NAMES:
                result.missing.append((person, person.reason, len(result.waves)))
        messages = 0
        for played in result.waves:
            sends = found.get(played.wave.id)
            if person.reason:
                played.left_out[person.reason] += 1
            elif sends is None:
                played.no_time += 1
            else:
                played.add(sends, schedule, now)
                messages += 1 + len(sends.reminders)
                if played.wave.id == shown and person.enrolment_id > after:
                    _name(result, sends)
        result.messages += messages
        result.most = max(result.most, messages)
    return result


def everyone(
    schedule: Schedule, waves: Sequence[Wave], now: datetime
) -> Iterator[tuple[Person, dict[int, Sends]]]:
    """Each enrolled person with what every coming wave would send them; nothing for who is left out."""
    ahead = coming(waves)

    @cache  # people of one place who have heard nothing yet get everything at the same moments
    def moments(place: calendar.Place, last: datetime | None) -> Moments:
        return moments_of(place, last, ahead, schedule, now)

    for people in audience.of_cohort(schedule.cohort_id, expected=True):
        for person in people:
            found = {} if person.reason else moments(person.place, person.last_contact)
            yield person, {number: Sends(person, at[0], tuple(at[1:])) for number, at in found.items()}


def rows_to_export(cohort_id: int, now: datetime) -> Iterator[Sequence[str | int | datetime | None]]:
    """A line a person and coming wave; read when the request's own session is over."""
    schedule = queries.schedule_of(cohort_id)
    assert schedule is not None, "the view found it"
    waves = queries.waves_of(schedule)
    for person, found in everyone(schedule, waves, now):
        zone = ZoneInfo(person.place.zone)
        name = None if person.reason is LeftOutReason.ERASED else person.name
        for wave in coming(waves):
            sends = found.get(wave.id)
            moments = [sends.first, *sends.reminders] if sends else []
            local = [moment.astimezone(zone).replace(tzinfo=None) for moment in moments]
            reason = label(person.reason) if person.reason else None if sends else _("No time is left")
            cells = (name, person.country, person.place.zone, wave.offset_months, reason)
            yield (*cells, *local, *[None] * (3 - len(local)))


def _name(result: Play, sends: Sends) -> None:
    if len(result.names) < MOST_NAMES:
        result.names.append(sends)
    elif result.more_names is None:
        result.more_names = result.names[-1].person.enrolment_id


def moments_of(
    place: calendar.Place, last: datetime | None, waves: Sequence[Wave], schedule: Schedule, now: datetime
) -> Moments:
    """What reaches someone there who never answers: the steps of waves/ticks.py and looks.py, in order.

    `last` is when they were last written to. A wave is looked at when it opens, and again a day before each
    reminder is due, or as soon as the one before it has gone.
    """
    days, hours = schedule.reminder_days, queries.hours(schedule)
    found: Moments = {}
    planned: Counter[int] = Counter()  # wave -> the number of its last reminder; skipped ones count
    order = count()
    steps = [(max(now, calendar.begins(wave.opens_on)), next(order), wave) for wave in waves]
    heapify(steps)
    while steps:
        at, _order, wave = heappop(steps)
        end, mails = calendar.ends(wave.closes_on), found.get(wave.id, [])
        if mails:
            number = calendar.reminder_due(mails[0], planned[wave.id], days, at)
            moment = calendar.reminder_at(mails[0], days[number - 1], at, last, place, hours)
        else:
            number = 0
            moment = calendar.invitation_at(wave.opens_on, at, last, place, hours)
        if moment >= end or (not mails and calendar.is_too_late(wave.closes_on, at)):
            continue
        found[wave.id] = [*mails, moment]
        planned[wave.id] = number
        last = max(moment, last or moment)
        if again := calendar.reminder_look(found[wave.id][0], number, days):
            heappush(steps, (max(moment, again), next(order), wave))
    return found
