"""What changed from one version of a questionnaire to another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from trainingapp.surveys import texts
from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types import QUESTION_TYPES

RULES = {
    "is_required": _l("Must be answered"),
    "relevant": _l("Asked only if"),
    "required_if": _l("Must be answered if"),
    "constraint": _l("An answer fits only if"),
    "calculation": _l("Is worked out as"),
    "choice_filter": _l("A choice is offered only if"),
}


@dataclass(frozen=True)
class Change:
    key: str
    what: str
    before: str
    after: str
    language: str = ""


def changes(old: Sequence[Question], new: Sequence[Question], languages: Sequence[str]) -> list[Change]:
    """In the order of the new one; what is asked no more comes last."""
    before = {question.key: question for question in old}
    found = [change for question in new for change in _of(before.get(question.key), question, languages)]
    kept = {question.key for question in new}
    gone = [
        Change(question.key, _("Asked no more"), _first(question), "")
        for question in old
        if question.key not in kept
    ]
    return found + gone


def _of(old: Question | None, new: Question, languages: Sequence[str]) -> Iterator[Change]:
    if old is None:
        yield Change(new.key, _("Asked from now on"), "", _first(new))
        return
    if old.kind != new.kind:
        names = [str(QUESTION_TYPES[one.kind].title) for one in (old, new)]
        yield Change(new.key, _("Kind"), *names)
    yield from _of_texts(old, new, languages)
    yield from _of_settings(old, new)
    for rule, name in RULES.items():
        was, becomes = getattr(old, rule), getattr(new, rule)
        if was != becomes:
            yield Change(new.key, str(name), _said(was), _said(becomes))


def _of_texts(old: Question, new: Question, languages: Sequence[str]) -> Iterator[Change]:
    was = {_part(text): text for text in texts.of_question(old)}
    becomes = {_part(text): text for text in texts.of_question(new)}
    for part, text in becomes.items():
        for language in languages:
            before = was[part].texts.get(language, "") if part in was else ""
            after = text.texts.get(language, "")
            if before != after:
                yield Change(new.key, text.part, before, after, language)


def _part(text: texts.Text) -> str:
    return text.name.partition(".")[2]


def _of_settings(old: Question, new: Question) -> Iterator[Change]:
    """Without their texts, which are compared by themselves."""
    names = {setting.name: str(setting.label) for setting in QUESTION_TYPES[new.kind].settings}
    for name in dict.fromkeys([*old.options, *new.options]):
        was, becomes = _said(old.options.get(name)), _said(new.options.get(name))
        if was != becomes:
            yield Change(new.key, names.get(name, name), was, becomes)


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(str(one["value"]) for one in value)
    return "" if value is None or isinstance(value, dict) else str(value)


def _first(question: Question) -> str:
    return str(next(iter(question.wording.values()), question.key))
