"""A chart for each kind of question, drawn by `templates/feedback/charts/_<kind>.html`.

To add a kind: a class here, and its template.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from flask_babel import format_decimal
from flask_babel import gettext as _

from trainingapp.feedback import queries
from trainingapp.followups.models import Wave
from trainingapp.statistics import SMALLEST_GROUP, Hidden, buckets, median, too_close, withheld
from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types import QUESTION_TYPES, Asked
from trainingapp.surveys.question_types.texts import ShortText
from trainingapp.surveys.wording import text_in

LONGEST_BAR = 7  # points of a scale that fit into one bar; longer ones stand upright

KINDS_OF_WORDS = tuple(kind for kind, type_ in QUESTION_TYPES.items() if isinstance(type_, ShortText))


@dataclass(frozen=True)
class Line:
    value: str
    text: str
    count: int


@dataclass(frozen=True)
class Column:
    """One figure told of each group: how many gave one of these values.

    The fewer columns, the fewer groups must be hidden, so a scale has one: its upper half.
    """

    text: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class GroupRow:
    group: str
    people: int
    counts: list[int]  # one a column
    hidden: Hidden | None


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

    @property
    def text(self) -> str:
        return text_in(self.question.wording, self.language)


class ChartKind:
    kind: ClassVar[str]
    has_several: ClassVar[bool] = False  # values of one person
    has_numbers: ClassVar[bool] = False  # instead of choices

    def chart(self, of: Tally) -> Chart:
        return Chart(of.question, of.text, of.people)


CHARTS: dict[str, ChartKind] = {}


def register(cls: type[ChartKind]) -> type[ChartKind]:
    CHARTS[cls.kind] = cls()
    return cls


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

    def lines(self, of: Tally) -> list[Line]:
        """Every option, then values of an older wording under their own name."""
        offered = QUESTION_TYPES[of.question.kind].options(of.question, Asked(of.language))
        known = {option.value for option in offered}
        older = [Line(value, value, n) for value, n in sorted(of.chosen.items()) if value not in known]
        return [Line(o.value, o.text, of.chosen.get(o.value, 0)) for o in offered] + older

    def chart(self, of: Tally) -> Chart:
        lines = self.lines(of)
        return Chart(of.question, of.text, of.people, lines, columns=self.columns(lines))

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
        return Chart(of.question, of.text, of.people, lines, mean, median(given), total, unit)


def _span(low: float, high: float, *, whole: bool) -> str:
    """From 0 to 49 for whole numbers, from 0 to below 0.5 for others."""
    last = high - 1 if whole else high
    begin = format_decimal(low)
    return begin if last == low else f"{begin}\N{EN DASH}{format_decimal(last)}"


def of_wave(wave: Wave, questions: Sequence[Question], language: str, by: str | None) -> list[Chart]:
    """A chart for each question in their order; with groups when `by` names a dimension."""
    counts = queries.counts(wave)
    several, numeric = _ids(questions, "has_several"), _ids(questions, "has_numbers")
    people = queries.people(wave, several) if several else {}
    numbers = queries.numbers(wave, numeric) if numeric else {}
    charts = []
    for question in questions:
        chosen = counts.get(question.id, {})
        answered = people.get(question.id, 0) if question.id in several else sum(chosen.values())
        tally = Tally(question, chosen, numbers.get(question.id, {}), answered, language)
        charts.append(CHARTS[question.kind].chart(tally))
    return _with_groups(wave, charts, by) if by else charts


def _ids(questions: Iterable[Question], trait: str) -> list[int]:
    return [question.id for question in questions if getattr(CHARTS[question.kind], trait)]


def _with_groups(wave: Wave, charts: Sequence[Chart], by: str) -> list[Chart]:
    dimension = list(queries.DIMENSIONS).index(by)
    first = too_close(queries.cube(wave), dimension)
    told = {chart.question.id: chart.question for chart in charts if chart.columns and not chart.is_hidden}
    chosen = queries.counts_by(wave, by, list(told))
    sizes = {
        question: {group: sum(counts.values()) for group, counts in groups.items()}
        for question, groups in chosen.items()
    }
    sizes |= queries.people_by(wave, by, _ids(told.values(), "has_several"))
    return [
        replace(chart, groups=_groups(chart, chosen[chart.question.id], sizes[chart.question.id], first))
        if chart.question.id in told
        else chart
        for chart in charts
    ]


def _groups(
    chart: Chart, chosen: Mapping[str, Mapping[str, int]], sizes: Mapping[str, int], first: set[str]
) -> list[GroupRow]:
    """Largest first. The counts of a hidden row leave this function as nothing."""
    rows = {
        group: [sum(counts.get(value, 0) for value in column.values) for column in chart.columns]
        for group, counts in chosen.items()
    }
    hidden = withheld(rows, sizes, first)
    return [
        GroupRow(group, sizes[group], [] if group in hidden else rows[group], hidden.get(group))
        for group in sorted(rows, key=lambda group: (-sizes[group], group))
    ]


def sections(charts: Iterable[Chart]) -> list[list[Chart]]:
    """Charts that stand in one table, at the place of their first, most agreed first."""
    found: list[list[Chart]] = []
    for chart in charts:
        same = next((s for s in found if chart.together and s[0].together == chart.together), None)
        if same:
            same.append(chart)
        else:
            found.append([chart])
    for section in found:
        section.sort(key=lambda chart: -(chart.high / chart.people if chart.people else 0))
    return found
