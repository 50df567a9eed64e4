"""From a workbook to a questionnaire. Every cell is carried over, or named with its place."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from flask_babel import gettext as _

from trainingapp.spreadsheets import reading as spreadsheets
from trainingapp.surveys.question_types import QUESTION_TYPES, OptionsUnfit
from trainingapp.surveys.xlsform import (
    grouped,
    kinds,
    lists,
    own_columns,
    references,
    repeats,
    rows,
    settings,
    verdict,
)
from trainingapp.surveys.xlsform.cells import Cells, Languages, cells_of, languages_of, name_the_rest
from trainingapp.surveys.xlsform.contents import Form, Item, Remark, Report, Section
from trainingapp.surveys.xlsform.expressing import Expressing
from trainingapp.surveys.xlsform.rows import Node
from trainingapp.surveys.xlsform.workbook import Book, book_of

MOST_QUESTIONS = 1000


def read(data: bytes, file_name: str) -> tuple[Form | None, Report]:
    """Never raises. Without a form the report says why."""
    report = Report()
    try:
        book = book_of(spreadsheets.read(data, whole=True))
    except spreadsheets.Unreadable as problem:
        report.refused.append(Remark(problem.sheet, problem.row, None, file_name, str(problem)))
        return None, report
    for table in book.tables.values():
        if table.twice:
            reason = _("The heading “%(name)s” stands there twice.", name=table.twice)
            report.refused.append(Remark(table.name, 1, table.twice, table.twice, reason))
    if not report.refused:
        verdict.ask(book, PurePath(file_name).stem, report)
    form = None
    if report.refused:
        refuse_unknown(book, report)
    else:
        form = Reader(book, PurePath(file_name).stem, report).form()
    for remarks in (report.left_behind, report.refused):  # as one reads through the workbook
        remarks.sort(
            key=lambda one: (book.names.index(one.sheet) if one.sheet in book.names else -1, one.row or 0)
        )
    return form, report


def refuse_unknown(book: Book, report: Report) -> None:
    """Pyxform stops at the first problem; whoever mends a form would know all types that are none."""
    cells = cells_of(book, "survey", Languages(), report)
    for row, word in rows.unknown(cells):
        said = [one for one in report.refused if (one.sheet, one.row) == (cells.sheet, row.number)]
        if all(one.column != cells.heading(row, "type") for one in said):  # else it knows this type better
            report.refused[:] = [one for one in report.refused if one not in said]
            cells.refuse(row, "type", _("“%(word)s” is not a type of question.", word=word))


@dataclass
class Reader:
    book: Book
    name: str  # of the file
    report: Report
    cells: Cells = field(init=False)
    choices: lists.Lists = field(init=False)
    external: lists.Lists = field(init=False)
    expressing: Expressing = field(init=False)

    def __post_init__(self) -> None:
        languages = languages_of(self.book, settings.default_language(self.book))
        self.cells = cells_of(self.book, "survey", languages, self.report)
        self.choices = lists.read(cells_of(self.book, "choices", languages, self.report))
        self.external = lists.read(cells_of(self.book, "external_choices", languages, self.report))
        self.expressing = Expressing(self.cells, lists.changed_in(self.choices, self.external))

    def form(self) -> Form:
        form = Form(self.name, self.name, self.cells.languages.spoken)
        self.settings_cells = cells_of(self.book, "settings", self.cells.languages, self.report)
        repeated = repeats.Repeats(self.cells, self.choices)
        nodes = repeated.written_out(rows.tree(self.cells))
        self.expressing.repeated = repeated.copies
        settings.carry(self.settings_cells, nodes, self.cells, form)
        self.read_nodes(nodes, "", form)
        self.expressing.check(form)
        if circle := references.circle(form):
            self.refuse_circle(circle)
        if not form.questions and self.report.is_accepted:
            self.refuse_sheet(_("There is no question in this form that we can ask."))
        if len(form.questions) > MOST_QUESTIONS:
            self.refuse_sheet(_("A questionnaire has at most %(most)s questions here.", most=MOST_QUESTIONS))
        others = [
            cells_of(self.book, sheet, self.cells.languages, self.report) for sheet in ("entities", "osm")
        ]
        name_the_rest(
            [self.cells, self.choices.cells, self.external.cells, self.settings_cells, *others], self.book
        )
        return form

    def refuse_circle(self, circle: Sequence[str]) -> None:
        row = self.expressing.row_of.get(circle[0])
        reason = (
            _("These questions wait for each other: %(names)s.", names=" → ".join(circle))
            if len(set(circle)) > 1
            else _("It waits for its own answer.")
        )
        self.report.refused.append(
            Remark(self.cells.sheet, row.number if row else None, None, circle[0], reason)
        )

    def refuse_sheet(self, reason: str) -> None:
        first = next((row.number for row in self.cells.rows if row.cells), 1)
        self.report.refused.append(Remark(self.cells.sheet, first, None, "", reason))

    def read_nodes(self, nodes: Sequence[Node], section: str, form: Form) -> None:
        for node in nodes:
            if node.type.sort == "begin":
                self.read_group(node, section, form)
            elif node.type.sort not in settings.SORTS:
                self.read_question(node, section, form)

    def read_group(self, node: Node, section: str, form: Form) -> None:
        cells, row = self.cells, node.row
        if cells.text(row, own_columns.KIND) in grouped.KINDS:
            self.add(grouped.question(self, node, section), node, form)
            return
        key = self.expressing.key(row, {one.key for one in form.sections})
        relevant = self.expressing.read(row, "relevant")
        if node.only_if:
            relevant = f"({relevant}) and ({node.only_if})" if relevant else node.only_if
        title, hint = cells.texts(row, "label"), cells.texts(row, "hint")
        kept = own_columns.more(cells, row)
        form.sections.append(Section(str(kept.get("key", key)), section, title, hint, relevant))
        if cells.text(row, "appearance"):
            cells.left_behind(row, "appearance", _("Our pages have their own way to show a group."))
        self.read_nodes(node.children, form.sections[-1].key, form)

    def read_question(self, node: Node, section: str, form: Form) -> None:
        if item := kinds.question(self, node, section):
            self.add(item, node, form)

    def add(self, item: Item, node: Node, form: Form) -> None:
        item.key = self.expressing.key(node.row, {one.key for one in form.questions})
        if item.kind in QUESTION_TYPES:
            try:
                QUESTION_TYPES[item.kind].check_options(item.options)
            except OptionsUnfit as problem:
                self.cells.refuse(node.row, "type", str(problem))
        form.questions.append(item)
