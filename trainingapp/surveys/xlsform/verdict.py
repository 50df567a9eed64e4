"""Asks pyxform about a workbook, and says in our words what it says in its own."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from trainingapp.surveys.xlsform import judging, vocabulary
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
    said = _said(rest) or _Said(
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


@dataclass(frozen=True)
class _Said:
    reason: str
    what: str = ""  # what pyxform names, and we look for
    column: str | None = None
    row: int | None = None
    asks: frozenset[str] = frozenset()  # sorts of types: the first question of one of these is meant


def _said(text: str) -> _Said | None:
    for pattern, say in _SAYINGS:
        if found := re.search(pattern, text):
            return say(*((group or "")[:200] for group in found.groups()))
    return None


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
            if is_named and ("-" in name or "arameter" in problem or problem.startswith(name)):
                return "survey", row.number, heading
    return None


_CHOOSING = frozenset({"one_of", "many_of", "ranking", "begin"})


def _no_sheet(alike: str) -> _Said:
    """`alike` are the sheets whose names are close."""
    if alike:
        return _Said(
            _("There is no sheet called “survey”. Rename %(names)s if that is the one.", names=alike)
        )
    return _Said(_("There is no sheet called “survey”: the questions stand there."))


def _no_choices(external: str) -> _Said:
    name = f"{external}choices"
    return _Said(
        _("It takes its choices from a list, and the form has no sheet “%(name)s”.", name=name),
        column="type",
        asks=frozenset({"external"}) if external else _CHOOSING,
    )


def _unknown(word: str) -> _Said:
    return _Said(_("“%(word)s” is not a type of question.", word=word), word, "type")


_SAYINGS: list[tuple[str, Callable[..., _Said]]] = [
    (r"must have a sheet named 'survey'(?:.* were found: (.*?)\.)?", _no_sheet),
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
    (r"Unknown question type '([^']*)'", _unknown),
    (
        r"'itemset' and 'list_name' must not both()",
        lambda _no: _Said(_("It does not say from which list it takes its choices."), "rank", "type"),
    ),
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
        r"List name not in (?:external choices|choices|columns) sheet: (\S+)",
        lambda name: _Said(_("The sheet of choices has no list “%(name)s”.", name=name), name, "type"),
    ),
    (r"There should be an? (external_)?choices sheet", _no_choices),
    (
        r"section has not been included()",
        lambda _no: _Said(
            _("It takes in another form: copy the questions of that form to this place."), "include", "type"
        ),
    ),
    (
        r"Badly formatted table list()",
        lambda _no: _Said(
            _("All questions of a table-list take their choices from one list."), column="type"
        ),
    ),
    (
        r"The name '([^']*)' is reserved",
        lambda name: _Said(
            _("“%(name)s” means something else to forms. Choose another name.", name=name), name
        ),
    ),
    (
        r"the parameter '(\w+)' must be a number",
        lambda name: _Said(_("“%(name)s” is a number.", name=name), column="parameters"),
    ),
    (
        r"(Parameter '\w+' has .*)",
        lambda why: _Said(
            _("pyxform does not take this for a valid form: %(reason)s", reason=why), column="parameters"
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
        lambda names: _Said(
            _(
                "These columns are missing in the first row: %(names)s. The headings stand there, with "
                "nothing above them.",
                names=names.replace("'", ""),
            ),
            row=1,
        ),
    ),
    (
        r"named '([^']*)' has no label",
        lambda name: _Said(_("This question has no label."), name, "name"),
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
