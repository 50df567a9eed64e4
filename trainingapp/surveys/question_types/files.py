"""A file or a photo, which lies with `files/`; the answer names it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

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
from trainingapp.surveys.question_types.settings import Pick
from trainingapp.surveys.question_types.summaries import Counted, Summary


class File(QuestionType):
    """Options: form, "photo" when only a picture is asked for.

    The form holds the number of a file that is stored already; `asked.files` says which are hers.
    """

    kind = "file"
    settings = (
        Pick("form", _l("What may come"), among=(("file", _l("Any file")), ("photo", _l("A photo")))),
    )
    title = _l("File or photo")
    seconds = 30
    takes_file = True
    knows_person = True

    def accepts(self, question: Question) -> str:
        """What a browser offers to choose from. What is taken, files/ decides by the content."""
        photos = "image/jpeg,image/png,image/webp"
        return photos if question.options.get("form") == "photo" else f"{photos},.pdf,.docx,.xlsx,.pptx"

    def read(self, question: Question, form: FormValues, asked: Asked) -> list[AnswerValue]:
        """The last one: who chooses another file has changed her mind."""
        numbers = [plain(text) for text in form.getlist(self.name(question)) if plain(text)]
        if not numbers:
            return []
        hers = {str(number): number for number in asked.files}
        if numbers[-1] not in hers:
            raise AnswerUnreadable(_("Choose the file again."), self.name(question))
        file_id = hers[numbers[-1]]
        return [AnswerValue(text=asked.files[file_id], file_id=file_id)]

    def prefill(self, question: Question, values: Sequence[AnswerValue]) -> dict[str, list[str]]:
        return {self.name(question): [str(value.file_id) for value in values]}

    def write(
        self, question: Question, values: Sequence[AnswerValue], language: str
    ) -> dict[str, str | float]:
        """Its number and name: the file itself is on the page of the results."""
        return one_cell(f"{value.file_id}: {value.text}" for value in values)

    def typed(self, question: Question, cells: Cells, languages: Sequence[str]) -> FormValues:
        return MultiDict({self.name(question): cells.get("", "")})

    def read_cells(self, question: Question, cells: Cells, languages: Sequence[str]) -> list[AnswerValue]:
        """A spreadsheet brings no file, and the number of one is not to be believed."""
        if plain(cells.get("", "")):
            raise AnswerUnreadable(
                _("A file cannot come in a table. Add it on the page."), self.name(question)
            )
        return []

    def value(self, question: Question, values: Sequence[AnswerValue]) -> Value:
        return next((value.text or "" for value in values), "")

    def summary(self, question: Question, counted: Iterable[Counted], people: int, language: str) -> Summary:
        return Summary(people)

    def check_options(self, options: Mapping[str, Any]) -> None:
        if options.get("form") not in (None, "", "file", "photo"):
            raise OptionsUnfit(_("Choose what is asked for: any file, or a photo."), "form")
