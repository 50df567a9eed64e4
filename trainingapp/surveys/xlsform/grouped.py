"""Questions of ours that are groups in XLSForm: the same asked about several things."""

from typing import TYPE_CHECKING, Any

from trainingapp.surveys.models import Level
from trainingapp.surveys.xlsform import kinds, own_columns
from trainingapp.surveys.xlsform.contents import Item
from trainingapp.surveys.xlsform.rows import Node

if TYPE_CHECKING:
    from trainingapp.surveys.xlsform.reading import Reader

KINDS = {"matrix", "then_now"}
_REST = ("required_if", "constraint", "constraint_text", "appearance", "choice_filter")


def question(reader: "Reader", node: Node, section: str) -> Item:
    """The rows inside are its items; what can be chosen stands in the first."""
    cells, row = reader.cells, node.row
    kept = own_columns.more(cells, row)
    options: dict[str, Any] = {}
    items = []
    for child in node.children:
        found = kinds.question(reader, child, section)
        value = str(own_columns.more(cells, child.row).get("value") or cells.text(child.row, "name"))
        cells.take(child.row, "name", "required")
        if found:
            items.append({"value": value, "text": found.wording})
            options = {key: options.get(key, part) for key, part in found.options.items()}
    kind = own_columns.kind(cells, row)
    if kind == "matrix":
        options["items"] = items
    rest = kept.get("rest", {})
    return Item(
        "",
        kind,
        section,
        own_columns.level(cells, row) or Level.REACTION,
        bool(rest.get("is_required")),
        cells.texts(row, "label"),
        cells.texts(row, "hint"),
        {**options, **kept.get("options", {})},
        reader.expressing.read(row, "relevant"),
        **{name: rest[name] for name in _REST if isinstance(rest.get(name), str | dict)},
    )
