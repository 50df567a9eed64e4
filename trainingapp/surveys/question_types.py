"""One class a kind of question: how it is asked, read, shown again and summed up.

To add a kind: a class here, and `templates/responses/questions/_<kind>.html` for how it looks.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from trainingapp.refusals import Refusal
from trainingapp.surveys.models import Question
from trainingapp.surveys.numerals import read_number
from trainingapp.surveys.wording import text_in

OTHER = "other"

FormValues = MultiDict[str, str]


class AnswerUnreadable(Refusal):
    """What was typed is not an answer to this question; the text says what would be."""


@dataclass(frozen=True)
class AnswerValue:
    """One row of `answers`. A scale holds its point twice: as a choice to count, as a number to average."""

    choice: str = ""
    number: float | None = None
    text: str | None = None


@dataclass(frozen=True)
class Option:
    value: str
    text: str


@dataclass(frozen=True)
class Counted:
    """How many people gave this value."""

    choice: str
    number: float | None
    count: int


@dataclass(frozen=True)
class Line:
    """One bar of a chart."""

    value: str
    text: str
    count: int


@dataclass(frozen=True)
class Summary:
    """What a question's answers come to. `people` answered it; they may have given several values each."""

    people: int
    lines: list[Line] = field(default_factory=list)
    mean: float | None = None
    median: float | None = None
    total: float | None = None
    unit: str = ""
    ends: tuple[str, str] | None = None  # what the lowest and the highest point of a scale mean
    has_words: bool = False  # answers are to be read one by one


class QuestionType(ABC):
    kind: ClassVar[str]
    title: ClassVar[LazyString]
    seconds: ClassVar[int]  # that an answer takes on a phone, thinking included
    takes_one_tap: ClassVar[bool] = False  # one choice is the whole answer, so that a mail can offer it

    @property
    def partial(self) -> str:
        return f"responses/questions/_{self.kind}.html"

    def name(self, question: Question) -> str:
        """Of its field on the page. Further fields of the same question begin with it."""
        return f"q-{question.key}"

    def options(self, question: Question, language: str) -> list[Option]:  # noqa: ARG002
        """What can be chosen, in order; nothing where one writes."""
        return []

    def unit(self, question: Question, language: str) -> str:  # noqa: ARG002
        return ""

    def ends(self, question: Question, language: str) -> tuple[str, str] | None:  # noqa: ARG002
        return None

    @abstractmethod
    def read(self, question: Question, form: FormValues) -> list[AnswerValue]:
        """Nothing for no answer. Raises AnswerUnreadable."""

    @abstractmethod
    def prefill(self, question: Question, values: Sequence[AnswerValue]) -> dict[str, list[str]]:
        """Field name -> texts that `read` would read as these values."""

    @abstractmethod
    def summary(
        self, question: Question, counted: Iterable[Counted], people: int, language: str
    ) -> Summary: ...


QUESTION_TYPES: dict[str, QuestionType] = {}


def register(cls: type[QuestionType]) -> type[QuestionType]:
    QUESTION_TYPES[cls.kind] = cls()
    return cls


def _first(form: FormValues, name: str) -> str:
    """NUL cannot be stored in PostgreSQL; browsers send CR LF for a new line."""
    return form.get(name, "").replace("\0", "").replace("\r\n", "\n").strip()


def _from_mapping(texts: Mapping[str, Any] | None, language: str) -> str:
    return text_in(texts or {}, language)


@register
class ShortText(QuestionType):
    kind = "text"
    title = _l("Short text")
    seconds = 12
    longest = 300

    def read(self, question: Question, form: FormValues) -> list[AnswerValue]:
        text = _first(form, self.name(question))
        if len(text) > self.longest:
            raise AnswerUnreadable(
                _(
                    "This holds at most %(most)s characters, and yours has %(now)s. Shorten it a little.",
                    most=self.longest,
                    now=len(text),
                ),
                self.name(question),
            )
        return [AnswerValue(text=text)] if text else []

    def prefill(self, question: Question, values: Sequence[AnswerValue]) -> dict[str, list[str]]:
        return {self.name(question): [value.text or "" for value in values]}

    def summary(
        self,
        question: Question,  # noqa: ARG002
        counted: Iterable[Counted],  # noqa: ARG002
        people: int,
        language: str,  # noqa: ARG002
    ) -> Summary:
        return Summary(people, has_words=True)


@register
class LongText(ShortText):
    kind = "long_text"
    title = _l("Long text")
    seconds = 25
    longest = 4000


@register
class Number(QuestionType):
    """Options: unit (language -> text), min, max, decimals."""

    kind = "number"
    title = _l("Number")
    seconds = 8

    def unit(self, question: Question, language: str) -> str:
        return _from_mapping(question.options.get("unit"), language)

    def read(self, question: Question, form: FormValues) -> list[AnswerValue]:
        name = self.name(question)
        text = _first(form, name)
        if not text:
            return []
        try:
            number = read_number(text, question.options.get("decimals", 0))
        except ValueError as problem:
            raise AnswerUnreadable(
                _("%(text)s cannot be read as a number. Write it with digits only, like 1200.", text=text),
                name,
            ) from problem
        least, most = question.options.get("min", 0), question.options.get("max", 10**12)
        if not least <= number <= most:
            raise AnswerUnreadable(
                _("Write a number from %(least)s to %(most)s.", least=least, most=most), name
            )
        return [AnswerValue(number=number)]

    def prefill(self, question: Question, values: Sequence[AnswerValue]) -> dict[str, list[str]]:
        return {self.name(question): [f"{value.number:.15g}" for value in values if value.number is not None]}

    def summary(self, question: Question, counted: Iterable[Counted], people: int, language: str) -> Summary:
        spread = _Spread(counted)
        return Summary(
            people,
            mean=spread.mean,
            median=spread.median,
            total=spread.total,
            unit=self.unit(question, language),
        )


@register
class OneOf(QuestionType):
    """Options: choices, a list of {value, text: language -> text}."""

    kind = "one_of"
    title = _l("One of")
    seconds = 8
    takes_one_tap = True

    def options(self, question: Question, language: str) -> list[Option]:
        return [
            Option(choice["value"], text_in(choice["text"], language))
            for choice in question.options["choices"]
        ]

    def read(self, question: Question, form: FormValues) -> list[AnswerValue]:
        name = self.name(question)
        chosen = _first(form, name)
        if not chosen:
            return []
        self._check([chosen], question)
        return [AnswerValue(choice=chosen)]

    def _check(self, chosen: Iterable[str], question: Question) -> None:
        if set(chosen) - {option.value for option in self.options(question, "en")}:
            raise AnswerUnreadable(_("Choose from the answers shown here."), self.name(question))

    def prefill(self, question: Question, values: Sequence[AnswerValue]) -> dict[str, list[str]]:
        return {self.name(question): [value.choice for value in values]}

    def summary(self, question: Question, counted: Iterable[Counted], people: int, language: str) -> Summary:
        """Every option has its line; values of an older wording follow under their own name."""
        counts: dict[str, int] = {}
        for value in counted:
            counts[value.choice] = counts.get(value.choice, 0) + value.count
        lines = [
            Line(option.value, option.text, counts.pop(option.value, 0))
            for option in self.options(question, language)
        ]
        return Summary(people, [*lines, *(Line(value, value, count) for value, count in counts.items())])


@register
class YesNo(OneOf):
    kind = "yes_no"
    title = _l("Yes or no")
    seconds = 5

    def options(self, question: Question, language: str) -> list[Option]:  # noqa: ARG002
        return [Option("yes", _("Yes")), Option("no", _("No"))]


@register
class ManyOf(OneOf):
    """Options: choices, and `other`: true when she may add one of her own."""

    kind = "many_of"
    title = _l("All that fit")
    seconds = 10
    takes_one_tap = False
    longest_other = 300

    def options(self, question: Question, language: str) -> list[Option]:
        given = super().options(question, language)
        return [*given, Option(OTHER, _("Something else"))] if question.options.get("other") else given

    def other_name(self, question: Question) -> str:
        return f"{self.name(question)}-other"

    def read(self, question: Question, form: FormValues) -> list[AnswerValue]:
        chosen = list(dict.fromkeys(value for value in form.getlist(self.name(question)) if value.strip()))
        self._check(chosen, question)
        values = [AnswerValue(choice=value) for value in chosen if value != OTHER]
        own_words = _first(form, self.other_name(question)) if question.options.get("other") else ""
        if len(own_words) > self.longest_other:
            raise AnswerUnreadable(
                _("This holds at most %(most)s characters. Shorten it a little.", most=self.longest_other),
                self.name(question),
            )
        if own_words or OTHER in chosen:
            values.append(AnswerValue(choice=OTHER, text=own_words or None))
        return values

    def prefill(self, question: Question, values: Sequence[AnswerValue]) -> dict[str, list[str]]:
        own_words = [value.text for value in values if value.text]
        return {**super().prefill(question, values), self.other_name(question): own_words}

    def summary(self, question: Question, counted: Iterable[Counted], people: int, language: str) -> Summary:
        found = super().summary(question, counted, people, language)
        return Summary(people, found.lines, has_words=bool(question.options.get("other")))


@register
class Scale(OneOf):
    """Options: from, to (2 to 11 points), low and high: what its ends mean, language -> text."""

    kind = "scale"
    title = _l("Scale")
    seconds = 7

    def options(self, question: Question, language: str) -> list[Option]:  # noqa: ARG002
        first, last = question.options["from"], question.options["to"]
        return [Option(str(point), str(point)) for point in range(first, last + 1)]

    def ends(self, question: Question, language: str) -> tuple[str, str]:
        low, high = question.options.get("low"), question.options.get("high")
        return _from_mapping(low, language), _from_mapping(high, language)

    def read(self, question: Question, form: FormValues) -> list[AnswerValue]:
        return [
            AnswerValue(choice=value.choice, number=float(value.choice))
            for value in super().read(question, form)
        ]

    def summary(self, question: Question, counted: Iterable[Counted], people: int, language: str) -> Summary:
        counted = list(counted)
        found = super().summary(question, counted, people, language)
        spread = _Spread(counted)
        return Summary(people, found.lines, spread.mean, spread.median, ends=self.ends(question, language))


class _Spread:
    """Of numbers that come with how often each was given."""

    def __init__(self, counted: Iterable[Counted]) -> None:
        pairs = sorted((value.number, value.count) for value in counted if value.number is not None)
        self.count = sum(count for _number, count in pairs)
        self.total = sum(number * count for number, count in pairs) if pairs else None
        self.mean = self.total / self.count if self.total is not None and self.count else None
        self.median = self._at(pairs) if self.count else None

    def _at(self, pairs: list[tuple[float, int]]) -> float:
        """The middle value, or half-way between the two in the middle."""
        middle = ((self.count - 1) // 2, self.count // 2)
        found = []
        for wanted in middle:
            seen = 0
            for number, count in pairs:
                seen += count
                if wanted < seen:
                    found.append(number)
                    break
        return sum(found) / len(found)
