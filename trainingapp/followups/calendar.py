"""When a mail may arrive: in the recipient's own hours, not on their rest days. Pure: no clock, no rows."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from trainingapp.outbox.sending import fatigue

OFFSETS = (0, 1, 3, 6, 12, 24)  # months from an edition's last day
WEEK = fatigue.WEEK
LEAST_TIME = timedelta(days=1)  # to answer in; with less left nobody is asked any more
AHEAD = timedelta(days=1)  # reminders are planned so long before they are due, to meet local hours
EARTH = timedelta(hours=14)  # how long a day has begun somewhere before it begins in UTC
EARTH_ENDS = timedelta(hours=12)  # how long it lasts somewhere after it ended in UTC


@dataclass(frozen=True)
class Hours:
    """From `first` to `last` o'clock, where the recipient lives; not on their rest days."""

    first: int
    last: int


USUAL = Hours(9, 16)


@dataclass(frozen=True)
class Place:
    """Where someone lives: an IANA zone, and the rest days there (Monday is 0)."""

    zone: str
    weekend: frozenset[int]


def offset_day(last_day: date, months: int) -> date:
    """31 August and 6 months is the last day of February."""
    return last_day + relativedelta(months=months)


def begins(day: date) -> datetime:
    """When the day has begun somewhere on Earth."""
    return datetime.combine(day, time(), UTC) - EARTH


def ends(day: date) -> datetime:
    """When the day has ended everywhere on Earth."""
    return datetime.combine(day + timedelta(days=1), time(), UTC) + EARTH_ENDS


def ended_before(now: datetime) -> date:
    """The earliest day that has not ended everywhere: a day before it has."""
    return (now - EARTH_ENDS).date()


def is_too_late(closes_on: date, now: datetime) -> bool:
    return ends(closes_on) - now < LEAST_TIME


@lru_cache(maxsize=4096)
def local(day: date, hour: int, zone: str) -> datetime:
    """In UTC. An hour that does not exist moves forward; of one that comes twice it is the first."""
    return datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC)


@lru_cache(maxsize=4096)
def next_instant(after: datetime, place: Place, hours: Hours) -> datetime:
    """The first moment not before `after` that lies within the hours and on no rest day of the place."""
    zone = ZoneInfo(place.zone)
    first_day = after.astimezone(zone).date()
    for days in range(15):
        day = first_day + timedelta(days=days)
        moment = max(after, local(day, hours.first, place.zone))
        here = moment.astimezone(zone)
        # Asked of the result, not of the day: a clock change may have moved it, by a whole day in Samoa.
        if here.weekday() not in place.weekend and hours.first <= here.hour < hours.last:
            return moment
    raise ValueError(f"{place} has no working day with these hours")


def invitation_at(
    opens_on: date, now: datetime, last_contact: datetime | None, place: Place, hours: Hours
) -> datetime:
    """When the first mail of a wave is due: on its day or after, a week after whatever came before."""
    earliest = max(now, local(opens_on, 0, place.zone))
    if last_contact:
        earliest = max(earliest, last_contact + WEEK)
    return next_instant(earliest, place, hours)


def reminder_due(sent_at: datetime, planned: int, days: list[int], now: datetime) -> int:
    """The number of the reminder to plan now, or 0. After a pause those that were missed are one."""
    due = sum(sent_at + timedelta(days=number) <= now + AHEAD for number in days)
    return due if due > planned else 0


def reminder_look(sent_at: datetime, planned: int, days: list[int]) -> datetime | None:
    """When the next reminder is to be planned, if one is left."""
    return sent_at + timedelta(days=days[planned]) - AHEAD if planned < len(days) else None


def reminder_at(
    sent_at: datetime, days: int, now: datetime, last_contact: datetime | None, place: Place, hours: Hours
) -> datetime:
    """When the reminder that is meant for `days` after the invitation is due."""
    earliest = max(now, sent_at + timedelta(days=days), max(sent_at, last_contact or sent_at) + WEEK)
    return next_instant(earliest, place, hours)
