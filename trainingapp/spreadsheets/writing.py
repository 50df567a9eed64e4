"""Spreadsheets as downloads: row by row, and nothing in them runs when they are opened."""

import csv
import itertools
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO
from urllib.parse import quote

import xlsxwriter
from flask import Response, stream_with_context

from trainingapp.db import reading
from trainingapp.letters import holdable

Cell = str | int | float | Decimal | date | datetime | None

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LONGEST_CELL = 32_767  # Excel's own limit
_LONGEST_NAME = 120
_PIECE = 64 * 1024
_COLUMN_WIDTH = 20
# What a spreadsheet takes for the start of a formula, also in full width, and after blanks of any kind.
_FORMULA = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\x00]*[=+\-@＝＋－＠]|[\t\r\n\x00]")  # noqa: RUF001


def download(ending: str, name: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """As "csv" or "xlsx". Made before the commit that notes it: no row is read until it is sent."""
    respond = {"csv": csv_response, "xlsx": xlsx_response}[ending]
    return respond(name, headings, _without_lock(rows))


def _without_lock(rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    """Someone may take minutes to receive the file."""
    with reading():
        yield from rows


def csv_response(name: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """Sent while the rows are read. UTF-8 with the mark that Excel needs; quoted as RFC 4180 says."""
    response = Response(stream_with_context(csv_lines(headings, rows)), mimetype="text/csv")
    return as_download(response, name, "csv")


def xlsx_response(name: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """In constant memory: written to a temporary file, which goes when it has been sent."""
    return as_download(
        Response(stream_with_context(_xlsx_pieces(headings, rows)), mimetype=XLSX), name, "xlsx"
    )


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    line = _Line()
    writer = csv.writer(line)
    yield "\ufeff"
    for cells in itertools.chain([headings], rows):
        writer.writerow([harmless(cell) if isinstance(cell, str) else _text(cell) for cell in cells])
        yield line.text


def harmless(text: str) -> str:
    """An apostrophe before what a spreadsheet would take for a formula; anything else as it is."""
    return f"'{text}" if _FORMULA.match(text) else text


class _Line:
    """Where csv.writer leaves one line at a time."""

    text = ""

    def write(self, text: str) -> None:
        self.text = text


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # 4, as a person reads it, not 4.0
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def write_xlsx(file: IO[bytes], headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Texts are texts: no formula, link or number is made of them."""
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(len(headings) - 1, 0), _COLUMN_WIDTH)
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, _fits(heading), bold)
        for number, cells in enumerate(rows, 1):
            for column, cell in enumerate(cells):
                if isinstance(cell, (int, float, Decimal)) and not isinstance(cell, bool):
                    sheet.write_number(number, column, cell)
                elif isinstance(cell, date) and not isinstance(cell, datetime):
                    sheet.write_datetime(number, column, cell, day)
                elif cell is not None and cell != "":
                    sheet.write_string(number, column, _fits(_text(cell)))


def _fits(text: str) -> str:
    """Without the characters no XML file can hold, and no longer than a cell may be."""
    text = holdable(text)
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"


def _xlsx_pieces(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as file:
        write_xlsx(file, headings, rows)
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def as_download(response: Response, name: str, kind: str) -> Response:
    """Names in any script: RFC 6266, with a plain name for the programs that cannot read it."""
    stem = " ".join(re.sub(r"[^\w .,()+-]+", " ", name.removesuffix(f".{kind}")).split())[:_LONGEST_NAME]
    file_name = f"{stem or 'rows'}.{kind}"
    plain = " ".join(file_name.encode("ascii", "ignore").decode().split())
    plain = plain if plain.removesuffix(f".{kind}").strip(" .") else f"rows.{kind}"
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
