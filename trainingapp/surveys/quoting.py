"""Texts that quote an answer: `${key}` in the wording or the hint of a question."""

import re
from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types import QUESTION_TYPES, AnswerValue

_QUOTED = re.compile(r"\$\{\s*([^\s{}]+)\s*\}")
NOTHING_YET = "…"


def keys(questions: Iterable[Question]) -> set[str]:
    """Of the questions whose answers are quoted."""
    texts = (text for one in questions for text in (*one.wording.values(), *one.hint.values()))
    return {key for text in texts for key in _QUOTED.findall(text)}


def spoken_answers(
    questions: Sequence[Question], answers: Mapping[int, Sequence[AnswerValue]], language: str
) -> dict[str, str]:
    """By question key, as they are written in the language."""
    return {
        question.key: QUESTION_TYPES[question.kind].spoken(question, given, language)
        for question in questions
        if (given := answers.get(question.id))
    }


def quoted(text: str, said: Mapping[str, str]) -> str:
    return _QUOTED.sub(lambda found: said.get(found[1]) or NOTHING_YET, text)


def marked_up(text: str, said: Mapping[str, str]) -> Markup:
    """The answers stand in elements of their own, so that a script can follow what is typed."""
    parts = enumerate(_QUOTED.split(text))
    return Markup("").join(
        Markup('<span data-quotes="{}">{}</span>').format(part, said.get(part) or NOTHING_YET)
        if place % 2
        else part
        for place, part in parts
    )
