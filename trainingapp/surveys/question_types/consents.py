"""Consent: what was agreed to is kept with the yes."""

from collections.abc import Sequence
from dataclasses import replace

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types.choices import YesNo
from trainingapp.surveys.question_types.contract import (
    AnswerValue,
    Asked,
    Cells,
    FormValues,
    Option,
    one_cell,
    plain,
)
from trainingapp.surveys.wording import spoken, text_in

WORDING = "wording"


class Consent(YesNo):
    """The question's own wording is what she agrees to. Never offered in a mail: it wants to be read."""

    kind = "consent"
    title = _l("Consent")
    seconds = 10
    takes_one_tap = False

    def options(self, question: Question, asked: Asked) -> list[Option]:
        with spoken(asked.language):
            return [Option("yes", _("Yes, I agree")), Option("no", _("No, I do not agree"))]

    def read(self, question: Question, form: FormValues, asked: Asked) -> list[AnswerValue]:
        wording = text_in(question.wording, asked.language)
        return [
            AnswerValue(choice=value.choice, text=wording) for value in super().read(question, form, asked)
        ]

    def spoken(self, question: Question, values: Sequence[AnswerValue], language: str) -> str:
        return super().spoken(question, [replace(value, text=None) for value in values], language)

    def columns(self, question: Question) -> list[str]:
        return ["", WORDING]

    def write(
        self, question: Question, values: Sequence[AnswerValue], language: str
    ) -> dict[str, str | float]:
        cells = super().write(question, values, language)
        return cells | one_cell((value.text for value in values), WORDING)

    def read_cells(self, question: Question, cells: Cells, languages: Sequence[str]) -> list[AnswerValue]:
        """A table that says what was agreed to is believed: it may be an older wording."""
        wording = plain(cells.get(WORDING, ""))
        values = super().read_cells(question, cells, languages)
        return [replace(value, text=wording or value.text) for value in values]
