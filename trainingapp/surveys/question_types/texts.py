"""Her own words, short and long."""

from collections.abc import Iterable, Sequence

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

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
from trainingapp.surveys.question_types.summaries import Counted, Summary


class ShortText(QuestionType):
    kind = "text"
    title = _l("Short text")
    seconds = 12
    has_words = True
    longest = 300

    def read(self, question: Question, form: FormValues, asked: Asked) -> list[AnswerValue]:
        name = self.name(question)
        text = at_most(plain(form.get(name, "")), self.longest, name)
        return [AnswerValue(text=text)] if text else []

    def prefill(self, question: Question, values: Sequence[AnswerValue]) -> dict[str, list[str]]:
        return {self.name(question): [value.text or "" for value in values]}

    def write(
        self,
        question: Question,
        values: Sequence[AnswerValue],
        language: str,
    ) -> dict[str, str | float]:
        return one_cell(value.text for value in values)

    def typed(self, question: Question, cells: Cells, languages: Sequence[str]) -> FormValues:
        return MultiDict({self.name(question): cells.get("", "")})

    def value(self, question: Question, values: Sequence[AnswerValue]) -> Value:
        return next((value.text or "" for value in values), "")

    def summary(
        self,
        question: Question,
        counted: Iterable[Counted],
        people: int,
        language: str,
    ) -> Summary:
        return Summary(people, has_words=True)


class LongText(ShortText):
    kind = "long_text"
    title = _l("Long text")
    seconds = 25
    longest = 4000
