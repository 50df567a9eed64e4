"""Charts of the kinds that ask about several things, and of those that are neither choice nor number."""

from collections import Counter
from datetime import date

from flask_babel import format_date
from flask_babel import gettext as _

from trainingapp.feedback.results.chart_kinds import (
    Chart,
    ChartKind,
    ItemRow,
    ManyOf,
    Number,
    OneOf,
    Tally,
    register,
)
from trainingapp.statistics import SMALLEST_GROUP, mean_range
from trainingapp.surveys.question_types import QUESTION_TYPES, Asked, Counted, Line

PLACES_SHOWN = 12
MONTHS_SHOWN = 24  # longer spans are shown by year


@register
class Matrix(ChartKind):
    """One Likert bar a row, most agreed first where the columns are points."""

    kind = "matrix"
    has_several = True
    has_items = True

    def chart(self, of: Tally) -> Chart:
        type_ = QUESTION_TYPES[of.question.kind]
        found = type_.summary(of.question, of.counted, of.people, of.language)
        rows = [
            ItemRow(
                row.text,
                row.people,
                [line.count for line in row.lines],
                [line.text for line in row.lines],
                row.mean,
            )
            for row in found.rows
        ]
        if "from" in of.question.options:
            rows.sort(key=lambda row: -(row.mean or 0))
        return Chart(of.question, of.text, of.people, rows=rows, ends=found.ends or ("", ""))


@register
class Ranking(Matrix):
    """The mean place of each, the best first, with how often it stood where."""

    kind = "ranking"


@register
class ThenNow(ChartKind):
    """Two dots, and how far apart they are, of those who said both."""

    kind = "then_now"
    has_pairs = True
    has_several = True

    def chart(self, of: Tally) -> Chart:
        options, type_ = of.question.options, QUESTION_TYPES[of.question.kind]
        both = sum(of.pairs.values())
        if both < SMALLEST_GROUP:
            return Chart(of.question, of.text, both)
        names = type_.items(of.question, Asked(of.language))
        means = [
            sum(pair[end] * count for pair, count in of.pairs.items()) / both for end in range(len(names))
        ]
        changes: Counter[float] = Counter()
        for (then, now), count in of.pairs.items():
            changes[now - then] += count
        return Chart(
            of.question,
            of.text,
            both,
            rows=[ItemRow(name.text, both, mean=mean) for name, mean in zip(names, means, strict=True)],
            change=mean_range(changes),
            points=(options["from"], options["to"]),
            ends=type_.ends(of.question, of.language) or ("", ""),
        )


@register
class Country(OneOf):
    """Most often first; only those that were named."""

    kind = "country"
    has_groups = False

    def lines(self, of: Tally) -> list[Line]:
        counted = [Counted(code, None, count) for code, count in of.chosen.items()]
        return QUESTION_TYPES[of.question.kind].summary(of.question, counted, of.people, of.language).lines


@register
class Place(Country):
    kind = "place"
    has_several = True
    has_texts = True

    def lines(self, of: Tally) -> list[Line]:
        counted = [Counted(text, None, count) for text, count in of.texts.items()]
        lines = QUESTION_TYPES[of.question.kind].summary(of.question, counted, of.people, of.language).lines
        rest = sum(line.count for line in lines[PLACES_SHOWN:])
        return [*lines[:PLACES_SHOWN], *([Line("", _("Other places"), rest)] if rest else [])]


@register
class Activities(ManyOf):
    """All activities together: each is one person's."""

    kind = "activities"
    has_groups = False

    def chart(self, of: Tally) -> Chart:
        """Activities with a line of text are read in the inbox."""
        lines = [line for line in self.lines(of) if line.value]
        total = sum(line.count for line in lines)
        return Chart(of.question, of.text, of.people, lines, total=total, words=not lines)


@register
class Computed(Number):
    kind = "computed"


@register
class Moment(ChartKind):
    kind = "date"
    has_numbers = True

    def chart(self, of: Tally) -> Chart:
        if of.people < SMALLEST_GROUP or not of.numbers:
            return Chart(of.question, of.text, of.people)
        is_time = of.question.options.get("form") == "time"
        lines = _hours(of) if is_time else _months(of)
        return Chart(of.question, of.text, of.people, lines)


def _hours(of: Tally) -> list[Line]:
    counts: Counter[int] = Counter()
    for number, count in of.numbers.items():
        counts[int(number * 24)] += count
    return [Line(str(hour), f"{hour:02}", counts[hour]) for hour in range(min(counts), max(counts) + 1)]


def _months(of: Tally) -> list[Line]:
    """By month, or by year where that would be too many."""
    counts: Counter[tuple[int, int]] = Counter()
    for number, count in of.numbers.items():
        day = date.fromordinal(int(number))
        counts[day.year, day.month - 1] += count
    first, last = (year * 12 + month for year, month in (min(counts), max(counts)))
    if last - first < MONTHS_SHOWN:
        shown = [divmod(month, 12) for month in range(first, last + 1)]
        named = [(date(year, month + 1, 1), counts[year, month]) for year, month in shown]
        return [Line(day.isoformat(), format_date(day, "MMM yy"), count) for day, count in named]
    years = range(min(counts)[0], max(counts)[0] + 1)
    return [
        Line(str(year), str(year), sum(count for (of_, _month), count in counts.items() if of_ == year))
        for year in years
    ]


@register
class File(ChartKind):
    """A list; each is opened by who may read the answers."""

    kind = "file"
    has_files = True

    def chart(self, of: Tally) -> Chart:
        return Chart(of.question, of.text, of.people, files=of.files)


@register
class Note(ChartKind):
    kind = "note"
    is_drawn = False
