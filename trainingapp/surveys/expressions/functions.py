"""What an expression can call. The same names are in `static/when.js` and `static/when-rare.js`."""

import math
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any

import re2

from trainingapp.surveys.expressions.values import Value, days, moment, number, text, truth

_MOST_MEMORY = 2 * 1024 * 1024
_OPTIONS = re2.Options()
_OPTIONS.max_mem = _MOST_MEMORY
_OPTIONS.log_errors = False
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_MOST_DECIMALS = 15
MANY = 1000


@dataclass(frozen=True)
class Function:
    least: int
    most: int
    of: Callable[..., Value]


@lru_cache(maxsize=512)
def pattern(written: str) -> Any:
    """Raises re2.error when it cannot be read; in RE2 no text takes long to match."""
    return re2.compile(written, _OPTIONS)


def _regex(value: Value, written: Value) -> bool:
    try:
        return pattern(text(written)).fullmatch(text(value)) is not None
    except (re2.error, UnicodeError):
        return False


def words(value: Value) -> list[str]:
    return re.findall(r"[^ \t\r\n]+", text(value))


def _selected(value: Value, wanted: Value) -> bool:
    """As JavaRosa: `selected(., '')` is true of an unanswered question only."""
    return f" {text(wanted).strip(' ')} " in f" {text(value).strip(' ')} "


def _floor(value: float) -> float:
    return float(math.floor(value)) if math.isfinite(value) else value


def _round(value: Value, places: Value = 0.0) -> float:
    """Halves go up. Negative places round to tens and hundreds."""
    wanted = number(places)
    shift = int(max(-_MOST_DECIMALS, min(_MOST_DECIMALS, wanted))) if math.isfinite(wanted) else 0
    power = float(10 ** abs(shift))
    scaled = number(value) * power if shift >= 0 else number(value) / power
    whole = _floor(scaled + 0.5)
    return whole / power if shift >= 0 else whole * power


def _number_of(function: Callable[..., float]) -> Callable[..., float]:
    """Not a number where mathematics has none."""

    def guarded(*values: Value) -> float:
        try:
            found = float(function(*map(number, values)))
        except (ValueError, OverflowError):
            return math.nan
        return found if math.isfinite(found) else math.nan

    return guarded


def total(numbers: Iterable[float]) -> float:
    """One after the other, as a browser adds; sum() of newer Pythons compensates."""
    return reduce(operator.add, numbers, 0.0)


def _answered(values: Sequence[Value]) -> list[float]:
    """Each may be several, separated by spaces, as the choices of a question are."""
    return [number(word) for value in values for word in words(value)]


def _extreme(choose: Callable[[list[float]], float]) -> Callable[..., float]:
    def extreme(*values: Value) -> float:
        numbers = _answered(values)
        return math.nan if not numbers or any(map(math.isnan, numbers)) else choose(numbers)

    return extreme


def _substr(value: Value, start: Value, end: Value = math.inf) -> str:
    whole = text(value)
    return whole[_place(start, len(whole)) : max(0, _place(end, len(whole)))]


def _place(value: Value, length: int) -> int:
    """From 0; a negative one counts from the end."""
    wanted = number(value)
    if math.isnan(wanted):
        return 0
    wanted = wanted + length if wanted < 0 else wanted
    return int(max(0, min(length, wanted)))


def _between(value: Value, sign: Value, side: int) -> str:
    before, found, after = text(value).partition(text(sign)) if text(sign) else ("", "x", text(value))
    return (before, after)[side] if found else ""


def _translate(value: Value, old: Value, new: Value) -> str:
    table: dict[str, str] = {}
    to = text(new)
    for at, sign in enumerate(text(old)):
        table.setdefault(sign, to[at] if at < len(to) else "")
    return "".join(table.get(sign, sign) for sign in text(value))


def _selected_at(value: Value, at: Value) -> str:
    chosen, place = words(value), number(at)
    return chosen[int(place)] if 0 <= place < len(chosen) else ""


def _date(value: Value) -> str:
    found = moment(value)
    return found.date().isoformat() if found else ""


def _date_time(value: Value) -> str:
    found = moment(value)
    return found.isoformat(timespec="seconds") if found else ""


def _format(value: Value, wanted: Value) -> str:
    found = moment(value)
    if not found:
        return ""
    signs = {
        "Y": f"{found.year:04}",
        "y": f"{found.year % 100:02}",
        "m": f"{found.month:02}",
        "n": str(found.month),
        "b": _MONTHS[found.month - 1],
        "d": f"{found.day:02}",
        "e": str(found.day),
        "a": _WEEKDAYS[found.weekday()],
        "H": f"{found.hour:02}",
        "h": str(found.hour),
        "M": f"{found.minute:02}",
        "S": f"{found.second:02}",
        "3": "000",
    }
    return re.sub("%(.)", lambda sign: signs.get(sign.group(1), sign.group(1)), text(wanted))


def _time_of_day(value: Value) -> float:
    """As a part of a day, of "13:30" or of a moment."""
    clock = days(f"1970-01-01T{text(value)}")
    since = number(value) if math.isnan(clock) else clock
    return since - _floor(since)


def _join(sign: Value, *values: Value) -> str:
    return text(sign).join(map(text, values))


_USUAL: dict[str, Function] = {
    "true": Function(0, 0, lambda: True),
    "false": Function(0, 0, lambda: False),
    "not": Function(1, 1, lambda value: not truth(value)),
    "boolean": Function(1, 1, truth),
    "number": Function(1, 1, number),
    "string": Function(1, 1, text),
    "int": Function(1, 1, _number_of(math.trunc)),
    "round": Function(1, 2, _round),
    "min": Function(1, MANY, _extreme(min)),
    "max": Function(1, MANY, _extreme(max)),
    "sum": Function(1, MANY, lambda *values: total(_answered(values))),
    "selected": Function(2, 2, _selected),
    "count-selected": Function(1, 1, lambda value: float(len(words(value)))),
    "coalesce": Function(1, MANY, lambda *values: next((v for v in values if text(v) != ""), "")),
    "concat": Function(0, MANY, lambda *values: "".join(map(text, values))),
    "string-length": Function(1, 1, lambda value: float(len(text(value)))),
    "regex": Function(2, 2, _regex),
}
# A page loads static/when-rare.js only where it calls one of these.
RARE: dict[str, Function] = {
    "boolean-from-string": Function(1, 1, lambda value: text(value).lower() in {"true", "1"}),
    "floor": Function(1, 1, lambda value: _floor(number(value))),
    "ceiling": Function(1, 1, lambda value: -_floor(-number(value))),
    "abs": Function(1, 1, _number_of(abs)),
    "pow": Function(2, 2, _number_of(math.pow)),
    "sqrt": Function(1, 1, _number_of(math.sqrt)),
    "exp": Function(1, 1, _number_of(math.exp)),
    "log": Function(1, 1, _number_of(math.log)),
    "log10": Function(1, 1, _number_of(math.log10)),
    "sin": Function(1, 1, _number_of(math.sin)),
    "cos": Function(1, 1, _number_of(math.cos)),
    "tan": Function(1, 1, _number_of(math.tan)),
    "asin": Function(1, 1, _number_of(math.asin)),
    "acos": Function(1, 1, _number_of(math.acos)),
    "atan": Function(1, 1, _number_of(math.atan)),
    "atan2": Function(2, 2, _number_of(math.atan2)),
    "pi": Function(0, 0, lambda: math.pi),
    "count-non-empty": Function(1, MANY, lambda *values: float(sum(text(value) != "" for value in values))),
    "selected-at": Function(2, 2, _selected_at),
    "join": Function(1, MANY, _join),
    "substr": Function(2, 3, _substr),
    "substring-before": Function(2, 2, lambda value, sign: _between(value, sign, 0)),
    "substring-after": Function(2, 2, lambda value, sign: _between(value, sign, 1)),
    "contains": Function(2, 2, lambda value, part: text(part) in text(value)),
    "starts-with": Function(2, 2, lambda value, part: text(value).startswith(text(part))),
    "ends-with": Function(2, 2, lambda value, part: text(value).endswith(text(part))),
    "normalize-space": Function(1, 1, lambda value: " ".join(words(value))),
    "translate": Function(3, 3, _translate),
    "date": Function(1, 1, _date),
    "date-time": Function(1, 1, _date_time),
    "format-date": Function(2, 2, _format),
    "format-date-time": Function(2, 2, _format),
    "decimal-date-time": Function(1, 1, number),
    "decimal-time": Function(1, 1, _time_of_day),
}
FUNCTIONS = _USUAL | RARE
