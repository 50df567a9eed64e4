"""Every text of a questionnaire in every language, named so that a page can list and write them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from trainingapp.surveys.models import Question, SurveySection
from trainingapp.surveys.question_types import QUESTION_TYPES

LONGEST = 4000


@dataclass(frozen=True)
class Text:
    """`name` is of its field: `12.wording`, `12.options.choices.weekly`, `s3.title`."""

    name: str
    part: str
    texts: Mapping[str, Any]

    def lacks(self, language: str) -> bool:
        return any(self.texts.values()) and not self.texts.get(language)


def of_question(question: Question) -> Iterator[Text]:
    parts = {"wording": _("Question"), "hint": _("Hint"), "constraint_text": _("Said when it does not fit")}
    for field, part in parts.items():
        if texts := getattr(question, field):
            yield Text(f"{question.id}.{field}", part, texts)
    for setting in QUESTION_TYPES[question.kind].settings:
        for name, texts in setting.texts(question.options):
            yield Text(f"{question.id}.options.{name}", str(setting.label), texts)


def of_section(section: SurveySection) -> Iterator[Text]:
    for field, part in (("title", _("Section")), ("hint", _("Hint of the section"))):
        if texts := getattr(section, field):
            yield Text(f"s{section.id}.{field}", part, texts)


def of_all(questions: Sequence[Question], sections: Sequence[SurveySection]) -> list[Text]:
    found = [text for section in sections for text in of_section(section)]
    return found + [text for question in questions for text in of_question(question)]


def missing(texts: Sequence[Text], languages: Sequence[str]) -> dict[str, int]:
    """Language -> how many texts it lacks."""
    return {language: sum(text.lacks(language) for text in texts) for language in languages}


def write(
    questions: Sequence[Question], sections: Sequence[SurveySection], language: str, typed: Mapping[str, str]
) -> int:
    """`typed` is a text's name -> its words. Says how many changed. What is not named stays."""
    changed = 0
    for section in sections:
        for text in of_section(section):
            changed += _put(section, text.name.partition(".")[2].split("."), language, typed.get(text.name))
    for question in questions:
        for text in list(of_question(question)):
            changed += _put(question, text.name.partition(".")[2].split("."), language, typed.get(text.name))
    return changed


def _put(row: Question | SurveySection, path: Sequence[str], language: str, words: str | None) -> bool:
    """Columns of JSON notice a new value only, not a change inside the old one."""
    if words is None:
        return False
    field, *inside = path
    before = getattr(row, field)
    after = _with(before, inside, language, words.strip()[:LONGEST])
    if after == before:
        return False
    setattr(row, field, after)
    return True


def _with(value: Any, path: Sequence[str], language: str, words: str) -> Any:
    if not path:
        return {tag: text for tag, text in {**value, language: words}.items() if text}
    name, *rest = path
    if isinstance(value, list):  # of {value, text}
        wanted = ".".join(path)
        return [
            {**one, "text": _with(one["text"], [], language, words)} if one["value"] == wanted else one
            for one in value
        ]
    return {**value, name: _with(value[name], rest, language, words)}
