"""A calendar day as people write it, in words or in figures. Never guessed: 3/4/2026 is asked about."""

import re
from datetime import date
from functools import cache

from babel import Locale
from flask_babel import gettext as _

from trainingapp import dates
from trainingapp.refusals import Refusal

EARLIEST, LATEST = 2000, 2100
YEAR_DIGITS = 4
MONTHS = 12
BUDDHIST = 543
LOCALES = ("en", "id", "fr", "fa_AF")
ORDINALS = frozenset({"st", "nd", "rd", "th", "er", "of"})


class UnreadableDay(Refusal):
    """No such day, or more than one."""


def read(text: str, earliest: int = EARLIEST, latest: int = LATEST) -> date | None:
    """None when nothing is written. Raises UnreadableDay with a sentence that says how to write it."""
    if not text.strip():
        return None
    words = [word.casefold() for word in re.findall(r"\d+|[^\d\s.,/\-]+", text)]
    words = [word for word in words if word not in ORDINALS]
    named = [months()[word] for word in words if word in months()]
    numbers = [word for word in words if word.isdecimal()]
    is_none = any(len(number) > YEAR_DIGITS or not int(number) for number in numbers)
    if len(named) + len(numbers) != len(words) or len(words) != 3 or len(named) > 1 or is_none:  # noqa: PLR2004 - day, month, year
        raise UnreadableDay(
            _("“%(text)s” is not a date we understand. Write it like 28 Feb 2026.", text=text)
        )
    year, month, day = _in_order(numbers, named, text)
    try:
        year = civil(year, earliest, latest)
    except ValueError:
        raise UnreadableDay(
            _("The year %(year)s cannot be right. Write it like 28 Feb 2026.", year=year)
        ) from None
    try:
        return date(year, month, day)
    except ValueError:
        raise UnreadableDay(
            _("“%(text)s”: there is no such day in the calendar. Write it like 28 Feb 2026.", text=text)
        ) from None


def civil(year: int, earliest: int, latest: int) -> int:
    """Raises ValueError for a year out of range; Thailand and Laos count 543 more."""
    for meant in (year, year - BUDDHIST):
        if earliest <= meant <= latest:
            return meant
    raise ValueError(year)


def write(day: date | None) -> str:
    """As the reader's language writes it, so that `read` understands it again."""
    return dates.day(day)


def _in_order(numbers: list[str], named: list[int], text: str) -> tuple[int, int, int]:
    """Year, month, day."""
    years = [number for number in numbers if len(number) == YEAR_DIGITS]
    rest = [int(number) for number in numbers if len(number) != YEAR_DIGITS]
    if len(years) != 1:
        raise UnreadableDay(_("“%(text)s”: write the year with four digits, like 28 Feb 2026.", text=text))
    year = int(years[0])
    if named:
        return year, named[0], rest[0]
    first, second = rest
    if numbers[0] == years[0]:
        return year, first, second
    if first > MONTHS or first == second:
        return year, second, first
    if second > MONTHS:
        return year, first, second
    one, other = (dates.day(date(year, m, d)) for d, m in ((first, second), (second, first)))
    raise UnreadableDay(
        _(
            "“%(text)s” may be %(one)s or %(other)s. Write the month as a word.",
            text=text,
            one=one,
            other=other,
        )
    )


@cache
def months() -> dict[str, int]:
    """As they are written in the languages of our pages."""
    return {
        name.casefold().rstrip("."): number
        for locale in LOCALES
        for form in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for number, name in Locale.parse(locale).months[form][width].items()
    }
