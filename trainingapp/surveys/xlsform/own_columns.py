"""What XLSForm has no word for stands in columns of our own, which other programs pass over."""

import json
from typing import Any

from flask_babel import gettext as _

from trainingapp.surveys.models import Level
from trainingapp.surveys.question_types import QUESTION_TYPES
from trainingapp.surveys.xlsform.cells import Cells
from trainingapp.surveys.xlsform.contents import Item
from trainingapp.surveys.xlsform.workbook import Row

KIND, LEVEL, MORE = "lanjut_kind", "lanjut_level", "lanjut_more"
ITEM = "item"  # the kind of a row that belongs to the question around it


def kind(cells: Cells, row: Row) -> str:
    """The kind that the row says, or "" for what its type means."""
    said = cells.text(row, KIND)
    if said in QUESTION_TYPES or said == ITEM:
        row.take(KIND)
        return said
    if said:
        cells.left_behind(row, KIND, _("There is no kind of question of this name."))
    return ""


def level(cells: Cells, row: Row) -> Level | None:
    said = cells.text(row, LEVEL)
    if said in set(Level):
        row.take(LEVEL)
        return Level(said)
    if said:
        cells.left_behind(row, LEVEL, _("A level is reaction, learning, behaviour or results."))
    return None


def more(cells: Cells, row: Row) -> dict[str, Any]:
    """Checked only as far as it is an object whose options are one: each kind checks its options itself."""
    written = row.cells.get(MORE, "")
    if not written:
        return {}
    try:
        found = json.loads(written)
    except (ValueError, RecursionError):
        found = None
    texts = ("key", "value", "constraint", "required_if")
    if (
        not isinstance(found, dict)
        or not isinstance(found.get("options", {}), dict)
        or not all(isinstance(found.get(name, ""), str) for name in texts)
    ):
        cells.left_behind(row, MORE, _("It is not written as we write it."))
        return {}
    row.take(MORE)
    return found


def bounded(constraint: str, item: Item) -> str:
    """The constraint together with the limits of a number or a date, as other programs understand it."""
    here = {"number": "{}", "date": "date('{}')"}.get(item.kind)
    if item.kind == "date" and item.options.get("form") not in {None, "date"}:
        here = None
    if not here:
        return constraint
    limits = [
        f". {sign} {here.format(item.options[end])}"
        for end, sign in (("min", ">="), ("max", "<="))
        if item.options.get(end) is not None and abs_in_reach(item.options[end])
    ]
    return " and ".join(
        [*([f"({constraint})"] if constraint and limits else [constraint] if constraint else []), *limits]
    )


def abs_in_reach(limit: object) -> bool:
    """A limit that only says "any number" is none."""
    return isinstance(limit, str) or (isinstance(limit, int | float) and abs(limit) < 10**12)
