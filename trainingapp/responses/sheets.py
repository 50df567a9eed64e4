"""One person's form as a workbook: written for her, filled without a line, and read back.

Each row to fill bears a key in a hidden column; a hidden sheet says whose form it is, of which version,
and proves that the keys are those we wrote. So a form is never taken for another person's or version's.
"""

import hmac
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import xlsxwriter
from babel import Locale
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from trainingapp import tokens
from trainingapp.followups.models import Invitation
from trainingapp.labels import label
from trainingapp.plans.progress.models import Blocker
from trainingapp.refusals import Refusal
from trainingapp.responses.forms import Page
from trainingapp.responses.queries import Sheet
from trainingapp.responses.words import EVERY_TAP, LANGUAGE_NAMES
from trainingapp.spreadsheets import reading
from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types import QUESTION_TYPES, Asked
from trainingapp.surveys.wording import text_in

LAYOUT = "1"
HIDDEN = "lanjut"
KEY, NUMBER, TEXT, ANSWER, EXTRA = range(5)  # columns; the key's is hidden
FIRST_ROW = 6  # of what is filled, counted from 0
LONGEST_SHEET_NAME = 31
PERCENT = "-percent"


class NotOurForm(Refusal):
    """The file cannot be taken; the text says why."""


@dataclass(frozen=True)
class Line:
    """One row to fill. `key` is the field of the page, or field, column of a question."""

    key: str
    text: str
    hint: str = ""
    choices: tuple[str, ...] = ()
    number: str = ""


@dataclass(frozen=True)
class Form:
    """What a file holds. Cells by key, and where each stood, for whoever must mend it."""

    invitation_id: int
    wave_id: int
    version_id: int
    language: str
    cells: Mapping[str, str]
    places: Mapping[str, str]


def lines(sheet: Sheet, language: str) -> list[Line]:
    """In the order of the page. Files cannot be put into a cell."""
    return [*_activity_lines(sheet, language), *_question_lines(sheet.questions, language)]


def _activity_lines(sheet: Sheet, language: str) -> Iterator[Line]:
    with force_locale(language.replace("-", "_")):
        taps = tuple(str(words) for words in EVERY_TAP.values())
        blockers = tuple(label(blocker) for blocker in Blocker)
        for number, activity in enumerate(sheet.activities, start=1):
            last = sheet.last.get(activity.id)
            hint = _("You said last time: %(state)s", state=EVERY_TAP[last.state]) if last else ""
            name = f"a-{activity.id}"
            yield Line(name, activity.what, hint, taps, f"{number}.")
            yield Line(
                f"{name}{PERCENT}", _("How much of it is done, in percent"), _("A number from 0 to 100.")
            )
            yield Line(f"{name}-blocker", _("What is in the way?"), "", blockers)
            yield Line(f"{name}-note", _("What happened, in your words"))
        for indicator in sheet.indicators:
            yield Line(f"i-{indicator.id}", f"{indicator.name} ({indicator.unit})", _("The number today."))


def _question_lines(questions: Sequence[Question], language: str) -> Iterator[Line]:
    for question in questions:
        kind = QUESTION_TYPES[question.kind]
        if not kind.takes_answer or kind.takes_file:
            continue
        with force_locale(language.replace("-", "_")):
            asked = Asked(language)
            options = tuple(option.text for option in kind.options(question, asked))
            items = {item.value: item.text for item in kind.items(question, asked)}
            text, hint = text_in(question.wording, language), text_in(question.hint, language)
            ends = kind.ends(question, language)
        for column in kind.columns(question):
            is_one = kind.takes_one_tap and column == ""
            about = items.get(column) or ("" if column == "" else column)
            said = [hint, f"{options[0]} = {ends[0]}, {options[-1]} = {ends[1]}" if ends and options else ""]
            if options and not is_one and column == "":
                said.append(_("Choose from: %(choices)s", choices=", ".join(options)))
            yield Line(
                f"q-{question.key}|{column}",
                f"{text} {about}".strip() if about else text,
                " ".join(filter(None, said)),
                options if is_one else (),
            )


def proof(invitation: Invitation, keys: Sequence[str]) -> str:
    version = invitation.wave.survey_version_id
    return tokens.issue("sheet", LAYOUT, invitation.id, invitation.wave_id, version, *keys)[:22]


# Out ------------------------------------------------------------------------------------------------


def write(invitation: Invitation, sheet: Sheet) -> bytes:
    """In her language, as an XLSX."""
    language = invitation.language
    asked = lines(sheet, language)
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        with force_locale(language.replace("-", "_")):
            _fill(book, invitation, asked)
        _sign(book, invitation, asked)
    return file.getvalue()


def _fill(book: xlsxwriter.Workbook, invitation: Invitation, asked: Sequence[Line]) -> None:
    page = book.add_worksheet(_("Your questions")[:LONGEST_SHEET_NAME])
    title = book.add_format({"bold": True, "font_size": 15, "text_wrap": True})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    soft = book.add_format({"text_wrap": True, "valign": "top", "font_color": "#565a63", "font_size": 10})
    framed = {"text_wrap": True, "valign": "top", "locked": False, "border": 1, "bg_color": "#f7f6f3"}
    open_cell = book.add_format(framed)
    as_typed = book.add_format({**framed, "num_format": "@"})  # else 40% typed there becomes 0.4
    if Locale.parse(invitation.language.replace("-", "_")).text_direction == "rtl":
        page.right_to_left()
    page.set_column(KEY, KEY, None, None, {"hidden": True})
    page.set_column(NUMBER, NUMBER, 4)
    page.set_column(TEXT, TEXT, 52)
    page.set_column(ANSWER, ANSWER, 38)
    page.set_column(EXTRA, EXTRA, 52)
    person, cohort = invitation.enrolment.participant, invitation.wave.schedule.cohort
    page.write_string(0, NUMBER, f"{cohort.theme.programme.short_name}, {cohort.name}", title)
    page.write_string(1, NUMBER, person.full_name, title)
    page.write_string(
        2,
        NUMBER,
        _("Fill the framed cells, save the file and send it back. Leave out what you like."),
    )
    page.write_string(3, NUMBER, _("This form is for you alone: what it says is kept under your name."))
    page.write_string(FIRST_ROW - 1, ANSWER, _("Your answer"), book.add_format({"bold": True}))
    above = 0  # rows of the hidden sheet that hold choices of earlier lines
    for row, line in enumerate(asked, start=FIRST_ROW):
        page.write_string(row, KEY, line.key)
        page.write_string(row, NUMBER, line.number, plain)
        page.write_string(row, TEXT, line.text, plain)
        page.write_blank(row, ANSWER, None, as_typed if line.key.endswith(PERCENT) else open_cell)
        page.write_string(row, EXTRA, line.hint, soft)
        if line.choices:
            first = above + 1
            above += len(line.choices)
            source = f"={HIDDEN}!$B${first}:$B${above}"
            page.data_validation(row, ANSWER, row, ANSWER, {"validate": "list", "source": source})
    page.freeze_panes(FIRST_ROW, 0)
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.protect("", {"format_rows": True, "format_columns": True})


def _sign(book: xlsxwriter.Workbook, invitation: Invitation, asked: Sequence[Line]) -> None:
    """Facts in the first column, in the second the choices of one line below those of another."""
    hidden = book.add_worksheet(HIDDEN)
    hidden.hide()
    facts = (
        LAYOUT,
        str(invitation.id),
        str(invitation.wave_id),
        str(invitation.wave.survey_version_id),
        invitation.language,
        proof(invitation, [line.key for line in asked]),
    )
    for row, fact in enumerate(facts):
        hidden.write_string(row, 0, fact)
    choices = [choice for line in asked for choice in line.choices]
    for row, choice in enumerate(choices):
        hidden.write_string(row, 1, choice)


# Back -----------------------------------------------------------------------------------------------


def read(data: bytes) -> Form:
    """Raises NotOurForm, and reading.Unreadable."""
    sheets = {sheet.name: sheet.rows for sheet in reading.read(data, whole=True)}
    facts = [row[0] if row else "" for row in sheets.get(HIDDEN, [])][:6]
    if len(facts) < 6 or not all(fact.isdigit() for fact in facts[:4]):  # noqa: PLR2004 - as many as _sign writes
        raise NotOurForm(_("This is none of our forms: the hidden sheet that says whose it is is missing."))
    if facts[0] != LAYOUT:
        raise NotOurForm(_("This form is of an older make. Download a new one."))
    page = next((rows for name, rows in sheets.items() if name != HIDDEN), [])
    keys, cells, places = [], {}, {}
    for number, row in enumerate(page[FIRST_ROW:], start=FIRST_ROW + 1):
        key = row[KEY] if row else ""
        if key:
            keys.append(key)
            cells[key] = row[ANSWER].strip() if len(row) > ANSWER else ""
            places[key] = f"{xlsxwriter.utility.xl_col_to_name(ANSWER)}{number}"
    expected = tokens.issue("sheet", LAYOUT, *facts[1:4], *keys)[:22]
    is_ours = hmac.compare_digest(expected.encode(), facts[5].encode())
    if not is_ours or facts[4] not in LANGUAGE_NAMES:
        raise NotOurForm(
            _("Rows of this form were added, removed or changed: its answers could mean anything.")
        )
    return Form(int(facts[1]), int(facts[2]), int(facts[3]), facts[4], cells, places)


def typed(form: Form, sheet: Sheet) -> Page:
    """The page as if she had typed there what the cells say; what cannot be read is in its `errors`."""
    page = Page(sheet, form.language, MultiDict())
    spoken = _spoken(form.language)
    for name in [f"a-{one.id}" for one in sheet.activities] + [f"i-{one.id}" for one in sheet.indicators]:
        for part, read in _PARTS.items():
            if text := form.cells.get(f"{name}{part}", ""):
                page.typed[f"{name}{part}"] = read(text, spoken)
    for question in sheet.questions:
        _typed_question(form, question, page)
    return page


def _offered(text: str, spoken: Mapping[str, str]) -> str:
    return spoken.get(text.casefold(), text.rstrip("% "))


def _percent(text: str, _spoken: Mapping[str, str]) -> str:
    """0.4 is how a spreadsheet keeps the 40% of a cell that it took for a percentage."""
    text = text.rstrip("% ")
    return f"{float(text) * 100:g}" if re.fullmatch(r"0\.\d+", text) else text


# What stands in the cell of a line -> what the page sends. A note is hers, whatever it says.
_PARTS: dict[str, Callable[[str, Mapping[str, str]], str]] = {
    "": _offered,
    PERCENT: _percent,
    "-blocker": _offered,
    "-note": lambda text, _spoken: text,
}


def _spoken(language: str) -> dict[str, str]:
    """What the drop-downs offer -> what the page sends."""
    with force_locale(language.replace("-", "_")):
        taps = {str(words).casefold(): state.value for state, words in EVERY_TAP.items()}
        return taps | {label(blocker).casefold(): blocker.value for blocker in Blocker}


def _typed_question(form: Form, question: Question, page: Page) -> None:
    kind = QUESTION_TYPES[question.kind]
    if not kind.takes_answer or kind.takes_file:
        return
    name = kind.name(question)
    cells = {column: form.cells.get(f"{name}|{column}", "") for column in kind.columns(question)}
    try:
        with force_locale(form.language.replace("-", "_")):
            page.typed.update(kind.typed(question, cells, [form.language, "en"]))
    except Refusal as refusal:
        page.errors[name] = str(refusal)
