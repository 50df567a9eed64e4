"""Numbers with their unit."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from trainingapp.surveys.expressions import Value
from trainingapp.surveys.models import Question
from trainingapp.surveys.numerals import number_text, read_number
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
from trainingapp.surveys.question_types.settings import Figure, Words
from trainingapp.surveys.question_types.summaries import Counted, Spread, Summary
from trainingapp.surveys.wording import text_in

LEAST, MOST = 0, 10**12
FARTHEST = 10**15  # beyond it a float no longer holds every whole number with certainty
MOST_DECIMALS = 6
_FLOAT = re.compile(r"-?\d{1,16}(\.\d+)?(e-?\d{1,2})?", re.ASCII)


class Number(QuestionType):
    """Options: unit (language -> text), min, max, decimals."""

    kind = "number"
    settings = (
        Words("unit", _l("Unit"), _l("For example: firms, people, USD.")),
        Figure("min", _l("Smallest number")),
        Figure("max", _l("Largest number")),
        Figure("decimals", _l("Decimals")),
    )
    title = _l("Number")
    seconds = 8

    def unit(self, question: Question, language: str) -> str:
        return text_in(question.options.get("unit") or {}, language)

    def read(self, question: Question, form: FormValues, asked: Asked) -> list[AnswerValue]:
        name = self.name(question)
        text = plain(form.get(name, ""))
        if not text:
            return []
        try:
            number = read_number(text, question.options.get("decimals", 0))
        except ValueError as problem:
            raise AnswerUnreadable(
                _("%(text)s cannot be read as a number. Write it with digits only, like 1200.", text=text),
                name,
            ) from problem
        least, most = question.options.get("min", LEAST), question.options.get("max", MOST)
        if not least <= number <= most:
            raise AnswerUnreadable(
                _("Write a number from %(least)s to %(most)s.", least=least, most=most), name
            )
        return [AnswerValue(number=number)]

    def prefill(self, question: Question, values: Sequence[AnswerValue]) -> dict[str, list[str]]:
        return {
            self.name(question): [number_text(value.number) for value in values if value.number is not None]
        }

    def write(
        self,
        question: Question,
        values: Sequence[AnswerValue],
        language: str,
    ) -> dict[str, str | float]:
        return one_cell(value.number for value in values)

    def typed(self, question: Question, cells: Cells, languages: Sequence[str]) -> FormValues:
        """A spreadsheet says 1.234 for a number; where three decimals are asked for it means no thousands."""
        text = plain(cells.get("", ""))
        if question.options.get("decimals", 0) > 2 and _FLOAT.fullmatch(text):  # noqa: PLR2004
            text = number_text(float(text))
        return MultiDict({self.name(question): text})

    def value(self, question: Question, values: Sequence[AnswerValue]) -> Value:
        return next((value.number for value in values if value.number is not None), "")

    def summary(self, question: Question, counted: Iterable[Counted], people: int, language: str) -> Summary:
        spread = Spread(counted)
        return Summary(
            people,
            mean=spread.mean,
            median=spread.median,
            total=spread.total,
            unit=self.unit(question, language),
        )

    def check_options(self, options: Mapping[str, Any]) -> None:
        least, most = options.get("min", LEAST), options.get("max", MOST)
        if not (is_number(least) and is_number(most) and -FARTHEST < least <= most < FARTHEST):
            raise OptionsUnfit(_("The smallest number asked for must not be above the largest."), "min")
        if options.get("decimals", 0) not in range(MOST_DECIMALS + 1):
            raise OptionsUnfit(
                _("Write how many decimals: from 0 to %(most)s.", most=MOST_DECIMALS), "decimals"
            )


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
