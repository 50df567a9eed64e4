"""A row of the survey sheet becomes a question."""

from typing import TYPE_CHECKING

from flask_babel import gettext as _

from trainingapp.surveys.models import Level
from trainingapp.surveys.question_types import QUESTION_TYPES
from trainingapp.surveys.xlsform import own_columns
from trainingapp.surveys.xlsform.cells import Cells
from trainingapp.surveys.xlsform.contents import Item
from trainingapp.surveys.xlsform.rows import Node
from trainingapp.surveys.xlsform.sorts import DATE_FORMS, SORTS, Found
from trainingapp.surveys.xlsform.workbook import Row

if TYPE_CHECKING:
    from trainingapp.surveys.xlsform.reading import Reader

_YES = {"yes", "true", "true()"}
_NO = {"no", "false", "false()"}
LONGEST_APPEARANCE = 120


def question(reader: "Reader", node: Node, section: str) -> Item | None:
    """None for what is not asked, which then is named."""
    found = SORTS[node.type.sort](reader, node)
    if found is None or reader.expressing.is_left(node.row):
        return None
    cells, row, expressing = reader.cells, node.row, reader.expressing
    kept = own_columns.more(cells, row)
    kind = own_columns.kind(cells, row) or found.kind
    given = {} if kept.get("whole") or kind != found.kind else found.options
    item = Item(
        "",
        kind,
        section,
        own_columns.level(cells, row) or Level.REACTION,
        wording=cells.texts(row, "label"),
        hint=cells.texts(row, "hint"),
        options={**given, **kept.get("options", {})},
        relevant=expressing.read(row, "relevant"),
        constraint=_joined(expressing.read(row, "constraint"), found.constraint),
        constraint_text=cells.texts(row, "constraint_message"),
        calculation=found.calculation,
        appearance=str(kept.get("appearance", "")) or _appearance(cells, row, found),
    )
    if own_columns.bounded(kept.get("constraint", ""), item) == item.constraint:
        item.constraint = kept.get("constraint", "")
    if item.kind in {"one_of", "many_of"}:
        item.choice_filter = _choice_filter(reader, node)
    if QUESTION_TYPES[kind].takes_answer:
        _require(reader, row, item)
        item.required_if = kept.get("required_if", item.required_if)
    if not item.wording and kind != "computed":
        return _without_words(reader, row, item)
    return item


def _joined(*constraints: str) -> str:
    given = [one for one in constraints if one]
    return given[0] if len(given) == 1 else " and ".join(f"({one})" for one in given)


def _require(reader: "Reader", row: Row, item: Item) -> None:
    said = reader.cells.text(row, "required").lower()
    if said in _YES | _NO:
        reader.cells.take(row, "required")
        item.is_required = said in _YES
    elif said:
        item.required_if = reader.expressing.read(row, "required")


def _without_words(reader: "Reader", row: Row, item: Item) -> Item | None:
    """XLSForm allows a question that is a picture only, or nothing at all."""
    name = reader.cells.text(row, "name")
    if item.kind == "note":
        reader.cells.left_behind(row, "type", _("It shows no text."))
        reader.cells.take(row, "name")
        return None
    reader.report.warnings.append(
        _("Row %(row)s has no label: its name “%(name)s” is shown.", row=row.number, name=name)
    )
    item.wording = {reader.cells.languages.spoken[0]: name}
    return item


def _appearance(cells: Cells, row: Row, found: Found) -> str:
    """Kept for other programs; what a form of a date means is an option here."""
    words = cells.text(row, "appearance").split()
    form = found.options.get("form")
    cells.take(row, "appearance")
    rest = [
        word
        for word in words
        if not (found.kind == "date" and word in DATE_FORMS and DATE_FORMS[word] == form)
    ]
    rest = [word for word in rest if not (found.kind == "long_text" and word == "multiline")]
    if rest:
        cells.left_behind(row, "appearance", _("It is kept, and our pages look as they always do."))
    return " ".join(rest)[:LONGEST_APPEARANCE]


def _choice_filter(reader: "Reader", node: Node) -> str:
    """The facts of a list are the columns of its sheet."""
    source = reader.external if node.type.sort == "external" else reader.choices
    return reader.expressing.read(
        node.row, "choice_filter", source.columns, source.words(node.type.list_name)
    )
