"""Reading cells of one sheet by what their columns mean, and remembering which were carried over."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from flask_babel import gettext as _

from trainingapp.surveys.xlsform.contents import Remark, Report, Texts
from trainingapp.surveys.xlsform.headings import MEDIA, Heading, understood
from trainingapp.surveys.xlsform.languages import tag_of
from trainingapp.surveys.xlsform.workbook import Book, Row

_SPOKEN = {"label", "hint", "constraint_message"}


@dataclass
class Languages:
    """`plain` is the language of what has none written behind its heading."""

    plain: str = "en"
    spoken: list[str] = field(default_factory=list)


@dataclass
class Cells:
    sheet: str  # as it is written
    rows: list[Row]
    heads: dict[str, Heading]
    languages: Languages
    report: Report

    def heading(self, row: Row, column: str) -> str:
        """As it is written above the cell; of several, the one that has a text."""
        return next(
            (
                head.written
                for head in self.heads.values()
                if head.column == column and row.cells.get(head.written)
            ),
            "",
        )

    def text(self, row: Row, column: str) -> str:
        """On one line, as pyxform reads it."""
        return " ".join(row.cells.get(self.heading(row, column), "").split())

    def take(self, row: Row, *columns: str) -> None:
        row.take(*(head.written for head in self.heads.values() if head.column in columns))

    def taken(self, row: Row, column: str) -> str:
        row.take(self.heading(row, column))
        return self.text(row, column)

    def texts(self, row: Row, column: str) -> Texts:
        """By language. Where two columns are of one language the first that says which keeps its text."""
        found: Texts = {}
        for tag, head in self._spoken(row, column):
            text = row.cells[head.written].strip()
            if found.setdefault(tag, text) == text:
                row.take(head.written)
            else:
                self.left_behind(
                    row, column, _("Another column has this text in the same language."), head.written
                )
        return found

    def written(self, row: Row, column: str, tag: str) -> str:
        """The heading of the column whose text of this language is kept."""
        return next((head.written for one, head in self._spoken(row, column) if one == tag), "")

    def _spoken(self, row: Row, column: str) -> list[tuple[str, Heading]]:
        heads = [
            head for head in self.heads.values() if head.column == column and row.cells.get(head.written)
        ]
        return [(self.tag(head), head) for head in sorted(heads, key=lambda head: not head.language)]

    def tag(self, head: Heading) -> str:
        """Of the language of what stands below."""
        return tag_of(head.language) if head.language else self.languages.plain

    def left_behind(self, row: Row, column: str, reason: str, heading: str = "") -> None:
        self._remark(self.report.left_behind, row, column, reason, heading)

    def refuse(self, row: Row, column: str, reason: str) -> None:
        self._remark(self.report.refused, row, column, reason, "")

    def _remark(self, remarks: list[Remark], row: Row, column: str, reason: str, heading: str) -> None:
        heading = heading or self.heading(row, column)
        remark = Remark(self.sheet, row.number, heading or column, row.cells.get(heading, ""), reason)
        row.take(heading)
        said = {(one.sheet, one.row, one.column, one.reason) for one in remarks}
        if (
            self.sheet,
            row.number,
            remark.column,
            reason,
        ) not in said:  # a row that repeats is read once a copy
            remarks.append(remark)


def cells_of(book: Book, sheet: str, languages: Languages, report: Report) -> Cells:
    table = book.tables.get(sheet)
    heads = understood(table.headings, sheet) if table else {}
    return Cells(table.name if table else sheet, table.rows if table else [], heads, languages, report)


def languages_of(book: Book, default: str) -> Languages:
    """Those that have a text, the default first."""
    languages = Languages(tag_of(default) if default and default != "default" else "en")
    found = {}
    for sheet in ("survey", "choices", "external_choices"):
        for head in understood(book.tables[sheet].headings, sheet).values() if sheet in book.tables else ():
            has_text = any(head.written in row.cells for row in book.rows(sheet))
            if head.column in _SPOKEN and has_text:
                found[tag_of(head.language) if head.language else languages.plain] = True
    rest = [tag for tag in found if tag != languages.plain]
    languages.spoken = [languages.plain, *rest] if languages.plain in found or not rest else rest
    return languages


def name_the_rest(all_cells: Iterable[Cells], book: Book) -> None:
    """Whatever nobody took is left behind, cell by cell or, where the whole row is, by row."""
    for cells in all_cells:
        for row in cells.rows:
            _name_row(cells, row)
    for table in book.others:
        if any(row.cells or row.loose for row in table.rows) or table.headings:
            report = next(iter(all_cells)).report
            reason = _("A form has no sheet of this name.")
            report.left_behind.append(Remark(table.name, None, None, table.name, reason))


def _name_row(cells: Cells, row: Row) -> None:
    rest = row.untaken
    for letter, text in row.loose.items():
        reason = _("There is no heading above it.")
        cells.report.left_behind.append(Remark(cells.sheet, row.number, letter, text, reason))
    if rest and not row.taken:
        what = " · ".join(rest.values())[:200]
        reason = _why_row(cells, row)
        cells.report.left_behind.append(Remark(cells.sheet, row.number, None, what, reason))
        return
    for heading, text in rest.items():
        reason = _why(cells.heads[heading].column)
        cells.report.left_behind.append(Remark(cells.sheet, row.number, heading, text, reason))


def _why_row(cells: Cells, row: Row) -> str:
    if cells.text(row, "disabled"):
        return _("It is switched off in the column “disabled”.")
    if cells.sheet.lower() == "entities":
        return _("No lists of entities are kept here: the answers come in without them.")
    if cells.sheet.lower() == "osm":
        return _("Nothing is drawn on a map here.")
    if cells.text(row, "list_name"):
        return _("No question uses this list.")
    return _("This row is no part of the form.")


def _why(column: str) -> str:
    if column in MEDIA:
        return _("Pictures and sounds are not shown beside a text here.")
    reasons = {
        "default": _("No answer is filled in beforehand here."),
        "guidance_hint": _("Only the hint is shown here."),
        "required_message": _("A required question says so in our own words."),
        **dict.fromkeys(
            ("parameters", "appearance", "rows"), _("Our pages have their own way to show this question.")
        ),
        "read_only": _("What is asked can be answered here, and what is worked out cannot."),
        "required": _("It is not asked, so it cannot be required."),
        "name": _("Names of this row have no meaning here."),
        "label": _("Nothing of this row is shown."),
        "hint": _("Nothing of this row is shown."),
        "trigger": _("It is worked out whenever an answer changes, not only after that one."),
        "save_to": _("No lists of entities are kept here: the answers come in without them."),
        "autoplay": _("Pictures and sounds are not shown beside a text here."),
        "style": _("Our pages have a look of their own."),
        "instance_name": _("An answer is known by whom it is from and when it came."),
        **dict.fromkeys(
            ("submission_url", "auto_send", "auto_delete"), _("Answers come to us without this.")
        ),
    }
    return reasons.get(column.lower()) or _("We have no use for this column.")
