"""The survey sheet as a tree: groups and repeats hold questions."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from flask_babel import gettext as _

from trainingapp.surveys.xlsform import vocabulary
from trainingapp.surveys.xlsform.cells import Cells
from trainingapp.surveys.xlsform.vocabulary import Type
from trainingapp.surveys.xlsform.workbook import Row


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
        if not word or is_disabled(cells, row):
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


def is_disabled(cells: Cells, row: Row) -> bool:
    return cells.text(row, "disabled").lower() in {"yes", "true", "true()"}


def unknown(cells: Cells) -> Iterator[tuple[Row, str]]:
    """Rows whose type is none, and the word that stands there: pyxform names only the first."""
    for row in cells.rows:
        word = cells.text(row, "type")
        if word and not is_disabled(cells, row) and vocabulary.understood(word) is None:
            yield row, word
