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
_NUMBERS = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.]\d{2,4}")
_LAST_MONTH = 12
_ZONE = re.compile(
    r"\b(?:GMT|UTC)([+-])(\d{1,2})(?::?(\d{2}))?\b"
)  # Google's "GMT+7": POSIX means the opposite
_DOTTED = re.compile(r"(?<=[\s,])\d{1,2}\.\d{2}(?:\.\d{2})?\b(?!\.)")  # "8.05.03", as in Indonesia
_WORD = re.compile(r"[^\W\d_]{3,}")
_ANY = datetime(1900, 1, 1, tzinfo=UTC)


class NoMoment(Refusal):
    """The text is no moment, or could be two."""


def read(text: str, *, day_first: bool | None) -> datetime:
    """In UTC; without a zone it is taken as UTC, since only the day is shown. Raises NoMoment."""
    found = _NUMBERS.match(text)
    if (
        found
        and day_first is None
        and max(int(found[1]), int(found[2])) <= _LAST_MONTH
        and found[1] != found[2]
    ):
        raise NoMoment(_("Which is the day in %(text)s? Write true or false into “day_first”.", text=text))
    plain = _ZONE.sub(lambda zone: f"{zone[1]}{int(zone[2]):02d}:{zone[3] or '00'}", text)
    plain = _DOTTED.sub(lambda clock: clock[0].replace(".", ":"), plain)
    plain = _WORD.sub(lambda word: _english_month(word[0]) or word[0], plain)
    is_day_first = bool(day_first) and not _ISO.match(text)
    try:
        moment = parser.parse(plain, dayfirst=is_day_first, default=_ANY)
    except (ValueError, OverflowError) as odd:
        raise NoMoment(_("%(text)s cannot be read as a day.", text=text)) from odd
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment.year < 1990:  # noqa: PLR2004 - before there were web forms
        raise NoMoment(_("%(text)s cannot be read as a day.", text=text))
    return moment.astimezone(UTC)


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


def are_two(texts: Iterable[str]) -> bool:
    """Whether one of these is another day where the month stands first."""
    for text in filter(is_one, texts):
        try:
            read(text, day_first=None)
        except NoMoment:
            return True
    return False


def day_first(texts: Sequence[str]) -> bool | None:
    """What the days themselves say; else whichever order has the rows one after the other, as they came."""
    said = dates.day_first(re.split(r"[ T]", text)[0] for text in texts)
    if said is not None or not are_two(texts):
        return said
    in_order = [first for first in (True, False) if _is_in_order(texts, first)]
    return in_order[0] if len(in_order) == 1 else None


def _is_in_order(texts: Sequence[str], day_first: bool) -> bool:
    found = [read(text, day_first=day_first) for text in texts if is_one(text)]
    return all(one <= other for one, other in pairwise(found))
