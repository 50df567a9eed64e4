"""Dates as people write them in spreadsheets."""

import calendar
import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Literal

from babel import Locale
from babel.dates import get_month_names
from flask_babel import get_locale
from flask_babel import gettext as _

from trainingapp.refusals import Refusal

YOUNGEST, OLDEST = 15, 100  # of a participant, in years
_EXCEL_BEGINS = date(1899, 12, 30)
_SERIAL = re.compile(r"\d{4,5}")
_SERIALS = range(5_000, 45_000)
_BUDDHIST = range(2440, 2600)  # Thailand and Laos count 543 years more
_ISO = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})(?:[T ]\d{1,2}:\d{2}.*)?")
_NUMBERS = re.compile(r"(\d{1,2})\s*([-/. ])\s*(\d{1,2})\s*[-/. ]\s*(\d{4}|\d{2})(?:[T ]+\d{1,2}:\d{2}.*)?")
_NAMED = (
    re.compile(
        r"(?P<day>\d{1,2})(?i:st|nd|rd|th|er)?[-/., ]*(?P<month>[^\W\d]+)[-/., ]*(?P<year>\d{4}|\d{2})"
    ),
    re.compile(r"(?P<month>[^\W\d]+)[-/., ]*(?P<day>\d{1,2})(?i:st|nd|rd|th)?[-/., ]+(?P<year>\d{4}|\d{2})"),
    re.compile(r"(?P<year>\d{4})[-/., ]*(?P<month>[^\W\d]+)[-/., ]*(?P<day>\d{1,2})"),
)
_LAST_MONTH = 12


class NoDate(Refusal):
    """The text is no date, or not one date."""


class UnclearDate(NoDate):
    """3/4/85: which is the day?"""


def day_first(texts: Iterable[str]) -> bool | None:
    """What the column's clear dates say about the others; None when they say nothing, or both."""
    said = set()
    for text in texts:
        found = _NUMBERS.fullmatch(text.strip())
        if found:
            first, second = int(found[1]), int(found[3])
            if first > _LAST_MONTH >= second:
                said.add(True)
            elif second > _LAST_MONTH >= first:
                said.add(False)
    return said.pop() if len(said) == 1 else None


def parse(text: str, *, is_day_first: bool | None, today: date) -> date:
    """Raises NoDate. `today` decides what a two-digit year means and who is too young."""
    plain = " ".join(text.split())
    if found := _ISO.fullmatch(plain):
        return _checked(int(found[1]), int(found[2]), int(found[3]), today)
    if found := _NUMBERS.fullmatch(plain):
        return _from_numbers(found, plain, is_day_first, today)
    for pattern in _NAMED:
        found = pattern.fullmatch(plain)
        month = _months().get(found["month"].casefold().rstrip(".")) if found else None
        if found and month:
            return _checked(_year(found["year"], today), month, int(found["day"]), today)
    if _SERIAL.fullmatch(plain) and int(plain) in _SERIALS:
        return _plausible(_EXCEL_BEGINS + timedelta(days=int(plain)), today)
    if re.fullmatch(r"\d{4}", plain):
        raise NoDate(
            _("Only the year %(year)s. Write the whole date like 28 Feb 1988, or leave it empty.", year=plain)
        )
    raise NoDate(_("We cannot read this as a date. Write it like 28 Feb 1988."))


def _from_numbers(found: re.Match[str], plain: str, is_day_first: bool | None, today: date) -> date:
    first, second, year = int(found[1]), int(found[3]), _year(found[4], today)
    if first > _LAST_MONTH or (first == second):
        return _checked(year, second, first, today)
    if second > _LAST_MONTH:
        return _checked(year, first, second, today)
    if is_day_first is None and found[2] == ".":  # dots go with the day first wherever they are used
        is_day_first = True
    if is_day_first is None:
        raise UnclearDate(
            _(
                "%(text)s may be %(one)s or %(other)s. Write the month as a word, like %(one)s.",
                text=plain,
                one=f"{first} {_month_name(second)} {year}",
                other=f"{second} {_month_name(first)} {year}",
            )
        )
    day, month = (first, second) if is_day_first else (second, first)
    return _checked(year, month, day, today)


def _year(text: str, today: date) -> int:
    """Two digits mean the year that makes the person old enough to take part."""
    year = int(text)
    if len(text) > 2:  # noqa: PLR2004
        return year - 543 if year in _BUDDHIST else year
    century = today.year // 100 * 100
    return century + year if century + year <= today.year - YOUNGEST else century - 100 + year


def _checked(year: int, month: int, day: int, today: date) -> date:
    year = year - 543 if year in _BUDDHIST else year
    if not 1 <= month <= _LAST_MONTH:
        raise NoDate(_("There is no month %(month)s. Write the date like 28 Feb 1988.", month=month))
    if not 1 <= year <= 9999:  # noqa: PLR2004
        raise NoDate(_("We cannot read this as a date. Write it like 28 Feb 1988."))
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        name = _month_name(month, "wide")
        if month == 2 and day == 29:  # noqa: PLR2004
            raise NoDate(_("%(year)s had no 29 February. Write it like 28 Feb 1988.", year=year))
        raise NoDate(_("%(day)s %(month)s does not exist. Write it like 28 Feb 1988.", day=day, month=name))
    return _plausible(date(year, month, day), today)


def _plausible(day: date, today: date) -> date:
    age = today.year - day.year
    if not YOUNGEST <= age <= OLDEST:
        raise NoDate(
            _("Born in %(year)s, this person would be %(age)s years old.", year=day.year, age=max(age, 0))
        )
    return day


def _month_name(month: int, width: Literal["abbreviated", "wide"] = "abbreviated") -> str:
    return str(get_month_names(width, locale=get_locale() or Locale("en"))[month])


@cache
def _months() -> dict[str, int]:
    """Month names and their usual short forms."""
    months: dict[str, int] = {"sept": 9, "agt": 8, "agu": 8, "ags": 8, "nop": 11, "pebruari": 2, "okt": 10}
    for language in ("en", "id", "fr", "es", "pt", "ru", "ar", "de"):
        for names in _spellings(Locale(language)):
            for number, name in names.items():
                months.setdefault(name.casefold().rstrip("."), number)
    return months


def _spellings(locale: Locale) -> list[Mapping[int, str]]:
    return [
        get_month_names("wide", "format", locale),
        get_month_names("wide", "stand-alone", locale),
        get_month_names("abbreviated", "format", locale),
        get_month_names("abbreviated", "stand-alone", locale),
    ]
