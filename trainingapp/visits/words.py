"""How days and zones of visits are written."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_babel import format_date

from trainingapp.visits.models import SiteVisit


def long_day(day: date) -> str:
    """Thursday 1 August; the year stands elsewhere on the page."""
    return format_date(day, "EEEE d MMMM")


def short_day(day: date) -> str:
    return format_date(day, "d MMM")


def zone_name(visit: SiteVisit) -> str:
    """What the clock at the host is called on that day: WIB, or UTC+0530 where it has no letters."""
    at = datetime.combine(visit.visit_on, visit.starts_at, ZoneInfo(visit.host.time_zone))
    name = at.tzname() or ""
    return name if name.isalpha() else f"UTC{at:%z}"
