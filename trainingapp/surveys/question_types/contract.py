"""What every kind of question keeps, and the words it is spoken of in."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from flask_babel import LazyString
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from trainingapp.refusals import Refusal
from trainingapp.surveys.expressions import Value
from trainingapp.surveys.models import Question
from trainingapp.surveys.numerals import number_text
from trainingapp.surveys.question_types.summaries import Counted, Summary

FormValues = MultiDict[str, str]
Cells = Mapping[str, str]  # column of a question -> what stands in it


class AnswerUnreadable(Refusal):
    """What was typed is not an answer to this question; the text says what would be."""


class OptionsUnfit(Refusal):
    """A question of this kind cannot be asked with these options."""


@dataclass(frozen=True)
class AnswerValue:
    """One row of `answers`. A scale holds its point twice: as a choice to count, as a number to average."""

    choice: str = ""  # an option's value; a country's code; yes or no
    number: float | None = None  # a scale's point; a rank, 1 the first; a day's proleptic ordinal
    text: str | None = None  # own words; an ISO date or time; a place's name; what was consented to
    item: str = ""  # the row of a matrix; "then" or "now"; an activity's id; "lat" or "lon" of a place
    file_id: int | None = None


@dataclass(frozen=True)
class Option:
    value: str
    text: str
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)  # what a choice filter asks about


@dataclass(frozen=True)
class Asked:
    """What a question is asked with."""

    language: str
    activities: Sequence[tuple[str, str]] = ()  # id and text of her open activities
    files: Mapping[int, str] = field(default_factory=dict)  # id and name of what she has stored here


class QuestionType(ABC):
    kind: ClassVar[str]
    title: ClassVar[LazyString]
    seconds: ClassVar[int]  # that an answer takes on a phone, thinking included
    takes_one_tap: ClassVar[bool] = False  # one choice is the whole answer, so that a mail can offer it
    takes_answer: ClassVar[bool] = True  # otherwise it tells or computes, and is never typed
    takes_file: ClassVar[bool] = False
    settings: ClassVar[Sequence[Any]] = ()  # of settings.Setting: what the builder offers to set
    wants_script: ClassVar[bool] = False  # static/questions.js makes its answer easier to give
    asks_activities: ClassVar[bool] = False  # the items are those of her own plan
    keeps_codes: ClassVar[bool] = (
        False  # typed in words, kept as a code: no script knows what a condition sees
    )
    has_words: ClassVar[bool] = False  # the text of an answer is her own words, for a person to read
    computes: ClassVar[bool] = False  # its answer follows from others: `work_out` instead of `read`
    knows_person: ClassVar[bool] = False  # its answers say whose they are, so that no anonymous page asks it

    @property
    def partial(self) -> str:
        return f"responses/questions/_{self.kind}.html"

    def name(self, question: Question) -> str:
        """Of its field on the page. Further fields of the same question are its `part`s."""
        return f"q-{question.key}"

    def part(self, question: Question, item: str) -> str:
        """Of a further field; no key holds a tilde."""
        return f"{self.name(question)}~{item}"

    def options(self, question: Question, asked: Asked) -> list[Option]:
        """What can be chosen, in order; nothing where one writes."""
        return []

    def items(self, question: Question, asked: Asked) -> list[Option]:
        """What the same is asked about, in order; nothing where there is one thing."""
        return []

    def unit(self, question: Question, language: str) -> str:
        return ""

    def ends(self, question: Question, language: str) -> tuple[str, str] | None:
        return None

    @abstractmethod
    def read(self, question: Question, form: FormValues, asked: Asked) -> list[AnswerValue]:
        """Nothing for no answer. Raises AnswerUnreadable."""

    @abstractmethod
    def prefill(self, question: Question, values: Sequence[AnswerValue]) -> dict[str, list[str]]:
        """Field name -> texts that `read` would read as these values."""

    def work_out(self, question: Question, values: Mapping[str, Value]) -> list[AnswerValue]:
        """The answer of a kind that computes, from all others by their keys."""
        return []

    def columns(self, question: Question) -> list[str]:
        """Which cells of a spreadsheet hold an answer; "" is the question's own."""
        return [""]

    @abstractmethod
    def write(
        self, question: Question, values: Sequence[AnswerValue], language: str
    ) -> dict[str, str | float]:
        """Column -> cell. Choices are written in the language, or as their values when it is "".

        The latter asks for nobody's language, since files are written when a request has ended.
        """

    def spoken(self, question: Question, values: Sequence[AnswerValue], language: str) -> str:
        """As another text quotes it."""
        cell = self.write(question, values, language).get("", "")
        return cell if isinstance(cell, str) else number_text(cell)

    def read_cells(self, question: Question, cells: Cells, languages: Sequence[str]) -> list[AnswerValue]:
        """The way back from `write`, in any of these languages. Raises AnswerUnreadable."""
        return self.read(question, self.typed(question, cells, languages), Asked(first(languages)))

    @abstractmethod
    def typed(self, question: Question, cells: Cells, languages: Sequence[str]) -> FormValues:
        """The cells as the page would have sent them. Raises AnswerUnreadable."""

    @abstractmethod
    def value(self, question: Question, values: Sequence[AnswerValue]) -> Value:
        """What a condition sees, as in XLSForm: a text, a number, or choices with spaces between."""

    @abstractmethod
    def summary(
        self, question: Question, counted: Iterable[Counted], people: int, language: str
    ) -> Summary: ...

    def check_options(self, options: Mapping[str, Any]) -> None:  # noqa: B027 - most fit whatever is said
        """Raises OptionsUnfit."""


QUESTION_TYPES: dict[str, QuestionType] = {}


def register(*classes: type[QuestionType]) -> None:
    for cls in classes:
        QUESTION_TYPES[cls.kind] = cls()


def first(languages: Sequence[str]) -> str:
    return next(iter(languages), "en")


def one_cell(found: Iterable[str | float | None], column: str = "") -> dict[str, str | float]:
    return next(({column: cell} for cell in found if cell is not None), {})


def plain(text: str) -> str:
    """NUL cannot be stored in PostgreSQL; browsers send CR LF for a new line."""
    return text.replace("\0", "").replace("\r\n", "\n").strip()


def at_most(text: str, most: int, name: str) -> str:
    """Raises AnswerUnreadable when it is longer."""
    if len(text) > most:
        raise AnswerUnreadable(
            _(
                "This holds at most %(most)s characters, and yours has %(now)s. Shorten it a little.",
                most=most,
                now=len(text),
            ),
            name,
        )
    return text
