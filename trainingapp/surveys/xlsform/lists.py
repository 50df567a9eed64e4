"""The sheet of choices: lists by name, and the values that had to change."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from trainingapp.surveys.question_types.choices import LONGEST_VALUE
from trainingapp.surveys.xlsform.cells import Cells
from trainingapp.surveys.xlsform.contents import Texts
from trainingapp.surveys.xlsform.headings import MEDIA
from trainingapp.surveys.xlsform.workbook import Row

_OUR_COLUMNS = {"list_name", "name", "label", *MEDIA}


@dataclass
class Choice:
    row: Row
    value: str
    text: Texts
    facts: dict[str, str]


@dataclass
class Lists:
    """Of one sheet. Only what a question uses is taken."""

    cells: Cells
    by_name: dict[str, list[Choice]] = field(default_factory=dict)
    changed: dict[str, str] = field(default_factory=dict)  # value as written -> value as we can keep it
    used: set[str] = field(default_factory=set)

    @property
    def columns(self) -> set[str]:
        """Facts that a choice filter may ask for."""
        own = {head.written for head in self.cells.heads.values() if head.column not in _OUR_COLUMNS}
        return own | {"name", "label"}

    def words(self, name: str) -> set[str]:
        """What stands in the cells of these facts."""
        return {text for choice in self.by_name.get(name, ()) for text in choice.facts.values()}

    def options(self, name: str) -> list[dict[str, Any]]:
        """As `options["choices"]` of a question. A value that stands there twice has the facts of both."""
        found: dict[str, dict[str, Any]] = {}
        for choice in self.by_name.get(name, ()):
            facts = {heading: self.changed.get(text, text) for heading, text in choice.facts.items()}
            one = found.get(choice.value)
            if one is None:
                found[choice.value] = {"value": choice.value, "text": choice.text}
                if facts:
                    found[choice.value]["facts"] = facts
            else:
                before = one.get("facts") or {}
                rows = before if isinstance(before, list) else [before]
                if facts not in rows:
                    one["facts"] = [*rows, facts]
        self.used.add(name)
        return list(found.values())


def read(cells: Cells) -> Lists:
    lists = Lists(cells)
    listed = [(row, cells.text(row, "list_name"), cells.text(row, "name")) for row in cells.rows]
    # Pyxform passes over others; so they are named as any row that nobody took.
    whole = [(row, name, value) for row, name, value in listed if name and value]
    kept = _kept(value for _row, _name, value in whole)
    lists.changed = {value: word for value, word in kept.items() if word != value}
    for row, name, value in whole:
        lists.by_name.setdefault(name, []).append(Choice(row, kept[value], {}, {}))
    return lists


def carry(lists: Lists, name: str) -> None:
    """Takes the cells of a list that a question uses, once."""
    if name in lists.used:
        return
    first: dict[str, Choice] = {}
    for choice in lists.by_name.get(name, ()):
        row, cells = choice.row, lists.cells
        cells.take(row, "list_name", "name")
        choice.text = cells.texts(row, "label") or dict.fromkeys(
            cells.languages.spoken or ["en"], choice.value
        )
        choice.facts = dict(_facts(row, cells))
        row.take(*choice.facts)
        if lists.changed.get(cells.text(row, "name")) == choice.value:
            cells.left_behind(
                row,
                "name",
                _("A name of a choice is one short word here: it is kept as %(kept)s.", kept=choice.value),
            )
        before = first.setdefault(choice.value, choice).text
        leave_texts(
            lists,
            choice,
            [tag for tag, text in choice.text.items() if before.get(tag) != text],
            _("Another choice of this list has this name, and its text is shown."),
        )


def leave_texts(lists: Lists, choice: Choice, tags: Iterable[str], reason: str) -> None:
    """Names the labels of a choice that are not shown."""
    for tag in tags:
        if heading := lists.cells.written(choice.row, "label", tag):
            lists.cells.left_behind(choice.row, "label", reason, heading)


def _facts(row: Row, cells: Cells) -> Iterator[tuple[str, str]]:
    for heading, text in row.cells.items():
        if cells.heads[heading].column not in _OUR_COLUMNS:
            yield heading, text


def _kept(values: Iterable[str]) -> dict[str, str]:
    """Value as written -> value as we keep it, another one for each."""
    written = list(dict.fromkeys(values))
    kept = {value: value for value in written if _is_fitting(value)}
    for value in written:
        kept.setdefault(value, _fitting(value, set(kept.values())))
    return kept


def _is_fitting(value: str) -> bool:
    return re.fullmatch(r"[^\s~]+", value) is not None and len(value) <= LONGEST_VALUE


def _fitting(value: str, others: set[str]) -> str:
    """A word of at most 60 characters."""
    word = re.sub(r"[\s~]+", "_", value).strip("_") or "_"
    tries = [word[:LONGEST_VALUE], *(f"{word[: LONGEST_VALUE - 4]}_{number}" for number in range(2, 999))]
    return next(one for one in tries if one not in others)


def changed_in(*lists: Lists) -> Mapping[str, str]:
    return {old: new for one in lists for old, new in one.changed.items()}
