"""A workbook as a form has it: sheets by name, headings in the first row, and what became of each cell."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from trainingapp.spreadsheets.reading import Sheet

_LINE = re.compile(r":?-*:?")
SHEETS = ("survey", "choices", "settings", "external_choices", "entities", "osm")


@dataclass
class Row:
    """One row of a sheet. Whoever carries a cell over takes it; what nobody took is named at the end."""

    sheet: str
    number: int  # as the spreadsheet counts, from 1
    cells: dict[str, str]  # heading -> text, empty cells left out
    loose: dict[str, str] = field(default_factory=dict)  # letter of a column without a heading -> text
    taken: set[str] = field(default_factory=set)

    def take(self, *headings: str) -> None:
        self.taken.update(headings)

    @property
    def untaken(self) -> dict[str, str]:
        return {heading: text for heading, text in self.cells.items() if heading not in self.taken}


@dataclass
class Table:
    name: str  # as it is written
    headings: list[str]
    rows: list[Row]
    twice: str = ""  # a heading that stands there twice


@dataclass
class Book:
    tables: dict[str, Table]  # by name in small letters
    others: list[Table]
    names: list[str]

    def rows(self, sheet: str) -> list[Row]:
        return self.tables[sheet].rows if sheet in self.tables else []

    @property
    def all_tables(self) -> Iterator[Table]:
        yield from self.tables.values()
        yield from self.others


def book_of(sheets: Sequence[Sheet]) -> Book:
    """A workbook of one sheet is the survey, whatever that is called; so does pyxform take it."""
    if len(sheets) == 1 and not sheets[0].name:
        sheets = _sheets_of_csv(sheets[0])
    tables: dict[str, Table] = {}
    others: list[Table] = []
    for sheet in sheets:
        name = sheet.name.lower()
        if len(sheets) == 1 and name not in SHEETS:
            name = "survey"
        table = _table(sheet)
        if name in SHEETS and name not in tables:
            tables[name] = table
        else:
            others.append(table)
    return Book(tables, others, [sheet.name for sheet in sheets])


def _sheets_of_csv(one: Sheet) -> list[Sheet]:
    """In pyxform's way: the first column names the sheet where one begins. A plain table is the survey."""
    rows = _without_frame(one.rows)
    if not any(row and row[0].strip().lower() == "survey" for row in rows):
        return [Sheet("survey", rows)]
    found: list[Sheet] = []
    for row in rows:
        first, *rest = row or [""]
        if first:
            found.append(Sheet(first, []))
            if not any(rest):
                continue
        if found:
            found[-1].rows.append(rest)
    return found


def _without_frame(rows: Sequence[list[str]]) -> list[list[str]]:
    """A table as Markdown draws it: bars at both ends, and a line below the headings."""
    given = [row for row in rows if row]
    if not given or any(row[0] for row in given):
        return list(rows)
    inside = [row[1:] for row in rows]
    return [row for row in inside if not (any(row) and all(_LINE.fullmatch(cell) for cell in row))]


def _table(sheet: Sheet) -> Table:
    heads = [" ".join(cell.split()) for cell in (sheet.rows[0] if sheet.rows else [])]
    twice = next((head for at, head in enumerate(heads) if head and head in heads[:at]), "")
    rows = []
    for number, texts in enumerate(sheet.rows[1:], 2):
        row = Row(sheet.name, number, {})
        for at, text in enumerate(texts):
            head = heads[at] if at < len(heads) else ""
            if text.strip():
                (row.cells if head else row.loose)[head or letter(at)] = text
        rows.append(row)
    return Table(sheet.name, [head for head in heads if head], rows, twice)


def letter(at: int) -> str:
    """Of the column, counted from 0."""
    name = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
