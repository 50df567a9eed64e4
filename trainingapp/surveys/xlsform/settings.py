"""The sheet of settings: what a form is called, and in which language it speaks first."""

from collections.abc import Iterator, Sequence

from flask_babel import gettext as _

from trainingapp.surveys.models import Anonymity
from trainingapp.surveys.xlsform.cells import Cells
from trainingapp.surveys.xlsform.contents import Form
from trainingapp.surveys.xlsform.headings import understood
from trainingapp.surveys.xlsform.languages import tag_of
from trainingapp.surveys.xlsform.rows import Node
from trainingapp.surveys.xlsform.workbook import Book

SORTS = {"title", "id", "prefix"}  # types of rows of the survey sheet that are settings
LANGUAGES, ANONYMITY, ASKS_PROGRESS = "lanjut_languages", "lanjut_anonymity", "lanjut_asks_progress"
_STRUCTURAL = ("allow_choice_duplicates", "clean_text_values", "default_language")


def default_language(book: Book) -> str:
    for row in book.rows("settings")[:1]:
        heads = understood(list(row.cells), "settings").values()
        return next((row.cells[head.written] for head in heads if head.column == "default_language"), "")
    return ""


def carry(cells: Cells, nodes: Sequence[Node], survey: Cells, form: Form) -> None:
    """Pyxform reads the first row only."""
    for row in cells.rows[:1]:
        cells.take(row, *_STRUCTURAL)
        default = cells.text(row, "default_language")
        if default not in {"", "default"} and tag_of(default) not in form.languages:
            cells.left_behind(row, "default_language", _("No text of the form is in this language."))
        form.key = cells.taken(row, "id_string") or form.key
        form.title = cells.taken(row, "title") or form.key
        form.version = cells.taken(row, "version")
        if (said := row.cells.get(ANONYMITY, "")) in set(Anonymity):
            form.anonymity = Anonymity(said)
        form.asks_progress = row.cells.get(ASKS_PROGRESS, "") == "yes"
        form.languages = list(dict.fromkeys([*row.cells.get(LANGUAGES, "").split(), *form.languages]))
        row.take(LANGUAGES, ANONYMITY, ASKS_PROGRESS)
        if cells.text(row, "public_key") or row.cells.get("public_key"):
            cells.left_behind(
                row, "public_key", _("Answers are not encrypted for one reader here."), "public_key"
            )
    for node in _settings_in(nodes):
        said = survey.taken(node.row, "name")
        if node.type.sort == "title":
            form.title = said
        elif node.type.sort == "id":
            form.key = said


def _settings_in(nodes: Sequence[Node]) -> Iterator[Node]:
    for top in nodes:
        yield from (node for node in top.all_nodes() if node.type.sort in SORTS)
