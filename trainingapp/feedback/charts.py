"""The charts of a wave: counted in the database, with groups where they may be told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from trainingapp.feedback import item_charts, queries  # noqa: F401 - item_charts registers what it draws
from trainingapp.feedback.chart_kinds import CHARTS, Chart, ChartKind, GroupRow, Tally, kind_of
from trainingapp.followups.models import Wave
from trainingapp.statistics import too_close, withheld
from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types import QUESTION_TYPES

__all__ = ["CHARTS", "KINDS_OF_WORDS", "Chart", "ChartKind", "kind_of", "of_gathered", "sections"]

KINDS_OF_WORDS = tuple(kind for kind, type_ in QUESTION_TYPES.items() if type_.has_words)


def of_gathered(
    of: queries.Gathered, questions: Sequence[Question], language: str, by: str | None
) -> list[Chart]:
    """A chart for each question in their order; with groups when `by` names a dimension."""
    asked = [question for question in questions if kind_of(question).is_drawn]
    counts = queries.counts(of)
    several = _ids(asked, "has_several")
    people = queries.people(of, several)
    numbers = queries.numbers(of, _ids(asked, "has_numbers"))
    counted = queries.counted(of, _ids(asked, "has_items"))
    pairs = queries.pairs(of, _ids(asked, "has_pairs"))
    texts = queries.texts(of, _ids(asked, "has_texts"))
    files = queries.files(of, _ids(asked, "has_files"))
    charts = []
    for question in asked:
        number, drawn = question.id, kind_of(question)
        chosen = counts.get(number, {})
        answered = people.get(number, 0) if number in several else sum(chosen.values())
        tally = Tally(
            question,
            chosen,
            numbers.get(number, {}),
            answered,
            language,
            counted.get(number, ()),
            pairs.get(number, {}),
            texts.get(number, {}),
            files.get(number, ()),
        )
        charts.append(replace(drawn.chart(tally), template=f"feedback/charts/_{drawn.kind}.html"))
    return _with_groups(of, charts, by) if by and isinstance(of, Wave) else charts


def _ids(questions: Iterable[Question], trait: str) -> list[int]:
    return [question.id for question in questions if getattr(kind_of(question), trait)]


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
