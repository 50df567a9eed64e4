"""Places and countries."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from trainingapp import countries
from trainingapp.statistics import most_often
from trainingapp.surveys.expressions import Value
from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types.contract import (
    AnswerUnreadable,
    AnswerValue,
    Asked,
    Cells,
    FormValues,
    QuestionType,
    at_most,
    one_cell,
    plain,
)
from trainingapp.surveys.question_types.settings import Tick
from trainingapp.surveys.question_types.summaries import Counted, Line, Summary
from trainingapp.surveys.wording import folded, spoken

FURTHEST = {"lat": 90, "lon": 180}
DECIMALS = 5  # of a degree: about a metre
_DEGREES = re.compile(
    r"(?P<sign>[-+]?)(?P<deg>\d{1,3}(?:[.,]\d{1,15})?)\s*°?\s*"
    r"(?:(?P<min>\d{1,2}(?:[.,]\d{1,15})?)\s*['\u2032\u2019]\s*)?"
    r"(?:(?P<sec>\d{1,2}(?:[.,]\d{1,15})?)\s*(?:[\"\u2033\u201d]|'')\s*)?(?P<side>[nsewo]?)",
    re.ASCII,
)
_BETWEEN = re.compile(r"\s*;\s*|\s*,\s+|(?<=[nsewo])\s*,?\s*")
_SMALL = re.compile(r"-?\d(?:\.\d{1,15})?e-\d\d", re.ASCII)  # how Python writes 0.00001


class Place(QuestionType):
    """Its name, and where it lies if that is typed or her phone may tell.

    Options: coordinates, false for none.
    """

    kind = "place"
    settings = (Tick("coordinates", _l("Ask for coordinates too"), is_usual=True),)
    title = _l("Place")
    seconds = 15
    wants_script = True
    longest = 300

    def asks_coordinates(self, question: Question) -> bool:
        return question.options.get("coordinates") is not False

    def read(self, question: Question, form: FormValues, asked: Asked) -> list[AnswerValue]:
        name = self.name(question)
        text = at_most(plain(form.get(name, "")), self.longest, name)
        at = plain(form.get(self.part(question, "at"), "")) if self.asks_coordinates(question) else ""
        named = [AnswerValue(text=text)] if text else []
        if not at:
            return named
        found = coordinates(at)
        if found is None:
            raise AnswerUnreadable(
                _("“%(text)s” cannot be read as coordinates. Write them like -6.2088, 106.8456.", text=at),
                name,
            )
        return [*named, *(AnswerValue(number=found[item], item=item) for item in FURTHEST)]

    def prefill(self, question: Question, values: Sequence[AnswerValue]) -> dict[str, list[str]]:
        degrees = [f"{value.number:.{DECIMALS}f}" for value in values if value.number is not None]
        return {
            self.name(question): [value.text for value in values if value.text],
            self.part(question, "at"): [", ".join(degrees)] if degrees else [],
        }

    def columns(self, question: Question) -> list[str]:
        return ["", *FURTHEST] if self.asks_coordinates(question) else [""]

    def write(
        self, question: Question, values: Sequence[AnswerValue], language: str
    ) -> dict[str, str | float]:
        cells = {value.item: value.text if value.number is None else value.number for value in values}
        return {column: cell for column, cell in cells.items() if cell is not None}

    def typed(self, question: Question, cells: Cells, languages: Sequence[str]) -> FormValues:
        degrees = [plain(cells.get(item, "")) for item in FURTHEST]
        degrees = [f"{float(text):.{DECIMALS}f}" if _SMALL.fullmatch(text) else text for text in degrees]
        at = "; ".join(degrees) if any(degrees) else ""
        return MultiDict({self.name(question): cells.get("", ""), self.part(question, "at"): at})

    def value(self, question: Question, values: Sequence[AnswerValue]) -> Value:
        """Its name; without one, latitude and longitude."""
        degrees = " ".join(f"{value.number:g}" for value in values if value.number is not None)
        return next((value.text for value in values if value.text), degrees)

    def summary(self, question: Question, counted: Iterable[Counted], people: int, language: str) -> Summary:
        return Summary(people, place_lines(counted))


def place_lines(counted: Iterable[Counted]) -> list[Line]:
    """Most named first. Texts stand in `choice`; the same name in another case is the same place."""
    counts: Counter[str] = Counter()
    written: dict[str, str] = {}
    for one in counted:
        counts[folded(one.choice)] += one.count
        written.setdefault(folded(one.choice), one.choice)
    return [Line(name, written[name], count) for name, count in most_often(counts) if name]


def coordinates(text: str) -> dict[str, float] | None:
    """Latitude and longitude, of degrees in any usual notation; None when it is not two of them."""
    plain_text = folded(text).replace("\u2212", "-")
    parts = [part for part in _BETWEEN.split(plain_text) if part]
    if len(parts) == 1:
        parts = plain_text.split("," if plain_text.count(",") == 1 else None)
    found = [_degrees(part) for part in parts]
    if len(found) != len(FURTHEST) or None in found:
        return None
    sides = [part[-1] for part in parts]
    if sides[0] in "ewo" and sides[1] in "ns":
        found.reverse()
    degrees = dict(zip(FURTHEST, (value for value in found if value is not None), strict=True))
    return degrees if all(abs(value) <= FURTHEST[item] for item, value in degrees.items()) else None


def _degrees(text: str) -> float | None:
    found = _DEGREES.fullmatch(text.strip())
    if not found:
        return None
    whole, minutes, seconds = (
        float((found[part] or "0").replace(",", ".")) for part in ("deg", "min", "sec")
    )
    sign = -1 if found["sign"] == "-" or found["side"] in {"s", "w", "o"} else 1
    return round(sign * (whole + minutes / 60 + seconds / 3600), DECIMALS)


class Country(QuestionType):
    """By any of its names."""

    kind = "country"
    title = _l("Country")
    seconds = 6
    keeps_codes = True

    def read(self, question: Question, form: FormValues, asked: Asked) -> list[AnswerValue]:
        text = plain(form.get(self.name(question), ""))
        if not text:
            return []
        code = countries.find(text)
        if code is None:
            alike = ", ".join(map(countries.name_of, countries.suggestions(text)))
            raise AnswerUnreadable(
                _("We do not know a country “%(text)s”. Did you mean %(names)s?", text=text, names=alike)
                if alike
                else _("We do not know a country “%(text)s”. Write its usual name.", text=text),
                self.name(question),
            )
        return [AnswerValue(choice=code)]

    def prefill(self, question: Question, values: Sequence[AnswerValue]) -> dict[str, list[str]]:
        return {self.name(question): [_known_name(value.choice) for value in values]}

    def write(
        self, question: Question, values: Sequence[AnswerValue], language: str
    ) -> dict[str, str | float]:
        if not language:
            return one_cell(value.choice for value in values)
        with spoken(language):
            return one_cell(_known_name(value.choice) for value in values)

    def typed(self, question: Question, cells: Cells, languages: Sequence[str]) -> FormValues:
        return MultiDict({self.name(question): cells.get("", "")})

    def value(self, question: Question, values: Sequence[AnswerValue]) -> Value:
        return next((value.choice for value in values), "")

    def summary(self, question: Question, counted: Iterable[Counted], people: int, language: str) -> Summary:
        with spoken(language):
            lines = [Line(one.choice, countries.name_of(one.choice), one.count) for one in counted]
        return Summary(people, sorted(lines, key=lambda line: (-line.count, line.text)))


def _known_name(code: str) -> str:
    """In the reader's language; its code where that name would be read as another's."""
    name = countries.name_of(code)
    return name if countries.find(name) == code else code
