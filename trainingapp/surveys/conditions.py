"""Which questions are asked, what follows from the answers, and what stands against one. The server decides.

A condition that cannot be read is passed over: the builder and the import refuse it, and nobody who answers
may be stopped by one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask_babel import gettext as _

from trainingapp.surveys import expressions
from trainingapp.surveys.expressions import Expression, ExpressionUnreadable, Value
from trainingapp.surveys.models import Question, SurveySection
from trainingapp.surveys.question_types import QUESTION_TYPES, AnswerValue, Asked, Option
from trainingapp.surveys.wording import text_in

Answers = Mapping[int, Sequence[AnswerValue]]  # question id -> values


@dataclass(frozen=True)
class Settled:
    """What stands when every condition has been heard."""

    values: dict[str, Value]  # question key -> what conditions see
    irrelevant: set[int]  # ids of questions that are not asked
    worked_out: dict[int, list[AnswerValue]]


@dataclass(frozen=True)
class Rules:
    """Of the questions of one page."""

    questions: Sequence[Question]
    sections: Sequence[SurveySection] = ()
    _by_id: dict[int, SurveySection] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_id.update((section.id, section) for section in self.sections)

    def around(self, question: Question) -> list[SurveySection]:
        """The sections that hold it, the outermost first."""
        found: list[SurveySection] = []
        section = self._by_id.get(question.section_id or 0)
        while section and section not in found:
            found.insert(0, section)
            section = self._by_id.get(section.parent_id or 0)
        return found

    def conditions(self, question: Question) -> Iterator[Expression]:
        for section in self.around(question):
            yield from read(section.relevant)
        yield from read(question.relevant)

    @cached_property
    def unseen(self) -> set[str]:
        """Keys of the answers that only the server knows, and of all that follows from them."""
        found = {question.key for question in self.questions if QUESTION_TYPES[question.kind].keeps_codes}
        while more := {
            question.key
            for question in self.questions
            if question.key not in found
            and any(one.names & found for one in (*self.conditions(question), *read(question.calculation)))
        }:
            found |= more
        return found

    def seen(self, found: Iterable[Expression]) -> list[Expression]:
        """Those that a script can evaluate; the others are left to the server."""
        return [one for one in found if not one.names & self.unseen]

    def in_words(self, found: Sequence[Expression], language: str) -> str:
        """For a page without a script, where every question is seen."""
        asked = {question.key: question for question in self.questions}
        for one in found:
            match one.as_json():
                case ["=" | "selected", ["$", str(key)], str(value)] if key in asked:
                    text = QUESTION_TYPES[asked[key].kind].spoken(asked[key], [AnswerValue(value)], language)
                    return _(
                        "Only if you answer “%(answer)s” to “%(question)s”.",
                        answer=text,
                        question=text_in(asked[key].wording, language),
                    )
        named = next((asked[key] for one in found for key in sorted(one.names) if key in asked), None)
        if named is None:
            return ""
        return _(
            "Whether this is asked depends on your answer to “%(question)s”.",
            question=text_in(named.wording, language),
        )

    def settle(self, answers: Answers) -> Settled:
        """An answer that is not asked for counts as none, which may change what else is asked."""
        found = Settled({}, set(), {})
        for _round in range(len(self.questions) + 1):
            before, found = found, self._once(answers, found)
            if found == before:
                break
        return found

    def _once(self, answers: Answers, before: Settled) -> Settled:
        values: dict[str, Value] = {}
        worked_out: dict[int, list[AnswerValue]] = {}
        for question in self.questions:
            kind = QUESTION_TYPES[question.kind]
            given = answers.get(question.id, ())
            if kind.computes:
                worked_out[question.id] = given = kind.work_out(question, before.values | values)
            values[question.key] = "" if question.id in before.irrelevant else kind.value(question, given)
        irrelevant = {
            question.id
            for question in self.questions
            if not all(expressions.truth(one.evaluate(values)) for one in self.conditions(question))
        }
        return Settled(values, irrelevant, worked_out)


def read(text: str) -> list[Expression]:
    """None or one."""
    try:
        return [expressions.parse(text)] if text else []
    except ExpressionUnreadable:
        return []


def holds(text: str, values: Mapping[str, Value], here: Value = "") -> bool:
    return all(expressions.truth(one.evaluate(values, here)) for one in read(text))


def is_required(question: Question, values: Mapping[str, Value]) -> bool:
    return question.is_required or (bool(question.required_if) and holds(question.required_if, values))


def offered(question: Question, options: Sequence[Option], values: Mapping[str, Value]) -> list[Option]:
    """Those that the question's choice filter lets through."""
    filters = read(question.choice_filter)
    return [
        option
        for option in options
        if all(expressions.truth(one.evaluate(values, facts=facts(option))) for one in filters)
    ]


def facts(option: Option) -> dict[str, Value]:
    """What a choice filter may ask of a choice; XLSForm knows its value as `name`."""
    return {**option.facts, "name": option.value, "label": option.text}


def objection(
    question: Question, given: Sequence[AnswerValue], values: Mapping[str, Value], asked: Asked
) -> str | None:
    """Why an answer that was read cannot stay: one sentence in the language of the question, or nothing."""
    kind = QUESTION_TYPES[question.kind]
    if not given:
        return None
    if question.choice_filter:
        left = {option.value for option in offered(question, kind.options(question, asked), values)}
        if any(value.choice and value.choice not in left for value in given):
            return _("This no longer fits another answer of yours. Choose again.")
    if not holds(question.constraint, values, kind.value(question, given)):
        own = text_in(question.constraint_text, asked.language)
        return own or _("This answer does not fit the question. Look at it again.")
    return None


def tree(conditions: Sequence[Expression]) -> list[Any] | None:
    """For `static/when.js`: all of them together; nothing where there is none."""
    trees: list[Any] = [one.as_json() for one in conditions]
    return ["and", *trees] if trees else None
