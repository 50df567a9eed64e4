"""Putting things in order."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from trainingapp.surveys.expressions import Value
from trainingapp.surveys.models import Question
from trainingapp.surveys.numerals import read_number
from trainingapp.surveys.question_types.choices import CHOICES, Choice, check_listed, texts_of
from trainingapp.surveys.question_types.contract import (
    AnswerUnreadable,
    AnswerValue,
    Asked,
    Cells,
    FormValues,
    Option,
    OptionsUnfit,
    plain,
)
from trainingapp.surveys.question_types.summaries import Counted, Line, Row, Spread, Summary


class Ranking(Choice):
    """Options: choices. Each gets a place of its own, 1 for the first."""

    kind = "ranking"
    settings = (CHOICES,)
    title = _l("Ranking")
    seconds = 25

    def options(self, question: Question, asked: Asked) -> list[Option]:
        return texts_of(question.options["choices"], asked.language)

    def read(self, question: Question, form: FormValues, asked: Asked) -> list[AnswerValue]:
        """The first place first. All are ranked, or none."""
        name, options = self.name(question), self.options(question, asked)
        written = {one: plain(form.get(self.part(question, one.value), "")) for one in options}
        if not any(written.values()):
            return []
        places: dict[int, Option] = {}
        for option, text in written.items():
            place = _place(text)
            if place not in range(1, len(options) + 1):
                raise AnswerUnreadable(
                    _(
                        "Give “%(what)s” a place from 1 to %(last)s, 1 for the first.",
                        what=option.text,
                        last=len(options),
                    ),
                    name,
                )
            if place in places:
                raise AnswerUnreadable(
                    _(
                        "“%(one)s” and “%(other)s” are both in place %(place)s. Give each its own.",
                        one=places[place].text,
                        other=option.text,
                        place=place,
                    ),
                    name,
                )
            places[place] = option
        return [AnswerValue(choice=places[place].value, number=float(place)) for place in sorted(places)]

    def prefill(self, question: Question, values: Sequence[AnswerValue]) -> dict[str, list[str]]:
        return {self.part(question, value.choice): [f"{value.number or 0:.0f}"] for value in values}

    def columns(self, question: Question) -> list[str]:
        return [option.value for option in self.options(question, Asked("en"))]

    def write(
        self, question: Question, values: Sequence[AnswerValue], language: str
    ) -> dict[str, str | float]:
        return {value.choice: value.number for value in values if value.number is not None}

    def typed(self, question: Question, cells: Cells, languages: Sequence[str]) -> FormValues:
        return MultiDict(
            {self.part(question, column): cells.get(column, "") for column in self.columns(question)}
        )

    def value(self, question: Question, values: Sequence[AnswerValue]) -> Value:
        return " ".join(value.choice for value in values)

    def summary(self, question: Question, counted: Iterable[Counted], people: int, language: str) -> Summary:
        """A row an option, the one that stands first on average first; its lines are the places."""
        by_choice: dict[str, list[Counted]] = defaultdict(list)
        for one in counted:
            by_choice[one.choice].append(one)
        options = self.options(question, Asked(language))
        rows = [_row(option, by_choice[option.value], len(options)) for option in options]
        return Summary(people, rows=sorted(rows, key=lambda row: row.mean or len(options) + 1))

    def check_options(self, options: Mapping[str, Any]) -> None:
        check_listed(options.get("choices"), "choices")
        if len(options["choices"]) < 2:  # noqa: PLR2004
            raise OptionsUnfit(_("There is nothing to put in order. Write at least two choices."), "choices")


def _place(text: str) -> int:
    try:
        return int(read_number(text, 0))
    except ValueError:
        return 0


def _row(option: Option, counted: Sequence[Counted], places: int) -> Row:
    counts = dict.fromkeys(range(1, places + 1), 0)
    for one in counted:
        if one.number in counts:
            counts[int(one.number)] += one.count
    lines = [Line(str(place), str(place), count) for place, count in counts.items()]
    return Row(option.value, option.text, sum(counts.values()), lines, Spread(counted).mean)
