"""The question part of the page: what is asked, with what is in its fields, and what can be read of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.datastructures import FileStorage, MultiDict

from trainingapp.accounts.models import User
from trainingapp.db import db
from trainingapp.files import uploads
from trainingapp.files.models import StoredFile
from trainingapp.refusals import Refusal
from trainingapp.responses.queries import Sheet
from trainingapp.surveys import conditions, quoting
from trainingapp.surveys.expressions import Expression
from trainingapp.surveys.models import Question, SurveySection
from trainingapp.surveys.question_types import (
    QUESTION_TYPES,
    AnswerUnreadable,
    AnswerValue,
    Asked,
    Option,
    QuestionType,
)
from trainingapp.surveys.wording import text_in


@dataclass
class AskedSection:
    section: SurveySection
    depth: int
    when: list[Any] | None  # the tree of its condition
    language: str

    @property
    def title(self) -> str:
        return text_in(self.section.title, self.language)

    @property
    def hint(self) -> str:
        return text_in(self.section.hint, self.language)


@dataclass
class AskedQuestion:
    question: Question
    kind: QuestionType
    typed: MultiDict[str, str]
    asked: Asked
    error: str = ""
    sections: Sequence[AskedSection] = ()  # that begin with it, the outermost first
    when: list[Any] | None = None
    filter: list[Any] | None = None  # of its choices
    depends: str = ""  # its condition in words
    is_followed: bool = True  # a script evaluates that condition, so that the words may go
    said: dict[str, str] = field(default_factory=dict)  # question key -> answer, as a text quotes it

    @property
    def language(self) -> str:
        return self.asked.language

    @property
    def id(self) -> str:
        return self.kind.name(self.question)

    def part(self, item: str) -> str:
        return self.kind.part(self.question, item)

    @property
    def text(self) -> str:
        return quoting.quoted(text_in(self.question.wording, self.language), self.said)

    @property
    def wording(self) -> Markup:
        return quoting.marked_up(text_in(self.question.wording, self.language), self.said)

    @property
    def hint(self) -> Markup:
        return quoting.marked_up(text_in(self.question.hint, self.language), self.said)

    @property
    def options(self) -> list[Option]:
        return self.kind.options(self.question, self.asked)

    @property
    def items(self) -> list[Option]:
        return self.kind.items(self.question, self.asked)

    @property
    def files(self) -> list[tuple[str, str]]:
        """Ticket and name of what is stored already."""
        known = {str(number): name for number, name in self.asked.files.items()}
        numbers = [number for number in self.typed.getlist(self.id) if number in known]
        return [(uploads.ticket(int(number)), known[number]) for number in numbers]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What a link in the mail may choose: nothing where several answers may be given."""
        if not self.kind.takes_one_tap:
            return []
        return [(option.value, option.text) for option in self.options]


@dataclass
class QuestionPart:
    """`typed` and `errors` are the whole page's: stored answers at first, then whatever was typed."""

    sheet: Sheet
    language: str
    typed: MultiDict[str, str]
    errors: dict[str, str]
    files: dict[int, str] = field(default_factory=dict)  # that came with this request
    irrelevant: set[int] = field(default_factory=set)  # what `read` found not to be asked

    @cached_property
    def rules(self) -> conditions.Rules:
        return conditions.Rules(self.sheet.questions, self.sheet.sections)

    @property
    def asked(self) -> Asked:
        activities = [(str(activity.id), activity.what) for activity in self.sheet.open_activities]
        stored = (value for values in self.sheet.answers.values() for value in values)
        hers = {value.file_id: value.text or "" for value in stored if value.file_id}
        return Asked(self.language, activities, hers | self.files)

    def _kinds(self) -> list[tuple[Question, QuestionType]]:
        """Those that she sees: nothing about no activities, and nothing that would name an anonymous one."""
        return [
            (question, kind)
            for question in self.sheet.questions
            if not (kind := QUESTION_TYPES[question.kind]).computes
            and not (kind.asks_activities and not self.sheet.open_activities)
            and not (kind.knows_person and self.sheet.is_anonymous)
        ]

    @property
    def takes_file(self) -> bool:
        return any(kind.takes_file for _question, kind in self._kinds())

    @cached_property
    def followed(self) -> list[Expression]:
        """The conditions and filters that a script evaluates while she answers."""
        texts = [text for one in self.sheet.questions for text in (one.relevant, one.choice_filter)]
        texts += [section.relevant for section in self.sheet.sections]
        return self.rules.seen(one for text in texts for one in conditions.read(text))

    @cached_property
    def worked_out(self) -> list[tuple[Question, Expression]]:
        """Calculations for the script, where a condition or a text may need one."""
        if not self.followed and not quoting.keys(self.sheet.questions):
            return []
        return [
            (question, one)
            for question in self.sheet.questions
            if question.key not in self.rules.unseen
            for one in conditions.read(question.calculation)
        ]

    @cached_property
    def scripts(self) -> list[str]:
        """Of static/: without conditions, or texts that quote, the page is as light as it can be."""
        expressions = [*self.followed, *(one for _question, one in self.worked_out)]
        easier = any(kind.wants_script for _question, kind in self._kinds())
        wanted = {
            "when.js": bool(expressions),
            "when-rare.js": any(one.calls_rare for one in expressions),
            "questions.js": bool(expressions) or easier or bool(quoting.keys(self.sheet.questions)),
        }
        return [name for name, is_wanted in wanted.items() if is_wanted]

    def tree(self, found: Iterable[Expression]) -> list[Any] | None:
        return conditions.tree(self.rules.seen(found))

    def take(self, posted: MultiDict[str, FileStorage], now: datetime, by: User | None) -> None:
        """Keeps the files that came; what is refused is an error of its question."""
        names = [kind.name(question) for question, kind in self._kinds() if kind.takes_file]
        self.errors.update(uploads.take(self.typed, posted, names, now, by))
        for number in [int(text) for name in names for text in self.typed.getlist(name)]:
            if stored := db.session.get(StoredFile, number):
                self.files[number] = stored.name

    def fill(self) -> None:
        for question, kind in self._kinds():
            for name, texts in kind.prefill(question, self.sheet.answers.get(question.id, [])).items():
                self.typed.setlist(name, texts)

    def read(self, only: set[str] | None, *, is_final: bool) -> dict[int, list[AnswerValue]]:
        """Question id -> what can be stored. What became irrelevant is stored as nothing."""
        asked, found = self.asked, {}
        for question, kind in self._kinds():
            name = kind.name(question)
            if not kind.takes_answer or (only is not None and name not in only):
                continue
            try:
                found[question.id] = kind.read(question, self.typed, asked)
            except AnswerUnreadable as refusal:
                self.errors.setdefault(name, str(refusal))
        settled = self.rules.settle({**self.sheet.answers, **found})
        for question, kind in self._kinds():
            self._check(question, kind, found, settled, is_final=is_final)
        self.irrelevant = settled.irrelevant
        given = {question_id for question_id, values in {**self.sheet.answers, **found}.items() if values}
        dropped: dict[int, list[AnswerValue]] = {
            question_id: [] for question_id in settled.irrelevant & given
        }
        return {**found, **settled.worked_out, **dropped}

    def _check(
        self,
        question: Question,
        kind: QuestionType,
        found: dict[int, list[AnswerValue]],
        settled: conditions.Settled,
        *,
        is_final: bool,
    ) -> None:
        name = kind.name(question)
        if question.id in settled.irrelevant:
            self.errors.pop(name, None)
            return
        if question.id not in found or name in self.errors:
            return
        problem = conditions.objection(question, found[question.id], settled.values, self.asked)
        if problem:
            self.errors[name] = problem
            del found[question.id]
        elif is_final and not found[question.id] and conditions.is_required(question, settled.values):
            self.errors[name] = _("This one needs an answer.")

    @property
    def questions(self) -> list[AskedQuestion]:
        asked, shown = self.asked, self._kinds()
        said = self._said(asked)
        begun: set[int] = set()
        found = []
        for question, kind in shown:
            one = AskedQuestion(question, kind, self.typed, asked, said=said)
            one.error = self.errors.get(one.id, "")
            one.sections = self._begins(question, begun)
            own = conditions.read(question.relevant)
            one.when = self.tree(self.rules.conditions(question))
            one.filter = self.tree(conditions.read(question.choice_filter))
            one.depends = self.rules.in_words(own, self.language) if own else ""
            one.is_followed = own == self.rules.seen(own)
            found.append(one)
        return found

    def _begins(self, question: Question, begun: set[int]) -> list[AskedSection]:
        if question.section_id is None:
            return []
        found = []
        for depth, section in enumerate(self.rules.around(question)):
            if section.id not in begun:
                begun.add(section.id)
                when = self.tree(conditions.read(section.relevant))
                found.append(AskedSection(section, depth, when, self.language))
        return found

    def _said(self, asked: Asked) -> dict[str, str]:
        """What the texts of this page quote, of what is stored or typed."""
        keys = quoting.keys(self.sheet.questions)
        if not keys:
            return {}
        answers = dict(self.sheet.answers)
        for question in self.sheet.questions:
            if question.key in keys:
                try:
                    answers[question.id] = QUESTION_TYPES[question.kind].read(question, self.typed, asked)
                except Refusal:
                    continue
        answers |= self.rules.settle(answers).worked_out
        return quoting.spoken_answers(self.sheet.questions, answers, self.language)

    @property
    def total(self) -> int:
        return sum(kind.takes_answer for _question, kind in self._kinds())

    @property
    def answered(self) -> int:
        """How many have something in them, readable or not."""
        begun = {name.partition("~")[0] for name, text in self.typed.items(multi=True) if text}
        return sum(kind.takes_answer and kind.name(q) in begun for q, kind in self._kinds())
