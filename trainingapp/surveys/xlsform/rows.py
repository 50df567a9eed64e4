"""The survey sheet as a tree: groups hold questions, and what repeats is written out as often as it may."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from flask_babel import gettext as _

from trainingapp.surveys.xlsform import vocabulary
from trainingapp.surveys.xlsform.cells import Cells
from trainingapp.surveys.xlsform.lists import Lists
from trainingapp.surveys.xlsform.references import with_names
from trainingapp.surveys.xlsform.vocabulary import Type
from trainingapp.surveys.xlsform.workbook import Row

MOST_COPIES = 12  # of a repeat that says how often
SOME_COPIES = 5  # of one that does not know
MORE = Type("another")
_GATHERED = re.compile(
    r"\b(sum|min|max|count|count-non-empty|join)(\(\s*(?:'[^']*'\s*,|\"[^\"]*\"\s*,)?\s*)\$\{\s*([^}\s]+)\s*\}(\s*\))"
)


@dataclass
class Node:
    row: Row
    type: Type
    children: list["Node"] = field(default_factory=list)
    only_if: str = ""  # of a copy: whether there are so many

    def all_nodes(self) -> Iterator["Node"]:
        yield self
        for child in self.children:
            yield from child.all_nodes()


def tree(cells: Cells) -> list[Node]:
    """Pyxform has seen to it that what begins also ends."""
    root: list[Node] = []
    open_nodes: list[Node] = []
    for row in cells.rows:
        word = cells.text(row, "type")
        if not word or cells.text(row, "disabled").lower() in {"yes", "true", "true()"}:
            continue
        kind = vocabulary.understood(word)
        if kind is None:
            cells.refuse(row, "type", _("“%(word)s” is not a type of question.", word=word))
            continue
        cells.take(row, "type", "disabled")
        if kind.sort == "end":
            cells.take(row, "name")
            if open_nodes:
                open_nodes.pop()
            continue
        node = Node(row, kind)
        (open_nodes[-1].children if open_nodes else root).append(node)
        if kind.sort == "begin":
            cells.take(row, "name")
            open_nodes.append(node)
    return root


def written_out(nodes: list[Node], cells: Cells, lists: Lists) -> list[Node]:
    """Without repeats and loops: each copy is a group, its names end in its number."""
    whole: list[Node] = []
    named: dict[str, list[str]] = {}  # what repeats -> its copies
    for node in nodes:
        node.children = written_out(node.children, cells, lists)
        copies = _copies(node, cells, lists) if node.type.around in {"repeat", "loop"} else [node]
        whole += copies
        if copies != [node]:
            for copy in copies:
                for old, new in zip(node.all_nodes(), copy.all_nodes(), strict=False):
                    named.setdefault(cells.text(old.row, "name"), []).append(cells.text(new.row, "name"))
    for top in whole if named else ():
        for one in top.all_nodes():
            texts = {heading: _gathered(text, named) for heading, text in one.row.cells.items()}
            one.row = replace(one.row, cells=texts)
    return whole


def _copies(node: Node, cells: Cells, lists: Lists) -> list[Node]:
    if node.type.around == "loop":
        return _once_a_choice(node, cells, lists)
    name, count = cells.text(node.row, "name"), cells.taken(node.row, "repeat_count")
    if count.isdecimal():
        if int(count) > MOST_COPIES:
            reason = _(
                "This repeats %(count)s times; here at most %(most)s are possible.",
                count=count,
                most=MOST_COPIES,
            )
            cells.refuse(node.row, "repeat_count", reason)
        return [
            _copy(node, cells, f"_{number}", number) for number in range(1, min(int(count), MOST_COPIES) + 1)
        ]
    reason = _("There is no end to this repeat: here at most %(most)s are possible.", most=SOME_COPIES)
    cells.left_behind(node.row, "repeat_count" if count else "type", reason)
    made = []
    for number in range(1, SOME_COPIES + 1):
        copy = _copy(node, cells, f"_{number}", number)
        if count:
            copy.only_if = f"({count}) >= {number}"
        elif number > 1:
            copy.only_if = f"${{{name}_more_{number - 1}}} = 'yes'"
        if not count and number < SOME_COPIES:
            ask = Row(node.row.sheet, node.row.number, dict(copy.row.cells), taken=node.row.taken)
            ask.cells[cells.heading(node.row, "name")] = f"{name}_more_{number}"
            copy.children.append(Node(ask, MORE))
        made.append(copy)
    return made


def _once_a_choice(node: Node, cells: Cells, lists: Lists) -> list[Node]:
    """A loop asks the same of each choice of a list; %(label)s and %(name)s stand for the choice."""
    made = []
    for choice in lists.by_name.get(node.type.list_name, ()):
        label = next(iter(lists.cells.texts(choice.row, "label").values()), choice.value)
        lists.cells.take(choice.row, "list_name", "name")
        fill = partial(_with_choice, label=label, value=choice.value)
        made.append(_copy(node, cells, f"_{choice.value}", label, fill))
    return made


def _with_choice(text: str, label: str, value: str) -> str:
    return text.replace("%(label)s", label).replace("%(name)s", value)


def _copy(
    node: Node, cells: Cells, ending: str, title: object, fill: Callable[[str], str] = lambda text: text
) -> Node:
    inside = [cells.text(one.row, "name") for one in node.all_nodes()]
    names = {name: f"{name}{ending}" for name in inside if name}

    def copied(one: Node) -> Node:
        texts = {heading: fill(with_names(text, names)) for heading, text in one.row.cells.items()}
        heading = cells.heading(one.row, "name")
        if heading:
            texts[heading] = names.get(one.row.cells[heading], one.row.cells[heading])
        for head in cells.heads.values():
            if one is node and head.column == "label" and head.written in texts:
                texts[head.written] = f"{texts[head.written]} ({title})"
        only_if = with_names(one.only_if, names)
        row = replace(one.row, cells=texts)  # shares what is taken: a cell is carried with its first copy
        return Node(row, one.type, [copied(child) for child in one.children], only_if)

    return copied(node)


def _gathered(text: str, copies: dict[str, list[str]]) -> str:
    """`sum(${x})` of a repeat asks for all its copies: sum(${x_1}, ${x_2})."""

    def spread(found: re.Match[str]) -> str:
        call, start, name, end = found.groups()
        names = copies.get(name)
        if not names:
            return found.group()
        listed = ", ".join(f"${{{one}}}" for one in names)
        return f"count-non-empty{start}{listed}{end}" if call == "count" else f"{call}{start}{listed}{end}"

    return _GATHERED.sub(spread, text) if "${" in text else text
