"""What is drawn of each kind of question, by `templates/feedback/charts/_<kind>.html`.

A kind without a class here is drawn as the kind it is made from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from flask_babel import format_decimal
from flask_babel import gettext as _

from trainingapp.feedback.results.grouping import Group
from trainingapp.statistics import SMALLEST_GROUP, Range, buckets, mean_range, median
from trainingapp.surveys import quoting
from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types import OTHER, QUESTION_TYPES, Asked, Counted, Line
from trainingapp.surveys.wording import text_in

LONGEST_BAR = 7  # points of a scale that fit into one bar; longer ones stand upright


@dataclass(frozen=True)
class Column:
    """One figure told of each group: how many gave one of these values.

    The fewer columns, the sooner a question may be told by group, so a scale has one: its upper half.
    """

    text: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class GroupRow:
    group: Group
    people: int
    counts: list[int]  # one a column


@dataclass(frozen=True)
class ItemRow:
    """One row of a matrix, one thing that was ranked, or one end of then and now."""

    text: str
    people: int
    counts: list[int] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    mean: float | None = None

    @property
    def is_hidden(self) -> bool:
        return self.people < SMALLEST_GROUP


@dataclass(frozen=True)
class Chart:
    question: Question
    text: str
    people: int  # who answered it
    lines: list[Line] = field(default_factory=list)
    mean: float | None = None
    median: float | None = None
    total: float | None = None
    unit: str = ""
    high: int = 0  # how many chose a point above the middle of a scale
    high_from: str = ""  # and the first such point
    ends: tuple[str, str] = ("", "")  # what the lowest and the highest point of a scale mean
    together: object = None  # charts with the same value stand in one table
    columns: list[Column] = field(default_factory=list)  # what is told of groups; none: nothing
    groups: list[GroupRow] = field(default_factory=list)
    is_held_back: bool = False  # by group it would show what few people said
    rows: list[ItemRow] = field(default_factory=list)
    change: Range | None = None  # from then to now
    likely: Range | None = None  # of the mean of numbers
    points: tuple[float, float] = (0, 1)  # the ends of a scale as numbers
    words: bool = False  # some wrote words of their own, which are read in the inbox
    files: Sequence[tuple[int, str]] = ()  # answer id and name
    template: str = ""

    @property
    def is_hidden(self) -> bool:
        """A figure about fewer than five people is not shown."""
        return self.people < SMALLEST_GROUP

    @property
    def counts(self) -> list[int]:
        return [line.count for line in self.lines]

    @property
    def labels(self) -> list[str]:
        return [line.text for line in self.lines]


@dataclass(frozen=True)
class Tally:
    """What a chart is drawn from."""

    question: Question
    chosen: Mapping[str, int]
    numbers: Mapping[float, int]
    people: int
    language: str
    counted: Sequence[Counted] = ()  # of kinds with items
    pairs: Mapping[tuple[float, float], int] = field(default_factory=dict)  # (then, now) -> people
    texts: Mapping[str, int] = field(default_factory=dict)
    files: Sequence[tuple[int, str]] = ()

    @property
    def text(self) -> str:
        return quoting.quoted(text_in(self.question.wording, self.language), {})


class ChartKind:
    kind: ClassVar[str]
    has_several: ClassVar[bool] = False  # values of one person
    has_numbers: ClassVar[bool] = False  # instead of choices
    has_items: ClassVar[bool] = False
    has_pairs: ClassVar[bool] = False
    has_texts: ClassVar[bool] = False
    has_files: ClassVar[bool] = False
    has_groups: ClassVar[bool] = False  # may be told by country, sex or kind
    is_drawn: ClassVar[bool] = True

    def chart(self, of: Tally) -> Chart:
        return Chart(of.question, of.text, of.people)


CHARTS: dict[str, ChartKind] = {}


def register(cls: type[ChartKind]) -> type[ChartKind]:
    CHARTS[cls.kind] = cls()
    return cls


def kind_of(question: Question) -> ChartKind:
    """Its own, or that of the kind it is made from; the words of an unknown one are read in the inbox."""
    made_from = type(QUESTION_TYPES[question.kind]).__mro__
    own = (CHARTS.get(getattr(cls, "kind", "")) for cls in made_from)
    return next(filter(None, own), CHARTS[Words.kind])


@register
class Words(ChartKind):
    """Nothing to draw: the comments are read in the inbox."""

    kind = "text"


@register
class LongWords(Words):
    kind = "long_text"


@register
class OneOf(ChartKind):
    kind = "one_of"
    has_groups = True

    def lines(self, of: Tally) -> list[Line]:
        """Every option, then values of an older wording under their own name."""
        offered = QUESTION_TYPES[of.question.kind].options(of.question, Asked(of.language))
        known = {option.value for option in offered}
        older = [Line(value, value, n) for value, n in sorted(of.chosen.items()) if value not in known]
        return [Line(o.value, o.text, of.chosen.get(o.value, 0)) for o in offered] + older

    def chart(self, of: Tally) -> Chart:
        lines = self.lines(of)
        words = any(line.count for line in lines if line.value == OTHER)
        return Chart(of.question, of.text, of.people, lines, columns=self.columns(lines), words=words)

    def columns(self, lines: Sequence[Line]) -> list[Column]:
        return [Column(line.text, (line.value,)) for line in lines]


@register
class YesNo(OneOf):
    kind = "yes_no"

    def columns(self, lines: Sequence[Line]) -> list[Column]:
        return super().columns(lines[:1])


@register
class ManyOf(OneOf):
    kind = "many_of"
    has_several = True


@register
class Scale(OneOf):
    kind = "scale"

    def chart(self, of: Tally) -> Chart:
        points = self.lines(of)
        values = [float(line.value) for line in points]
        middle = (values[0] + values[-1]) / 2
        above = [line for line in points if float(line.value) > middle]
        return Chart(
            of.question,
            of.text,
            of.people,
            points,
            mean=sum(float(line.value) * line.count for line in points) / of.people if of.people else None,
            ends=QUESTION_TYPES[self.kind].ends(of.question, of.language) or ("", ""),
            high=sum(line.count for line in above),
            high_from=above[0].value,
            columns=[
                Column(_("%(point)s or more", point=above[0].value), tuple(line.value for line in above))
            ],
            together=("scale", *(line.value for line in points)) if len(points) <= LONGEST_BAR else None,
        )


@register
class Number(ChartKind):
    kind = "number"
    has_numbers = True

    def chart(self, of: Tally) -> Chart:
        unit = QUESTION_TYPES[self.kind].unit(of.question, of.language)
        given = of.numbers
        if of.people < SMALLEST_GROUP or not given:
            return Chart(of.question, of.text, of.people, unit=unit)
        whole = not of.question.options.get("decimals", 0)
        lines = [
            Line(str(low), _span(low, high, whole=whole), count)
            for low, high, count in buckets(given, whole=whole)
        ]
        total = sum(number * count for number, count in given.items())
        mean = total / sum(given.values())
        return Chart(
            of.question, of.text, of.people, lines, mean, median(given), total, unit, likely=mean_range(given)
        )


def _span(low: float, high: float, *, whole: bool) -> str:
    """From 0 to 49 for whole numbers, from 0 to below 0.5 for others."""
    last = high - 1 if whole else high
    begin = format_decimal(low)
    return begin if last == low else f"{begin}\N{EN DASH}{format_decimal(last)}"
