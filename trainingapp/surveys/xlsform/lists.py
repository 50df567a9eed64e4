"""The sheet of choices: lists by name, and the values that had to change."""

import re
from collections.abc import Iterator, Mapping
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
                one["facts"] = rows if facts in rows else [*rows, facts]
        self.used.add(name)
        return list(found.values())


def read(cells: Cells) -> Lists:
    lists = Lists(cells)
    for row in cells.rows:
        name, value = cells.text(row, "list_name"), cells.text(row, "name")
        if not (name and value):
            continue  # pyxform passes over it; so it is named as any row that nobody took
        listed = lists.by_name.setdefault(name, [])
        kept = _fitting(value, {choice.value for choice in listed if choice.row.cells != row.cells})
        if kept != value:
            lists.changed[value] = kept
        listed.append(Choice(row, kept, {}, {}))
    return lists


def carry(lists: Lists, name: str) -> None:
    """Takes the cells of a list that a question uses, once."""
    if name in lists.used:
        return
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


def _facts(row: Row, cells: Cells) -> Iterator[tuple[str, str]]:
    for heading, text in row.cells.items():
        if cells.heads[heading].column not in _OUR_COLUMNS:
            yield heading, text


def _fitting(value: str, others: set[str]) -> str:
    """A word of at most 60 characters; as it is where it is one."""
    if re.fullmatch(r"[^\s~]+", value) and len(value) <= LONGEST_VALUE:
        return value
    word = re.sub(r"[\s~]+", "_", value).strip("_") or "_"
    tries = [word[:LONGEST_VALUE], *(f"{word[: LONGEST_VALUE - 4]}_{number}" for number in range(2, 999))]
    return next(one for one in tries if one not in others)


def changed_in(*lists: Lists) -> Mapping[str, str]:
    return {old: new for one in lists for old, new in one.changed.items()}
