"""When somebody answered, as form services write it."""

import re
from calendar import month_abbr
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise

from dateutil import parser
from flask_babel import gettext as _

from trainingapp.imports import dates
from trainingapp.plans import days
from trainingapp.refusals import Refusal

_ISO = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}")
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2\d{2,4}")
_LAST_MONTH = 12
_FAR_SHORTER, _ENOUGH_DAYS = 5, 3
_ZONE = re.compile(
    r"\b(?:GMT|UTC)([+-])(\d{1,2})(?::?(\d{2}))?\b"
)  # Google's "GMT+7": POSIX means the opposite
_DOTTED = re.compile(r"(?<=[\s,])\d{1,2}\.\d{2}(?:\.\d{2})?\b(?!\.)")  # "8.05.03", as in Indonesia
_WITH_CLOCK = re.compile(r"(?<=[\sT])\d{1,2}[:.]\d{2}|^\d{1,2}:\d{2}")
_BUDDHIST = re.compile(r"(?<![\d:.])(?:24[4-9]|25\d)\d(?!\d)")  # Thailand and Laos count 543 years more
_WORD = re.compile(r"[^\W\d_]{3,}")
_ANY = datetime(1900, 1, 1, tzinfo=UTC)


class NoMoment(Refusal):
    """The text is no moment, or could be two."""


def read(text: str, *, day_first: bool | None) -> datetime:
    """In UTC; without a zone it is taken as UTC, since only the day is shown. Raises NoMoment."""
    plain = _DOTTED.sub(lambda clock: clock[0].replace(".", ":"), text)
    found = _NUMBERS.search(plain)
    if found and found[2] == "." and day_first is None:
        day_first = True  # wherever days are written with dots
    if (
        found
        and day_first is None
        and max(int(found[1]), int(found[3])) <= _LAST_MONTH
        and int(found[1]) != int(found[3])
    ):
        raise NoMoment(_("Which is the day in %(text)s? Write true or false into “day_first”.", text=text))
    plain = _ZONE.sub(lambda zone: f"{zone[1]}{int(zone[2]):02d}:{zone[3] or '00'}", plain)
    plain = _WORD.sub(lambda word: _english_month(word[0]) or word[0], plain)
    plain = _BUDDHIST.sub(lambda year: str(int(year[0]) - 543), plain)
    is_day_first = bool(day_first) and not _ISO.match(text)
    try:
        moment = parser.parse(plain, dayfirst=is_day_first, default=_ANY, tzinfos=_offset)
    except (ValueError, OverflowError) as odd:
        raise NoMoment(_("%(text)s cannot be read as a day.", text=text)) from odd
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment.year < 1990:  # noqa: PLR2004 - before there were web forms
        raise NoMoment(_("%(text)s cannot be read as a day.", text=text))
    return moment.astimezone(UTC)


def _offset(_name: str | None, seconds: int | None) -> int | None:
    """Of a zone written as hours; letters such as EST are several zones, and never this machine's."""
    return seconds


def _english_month(word: str) -> str:
    """Empty for a word that is no month in any of our languages."""
    return month_abbr[days.months().get(word.casefold(), 0)]


def is_one(text: str) -> bool:
    """Whichever the order of day and month."""
    try:
        read(text, day_first=True)
    except NoMoment:
        return False
    return True


def are_stamps(texts: Sequence[str]) -> bool:
    """Whether all are a day with an hour, as a form service notes it."""
    return bool(texts) and all(_WITH_CLOCK.search(text) and is_one(text) for text in texts)


def is_day(text: str) -> bool:
    """In numbers alone, without an hour."""
    return bool(_ISO.fullmatch(text) or _NUMBERS.fullmatch(text)) and is_one(text)


def are_two(texts: Iterable[str]) -> bool:
    """Whether one of these is another day where the month stands first."""
    for text in filter(is_one, texts):
        try:
            read(text, day_first=None)
        except NoMoment:
            return True
    return False


def clear_order(texts: Iterable[str]) -> bool | None:
    """What days after the twelfth say of the others."""
    numbers = (_NUMBERS.search(_DOTTED.sub("", text)) for text in texts)
    return dates.day_first(found[0] for found in numbers if found)


def day_first(texts: Sequence[str]) -> bool | None:
    """What the days themselves say; else whichever order has the rows one after the other, as they came, or
    all of them within a far shorter time: people answer a form in weeks, not on one day of each month.
    """
    said = clear_order(texts)
    if said is not None or not are_two(texts):
        return said
    found = {
        first: [read(text, day_first=first) for text in texts if is_one(text)] for first in (True, False)
    }
    in_order = [first for first, read_so in found.items() if all(a <= b for a, b in pairwise(read_so))]
    if len(in_order) == 1:
        return in_order[0]
    if len({moment.date() for moment in found[True]}) < _ENOUGH_DAYS:
        return None
    spans = {first: max(read_so) - min(read_so) for first, read_so in found.items()}
    shorter = min(spans, key=lambda first: spans[first])
    return shorter if _FAR_SHORTER * spans[shorter] < spans[not shorter] else None
