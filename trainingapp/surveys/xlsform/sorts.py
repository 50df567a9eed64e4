"""Which kind of question a type of XLSForm becomes, and with which options."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _

from trainingapp.surveys.expressions import ExpressionUnreadable, parse
from trainingapp.surveys.question_types import OTHER
from trainingapp.surveys.question_types.scales import FEWEST_POINTS, MOST_POINTS
from trainingapp.surveys.wording import spoken
from trainingapp.surveys.xlsform import lists
from trainingapp.surveys.xlsform.cells import Cells
from trainingapp.surveys.xlsform.contents import Texts
from trainingapp.surveys.xlsform.references import quoted
from trainingapp.surveys.xlsform.rows import Node
from trainingapp.surveys.xlsform.workbook import Row

if TYPE_CHECKING:
    from trainingapp.surveys.xlsform.reading import Reader

LOWEST, HIGHEST = -(10**12), 10**12
DECIMALS = 6
_SEARCHES = re.compile(r"\bsearch\(")
_YES = {"yes", "true", "true()"}
_MOST = {"percentage": 100, "days in month": 31, "days in half": 183, "days in year": 365}
LONG_TEXT = {"rows": "5"}  # as we write it ourselves
DATE_FORMS = {"month-year": "month", "year": "year"}


@dataclass
class Found:
    """A kind of ours with its options; a constraint that the type brings along."""

    kind: str
    options: dict[str, Any]
    constraint: str = ""
    calculation: str = ""


def _text(reader: "Reader", node: Node) -> Found | None:
    cells, row = reader.cells, node.row
    if found := _calculated(reader, node):
        return found
    if cells.text(row, "read_only").lower() in _YES:
        cells.take(row, "read_only")
        return Found("note", {})
    parameters = _parameters(cells, row)
    if "rows" in parameters or cells.text(row, "rows"):
        if parameters == LONG_TEXT:
            cells.take(row, "parameters")
        return Found("long_text", {})
    return Found("long_text" if "multiline" in cells.text(row, "appearance").split() else "text", {})


def _digits(_reader: "Reader", _node: Node) -> Found:
    return Found("text", {}, r"regex(., '^\d*$')")


def _number(decimals: int) -> Callable[["Reader", Node], Found | None]:
    def number(reader: "Reader", node: Node) -> Found | None:
        if found := _calculated(reader, node):
            return found
        options: dict[str, Any] = {"decimals": decimals} if decimals else {}
        if not _is_never_negative(reader.cells.text(node.row, "constraint")):
            options["min"] = LOWEST
        return Found("number", options)

    return number


def _is_never_negative(constraint: str) -> bool:
    try:
        tree = parse(constraint).as_json()
    except ExpressionUnreadable:
        return False
    parts = tree[1:] if isinstance(tree, list) and tree[0] == "and" else [tree]
    return any(
        isinstance(part, list)
        and part[0] in {">", ">="}
        and part[1] == ["."]
        and isinstance(part[2], float)
        and part[2] >= 0
        for part in parts
    )


def _share(_reader: "Reader", node: Node) -> Found:
    return Found("number", {"min": 0, "max": _MOST[node.type.sort]})


def _range(reader: "Reader", node: Node) -> Found:
    """A scale where the points are few; otherwise a number between two ends."""
    cells, row = reader.cells, node.row
    said = _parameters(cells, row)
    cells.take(row, "parameters")
    first, last, step = (
        _decimal(said.pop(name, usual)) for name, usual in (("start", "1"), ("end", "10"), ("step", "1"))
    )
    low, high = sorted((first, last))
    whole = all(number == number.to_integral_value() for number in (low, high, step))
    is_scale = whole and abs(step) == 1 and FEWEST_POINTS <= high - low + 1 <= MOST_POINTS
    ends = _ends(reader, said.pop("tick_labelset", ""), {"low": low, "high": high} if is_scale else {})
    if said:
        cells.left_behind(row, "parameters", _("The ends and the step are carried over, and nothing else."))
    if is_scale:
        return Found("scale", {"from": int(low), "to": int(high), **ends})
    decimals = min(DECIMALS, max(-int(number.as_tuple().exponent) for number in (low, high, step)))
    options = {"min": _plain(low), "max": _plain(high)} | ({"decimals": decimals} if decimals > 0 else {})
    steps = f"((. - {low:f}) div {abs(step):f})"
    is_fine = whole and abs(step) == 1
    return Found("number", options, "" if is_fine else f"abs({steps} - round{steps}) < 0.000001")


def _ends(reader: "Reader", name: str, places: dict[str, Decimal]) -> dict[str, Texts]:
    """What the ends mean, in the words of a list whose values are points. A number has no such `places`."""
    if not name:
        return {}
    lists.carry(reader.choices, name)
    points = {one["value"]: one["text"] for one in reader.choices.options(name)}
    found = {end: text for end, at in places.items() if (text := points.get(f"{at:f}"))}
    reason = (
        _("Of the list %(name)s only the words of the two ends are shown.", name=name)
        if places
        else _("A number is typed here, without words at its ends.")
    )
    for choice in reader.choices.by_name.get(name, ()):
        if choice.value not in {f"{at:f}" for at in places.values()}:
            lists.leave_texts(reader.choices, choice, choice.text, reason)
    return found


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal(1)


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def _parameters(cells: Cells, row: Row) -> dict[str, str]:
    return dict(re.findall(r"([\w-]+)\s*=\s*([^\s,;]+)", cells.text(row, "parameters")))


def _listed(reader: "Reader", node: Node) -> Found | None:
    source = reader.external if node.type.sort == "external" else reader.choices
    name = node.type.list_name
    if "${" in name:
        return _leave(reader, node, _("Its choices are answers to another question."))
    if _SEARCHES.search(reader.cells.text(node.row, "appearance")):
        return _leave(
            reader,
            node,
            _("Its choices are searched for in another file: write them on the sheet “choices”."),
        )
    lists.carry(source, name)
    choices = source.options(name)
    if not node.type.has_other:
        return Found("one_of" if node.type.sort == "external" else node.type.sort, {"choices": choices})
    own = [one for one in choices if one["value"] != OTHER]
    reason = _("The choice “other” of the list %(name)s is shown in our own words.", name=name)
    for choice in source.by_name.get(name, ()):
        if choice.value == OTHER:
            lists.leave_texts(source, choice, choice.text, reason)
    return Found(node.type.sort, {"choices": own, "other": True})


def _date(reader: "Reader", node: Node) -> Found | None:
    if found := _calculated(reader, node):
        return found
    wanted = reader.cells.text(node.row, "appearance").split()
    form = next((DATE_FORMS[word] for word in wanted if word in DATE_FORMS), "date")
    return Found("date", {"form": form} if form != "date" else {})


def _clock(reader: "Reader", node: Node) -> Found | None:
    return _calculated(reader, node) or Found("date", {"form": node.type.sort})


def _simply(kind: str) -> Callable[["Reader", Node], Found]:
    return lambda _reader, _node: Found(kind, {})


def _file(reader: "Reader", node: Node) -> Found:
    is_file = "file" in reader.cells.text(node.row, "type")
    return Found("file", {} if is_file else {"form": "photo"})


def _barcode(reader: "Reader", node: Node) -> Found:
    reader.cells.left_behind(node.row, "type", _("The code is typed here, not scanned."))
    return Found("text", {})


def _acknowledge(reader: "Reader", _node: Node) -> Found:
    """One box to tick, whose value is OK: so a condition that asks for it reads on."""
    return Found(
        "many_of", {"choices": [{"value": "OK", "text": dict.fromkeys(reader.cells.languages.spoken, "OK")}]}
    )


def _another(reader: "Reader", node: Node) -> Found:
    """Between the copies of a repeat without end."""
    cells, row = reader.cells, node.row
    for column in ("label", "hint", "relevant", "required", "constraint", "appearance"):
        row.cells.pop(cells.heading(row, column), None)
    heads = [head for head in cells.heads.values() if head.column == "label"]
    for head in heads:
        with spoken(cells.tag(head)):
            row.cells[head.written] = _("Is there another one to tell about?")
    return Found("yes_no", {})


def _calculated(reader: "Reader", node: Node) -> Found | None:
    """A question with a calculation is worked out, whatever its type."""
    if not reader.cells.text(node.row, "calculation"):
        return None
    return Found("computed", {}, calculation=reader.expressing.read(node.row, "calculation"))


def _compute(reader: "Reader", node: Node) -> Found | None:
    if found := _calculated(reader, node):
        return found
    return Found("computed", {}, calculation=reader.expressing.read(node.row, "default"))


def _hidden(reader: "Reader", node: Node) -> Found | None:
    if found := _calculated(reader, node):
        return found
    value = reader.cells.text(node.row, "default")
    if not value or ("'" in value and '"' in value):
        return _leave(reader, node, _("The program that opens the form fills it in."))
    reader.cells.take(node.row, "default")
    quote = '"' if "'" in value else "'"
    return Found("computed", {}, calculation=f"{quote}{value}{quote}")


def _today(_reader: "Reader", _node: Node) -> Found:
    return Found("computed", {}, calculation="today()")


def _moment(reader: "Reader", node: Node) -> Found | None:
    """When the form was opened or sent: we note that ourselves, unless the form makes use of it."""
    name = reader.cells.text(node.row, "name")
    used = any(name in quoted(text) for row in reader.cells.rows for text in row.cells.values())
    if used:
        return Found("computed", {}, calculation="now()")
    return _leave(reader, node, _("When an answer comes is noted here anyway."))


def _device(reader: "Reader", node: Node) -> Found | None:
    return _leave(reader, node, _("We do not collect what tells about a phone or its owner."))


def _data(reader: "Reader", node: Node) -> Found | None:
    return _leave(reader, node, _("The file it belongs to is not part of the workbook."))


def _from_file(reader: "Reader", node: Node) -> Found | None:
    return _leave(
        reader,
        node,
        _(
            "Its choices are in the file %(name)s: write them on the sheet “choices”.",
            name=node.type.list_name,
        ),
    )


def _recording(reader: "Reader", node: Node) -> Found | None:
    return _leave(reader, node, _("Sound and video cannot be recorded here."))


def _shape(reader: "Reader", node: Node) -> Found | None:
    return _leave(reader, node, _("Lines and areas cannot be drawn on a map here."))


def _leave(reader: "Reader", node: Node, why: str) -> Found | None:
    """The rest means the same without it, unless it had to be answered."""
    if reader.cells.text(node.row, "required").lower() in _YES:
        reader.cells.refuse(node.row, "type", why)
    reader.expressing.leave(node.row, why)
    return None


SORTS: dict[str, Callable[["Reader", Node], Found | None]] = {
    "text": _text,
    "digits": _digits,
    "whole": _number(0),
    "decimal": _number(DECIMALS),
    **dict.fromkeys(_MOST, _share),
    "range": _range,
    **dict.fromkeys(("one_of", "many_of", "ranking", "external"), _listed),
    "from_file": _from_file,
    "note": _simply("note"),
    "date": _date,
    "time": _clock,
    "datetime": _clock,
    "place": _simply("place"),
    "shape": _shape,
    "file": _file,
    "recording": _recording,
    "barcode": _barcode,
    "consent": _acknowledge,
    "computed": _compute,
    "hidden": _hidden,
    "today": _today,
    "moment": _moment,
    "device": _device,
    "data": _data,
    "another": _another,
}
