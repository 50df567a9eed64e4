"""Verbs on the questions of a draft."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from trainingapp.db import db, lock
from trainingapp.refusals import Refusal, Stale
from trainingapp.surveys import queries
from trainingapp.surveys.bank import actions as bank
from trainingapp.surveys.bank.models import BankQuestion
from trainingapp.surveys.models import (
    Level,
    Question,
    SurveySection,
    SurveyVersion,
)
from trainingapp.surveys.question_types import QUESTION_TYPES
from trainingapp.surveys.question_types.settings import NOTHING
from trainingapp.surveys.versions import checks
from trainingapp.surveys.versions.actions import Frozen, KeyTaken

MOST_QUESTIONS = 200


class NotInOrder(Refusal):
    """A question would come before one that it depends on."""


class Unfit(Refusal):
    """Something of a question does not go together."""


class StillNeeded(Refusal):
    """Another question depends on it."""


def open_for_change(version: SurveyVersion, seen: int) -> None:
    """First of all in every change: holds the draft, and refuses who has not seen its last change.

    Raises Frozen, Stale.
    """
    lock(version)
    if version.published_at:
        raise Frozen(_("This version was published, so it stays as it is. Make a new version of it."))
    if version.version != seen:
        raise Stale(_("Somebody changed this draft after you opened it. It is shown as it is now."))


def touch(version: SurveyVersion) -> None:
    """After a change in its questions: whoever has the page open is told so."""
    version.version += 1
    db.session.flush()


def add(version: SurveyVersion, kind: str, wording: Mapping[str, Any], key: str = "") -> Question:
    """At the end, with options that fit. Raises KeyTaken, Refusal for too many."""
    language = version.languages[0]
    fresh = {setting.name: setting.fresh(language) for setting in QUESTION_TYPES[kind].settings}
    options = {name: value for name, value in fresh.items() if value is not NOTHING}
    question = Question(kind=kind, wording=dict(wording), options=options, level=Level.BEHAVIOUR)
    return _append(version, question, key)


def add_from_bank(version: SurveyVersion, entry: BankQuestion) -> Question:
    words = bank.latest_of(entry)
    question = Question(
        kind=entry.kind,
        level=entry.level,
        wording=words.wording if words else {},
        hint=words.hint if words else {},
        options=words.options if words else {},
    )
    return _append(version, question, entry.key)


def change(question: Question, facts: Mapping[str, Any], questions: list[Question]) -> None:
    """`facts` is column -> value. Raises KeyTaken, StillNeeded, Unfit, with the field."""
    key = facts.get("key", question.key)
    if any(other.key == key for other in questions if other is not question):
        raise KeyTaken(_("Another question here has this key."), "key")
    renamed = key != question.key
    if renamed and _needed_by(question, questions):
        raise StillNeeded(_("Other questions ask about this key. Change them first."), "key")
    with db.session.no_autoflush:
        for name, value in facts.items():
            if getattr(question, name) != value:
                setattr(question, name, value)
        for problem in checks.of_question(question, questions):
            raise Unfit(problem.text, problem.field)
    db.session.flush()


def set_options(question: Question, typed: Mapping[str, str], language: str) -> dict[str, Any]:
    """The options as a form of the kind's own settings says. Raises OptionsUnfit."""
    options = dict(question.options)
    for setting in QUESTION_TYPES[question.kind].settings:
        value = setting.read(typed, question.options, language)
        options.pop(setting.name, None)
        if value is not NOTHING:
            options[setting.name] = value
    return options


def move(question: Question, to: int, questions: list[Question]) -> None:
    """To a place from 0, among all. It takes the section of its new neighbour. Raises NotInOrder."""
    order = [other for other in questions if other is not question]
    to = max(0, min(to, len(order)))
    order.insert(to, question)
    before = _out_of_order(questions)
    for problem in _out_of_order(order):
        if problem not in before:  # an imported form may have some, which are put in order one by one
            raise NotInOrder(problem.text)
    neighbours = [order[at] for at in (to - 1, to + 1) if 0 <= at < len(order)]
    if neighbours and all(other.section_id != question.section_id for other in neighbours):
        question.section_id = neighbours[0].section_id
    _number(order)


def remove(question: Question, questions: list[Question]) -> None:
    """Raises StillNeeded."""
    needing = _needed_by(question, questions)
    if needing:
        raise StillNeeded(
            _("“%(other)s” depends on this question. Change its condition first.", other=needing[0].key)
        )
    db.session.delete(question)
    _number([other for other in questions if other is not question])


def add_section(version: SurveyVersion, title: str, language: str) -> SurveySection:
    sections = queries.all_sections_of(version)
    taken = {section.key for section in sections}
    number = next(n for n in range(1, len(taken) + 2) if f"section_{n}" not in taken)
    made = SurveySection(
        version_id=version.id, key=f"section_{number}", position=len(sections) + 1, title={language: title}
    )
    db.session.add(made)
    db.session.flush()
    return made


def _append(version: SurveyVersion, question: Question, key: str) -> Question:
    questions = queries.questions_of(version)
    if len(questions) >= MOST_QUESTIONS:
        raise Refusal(_("A questionnaire holds at most %(most)s questions.", most=MOST_QUESTIONS))
    taken = {other.key for other in questions}
    question.key = key or next(
        f"question_{n}" for n in range(1, len(taken) + 2) if f"question_{n}" not in taken
    )
    if question.key in taken:
        raise KeyTaken(_("This question is here already."), "key")
    question.version_id = version.id
    question.position = len(questions) + 1
    question.section_id = questions[-1].section_id if questions else None
    db.session.add(question)
    db.session.flush()
    return question


def _needed_by(question: Question, questions: list[Question]) -> list[Question]:
    return [other for other in questions if question.key in checks.depends_on(other)]


def _out_of_order(questions: list[Question]) -> list[checks.Problem]:
    found = (one for question in questions for one in checks.of_question(question, questions))
    return [one for one in found if one.field in checks.EXPRESSIONS]


def _number(order: list[Question]) -> None:
    for position, question in enumerate(order, 1):
        question.position = position
    db.session.flush()
