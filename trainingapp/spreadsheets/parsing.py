"""Reads one uploaded file to texts. Run as a script of its own: files are hostile until read.

Stands alone (no import of ours), so that the child process starts fast and holds nothing worth stealing.
Called with "whole" it reads a workbook that is a form: hidden sheets too, and TRUE stays TRUE.
Called with "wide" it takes more columns.
Prints JSON: {"sheets": [{"name", "rows"}]} or {"problem": code, "facts": {…}}; reading.py has the sentences.
"""

import codecs
import csv
import io
import json
import re
import resource
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

MOST_ROWS = 20_000
MOST_COLUMNS = 60
WIDEST = 400  # columns of a form, and of answers to a long one
LONGEST_CELL = 10_000
MOST_SHEETS = 30
MOST_ENTRIES = 200
MOST_UNPACKED = 100 * 1024 * 1024  # 20,000 rows of 60 columns unpack to about half of this
SUSPICIOUS = 20 * 1024 * 1024  # below it a high ratio is only a tidy file
MOST_RATIO = 100
MEMORY = 512 * 1024 * 1024
SECONDS = 20

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER_KINDS = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"BM", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"RIFF", "image"),
    (b"{\\rtf", "document"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"Rar!", "archive"),
    (b"\x1f\x8b", "archive"),
)
_DELIMITERS = ",;\t|"
# Where several fit, the first is taken: what offices around the Indian Ocean and in Europe save.
_ENCODINGS = [
    "cp1252",
    "cp1251",
    "cp1256",
    "cp874",
    "cp1258",
    "gb18030",
    "shift_jis",
    "big5",
    "euc_kr",
    "cp1254",
]
_BINARY_SHARE = 0.02


class Problem(Exception):
    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


def parse(data: bytes, *, whole: bool = False, wide: bool = False) -> list[dict[str, Any]]:
    """Raises Problem."""
    most_columns = WIDEST if whole or wide else MOST_COLUMNS
    if not data.strip(b"\x00\r\n\t ,;\xef\xbb\xbf"):
        raise Problem("empty")
    if data.startswith(_OLE):
        # An encrypted .xlsx is an OLE file that holds this stream; names inside are UTF-16.
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Problem("encrypted")
        if "WordDocument".encode("utf-16-le") in data:
            raise Problem("document")
        return _workbook(data, most_columns, whole=whole, wide=wide)
    if data.startswith(b"PK"):
        _inspect(data)
        return _workbook(data, most_columns, whole=whole, wide=wide)
    for magic, kind in _OTHER_KINDS:
        if data.startswith(magic):
            raise Problem(kind)
    return [{"name": "", "rows": _table(_decode(data), most_columns)}]


def _inspect(data: bytes) -> None:
    """Looks at a zip's directory only; nothing is unpacked. Raises Problem."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    # zipfile raises each of these for one sort of damage
    except (zipfile.BadZipFile, ValueError, RuntimeError, OSError) as broken:
        raise Problem("broken") from broken
    names = {entry.filename for entry in entries}
    unpacked = sum(entry.file_size for entry in entries)
    if any(entry.flag_bits & 1 for entry in entries):
        raise Problem("encrypted")
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED:
        raise Problem("bomb")
    if unpacked > SUSPICIOUS and unpacked > MOST_RATIO * len(data):
        raise Problem("bomb")
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise Problem("document")
    if not any(name.startswith("xl/") or name == "content.xml" for name in names):
        raise Problem("archive")


def _workbook(data: bytes, most_columns: int, *, whole: bool, wide: bool) -> list[dict[str, Any]]:
    import python_calamine as calamine  # noqa: PLC0415 - a CSV is read without it

    try:
        book = calamine.load_workbook(io.BytesIO(data))
        shown = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.typ == calamine.SheetTypeEnum.WorkSheet
            and (whole or sheet.visible == calamine.SheetVisibleEnum.Visible)
        ]
        sheets = [(name, book.get_sheet_by_name(name)) for name in (shown if whole else shown[:MOST_SHEETS])]
    except calamine.PasswordError as locked:
        raise Problem("encrypted") from locked
    except (calamine.CalamineError, ValueError, OSError) as broken:
        raise Problem("broken") from broken
    found = []
    largest: Problem | None = None
    for name, sheet in sheets:
        try:
            if sheet.total_height and sheet.total_height > 50 * MOST_ROWS:
                _check_size(sheet.total_height, 0, name)
            rows = [[_text(cell, whole) for cell in row] for row in sheet.iter_rows()]
            found.append({"name": name, "rows": _trim(rows, most_columns, name)})
        except Problem as problem:
            if whole or wide:  # a form has each of its sheets, and answers are not sought beside the largest
                raise
            largest = problem
    found = [sheet for sheet in found if sheet["rows"]]
    if not found:
        raise largest or Problem("empty")
    return found


def _trim(rows: list[list[str]], most_columns: int, sheet: str = "") -> list[list[str]]:
    """Without the empty rows below and the empty cells at the right. Raises Problem."""
    while rows and not any(rows[-1]):
        rows.pop()
    for row in rows:
        while row and not row[-1]:
            row.pop()
    _check_size(len(rows), max(map(len, rows), default=0), sheet, most_columns)
    for number, row in enumerate(rows, 1):
        for cell in row:
            if len(cell) > LONGEST_CELL:
                raise Problem("long_cell", row=number, length=len(cell), sheet=sheet)
    return rows


def _check_size(rows: int, columns: int, sheet: str, most_columns: int = MOST_COLUMNS) -> None:
    if rows > MOST_ROWS + 20:  # headings and a title above them
        raise Problem("rows", count=rows, sheet=sheet, row=rows)
    if columns > most_columns:
        raise Problem("columns", count=columns, most=most_columns, sheet=sheet, row=1)


def _text(cell: object, whole: bool) -> str:  # noqa: PLR0911 - one line a type
    """As a person reads it: 3, not 3.0; a date as 1988-02-28."""
    if isinstance(cell, bool):
        return str(cell).upper() if whole else ("yes" if cell else "no")
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"  # noqa: PLR2004
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, time):
        return f"{cell:%H:%M}"
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell).replace("\x00", "").strip()  # a workbook may write it as _x0000_


def _decode(data: bytes) -> str:
    """Raises Problem when it is no text at all."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _without_nul(data.decode(encoding, "replace"))
    start = data[:4000]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) > len(start) / 8 and min(even, odd) < len(start) / 100 + 1:
        return _without_nul(data.decode("utf-16-be" if even > odd else "utf-16-le", "replace"))
    try:
        return _without_nul(data.decode("utf-8"))
    except UnicodeDecodeError:
        return _without_nul(_guess(data))


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - only the odd file needs it

    # Only the lines that are not plain ASCII tell.
    telling = b"\n".join(line for line in data.splitlines() if not line.isascii())[:50_000]
    best = from_bytes(telling, cp_isolation=_ENCODINGS, preemptive_behaviour=False).best()
    return data.decode(best.encoding if best else "cp1252", "replace")


def _without_nul(text: str) -> str:
    odd = sum(letter < " " and letter not in "\t\r\n\x0b\x0c\x00" for letter in text[:20_000])
    if odd > max(3, _BINARY_SHARE * min(len(text), 20_000)) or text.count("\x00") > len(text) / 4:
        raise Problem("unknown")
    text = text.replace("\x00", "")
    if re.match(r"\s*<(!doctype|html|table|head|body|meta)\b", text[:400], re.IGNORECASE):
        raise Problem("html")
    if re.match(r"\s*<\?xml\b", text[:400], re.IGNORECASE):
        raise Problem("html" if re.search(r"<html\b", text[:2000], re.IGNORECASE) else "xml")
    return text


def _table(text: str, most_columns: int) -> list[list[str]]:
    delimiter = _delimiter(text)
    stated = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)  # Excel's own way to say it
    csv.field_size_limit(len(text) + 1)
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    for row in reader:
        _check_size(0, len(_without_empty_end(row)), "", most_columns)
        rows.append([cell.strip() for cell in row])
        longest = max(map(len, row), default=0)
        if longest > LONGEST_CELL:
            code = "open_quote" if "\n" in max(row, key=len) else "long_cell"
            raise Problem(code, row=len(rows), length=longest)
        if len(rows) > 2 * MOST_ROWS:
            _check_size(len(rows) + sum(1 for _rest in reader), 0, "")
    if stated:
        rows[0] = []
    rows = _trim(rows, most_columns)
    if not rows:
        raise Problem("empty")
    return rows


def _without_empty_end(row: list[str]) -> list[str]:
    end = len(row)
    while end and not row[end - 1].strip():
        end -= 1
    return row[:end]


def _delimiter(text: str) -> str:
    """What splits most of the first lines into the same number of cells."""
    stated = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
    if stated:
        return stated.group(1)
    start = text[:50_000]

    def evenness(delimiter: str) -> tuple[float, int]:
        rows = list(csv.reader(io.StringIO(start, newline=""), delimiter=delimiter))[:60]
        widths = [len(row) for row in rows if len(row) > 1]
        if not widths:
            return (0.0, 0)
        usual = max(set(widths), key=lambda width: (widths.count(width), width))
        return (widths.count(usual) / max(1, sum(1 for row in rows if row)), usual)

    def score(delimiter: str) -> float:
        share, width = evenness(delimiter)
        return share * min(width, 12) if width > 1 else 0.0

    csv.field_size_limit(len(start) + 1)
    return max(_DELIMITERS, key=score)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer: dict[str, Any] = {
            "sheets": parse(sys.stdin.buffer.read(), whole="whole" in sys.argv, wide="wide" in sys.argv)
        }
    except Problem as problem:
        answer = {"problem": problem.code, "facts": problem.facts}
    except MemoryError:
        answer = {"problem": "bomb", "facts": {}}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
