"""What repeats is written out as often as it may: each copy is a group, its names end in its number."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count as counting

from flask_babel import gettext as _

from trainingapp.surveys.xlsform import gathering
from trainingapp.surveys.xlsform.cells import Cells
from trainingapp.surveys.xlsform.gathering import EXPRESSIONS, Repeat
from trainingapp.surveys.xlsform.lists import Choice, Lists
from trainingapp.surveys.xlsform.references import with_names
from trainingapp.surveys.xlsform.rows import Node
from trainingapp.surveys.xlsform.vocabulary import Type
from trainingapp.surveys.xlsform.workbook import Row

MOST_COPIES = 12  # of a repeat that says how often
SOME_COPIES = 5  # of one that does not know
ANOTHER = Type("another")

Fill = Callable[[str, str, int], str]  # text, heading, steps below the repeat -> text of the copy


@dataclass
class Repeats:
    cells: Cells
    lists: Lists
    copies: dict[str, list[str]] = field(default_factory=dict)  # name as written -> names of its copies
    found: list[Repeat] = field(default_factory=list)  # those that may be asked about by their own names
    given: set[str] = field(default_factory=set)  # names of all copies so far

    def written_out(self, nodes: list[Node], conditions: Sequence[str] = ()) -> list[Node]:
        """Without repeats and loops. `conditions` are those of the groups around."""
        whole: list[Node] = []
        for node in nodes:
            before = len(self.found)
            own = [*conditions, *filter(None, [self.cells.text(node.row, "relevant")])]
            node.children = self.written_out(node.children, own)
            if node.type.around not in {"loop", "repeat"}:
                whole.append(node)
                continue
            del self.found[before:]  # what repeats inside has other names from here on
            whole += self._once_a_choice(node) if node.type.around == "loop" else self._repeated(node, own)
        for top in whole if self.copies else ():
            for one in top.all_nodes():
                self._ask_copies(one)
        return whole

    def _ask_copies(self, node: Node) -> None:
        for heading in self._expressions(node.row):
            text = node.row.cells[heading]
            for repeat in self.found:
                text = gathering.picked(text, repeat)
            text = gathering.gathered(text, self.copies)
            if text != node.row.cells[heading]:
                node.row = replace(node.row, cells={**node.row.cells, heading: text})

    def _expressions(self, row: Row) -> list[str]:
        return [heading for heading in row.cells if self.cells.heads[heading].column in EXPRESSIONS]

    def _repeated(self, node: Node, conditions: Sequence[str]) -> list[Node]:
        cells = self.cells
        name, count = cells.text(node.row, "name"), cells.taken(node.row, "repeat_count")
        said = int(count[:9]) if count.isdecimal() else None
        if said is not None and said > MOST_COPIES:
            reason = _(
                "This repeats %(count)s times; here at most %(most)s are possible.",
                count=count,
                most=MOST_COPIES,
            )
            cells.refuse(node.row, "repeat_count", reason)
            said = MOST_COPIES
        if said is None:
            reason = _(
                "There is no end to this repeat: here at most %(most)s are possible.", most=SOME_COPIES
            )
            cells.left_behind(node.row, "repeat_count" if count else "type", reason)
        number_of = SOME_COPIES if said is None else said
        endings = self._endings(node, range(1, number_of + 1))
        how_many = self._how_many(name, count, said, conditions)
        repeat = Repeat(name, frozenset(self._names(node)), endings, how_many)
        made = []
        for number, ending in enumerate(endings, 1):
            copy = self._copy(node, ending, number, partial(self._in_copy, repeat=repeat, number=number))
            if said is None and count:
                copy.only_if = f"({gathering.without_paths(count)}) >= {number}"
            elif said is None:
                copy.only_if = f"${{{name}_more_{number - 1}}} = 'yes'" if number > 1 else ""
                if number < SOME_COPIES:
                    copy.children.append(self._another(copy, f"{name}_more_{number}"))
            made.append(copy)
        self._note_copies(repeat.inside, endings)
        self.found.append(repeat)
        return made

    def _endings(self, node: Node, copies: Sequence[object]) -> list[str]:
        """`_1`, `_2`; more dashes where the form has another question of such a name."""
        others = self.given | {self.cells.text(row, "name") for row in self.cells.rows}
        inside = self._names(node)
        for dashes in counting(1):
            endings = [f"{'_' * dashes}{copy}" for copy in copies]
            names = {f"{name}{ending}" for name in inside for ending in endings}
            if not names & others:
                break
        self.given |= names
        return endings

    def _how_many(self, name: str, count: str, said: int | None, conditions: Sequence[str]) -> str:
        if said is not None:
            many = str(said)
        elif count:
            many = f"min({SOME_COPIES}, max(0, {gathering.without_paths(count)}))"
        else:
            more = [f"if(${{{name}_more_{number}}} = 'yes', 1, 0)" for number in range(1, SOME_COPIES)]
            many = " + ".join(["1", *more])
        asked = " and ".join(f"({gathering.without_paths(one)})" for one in conditions)
        return f"if({asked}, {many}, 0)" if asked else many

    def _in_copy(self, text: str, heading: str, depth: int, repeat: Repeat, number: int) -> str:
        if self.cells.heads[heading].column not in EXPRESSIONS:
            return text
        text = gathering.numbered(text, number, depth)
        return gathering.picked(gathering.without_paths(text), repeat)

    def _another(self, copy: Node, name: str) -> Node:
        """The question whether there is one more, at the end of a copy."""
        ask = Row(copy.row.sheet, copy.row.number, dict(copy.row.cells), taken=copy.row.taken)
        ask.cells[self.cells.heading(copy.row, "name")] = name
        return Node(ask, ANOTHER)

    def _once_a_choice(self, node: Node) -> list[Node]:
        """A loop asks the same of each choice of a list; %(label)s and %(name)s stand for the choice."""
        made = []
        choices = self.lists.by_name.get(node.type.list_name, [])
        endings = self._endings(node, [choice.value for choice in choices])
        for choice, ending in zip(choices, endings, strict=True):
            texts = self.lists.cells.texts(choice.row, "label")
            self.lists.cells.take(choice.row, "list_name", "name")
            label = next(iter(texts.values()), choice.value)
            fill = partial(self._with_choice, choice=choice, texts=texts)
            made.append(self._copy(node, ending, label, fill))
        self._note_copies(frozenset(self._names(node)), endings)
        return made

    def _with_choice(
        self, text: str, heading: str, _depth: int, choice: Choice, texts: dict[str, str]
    ) -> str:
        head = self.cells.heads[heading]
        if head.column in EXPRESSIONS:
            text = gathering.without_paths(text)
        label = texts.get(self.cells.tag(head)) or next(iter(texts.values()), choice.value)
        return text.replace("%(label)s", label).replace("%(name)s", choice.value)

    def _names(self, node: Node) -> list[str]:
        return list(filter(None, (self.cells.text(one.row, "name") for one in node.all_nodes())))

    def _note_copies(self, inside: frozenset[str], endings: Sequence[str]) -> None:
        """What repeats inside has its copies in each copy."""
        for now in self.copies.values():
            if inside.issuperset(now):
                now[:] = [f"{name}{ending}" for ending in endings for name in now]
        before = {name for now in self.copies.values() for name in now}
        for name in inside - set(self.copies):
            if not any(f"{name}{ending}" in before for ending in endings):
                self.copies[name] = [f"{name}{ending}" for ending in endings]

    def _copy(self, node: Node, ending: str, title: object, fill: Fill) -> Node:
        names = {name: f"{name}{ending}" for name in self._names(node)}

        def copied(one: Node, depth: int) -> Node:
            texts = {
                heading: with_names(fill(text, heading, depth), names)
                for heading, text in one.row.cells.items()
            }
            heading = self.cells.heading(one.row, "name")
            if heading:
                texts[heading] = names.get(one.row.cells[heading], one.row.cells[heading])
            for head in self.cells.heads.values():
                if one is node and head.column == "label" and head.written in texts:
                    texts[head.written] = f"{texts[head.written]} ({title})"
            only_if = with_names(one.only_if, names)
            row = replace(one.row, cells=texts)  # shares what is taken: a cell is carried with its first copy
            return Node(row, one.type, [copied(child, depth + 1) for child in one.children], only_if)

        return copied(node, 0)
