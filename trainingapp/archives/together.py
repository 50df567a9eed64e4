"""Columns that are one question together: the rows of a grid, or boxes to tick with a column each."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from trainingapp.archives import shapes
from trainingapp.archives.shapes import plain

_GRID = re.compile(r"(?P<question>.+?)\s*\[(?P<row>[^\[\]]+)\]")  # Google Forms' heading of a row of a grid
_CODE = re.compile(r"\w+\[\w+\]\.\s+")  # LimeSurvey's before it: "G01Q02[SQ001]. "
_MARKS = {"1", "0", "x", "true", "false"}  # that a question of ours reads
_YES_NO = {"yes", "no", "y", "n"}  # a grid is asked so too, but for a column of own words


@dataclass
class Group:
    question: str
    rows: dict[str, str] = field(default_factory=dict)  # heading -> what is asked about, or can be chosen
    is_ticked: bool = False

    @property
    def asks_other(self) -> bool:
        """It is only the words behind "something else" of a question with a column of its own."""
        return all(map(shapes.is_other, self.rows.values()))


def groups(headings: Sequence[str], cells: Sequence[Sequence[str]]) -> dict[str, Group]:
    """By heading. The heading of the question itself is among them, where all choices stand there again."""
    found: dict[str, Group] = {}
    for heading in headings:
        question, row = _parted(heading, headings)
        if row:
            found.setdefault(question, Group(question)).rows[heading] = row
    by_heading: dict[str, Group] = {}
    columns = dict(zip(headings, cells, strict=True))
    for group in found.values():
        if len(group.rows) > 1:
            group.is_ticked = _is_ticked(group, columns)
            rows = group.rows if group.is_ticked else _without_other(group.rows)
            group.rows = dict(rows)
            by_heading |= dict.fromkeys(rows, group)
            if group.question in columns:
                by_heading[group.question] = group
        elif group.asks_other and group.question in columns:
            by_heading |= dict.fromkeys(group.rows, group)
    return by_heading


def is_mark(heading: str, headings: Sequence[str]) -> bool:
    """What Google Forms writes beside an answer to a quiz: "Capital? [Score]" after "Capital?"."""
    found = _GRID.fullmatch(heading)
    return found is not None and found["question"] in headings and shapes.is_called(found["row"], "mark")


def _without_other(rows: Mapping[str, str]) -> Mapping[str, str]:
    return {heading: row for heading, row in rows.items() if not shapes.is_other(row)}


def _parted(heading: str, headings: Sequence[str]) -> tuple[str, str]:
    """Question and row; KoboToolbox parts them with a stroke, below a column of the question itself."""
    if found := _GRID.fullmatch(_CODE.sub("", heading)):
        return found["question"].rstrip(" :"), found["row"]
    question, _stroke, row = heading.rpartition("/")
    return (question, row) if question in headings else (heading, "")


def _is_ticked(group: Group, columns: Mapping[str, Sequence[str]]) -> bool:
    """Each column holds marks, or the words of its own choice; a column of own words may be among them."""
    boxes = _without_other(group.rows)
    marks = _MARKS | (_YES_NO if len(boxes) < len(group.rows) else set())
    said = {heading: {plain(cell) for cell in columns[heading]} for heading in boxes}
    is_box = all(said[heading] <= marks | {plain(row)} for heading, row in boxes.items())
    return is_box and any(said.values())
