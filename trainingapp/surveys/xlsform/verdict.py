"""Asks pyxform about a workbook, and says in our words what it says in its own."""

import json
import re
import subprocess
import sys
from collections.abc import Callable

from flask_babel import gettext as _

from trainingapp.surveys.xlsform import judging
from trainingapp.surveys.xlsform.contents import Remark, Report
from trainingapp.surveys.xlsform.workbook import SHEETS, Book, Table

_PLACE = re.compile(r"^\s*\[row : (\d+)\]\s*:?\s*")
_SHEET = re.compile(r"On the '([^']+)' sheet, the '([^']+)' value( '[^']*')? is (?:invalid|problematic)\.\s*")
_MORE = re.compile(r"\s*Learn more: \S+")


def ask(book: Book, name: str, report: Report) -> None:
    """Adds what pyxform warns of, and its refusal with the place as far as it tells."""
    try:
        child = subprocess.run(  # noqa: S603 - our own script
            [sys.executable, "-I", judging.__file__],
            input=json.dumps(_as_pyxform_reads(book, name)),
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
    found = json.loads(child.stdout)
    report.warnings += [_MORE.sub("", text).strip() for text in found["warnings"]]
    if "problem" in found:
        report.refused.append(in_our_words(found["problem"], book))


def _as_pyxform_reads(book: Book, name: str) -> dict[str, object]:
    given: dict[str, object] = {"sheet_names": book.names, "fallback_form_name": name or None}
    for sheet in SHEETS:
        if sheet in book.tables:
            table = book.tables[sheet]
            given[sheet] = [row.cells for row in table.rows]
            given[f"{sheet}_header"] = [dict.fromkeys(table.headings)] if table.headings else []
    return given


def in_our_words(problem: str, book: Book) -> Remark:
    text = " ".join(_MORE.sub("", problem).split())
    row = _PLACE.match(text)
    number = int(row.group(1)) if row else None
    rest = _PLACE.sub("", text)
    place = _SHEET.match(rest)
    sheet, column = (place.group(1), place.group(2)) if place else ("survey", None)
    for pattern, say in _SAYINGS:
        if found := re.search(pattern, rest):
            said = say(*(_short(group) for group in found.groups()))
            if number is None:
                sheet, number, column = _found_by(said.what, sheet, book) or (
                    sheet,
                    None,
                    said.column or column,
                )
            return Remark(_written(sheet, book), number, said.column or column, said.what, said.reason)
    plain = _SHEET.sub("", rest).strip() or text
    return Remark(
        _written(sheet, book),
        number,
        column,
        _cell(sheet, number, column, book),
        _("pyxform does not take this for a valid form: %(reason)s", reason=plain[:300]),
    )


class _Said:
    def __init__(self, reason: str, what: str = "", column: str | None = None) -> None:
        self.reason = reason
        self.what = what
        self.column = column


def _short(text: str | None) -> str:
    return (text or "")[:80]


def _written(sheet: str, book: Book) -> str:
    return book.tables[sheet].name if sheet in book.tables else sheet


def _cell(sheet: str, number: int | None, column: str | None, book: Book) -> str:
    row = next((row for row in book.rows(sheet) if row.number == number), None)
    return row.cells.get(column or "", "") if row else ""


def _found_by(what: str, sheet: str, book: Book) -> tuple[str, int, str] | None:
    """Where a text stands that pyxform names without its place: in the sheet it speaks of, else in any."""
    if not what:
        return None
    tables: list[Table] = [
        book.tables[name] for name in dict.fromkeys([sheet, *book.tables]) if name in book.tables
    ]
    for table in tables:
        for row in table.rows:
            for heading, text in row.cells.items():
                if what == text or what in text.split():
                    return table.name.lower(), row.number, heading
    return None


def _no_sheet(_similar: str) -> _Said:
    return _Said(_("There is no sheet called “survey”: the questions stand there."))


_SAYINGS: list[tuple[str, Callable[..., _Said]]] = [
    (r"must have a sheet named 'survey'(.*)", _no_sheet),
    (
        r"Names must begin with a letter or underscore()",
        lambda _no: _Said(
            _("A name begins with a letter and has only letters, figures, and the signs _ - and . in it."),
            column="name",
        ),
    ),
    (
        r"Could not find the name '([^']*)'",
        lambda name: _Said(_("It asks for “%(name)s”, and no question has this name.", name=name), name),
    ),
    (
        r"The name '([^']*)' appears more than once",
        lambda name: _Said(
            _("It asks for “%(name)s”, and several questions have this name.", name=name), name
        ),
    ),
    (
        r"Reference variables must start with()",
        lambda _no: _Said(_("The name of a question stands between ${ and }, with nothing else.")),
    ),
    (
        r"must be unique within their nearest parent()",
        lambda _no: _Said(_("Another question of the same group has this name."), column="name"),
    ),
    (r"Unknown question type '([^']*)'", lambda word: _unknown(word)),
    (r"Question with no type()", lambda _no: _Said(_("This question has no type."), column="type")),
    (r"Question or group with no name()", lambda _no: _Said(_("This question has no name."), column="name")),
    (
        r"Unmatched 'end_(\w+)'",
        lambda _word: _Said(_("Here a group or repeat ends that was not begun."), column="type"),
    ),
    (
        r"Unmatched 'begin_(\w+)'",
        lambda _word: _Said(_("Here a group or repeat begins that does not end."), column="type"),
    ),
    (
        r"List name not in (?:external )?choices sheet: (\S+)",
        lambda name: _Said(_("The sheet of choices has no list “%(name)s”.", name=name), name, "type"),
    ),
    (
        r"There should be an? (?:external_)?choices sheet()",
        lambda _no: _Said(
            _("A question takes its choices from a list, and the form has no sheet “choices”.")
        ),
    ),
    (
        r"Choice names must be unique()",
        lambda _no: _Said(_("Another choice of the same list has this name."), column="name"),
    ),
    (r"Choices must have a name()", lambda _no: _Said(_("This choice has no name."), column="name")),
    (
        r"Choice names with spaces.*See \[(.*?)\] in",
        lambda name: _Said(
            _("Where several may be chosen, the name of a choice is one word: write it without spaces."), name
        ),
    ),
    (r"Missing calculation()", lambda _no: _Said(_("There is nothing to calculate."), column="calculation")),
    (
        r"Duplicate column header: (.*)",
        lambda name: _Said(_("The heading “%(name)s” stands there twice.", name=name), name),
    ),
    (
        r"different names for the same column were found: '([^']*)', '([^']*)'",
        lambda one, other: _Said(
            _("The columns “%(one)s” and “%(other)s” mean the same. Remove one.", one=one, other=other),
            one,
            other,
        ),
    ),
    (
        r"required column headers were not found: (.*?)\.",
        lambda names: _Said(_("These columns are missing: %(names)s.", names=names)),
    ),
    (
        r"Choice filter not supported with or_other()",
        lambda _no: _Said(_("or_other and a choice filter do not go together."), column="choice_filter"),
    ),
    (
        r"Parameters must be in the form()",
        lambda _no: _Said(_("Parameters are written like start=1 end=5."), column="parameters"),
    ),
    (
        r"accepted parameter keys for this question type are '([^']*)'",
        lambda names: _Said(_("This type of question knows only these parameters: %(names)s.", names=names)),
    ),
    (
        r"There (?:has been|are) .*? (?:dependency|circular|cycle)(.*)",
        lambda _no: _Said(_("Questions wait for each other in a circle.")),
    ),
    (r"^nested$()", lambda _no: _Said(_("The form is too large or nested too deeply."))),
]


def _unknown(word: str) -> _Said:
    return _Said(_("“%(word)s” is not a type of question.", word=word), word, "type")
