"""Expressions of a form: read, checked, and brought to the names and values that we keep."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from flask_babel import gettext as _

from trainingapp.surveys.expressions import ExpressionUnreadable, parse
from trainingapp.surveys.xlsform import references
from trainingapp.surveys.xlsform.cells import Cells
from trainingapp.surveys.xlsform.contents import Form, Item, Section, Texts
from trainingapp.surveys.xlsform.workbook import Row

LONGEST_KEY = 60
# What XLSForm knows and we do not: it asks a file, a device, a repeat or chance.
ELSEWHERE = {
    "pulldata",
    "instance",
    "jr:choice-name",
    "jr:itext",
    "position",
    "count",
    "indexed-repeat",
    "uuid",
    "random",
    "randomize",
    "digest",
    "area",
    "distance",
    "checklist",
    "weighted-checklist",
    "property",
    "version",
    "current",
    "base64-decode",
    "base64-encode",
    "last",
    "id",
    "intersects",
    "enclosed-area",
    "geofence",
    "pulldata-jsonpath",
    "odk:pulldata",
    "extract-signed",
    "name",
    "local-name",
    "substring",
    "depend",
}
WORKED_OUT = {"calculation", "default"}  # nobody misses them where nobody asks for them
_TEXTS = {"wording": "label", "title": "label", "hint": "hint", "constraint_text": "constraint_message"}
_YES_OR_NO = {"yes": "true()", "true": "true()", "no": "false()", "false": "false()"}


@dataclass
class Expressing:
    cells: Cells
    changed: Mapping[str, str]  # values of choices
    row_of: dict[str, Row] = field(default_factory=dict)  # key -> where its question stands
    renamed: dict[str, str] = field(default_factory=dict)  # name as written -> key
    doubled: set[str] = field(default_factory=set)  # names that stand in several groups
    asked_for: list[tuple[Row, str, set[str]]] = field(default_factory=list)  # row, column, names
    unasked: dict[str, tuple[Row, str]] = field(default_factory=dict)  # name -> row and why it is not asked
    repeated: Mapping[str, object] = field(default_factory=dict)  # names that have several answers

    def key(self, row: Row, taken: set[str]) -> str:
        """The name as it stands there, where it can be a key of ours."""
        name = self.cells.taken(row, "name") or f"note_{row.number}"
        key = fitting_key(name, taken)
        if key != name:
            self.cells.left_behind(row, "name", _("It is called “%(key)s” here.", key=key))
            if name in taken:
                self.doubled.add(name)
            else:
                self.renamed.setdefault(name, key)
        self.row_of[key] = row
        return key

    def read(
        self,
        row: Row,
        column: str,
        facts: AbstractSet[str] = frozenset(),
        words: AbstractSet[str] = frozenset(),
    ) -> str:
        """Ready to be kept; "" for none, and for what was refused or left behind.

        A choice filter asks for `facts`; `words` are what stands in their cells.
        """
        text = self.cells.taken(row, column)
        if not text:
            return ""
        text = references.with_texts(_YES_OR_NO.get(text.lower(), text), self.changed)
        try:
            found = parse(text)
        except ExpressionUnreadable as problem:
            self._unreadable(row, column, text, problem)
            return ""
        odd = found.columns - facts
        if meant := odd & words:
            said = ", ".join(sorted(meant))
            self.cells.report.warnings.append(
                _(
                    "Row %(row)s: %(words)s is taken for a text, as if it stood in quotes.",
                    row=row.number,
                    words=said,
                )
            )
            text = references.with_quotes(text, meant)
            odd -= meant
        if odd:
            reason = (
                _(
                    "The sheet of choices has no column “%(name)s”; a text stands in quotes: '%(name)s'.",
                    name=min(odd),
                )
                if facts
                else _(
                    "“%(name)s” is no question: write ${name of a question}, or 'text' in quotes.",
                    name=min(odd),
                )
            )
            self.cells.refuse(row, column, reason)
            return ""
        self.asked_for.append((row, column, found.names))
        return text

    def _unreadable(self, row: Row, column: str, text: str, problem: ExpressionUnreadable) -> None:
        if column == "constraint" and problem.met in ELSEWHERE:
            self.cells.left_behind(row, column, _("%(why)s Answers are not checked.", why=str(problem)))
        elif column in WORKED_OUT and problem.met in ELSEWHERE:
            self.leave(row, str(problem), column)
        elif "${last-saved#" in text:
            self.cells.refuse(row, column, _("What was answered the time before is not known here."))
        else:
            self.cells.refuse(row, column, str(problem))

    def leave(self, row: Row, why: str, column: str = "type") -> None:
        """A question that is not asked. Whoever asks for its answer is refused."""
        self.unasked[self.cells.text(row, "name")] = (row, why)
        self.cells.left_behind(row, column, why)
        self.cells.take(row, "name")

    def is_left(self, row: Row) -> bool:
        left = self.unasked.get(self.cells.text(row, "name"))
        return left is not None and left[0].number == row.number

    def check(self, form: Form) -> None:
        """At the end: names may stand before their question."""
        for part in (*form.questions, *form.sections):
            for attribute in ("relevant", "required_if", "constraint", "calculation", "choice_filter"):
                if text := getattr(part, attribute, ""):
                    setattr(part, attribute, references.with_names(text, self.renamed))
        known = {item.key for item in form.questions}
        parts: list[Item | Section] = [*form.questions, *form.sections]
        for part in parts:
            for attribute, column in _TEXTS.items():
                self._quote(part.key, column, getattr(part, attribute, {}), known)
        for row, column, names in self.asked_for:
            for name in sorted(names):
                if name in self.doubled:
                    reason = _("It asks for “%(name)s”, and several questions have this name.", name=name)
                    self.cells.refuse(row, column, reason)
                elif self.renamed.get(name, name) not in known:
                    self._missing(row, column, name)

    def _quote(self, key: str, column: str, texts: Texts, known: set[str]) -> None:
        """A text may quote an answer. One that is not asked for leaves a gap, as an empty answer does."""
        for tag, text in texts.items():
            texts[tag] = references.with_names(text, self.renamed)
            for name in sorted(references.quoted(texts[tag]) - known):
                reason = (
                    _("It quotes “%(name)s”, which has several answers in a repeat.", name=name)
                    if name in self.repeated
                    else _("It quotes “%(name)s”, which is not asked here.", name=name)
                )
                texts[tag] = references.without(texts[tag], name)
                row = self.row_of[key]
                if heading := self.cells.written(row, column, tag):
                    self.cells.left_behind(row, column, reason, heading)

    def _missing(self, row: Row, column: str, name: str) -> None:
        if name in self.unasked:
            why = self.unasked[name][1]
            reason = _("It asks for “%(name)s”, which is not asked here: %(why)s", name=name, why=why)
        elif name in self.repeated:
            reason = _(
                "It asks for “%(name)s”, which has several answers in a repeat: gather them with sum(), "
                "min(), max(), count() or join(), or take one with indexed-repeat().",
                name=name,
            )
        else:
            reason = _("It asks for “%(name)s”, which has no answer of its own.", name=name)
        self.cells.refuse(row, column, reason)


def fitting_key(name: str, taken: set[str]) -> str:
    """At most 60 characters, and no colon, which conditions do not know."""
    key = re.sub(r"[^\w.\-]", "_", name)
    tries = [key[:LONGEST_KEY], *(f"{key[: LONGEST_KEY - 4]}_{number}" for number in range(2, 1999))]
    return next(one for one in tries if one not in taken)
