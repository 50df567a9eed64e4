"""How days and moments are written, everywhere."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_babel import format_date


def day(value: date | datetime | None, zone: str | None = None) -> str:
    """9 Mar 2020. A moment needs the zone in which its day is meant."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(zone or "UTC")).date()
    return format_date(value, "d MMM y")


def hour(value: datetime, zone: str) -> str:
    """14:05 in an IANA zone; say which place beside it."""
    return f"{value.astimezone(ZoneInfo(zone)):%H:%M}"


def moment(value: datetime | None, zone: str) -> str:
    """9 Mar 2020, 14:05 in an IANA zone; say which place beside it."""
    return "" if value is None else f"{day(value, zone)}, {hour(value, zone)}"
