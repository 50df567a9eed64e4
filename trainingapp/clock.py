"""The only two places that read the clock. Edges call them; actions receive the value."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """Aware, in UTC."""
    return datetime.now(UTC)


def today(zone: str) -> date:
    """The calendar day in an IANA zone, such as "Asia/Jakarta"."""
    return datetime.now(ZoneInfo(zone)).date()


class TimeIsUp(BaseException):
    """A worker's task has run as long as it may. It ends here: what it has not committed is done by the next.

    Not an Exception: whoever sets aside what is broken, and goes on, must not go on.
    """
