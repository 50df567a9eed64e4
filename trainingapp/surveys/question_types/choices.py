"""Choosing: yes or no, one of, all that fit."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from trainingapp.surveys.expressions import Value
from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types.contract import (
    AnswerUnreadable,
    AnswerValue,
    Asked,
    Cells,
    FormValues,
    Option,
    OptionsUnfit,
    QuestionType,
    at_most,
    one_cell,
    plain,
)
from trainingapp.surveys.question_types.settings import Rows, Tick
from trainingapp.surveys.question_types.summaries import Counted, Line, Summary
from trainingapp.surveys.wording import folded, spoken, text_in

OTHER = "other"
LONGEST_OTHER = 300
LONGEST_VALUE = 60
_QUOTES = "“”"
_MARKED = frozenset({"1", "x", "✓", "✔", "☑", "☒", "yes", "y", "true"})
_UNMARKED = frozenset({"", "0", "-", "–", "☐", "no", "n", "false"})  # noqa: RUF001 - the dash of an empty cell


def texts_of(listed: Iterable[Mapping[str, Any]], language: str) -> list[Option]:
    return [Option(one["value"], text_in(one["text"], language), one.get("facts") or {}) for one in listed]


def cell_of(value: str, options: Sequence[Option], language: str) -> str:
    """The option's text, where nothing else is written so; its value without a language."""
    text = next((option.text for option in options if option.value == value), "")
    alike = [option for option in options if folded(text) in {folded(option.text), folded(option.value)}]
    return text if language and text == " ".join(text.split()) and len(alike) == 1 else value


def found_in(text: str, offered: Sequence[Sequence[Option]]) -> str | None:
    """The option that a cell names by its value or by its text; `offered` has the options a language.

    None when it names none, or may mean several.
    """
    written = folded(text)
    by_value = {option.value for options in offered for option in options if option.value == text}
    alike = {option.value for options in offered for option in options if folded(option.value) == written}
    by_text = {option.value for options in offered for option in options if folded(option.text) == written}
    return next((next(iter(one)) for one in (by_value, alike, by_text) if len(one) == 1), None)


def check_listed(listed: object, field: str) -> None:
    """Raises OptionsUnfit. Values are names: a condition sees them with spaces between."""
    if not isinstance(listed, list) or not listed:
        raise OptionsUnfit(_("Write what can be chosen."), field)
    values = [one.get("value") for one in listed if isinstance(one, dict)]
    for value in values:
        if not isinstance(value, str) or not re.fullmatch(r"[^\s~]+", value) or len(value) > LONGEST_VALUE:
            raise OptionsUnfit(
                _("The value of a choice is a word of at most %(most)s characters.", most=LONGEST_VALUE),
                field,
            )
    twice = next((value for value, count in Counter(values).items() if count > 1), None)
    if twice or len(values) < len(listed):
        raise OptionsUnfit(_("The value “%(value)s” stands there twice.", value=twice or ""), field)
    if not all(isinstance(one.get("text"), dict) and any(one["text"].values()) for one in listed):
        raise OptionsUnfit(_("Write a text for each choice."), field)


def _looks_marked(text: str) -> bool:
    return folded(text.strip(_QUOTES)) in _MARKED | _UNMARKED


def _kept_apart(words: str) -> str:
    """Words of her own that would be read as a mark stand in quotes."""
    return f"{_QUOTES[0]}{words}{_QUOTES[1]}" if _looks_marked(words) else words


CHOICES = Rows("choices", _l("Answers, in this order"))


class Choice(QuestionType):
    """Answers that are picked."""

    def found(self, question: Question, text: str, languages: Sequence[str]) -> str:
        """The value that a cell names. Raises AnswerUnreadable."""
        offered = [self.options(question, Asked(language)) for language in languages]
        value = found_in(text, offered)
        if value is None:
            listed = ", ".join(option.text for option in offered[0]) if offered else ""
            raise AnswerUnreadable(
                _("“%(text)s” is none of these answers: %(answers)s.", text=text, answers=listed),
                self.name(question),
            )
        return value

    def check(self, chosen: Iterable[str], question: Question, asked: Asked) -> None:
        """Raises AnswerUnreadable for what is not offered."""
        if set(chosen) - {option.value for option in self.options(question, asked)}:
            raise AnswerUnreadable(_("Choose from the answers shown here."), self.name(question))

    def spoken(self, question: Question, values: Sequence[AnswerValue], language: str) -> str:
        """Her own words stand for "something else"."""
        texts = {option.value: option.text for option in self.options(question, Asked(language))}
        return ", ".join(value.text or texts.get(value.choice, value.choice) for value in values)

    def lines(self, question: Question, counted: Iterable[Counted], language: str) -> list[Line]:
        """Every option has its line; values of an older wording follow under their own name."""
        counts: Counter[str] = Counter()
        for value in counted:
            counts[value.choice] += value.count
        offered = self.options(question, Asked(language))
        lines = [Line(option.value, option.text, counts.pop(option.value, 0)) for option in offered]
        return [*lines, *(Line(value, value, count) for value, count in sorted(counts.items()))]

    def summary(self, question: Question, counted: Iterable[Counted], people: int, language: str) -> Summary:
        has_words = bool(question.options.get("other"))
        return Summary(people, self.lines(question, counted, language), has_words=has_words)


class YesNo(Choice):
    kind = "yes_no"
    title = _l("Yes or no")
    seconds = 5
    takes_one_tap = True

    def options(self, question: Question, asked: Asked) -> list[Option]:
        with spoken(asked.language):
            return [Option("yes", _("Yes")), Option("no", _("No"))]

    def read(self, question: Question, form: FormValues, asked: Asked) -> list[AnswerValue]:
        chosen = plain(form.get(self.name(question), ""))
        if not chosen:
            return []
        self.check([chosen], question, asked)
        return [AnswerValue(choice=chosen)]

    def prefill(self, question: Question, values: Sequence[AnswerValue]) -> dict[str, list[str]]:
        return {self.name(question): [value.choice for value in values]}

    def write(
        self, question: Question, values: Sequence[AnswerValue], language: str
    ) -> dict[str, str | float]:
        options = self.options(question, Asked(language))
        return one_cell(cell_of(value.choice, options, language) for value in values)

    def typed(self, question: Question, cells: Cells, languages: Sequence[str]) -> FormValues:
        text = plain(cells.get("", ""))
        if folded(text) in _MARKED:
            text = "yes"
        elif text and folded(text) in _UNMARKED:
            text = "no"
        return MultiDict({self.name(question): text and self.found(question, text, languages)})

    def value(self, question: Question, values: Sequence[AnswerValue]) -> Value:
        return next((value.choice for value in values), "")


class OneOf(YesNo):
    """Options: choices, a list of {value, text: language -> text}, and `other`: true for words of her own."""

    kind = "one_of"
    settings = (CHOICES, Tick("other", _l("Offer “Something else”, with words of her own")))
    title = _l("One of")
    seconds = 8
    has_words = True

    def options(self, question: Question, asked: Asked) -> list[Option]:
        given = texts_of(question.options["choices"], asked.language)
        if not question.options.get("other"):
            return given
        with spoken(asked.language):
            return [*given, Option(OTHER, _("Something else"))]

    def other_name(self, question: Question) -> str:
        return self.part(question, OTHER)

    def own_words(self, question: Question, form: FormValues) -> str:
        name = self.other_name(question)
        words = plain(form.get(name, "")) if question.options.get("other") else ""
        return at_most(words, LONGEST_OTHER, self.name(question))

    def read(self, question: Question, form: FormValues, asked: Asked) -> list[AnswerValue]:
        """Own words are kept with "something else" only: who then taps an answer has changed her mind."""
        words = self.own_words(question, form)
        values = super().read(question, form, asked)
        if values and values[0].choice != OTHER:
            return values
        return [AnswerValue(choice=OTHER, text=words or None)] if values or words else []

    def prefill(self, question: Question, values: Sequence[AnswerValue]) -> dict[str, list[str]]:
        return {
            **super().prefill(question, values),
            self.other_name(question): [value.text for value in values if value.text],
        }

    def columns(self, question: Question) -> list[str]:
        return ["", OTHER] if question.options.get("other") else [""]

    def write(
        self, question: Question, values: Sequence[AnswerValue], language: str
    ) -> dict[str, str | float]:
        words = one_cell((value.text for value in values), OTHER)
        return super().write(question, values, language) | words

    def typed(self, question: Question, cells: Cells, languages: Sequence[str]) -> FormValues:
        """Where something else may be said, a text that is none of the choices says it."""
        text, words = plain(cells.get("", "")), plain(cells.get(OTHER, ""))
        try:
            value = text and self.found(question, text, languages)
        except AnswerUnreadable:
            if not question.options.get("other") or words:
                raise
            value, words = OTHER, text
        return MultiDict({self.name(question): value, self.other_name(question): words})

    def check_options(self, options: Mapping[str, Any]) -> None:
        check_listed(options.get("choices"), "choices")
        if options.get("other") and any(one["value"] == OTHER for one in options["choices"]):
            raise OptionsUnfit(_("The value “%(value)s” stands there twice.", value=OTHER), "choices")


class ManyOf(OneOf):
    """Options as those of OneOf."""

    kind = "many_of"
    title = _l("All that fit")
    seconds = 10
    takes_one_tap = False

    def read(self, question: Question, form: FormValues, asked: Asked) -> list[AnswerValue]:
        """In the order in which they are offered."""
        chosen = {plain(value) for value in form.getlist(self.name(question))} - {""}
        self.check(chosen, question, asked)
        words = self.own_words(question, form)
        offered = [option.value for option in self.options(question, asked) if option.value in chosen]
        values = [AnswerValue(choice=value) for value in offered if value != OTHER or not words]
        return [*values, AnswerValue(choice=OTHER, text=words)] if words else values

    def columns(self, question: Question) -> list[str]:
        return [option.value for option in self.options(question, Asked("en"))]

    def write(
        self,
        question: Question,
        values: Sequence[AnswerValue],
        language: str,
    ) -> dict[str, str | float]:
        return {value.choice: _kept_apart(value.text) if value.text else 1 for value in values}

    def typed(self, question: Question, cells: Cells, languages: Sequence[str]) -> FormValues:
        """A cell a choice, or all of them in one."""
        form: FormValues = MultiDict()
        name = self.name(question)
        for column in self.columns(question):
            text = plain(cells.get(column, ""))
            if column == OTHER and folded(text) not in _MARKED | _UNMARKED:
                form.add(self.other_name(question), text[1:-1] if _looks_marked(text) else text)
            elif folded(text) in _MARKED or (text and self._is_named(question, column, text, languages)):
                form.add(name, column)
            elif folded(text) not in _UNMARKED:
                raise AnswerUnreadable(_("“%(text)s”: mark with x what fits.", text=text), name)
        if text := plain(cells.get("", "")):
            form.setlist(name, [*form.getlist(name), *self._listed(question, text, languages)])
        return form

    def _is_named(self, question: Question, column: str, text: str, languages: Sequence[str]) -> bool:
        offered = [self.options(question, Asked(language)) for language in languages]
        return found_in(text, offered) == column

    def _listed(self, question: Question, text: str, languages: Sequence[str]) -> list[str]:
        """Texts may hold commas themselves, so the widest separator that gives only choices is taken."""
        for separator in (r"\n", r"[;|\n]", r"[,;|\n]", r"\s"):
            pieces = [piece for piece in map(str.strip, re.split(separator, text)) if piece]
            offered = [self.options(question, Asked(language)) for language in languages]
            found = [found_in(piece, offered) for piece in pieces]
            if None not in found:
                return [value for value in found if value]
        return [self.found(question, text, languages)]

    def value(self, question: Question, values: Sequence[AnswerValue]) -> Value:
        return " ".join(value.choice for value in values)
