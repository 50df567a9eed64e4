"""Days, times, months and years."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from trainingapp import dates
from trainingapp.plans import days
from trainingapp.surveys.expressions import Value
from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types.contract import (
    AnswerUnreadable,
    AnswerValue,
    Asked,
    Cells,
    FormValues,
    OptionsUnfit,
    QuestionType,
    one_cell,
    plain,
)
from trainingapp.surveys.question_types.settings import Pick, Text
from trainingapp.surveys.question_types.summaries import Counted, Spread, Summary
from trainingapp.surveys.wording import folded, spoken

FIRST_YEAR, LAST_YEAR = 1900, 2100
LONGEST = 60
MINUTES = 24 * 60
_TIME = re.compile(r"(\d{1,2})(?:\s*[:.h]\s*(\d{2})|\s*h)?(?::\d{2})?(?:\.0*)?\s*(am|pm|a\.m\.|p\.m\.)?")
_WITH_TIME = re.compile(r"(.*\S)[\st,]+(\d{1,2}\s*[:.h]\s*\d{2}.*|\d{1,2}\s*[ap]\.?m\.?)")
_NO_TIME = re.compile(r"[t ]+00:00(:00)?(\.0*)?$")  # how a spreadsheet writes a day


class Moment(QuestionType):
    """Options: form ("date", "time", "datetime", "month" or "year"), min and max as ISO writes them."""

    kind = "date"
    settings = (
        Pick(
            "form",
            _l("What is asked"),
            among=(
                ("date", _l("A day")),
                ("month", _l("A month")),
                ("year", _l("A year")),
                ("time", _l("A time of day")),
                ("datetime", _l("A day and a time")),
            ),
        ),
        Text("min", _l("Not before"), _l("Like 2026-01-31, as far as it is asked.")),
        Text("max", _l("Not after")),
    )
    title = _l("Date")
    seconds = 12
    inputs: Mapping[str, str] = {"datetime": "datetime-local", "year": "text"}

    def form_of(self, question: Question) -> str:
        return str(question.options.get("form") or "date")

    def input(self, question: Question) -> str:
        """The type of its field. A browser without such a field takes text, and we read that too."""
        form = self.form_of(question)
        return self.inputs.get(form, form)

    def read(self, question: Question, form: FormValues, asked: Asked) -> list[AnswerValue]:
        name = self.name(question)
        text = plain(form.get(name, ""))[:LONGEST]
        if not text:
            return []
        wanted = self.form_of(question)
        try:
            found = _READ[wanted](folded(text))
        except days.UnreadableDay as problem:
            raise AnswerUnreadable(str(problem), name) from problem
        except ValueError as problem:
            raise AnswerUnreadable(_unread(wanted, text), name) from problem
        iso = _WRITE[wanted](found)
        least, most = question.options.get("min"), question.options.get("max")
        if least and iso < least:
            raise AnswerUnreadable(_("Write %(least)s or later.", least=least), name)
        if most and iso > most:
            raise AnswerUnreadable(_("Write %(most)s or earlier.", most=most), name)
        return [AnswerValue(number=_number(found), text=iso)]

    def prefill(self, question: Question, values: Sequence[AnswerValue]) -> dict[str, list[str]]:
        return {self.name(question): [value.text or "" for value in values]}

    def write(
        self, question: Question, values: Sequence[AnswerValue], language: str
    ) -> dict[str, str | float]:
        return one_cell(value.text for value in values)

    def spoken(self, question: Question, values: Sequence[AnswerValue], language: str) -> str:
        if self.form_of(question) != "date":
            return super().spoken(question, values, language)
        with spoken(language):
            return ", ".join(dates.day(date.fromisoformat(value.text)) for value in values if value.text)

    def typed(self, question: Question, cells: Cells, languages: Sequence[str]) -> FormValues:
        return MultiDict({self.name(question): cells.get("", "")})

    def value(self, question: Question, values: Sequence[AnswerValue]) -> Value:
        return next((value.text for value in values if value.text), "")

    def summary(self, question: Question, counted: Iterable[Counted], people: int, language: str) -> Summary:
        return Summary(people, median=Spread(counted).median)

    def check_options(self, options: Mapping[str, Any]) -> None:
        form = options.get("form") or "date"
        if not isinstance(form, str) or form not in _READ:
            raise OptionsUnfit(
                _("Choose what is asked for: a date, a time, both, a month or a year."), "form"
            )
        for end in ("min", "max"):
            if options.get(end) and not _is_iso(form, options[end]):
                raise OptionsUnfit(_unread(form, str(options[end])), end)


def _is_iso(form: str, text: object) -> bool:
    try:
        return isinstance(text, str) and _WRITE[form](_READ[form](text)) == text
    except (ValueError, days.UnreadableDay):
        return False


def _unread(form: str, text: str) -> str:
    return {
        "date": _("“%(text)s” is not a date we understand. Write it like 28 Feb 2026.", text=text),
        "time": _("“%(text)s” is not a time we understand. Write it like 14:30.", text=text),
        "datetime": _("“%(text)s”: write the day and the time, like 28 Feb 2026, 14:30.", text=text),
        "month": _("“%(text)s” is not a month we understand. Write it like Feb 2026.", text=text),
        "year": _("“%(text)s” is not a year. Write four figures, like 2026.", text=text),
    }[form]


def _day(text: str) -> datetime:
    found = days.read(_NO_TIME.sub("", text), FIRST_YEAR, LAST_YEAR)
    if found is None:
        raise ValueError(text)
    return datetime.combine(found, time.min)


def _minute(text: str) -> datetime:
    """Of a day that means nothing."""
    found = _TIME.fullmatch(text)
    if not found or text == found[1]:
        raise ValueError(text)
    hour, half = int(found[1]), (found[3] or "").replace(".", "")
    if half and hour not in range(1, 13):
        raise ValueError(text)
    hour = hour % 12 + (12 if half == "pm" else 0) if half else hour
    return datetime.combine(date.min, time(hour, int(found[2] or 0)))


def _both(text: str) -> datetime:
    found = _WITH_TIME.fullmatch(text)
    if not found:
        raise ValueError(text)
    return datetime.combine(_day(found[1]), _minute(found[2]).time())


def _month(text: str) -> datetime:
    parts = re.findall(r"\d+|[^\d\s.,/\-]+", text)
    years = [part for part in parts if len(part) == days.YEAR_DIGITS and part.isdecimal()]
    rest = [part for part in parts if part not in years]
    if len(years) != 1 or len(rest) != 1:
        raise ValueError(text)
    month = days.months().get(rest[0]) or int(rest[0])
    return _year(years[0]).replace(month=month)


def _year(text: str) -> datetime:
    if not re.fullmatch(r"\d{4}", text):
        raise ValueError(text)
    return datetime(days.civil(int(text), FIRST_YEAR, LAST_YEAR), 1, 1)  # noqa: DTZ001 - a year has no zone


def _number(found: datetime) -> float:
    """Days since the first of the first year, the hour as a part of one."""
    return found.toordinal() * (found.year > 1) + (found.hour * 60 + found.minute) / MINUTES


_READ: dict[str, Callable[[str], datetime]] = {
    "date": _day,
    "time": _minute,
    "datetime": _both,
    "month": _month,
    "year": _year,
}
_WRITE: dict[str, Callable[[datetime], str]] = {
    "date": lambda found: found.date().isoformat(),
    "time": lambda found: f"{found:%H:%M}",
    "datetime": lambda found: found.isoformat(timespec="minutes"),
    "month": lambda found: found.date().isoformat()[:7],
    "year": lambda found: f"{found.year:04}",
}
