"""Spreadsheets coming in: read by a process of its own, with little memory and little time."""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from trainingapp.refusals import Refusal
from trainingapp.spreadsheets import parsing


class Unreadable(Refusal):
    """The file itself; nothing of it was kept. `sheet` and `row` say where, if that is known."""

    def __init__(self, text: str, sheet: str | None = None, row: int | None = None) -> None:
        super().__init__(text, "file")
        self.sheet = sheet
        self.row = row


@dataclass(frozen=True)
class Sheet:
    """Rows of texts, as the spreadsheet counts them from 1; empty rows are empty lists."""

    name: str  # empty for a CSV
    rows: list[list[str]]


def read(data: bytes, *, whole: bool = False, wide: bool = False) -> list[Sheet]:
    """The visible sheets that hold something; all of them when it is read `whole`. `wide` takes more columns.

    Raises Unreadable.
    """
    ways = [name for name, is_wanted in (("whole", whole), ("wide", wide)) if is_wanted]
    try:
        child = subprocess.run(  # noqa: S603 - our own script
            [sys.executable, "-I", parsing.__file__, *ways],
            input=data,
            capture_output=True,
            timeout=parsing.SECONDS,
            check=False,
            env={"PYTHONIOENCODING": "utf-8"},
        )
    except subprocess.TimeoutExpired as slow:
        raise Unreadable(_sentence("bomb", {})) from slow
    if child.returncode != 0:  # killed by a limit, or the file broke the reader
        raise Unreadable(_sentence("bomb" if child.returncode < 0 else "broken", {}))
    answer = json.loads(child.stdout)
    if "problem" in answer:
        facts = answer["facts"]
        raise Unreadable(_sentence(answer["problem"], facts), facts.get("sheet") or None, facts.get("row"))
    return [Sheet(**sheet) for sheet in answer["sheets"]]


def _sentence(code: str, facts: dict[str, Any]) -> str:
    save_as = _("Save it as .xlsx or .csv and choose that file.")
    sentences = {
        "empty": _("There is nothing in this file."),
        "encrypted": _("This file is locked with a password. Save a copy without one and choose that file."),
        "bomb": _("This file unpacks to far more than it should hold, so we stopped reading it."),
        "broken": _(
            "This file is damaged or cut short. Open it in your spreadsheet program and save it again."
        ),
        "pdf": _("This is a PDF, not a spreadsheet. %(advice)s", advice=save_as),
        "image": _("This is a picture, not a spreadsheet. %(advice)s", advice=save_as),
        "document": _("This is a text document, not a spreadsheet. %(advice)s", advice=save_as),
        "archive": _("This is an archive of files, not a spreadsheet. %(advice)s", advice=save_as),
        "xml": _("This is an XML file, not a spreadsheet. %(advice)s", advice=save_as),
        "html": _("This is a web page, whatever its name ends with. %(advice)s", advice=save_as),
        "unknown": _("We do not know this kind of file. %(advice)s", advice=save_as),
    }
    if code in sentences:
        return sentences[code]
    if code == "rows":
        return _(
            "There are %(count)s rows in this file; we read up to %(most)s. Split it into smaller files.",
            count=facts["count"],
            most=parsing.MOST_ROWS,
        )
    if code == "columns":
        return _(
            "There are %(count)s columns in this file; we read up to %(most)s. Remove those we do not need.",
            count=facts["count"],
            most=facts["most"],
        )
    if code == "open_quote":
        return _('Row %(row)s has a quotation mark (") that is never closed.', row=facts["row"])
    return _(
        "A cell in row %(row)s holds %(length)s characters; a cell may hold %(most)s.",
        row=facts["row"],
        length=facts["length"],
        most=parsing.LONGEST_CELL,
    )
