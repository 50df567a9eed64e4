"""What each row of the file answered. Every cell is accounted for."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from trainingapp.archives import moments
from trainingapp.archives.maps import Column, Map, MapUnfit, Use
from trainingapp.archives.shapes import own_words, parts, plain, rejoined
from trainingapp.archives.tables import Table
from trainingapp.refusals import Refusal
from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types import OTHER, QUESTION_TYPES, AnswerUnreadable, AnswerValue, Asked


@dataclass(frozen=True)
class Problem:
    """Why the file does not come in as it is."""

    row: int
    column: str
    text: str
    reason: str


@dataclass
class Answered:
    row: int
    answers: dict[str, list[AnswerValue]] = field(default_factory=dict)  # by question key
    answered_at: datetime | None = None
    respondent: str = ""
    language: str = ""


@dataclass
class Reading:
    rows: list[Answered] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    cells: Counter[str] = field(default_factory=Counter)  # what became of how many
    left_out: Counter[str] = field(default_factory=Counter)  # heading -> cells
    empty_rows: list[int] = field(default_factory=list)  # that answered nothing


def read(table: Table, a_map: Map, questions: Mapping[str, Question]) -> Reading:
    """Raises MapUnfit when the map names what is not there."""
    return _Reader(table, a_map, questions).read()


class _Reader:
    def __init__(self, table: Table, a_map: Map, questions: Mapping[str, Question]) -> None:
        self.table, self.map, self.questions = table, a_map, questions
        self.missing = {plain(text) for text in a_map.missing} | set(a_map.missing)
        self.found = Reading(empty_rows=list(table.totals))
        self.columns = self._placed()
        for use in (Use.ANSWERED_AT, Use.RESPONDENT, Use.LANGUAGE):
            a_map.only(use)
        self.choices = {
            column.heading: {plain(text): value for text, value in column.choices.items()}
            for column in a_map.columns
        }

    def _placed(self) -> list[tuple[int, Column]]:
        """The map's columns with their places; a column the map does not speak of is left out, and said."""
        places = {heading: at for at, heading in enumerate(self.table.headings)}
        named = {column.heading: column for column in self.map.columns}
        for column in self.map.columns:
            if column.heading not in places:
                raise MapUnfit(_("The file has no column %(heading)s.", heading=column.heading))
            if column.use is Use.ANSWER and column.key not in self.questions:
                raise MapUnfit(
                    _("%(heading)s: there is no question %(key)s.", heading=column.heading, key=column.key)
                )
            if column.use is Use.ANSWER:
                self._must_have_item(column)
        return [(at, named.get(heading, Column(heading))) for heading, at in places.items()]

    def _must_have_item(self, column: Column) -> None:
        question = self.questions[column.key]
        kind = QUESTION_TYPES[question.kind]
        items = {option.value for option in kind.items(question, Asked("en"))} or {
            "",
            *kind.columns(question),
        }
        if column.item not in items:
            raise MapUnfit(
                _(
                    "%(heading)s: the question %(key)s has no row %(item)s.",
                    heading=column.heading,
                    key=column.key,
                    item=column.item or "?",
                )
            )

    def read(self) -> Reading:
        for number, cells in self.table.rows:
            answered = Answered(number, language=self.map.language)
            given: dict[str, list[tuple[Column, str]]] = {}
            problems = len(self.found.problems)
            for at, column in self.columns:
                if cells[at]:
                    self._cell(answered, column, cells[at], given)
            for key, said in given.items():
                values = self._values(number, key, said)
                if values:
                    answered.answers[key] = values
            if answered.answers:
                self.found.rows.append(answered)
            elif len(self.found.problems) == problems:
                self.found.empty_rows.append(number)
        return self.found

    def _cell(
        self, answered: Answered, column: Column, text: str, given: dict[str, list[tuple[Column, str]]]
    ) -> None:
        if text in self.missing or plain(text) in self.missing:
            self.found.cells["missing"] += 1
        elif column.use is Use.LEAVE_OUT:
            self.found.cells["left out"] += 1
            self.found.left_out[column.heading] += 1
        elif column.use is Use.ANSWER:
            given.setdefault(column.key, []).append((column, text))
        else:
            self._about(answered, column, text)

    def _about(self, answered: Answered, column: Column, text: str) -> None:
        self.found.cells["about the answer"] += 1
        if column.use is Use.RESPONDENT:
            answered.respondent = plain(text)
        elif column.use is Use.LANGUAGE:
            answered.language = self.choices[column.heading].get(plain(text)) or self.map.language
        else:
            try:
                answered.answered_at = moments.read(text, day_first=self.map.day_first)
            except moments.NoMoment as refusal:
                self.found.cells["about the answer"] -= 1
                self._wrong(answered.row, column, text, str(refusal))

    def _wrong(self, row: int, column: Column, text: str, reason: str) -> None:
        self.found.cells["problems"] += 1
        self.found.problems.append(Problem(row, column.heading, text, reason))

    def _values(self, row: int, key: str, said: Sequence[tuple[Column, str]]) -> list[AnswerValue]:
        """Of one question, from all its columns: rows of a grid, or one language each."""
        values: dict[str, list[AnswerValue]] = {}
        for column, text in said:
            try:
                found = self._of_cell(self.questions[key], column, text)
            except Refusal as refusal:
                self._wrong(row, column, text, str(refusal))
                continue
            if not found:
                self.found.cells["left out"] += 1
                self.found.left_out[column.heading] += 1
            elif values.setdefault(column.item, found) != found:
                reason = _("Another column of this row answers the same question differently.")
                self._wrong(row, column, text, reason)
            else:
                self.found.cells["answers"] += 1
        found_all = [value for of_item in values.values() for value in of_item]
        has_words = any(value.choice == OTHER and value.text for value in found_all)
        return [one for one in found_all if one.text or one.choice != OTHER or not has_words]

    def _of_cell(self, question: Question, column: Column, text: str) -> list[AnswerValue]:
        """Nothing where the map leaves the text out. Raises Refusal."""
        kind = QUESTION_TYPES[question.kind]
        languages = list(dict.fromkeys([self.map.language, *question.wording]))
        if not column.choices:
            return self._as_it_stands(question, column, text, languages)
        chosen = list(self._chosen(question, column, text))
        form = MultiDict(
            [(name, one) for name, texts in kind.prefill(question, chosen).items() for one in texts]
        )
        return kind.read(question, form, Asked(self.map.language)) if chosen else []

    def _as_it_stands(
        self, question: Question, column: Column, text: str, languages: Sequence[str]
    ) -> list[AnswerValue]:
        """A day that could be two is the one that the map says. Raises Refusal."""
        kind = QUESTION_TYPES[question.kind]
        try:
            return kind.read_cells(question, {column.item: text}, languages)
        except AnswerUnreadable:
            if not moments.is_day(text):
                raise
            day = moments.read(text, day_first=self.map.day_first).date().isoformat()
            return kind.read_cells(question, {column.item: day}, languages)

    def _chosen(self, question: Question, column: Column, text: str) -> Iterator[AnswerValue]:
        known = self.choices[column.heading]
        pieces = [text]
        if column.split and plain(text) not in known:
            pieces = rejoined(parts(text, column.split), column.split, known)
        for place, piece in enumerate(pieces, 1):
            value = known.get(plain(piece), OTHER if question.options.get(OTHER) else None)
            if value is None:
                raise Refusal(_("The map does not say what “%(text)s” is.", text=piece))
            is_own = value == OTHER and plain(piece) not in known
            words = (own_words(piece) or piece) if is_own else None
            if value:  # its place in the cell is its place in a ranking
                yield AnswerValue(
                    choice=value, item=column.item, text=words, number=place if column.split else None
                )
