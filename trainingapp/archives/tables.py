"""Where in a spreadsheet the answers lie."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _

from trainingapp.archives import headings, shapes
from trainingapp.letters import holdable
from trainingapp.refusals import Refusal
from trainingapp.spreadsheets.reading import Sheet

_LEAST_HEADINGS = 0.6  # of the widest row: a title above the table has fewer cells


class NoTable(Refusal):
    """No row of headings with answers below it."""


@dataclass(frozen=True)
class Table:
    """Rows as the spreadsheet counts them from 1; each as long as the headings, empty rows left out."""

    sheet: str  # empty for a CSV
    heading_row: int
    headings: list[str]
    rows: list[tuple[int, list[str]]]
    totals: list[int] = field(default_factory=list)  # rows at the end that sum the others up

    def column(self, at: int) -> list[str]:
        """Its cells, without the empty ones."""
        return [cells[at] for _number, cells in self.rows if cells[at]]


def find(sheets: Sequence[Sheet], sheet: str | None = None, heading_row: int | None = None) -> Table:
    """The named sheet, else the one with the most cells. Raises NoTable."""
    if sheet is not None:
        sheets = [one for one in sheets if one.name == sheet]
    if not sheets:
        raise NoTable(_("There is no sheet called %(name)s in this file.", name=sheet))
    chosen = max(sheets, key=lambda one: sum(map(len, one.rows)))
    cells = [[holdable(cell) for cell in row] for row in chosen.rows]
    at = heading_row or _heading_row(cells)
    whole, deep = headings.joined(cells[at - 1 :]) if 0 < at <= len(cells) else ([], 1)
    widest = max(map(len, cells), default=0)
    named = _distinct([*whole, *[""] * (widest - len(whole))]) if any(whole) else []
    first = at + deep  # as the spreadsheet counts
    rows = [
        (number, _as_long(row, len(named)))
        for number, row in enumerate(cells[first - 1 :], first)
        if any(row)
    ]
    if not named or not rows:
        raise NoTable(_("We found no row of headings with answers below it."))
    totals = []
    while len(rows) > 1 and shapes.is_total(next(filter(None, rows[-1][1]))):
        totals.append(rows.pop()[0])
    return Table(chosen.name, at, named, rows, totals[::-1])


def _heading_row(rows: Sequence[Sequence[str]]) -> int:
    widest = max((sum(map(bool, row)) for row in rows), default=0)
    for number, row in enumerate(rows, 1):
        if sum(map(bool, row)) >= max(1, _LEAST_HEADINGS * widest):
            return number
    return 1


def _distinct(written: Sequence[str]) -> list[str]:
    """In one line; a heading that comes again gets a number, as a map names columns by their heading."""
    found: dict[str, None] = {}
    for at, heading in enumerate(written, 1):
        text = " ".join(heading.split()) or f"column {at}"
        tries = (text, *(f"{text} ({number})" for number in range(2, len(written) + 2)))
        found[next(one for one in tries if one not in found)] = None
    return list(found)


def _as_long(row: Sequence[str], width: int) -> list[str]:
    return [*row[:width], *[""] * (width - len(row))]
