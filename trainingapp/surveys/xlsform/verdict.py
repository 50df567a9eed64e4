"""Asks pyxform about a workbook, and says in our words what it says in its own."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from trainingapp.surveys.xlsform import judging, sayings, vocabulary
from trainingapp.surveys.xlsform.contents import Remark, Report
from trainingapp.surveys.xlsform.headings import understood
from trainingapp.surveys.xlsform.workbook import SHEETS, Book

_PLACE = re.compile(r"^\s*\[row : (\d+)\]\s*:?\s*")
_SHEET = re.compile(r"On the '([^']+)' sheet, the '([^']+)' value( '[^']*')? is (?:invalid|problematic)\.\s*")
_QUOTED = re.compile(r"'([^']+)'|\[([^\[\]]+)\]|: (\S+)$")
_MORE = re.compile(r"\s*Learn more: \S+")


def ask(book: Book, name: str, report: Report) -> None:
    """Adds what pyxform warns of, and its refusal with the place as far as it tells."""
    try:
        child = subprocess.run(  # noqa: S603 - our own script
            [sys.executable, "-I", judging.__file__],
            input=json.dumps(as_pyxform_reads(book, name)),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=judging.SECONDS,
            check=False,
            env={"PYTHONIOENCODING": "utf-8"},
        )
    except subprocess.TimeoutExpired:
        child = None
    if child is None or child.returncode != 0:
        reason = _("Checking this form takes too long or too much memory. Split it into smaller forms.")
        report.refused.append(Remark("survey", None, None, "", reason))
        return
    note(json.loads(child.stdout), book, report)


def note(found: Mapping[str, Any], book: Book, report: Report) -> None:
    """What the judge said."""
    report.warnings += [_MORE.sub("", text).strip() for text in found["warnings"]]
    if "problem" in found:
        report.refused.append(in_our_words(found["problem"], book))


def as_pyxform_reads(book: Book, name: str) -> dict[str, object]:
    given: dict[str, object] = {"sheet_names": book.names, "fallback_form_name": name or None}
    for sheet in SHEETS:
        if sheet in book.tables:
            table = book.tables[sheet]
            given[sheet] = [_with_plain_spaces(row.cells) for row in table.rows]
            given[f"{sheet}_header"] = [dict.fromkeys(table.headings)] if table.headings else []
    return given


def _with_plain_spaces(cells: Mapping[str, str]) -> dict[str, str]:
    """A space that does not break lines is one like others to pyxform, in a workbook that it opens itself."""
    return {heading: text.replace("\xa0", " ") for heading, text in cells.items()}


def in_our_words(problem: str, book: Book) -> Remark:
    """Its place is what pyxform says of it, else where the name stands that pyxform speaks of."""
    text = " ".join(_MORE.sub("", problem).split())
    place = _PLACE.match(text)
    rest = _PLACE.sub("", text)
    named = _SHEET.match(rest)
    sheet, column = (named.group(1), named.group(2)) if named else ("survey", None)
    said = sayings.said(rest) or sayings.Said(
        _(
            "pyxform does not take this for a valid form: %(reason)s",
            reason=(_SHEET.sub("", rest).strip() or text)[:300],
        )
    )
    column = said.column or column
    number: int | None
    if place:
        number, heading = int(place.group(1)), _heading(sheet, column, book)
    elif said.row or said.asks:
        number = said.row or _asking(said.asks, book)
        heading = _heading(sheet, column, book) if column else None
    else:
        words = [said.what] if said.what else [word for found in _QUOTED.findall(rest) for word in found]
        sheet, number, heading = (
            _of_parameter(rest, book) or _found(words, sheet, book) or (sheet, None, column)
        )
        heading = _heading(sheet, column, book) if column else heading
    return Remark(
        book.tables[sheet].name if sheet in book.tables else sheet,
        number,
        heading,
        said.what or _cell(sheet, number, heading, book),
        said.reason,
    )


def _asking(sorts: frozenset[str], book: Book) -> int | None:
    """The row of the first question of one of these sorts."""
    for row in book.rows("survey"):
        word = row.cells.get(_heading("survey", "type", book) or "", "")
        found = vocabulary.understood(word)
        if found and found.sort in sorts:
            return row.number
    return None


def _heading(sheet: str, column: str | None, book: Book) -> str | None:
    """As it is written in this workbook."""
    table = book.tables.get(sheet)
    heads = understood(table.headings, sheet).values() if table else ()
    return next((head.written for head in heads if column in {head.column, head.written}), column)


def _cell(sheet: str, number: int | None, heading: str | None, book: Book) -> str:
    row = next((row for row in book.rows(sheet) if row.number == number), None)
    return row.cells.get(heading or "", "") if row else ""


def _found(words: Sequence[str], sheet: str, book: Book) -> tuple[str, int, str] | None:
    """The first cell that says one of these, in the sheet pyxform speaks of, else in any; or a heading."""
    names = [name for name in dict.fromkeys([sheet, *book.tables]) if name in book.tables]
    for word in filter(None, words):
        for name in names:
            for row in book.tables[name].rows:
                for heading, text in row.cells.items():
                    if word == text or word in text.split() or f"${{{word}}}" in text:
                        return name, row.number, heading
            if word in book.tables[name].headings:
                return name, 1, word
    return None


def _of_parameter(problem: str, book: Book) -> tuple[str, int, str] | None:
    """The cell with a parameter that pyxform speaks of without saying where it stands."""
    heading = _heading("survey", "parameters", book) or ""
    for row in book.rows("survey"):
        for name in re.findall(r"([\w-]+)\s*=", row.cells.get(heading, "")):
            is_named = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", problem)
            if is_named and ("-" in name or re.match(rf".*arameter|Invalid value for|{name}", problem)):
                return "survey", row.number, heading
    return None
