"""What changed from one version of a questionnaire to another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from trainingapp.surveys import texts
from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types import QUESTION_TYPES

RULES = ("is_required", "relevant", "required_if", "constraint", "calculation", "choice_filter")


@dataclass(frozen=True)
class Change:
    key: str
    what: str
    before: str
    after: str


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
    if _values(old) != _values(new):
        yield Change(new.key, _("Options"), _values(old), _values(new))
    for rule in RULES:
        was, becomes = getattr(old, rule), getattr(new, rule)
        if was != becomes:
            yield Change(new.key, rule, str(was), str(becomes))


def _of_texts(old: Question, new: Question, languages: Sequence[str]) -> Iterator[Change]:
    was = {_part(text): text for text in texts.of_question(old)}
    becomes = {_part(text): text for text in texts.of_question(new)}
    for part, text in becomes.items():
        for language in languages:
            before = was[part].texts.get(language, "") if part in was else ""
            after = text.texts.get(language, "")
            if before != after:
                yield Change(new.key, f"{text.part} ({language})", before, after)


def _part(text: texts.Text) -> str:
    return text.name.partition(".")[2]


def _values(question: Question) -> str:
    """The options without their texts, which are compared by themselves."""
    plain = {
        name: [one["value"] for one in value] if isinstance(value, list) else value
        for name, value in question.options.items()
        if not isinstance(value, dict)
    }
    return ", ".join(f"{name}: {value}" for name, value in sorted(plain.items()))


def _first(question: Question) -> str:
    return str(next(iter(question.wording.values()), question.key))
