"""What stands against publishing a questionnaire, question by question."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from trainingapp.surveys import expressions
from trainingapp.surveys.expressions import ExpressionUnreadable
from trainingapp.surveys.models import Question, SurveySection
from trainingapp.surveys.question_types import QUESTION_TYPES, OptionsUnfit

MOST_FOR_A_WAVE = 8  # questions; longer forms lose twice as many readers on a phone
EXPRESSIONS = ("relevant", "required_if", "constraint", "calculation", "choice_filter")


@dataclass(frozen=True)
class Problem:
    question: Question | None  # none: of the questionnaire
    field: str
    text: str


def problems(questions: Sequence[Question], sections: Sequence[SurveySection]) -> list[Problem]:
    """In the order of the questions."""
    if not any(QUESTION_TYPES[question.kind].takes_answer for question in questions):
        return [Problem(None, "", _("It asks nothing yet. Add a question."))]
    found = [problem for question in questions for problem in _of(question, questions)]
    return found + list(_of_sections(questions, sections))


def of_question(question: Question, questions: Sequence[Question]) -> list[Problem]:
    return list(_of(question, questions))


def depends_on(question: Question) -> set[str]:
    """Keys that its expressions ask about, its own left out."""
    return {name for text in _texts(question).values() for name in _names(text)} - {question.key}


def _of(question: Question, questions: Sequence[Question]) -> Iterator[Problem]:
    if not any(question.wording.values()) and QUESTION_TYPES[question.kind].computes is False:
        yield Problem(question, "wording", _("Write the question."))
    try:
        QUESTION_TYPES[question.kind].check_options(question.options)
    except OptionsUnfit as refusal:
        yield Problem(question, f"o-{refusal.field}", str(refusal))
    place = {other.key: at for at, other in enumerate(questions)}
    here = place.get(question.key, len(questions))
    for field, text in _texts(question).items():
        try:
            names = expressions.parse(text).names
        except ExpressionUnreadable as refusal:
            yield Problem(question, field, str(refusal))
            continue
        for name in sorted(names):
            if name not in place:
                yield Problem(question, field, _("There is no question %(key)s here.", key=name))
            elif place[name] > here:
                yield Problem(question, field, _later(question, questions[place[name]]))
            elif name == question.key and field in {"relevant", "calculation"}:
                yield Problem(question, field, _("A question cannot depend on its own answer."))


def _later(question: Question, other: Question) -> str:
    return _("“%(one)s” depends on “%(other)s”, so it must come after it.", one=question.key, other=other.key)


def _of_sections(questions: Sequence[Question], sections: Sequence[SurveySection]) -> Iterator[Problem]:
    for section in sections:
        inside = [question for question in questions if question.section_id == section.id]
        if not section.relevant or not inside:
            continue
        try:
            names = expressions.parse(section.relevant).names
        except ExpressionUnreadable as refusal:
            yield Problem(inside[0], "section", str(refusal))
            continue
        before = {question.key for question in questions[: questions.index(inside[0])]}
        for name in sorted(names - before):
            yield Problem(
                inside[0],
                "section",
                _("The section depends on “%(key)s”, which is not asked before it.", key=name),
            )


def _texts(question: Question) -> dict[str, str]:
    return {field: text for field in EXPRESSIONS if (text := getattr(question, field))}


def _names(text: str) -> set[str]:
    try:
        return set(expressions.parse(text).names)
    except ExpressionUnreadable:
        return set()
