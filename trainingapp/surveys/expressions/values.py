"""Values of the condition language, and how one kind becomes another.

Rules of XPath 1.0 as JavaRosa keeps them, with one kindness: where a number is wanted, a day counts as its
days since 1970. `static/when.js` has the same rules.
"""

import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal

Value = str | float | bool

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ]([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_BLANKS = " \t\r\n"
_EPOCH = date(1970, 1, 1).toordinal()
LONGEST = 10_000  # characters of a text; calculations that feed each other could double it without end
_DAY = 86_400
_PLAIN = 1e-6, 1e21  # between them the shortest decimals that mean the number; beyond, all its digits

_NAMES = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def truth(value: Value) -> bool:
    if isinstance(value, str):
        return value != ""
    return not math.isnan(value) and value != 0


def number(value: Value) -> float:
    """Not a number for what is none."""
    if not isinstance(value, str):
        return float(value)
    text = value.strip(_BLANKS)
    if _NUMBER.fullmatch(text):
        return float(text)
    return days(text)


def days(text: str) -> float:
    """Since 1970, of an ISO day, also with a time of day; an offset from UTC is passed over."""
    match = _MOMENT.fullmatch(text.strip(_BLANKS))
    if not match:
        return math.nan
    day, hour, minute, second = match.groups()
    try:
        whole = date.fromisoformat(day).toordinal() - _EPOCH
    except ValueError:
        return math.nan
    return whole + (int(hour or 0) * 3600 + int(minute or 0) * 60 + int(second or 0)) / _DAY


def moment(value: Value) -> datetime | None:
    """Of days since 1970 or an ISO text; without a zone, as it was written."""
    since = days(value) if isinstance(value, str) else math.nan
    since = number(value) if math.isnan(since) else since
    if not math.isfinite(since):
        return None
    seconds = math.floor(since * _DAY + 0.5)
    try:
        return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None


def text(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return _digits(value) if math.isfinite(value) else _NAMES[str(value)]


def _digits(value: float) -> str:
    if value == 0:
        return "0"
    smallest, largest = _PLAIN
    if abs(value) < smallest:
        return f"{value:.20f}".rstrip("0").rstrip(".")
    if abs(value) >= largest:
        return f"{value:.0f}"
    plain = format(Decimal(repr(float(value))), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def equal(left: Value, right: Value) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return truth(left) == truth(right)
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    return number(left) == number(right)
