"""What is told or worked out, and never typed."""

import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import ClassVar

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from trainingapp.surveys import expressions
from trainingapp.surveys.expressions import Value
from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types.contract import (
    AnswerValue,
    Asked,
    Cells,
    FormValues,
    QuestionType,
    at_most,
    one_cell,
    plain,
)
from trainingapp.surveys.question_types.summaries import Counted, Spread, Summary


class Note(QuestionType):
    """A text to read. Its wording is all there is."""

    kind = "note"
    title = _l("Text to read")
    seconds = 5
    takes_answer = False

    def read(self, question: Question, form: FormValues, asked: Asked) -> list[AnswerValue]:
        return []

    def prefill(self, question: Question, values: Sequence[AnswerValue]) -> dict[str, list[str]]:
        return {}

    def columns(self, question: Question) -> list[str]:
        return []

    def write(
        self, question: Question, values: Sequence[AnswerValue], language: str
    ) -> dict[str, str | float]:
        return {}

    def typed(self, question: Question, cells: Cells, languages: Sequence[str]) -> FormValues:
        return MultiDict()

    def value(self, question: Question, values: Sequence[AnswerValue]) -> Value:
        return ""

    def summary(self, question: Question, counted: Iterable[Counted], people: int, language: str) -> Summary:
        return Summary(people)


class Computed(Note):
    """Follows from other answers by the question's calculation, and is stored with them."""

    kind = "computed"
    title = _l("Worked out")
    seconds = 0
    computes = True
    longest: ClassVar[int] = 4000

    def work_out(self, question: Question, values: Mapping[str, Value]) -> list[AnswerValue]:
        if not question.calculation:
            return []
        found = expressions.parse(question.calculation).evaluate(values)
        if isinstance(found, float | int) and not isinstance(found, bool):
            return [AnswerValue(number=float(found))]
        text = plain(expressions.values.text(found))[: self.longest]
        return [AnswerValue(text=text)] if text else []

    def columns(self, question: Question) -> list[str]:
        return [""]

    def write(
        self, question: Question, values: Sequence[AnswerValue], language: str
    ) -> dict[str, str | float]:
        return one_cell(value.text if value.number is None else value.number for value in values)

    def read_cells(self, question: Question, cells: Cells, languages: Sequence[str]) -> list[AnswerValue]:
        """As it was worked out then: the answers it follows from may not all stand in the table."""
        text = at_most(plain(cells.get("", "")), self.longest, self.name(question))
        with suppress(ValueError):
            return [AnswerValue(number=number)] if math.isfinite(number := float(text)) else []
        return [AnswerValue(text=text)] if text else []

    def value(self, question: Question, values: Sequence[AnswerValue]) -> Value:
        return next((one.text or "" if one.number is None else one.number for one in values), "")

    def summary(self, question: Question, counted: Iterable[Counted], people: int, language: str) -> Summary:
        spread = Spread(counted)
        return Summary(people, mean=spread.mean, median=spread.median, total=spread.total)
