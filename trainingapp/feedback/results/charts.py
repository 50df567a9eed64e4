"""The charts of a wave: counted in the database, with groups where they may be told."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from flask_babel import gettext as _

from trainingapp.feedback.results import counting, grouping, item_charts, queries
from trainingapp.feedback.results.chart_kinds import (
    CHARTS,
    Chart,
    ChartKind,
    Column,
    GroupRow,
    Tally,
    kind_of,
)
from trainingapp.feedback.results.figures import Cells, Figures
from trainingapp.feedback.results.grouping import Cell, Group, Told
from trainingapp.followups.models import Wave
from trainingapp.surveys import queries as surveys
from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types import QUESTION_TYPES

__all__ = [
    "CHARTS",
    "KINDS_OF_WORDS",
    "Chart",
    "ChartKind",
    "Groups",
    "item_charts",  # it registers its kinds, and need only be there
    "kind_of",
    "of_counts",
    "of_gathered",
    "sections",
]

Table = dict[Cell, tuple[int, Any]]  # combination of told groups -> how many answered, and what

KINDS_OF_WORDS = tuple(kind for kind, type_ in QUESTION_TYPES.items() if type_.has_words)

# The earlier, the finer: what reports ask for first, and what has few and large groups, stands in front.
_ORDER = ("sex", "kind", "country")


def of_gathered(of: queries.Gathered, questions: Sequence[Question], language: str) -> list[Chart]:
    """A chart for each question in their order."""
    return of_counts(counting.Counts(of, questions), language)


def of_counts(counts: counting.Counts, language: str) -> list[Chart]:
    asked = [question for question in counts.questions if kind_of(question).is_drawn]
    files = queries.files(counts.of, [question.id for question in asked if kind_of(question).has_files])
    return [_chart(question, counts.figures, files.get(question.id, ()), language) for question in asked]


def _chart(question: Question, found: Figures, files: Sequence[tuple[int, str]], language: str) -> Chart:
    drawn, chosen = kind_of(question), found.chosen(question.id)
    tally = Tally(
        question,
        chosen,
        found.numbers(question.id),
        found.answered(question.id) if drawn.has_several else sum(chosen.values()),
        language,
        found.counted(question.id),
        found.moved(question.id),
        found.written(question.id),
        files,
    )
    return replace(drawn.chart(tally), template=f"feedback/charts/_{drawn.kind}.html")


@dataclass(frozen=True)
class Groups:
    """Of a wave whose answers know whose they are."""

    cells: Cells
    for_some: frozenset[int] = frozenset()  # questions that are asked only after some answers

    @classmethod
    def of(cls, wave: Wave, questions: Sequence[Question]) -> "Groups":
        return cls.of_counts(wave, counting.Counts(wave, questions))

    @classmethod
    def of_counts(cls, wave: Wave, counts: counting.Counts) -> "Groups":
        questions = counts.questions
        sections = surveys.sections_of(wave.survey_version, questions)
        inside = {section.id for section in sections if section.relevant}
        for_some = {one.id for one in questions if one.relevant or one.section_id in inside}
        return cls(counts.cells, frozenset(for_some))

    @cached_property
    def told(self) -> Told:
        places = list(queries.DIMENSIONS)
        return grouping.told(self.cells.cube, [places.index(name) for name in _ORDER])

    @property
    def dimensions(self) -> list[str]:
        """Those in which groups are told."""
        return [name for place, name in enumerate(queries.DIMENSIONS) if place in self.told]

    @cached_property
    def _people(self) -> Counter[Cell]:
        found: Counter[Cell] = Counter()
        for names, people in self.cells.cube.items():
            found[grouping.cell(names, self.told)] += people
        return found

    def tell(self, charts: Iterable[Chart], by: str) -> list[Chart]:
        """Each with its groups, or held back."""
        return [self._with_groups(chart, by) if self._has_groups(chart) else chart for chart in charts]

    @staticmethod
    def _has_groups(chart: Chart) -> bool:
        return kind_of(chart.question).has_groups and not chart.is_hidden

    def _with_groups(self, chart: Chart, by: str) -> Chart:
        table = self.cells.table(chart.question.id, self.told)
        columns = self._tellable(chart, table)
        if not columns:
            return replace(chart, is_held_back=True)
        where = list(self.told).index(list(queries.DIMENSIONS).index(by))
        return replace(chart, columns=columns, groups=_rows(_summed(table, columns), where))

    def _tellable(self, chart: Chart, table: Table) -> list[Column]:
        """Those of a chart's columns that may be told, the others as one; none: it is held back."""
        answered = [table[place][0] if place in table else 0 for place in self._people]
        is_for_some = chart.question.id in self.for_some
        if not grouping.are_enough(list(self._people.values()), answered, is_for_some=is_for_some):
            return []
        summed = _summed(table, chart.columns)
        counts = [[summed[place][1][n] for place in self._people] for n in range(len(chart.columns))]
        one_each = not kind_of(chart.question).has_several
        alone, together = grouping.tellable(counts, answered, one_each=one_each)
        rest = tuple(value for n in together for value in chart.columns[n].values)
        return [chart.columns[n] for n in alone] + ([Column(_("Other answers"), rest)] if rest else [])


def _summed(table: Table, columns: Sequence[Column]) -> Table:
    """Combination -> how many answered, and how many gave each column's values."""
    return {
        place: (answered, [sum(chosen.get(one, 0) for one in column.values) for column in columns])
        for place, (answered, chosen) in table.items()
    }


def _rows(table: Table, where: int) -> list[GroupRow]:
    """The largest first."""
    people: Counter[Group] = Counter()
    counts: dict[Group, list[int]] = {}
    for place, (answered, chosen) in table.items():
        group = place[where]
        people[group] += answered
        before = counts.get(group, [0] * len(chosen))
        counts[group] = [one + more for one, more in zip(before, chosen, strict=True)]
    return [
        GroupRow(group, people[group], counts[group])
        for group in sorted(counts, key=lambda group: (-people[group], group))
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
