"""Charts as rows of a file: what a page does not tell, its file does not tell either."""

from collections.abc import Iterable, Iterator

from trainingapp.feedback.results.chart_kinds import Chart, ItemRow
from trainingapp.feedback.words import group_name
from trainingapp.spreadsheets.writing import Cell

UNTOLD: list[Cell] = [None] * 4


def of(charts: Iterable[Chart], by: str | None) -> Iterator[list[Cell]]:
    """Key, question, group, row, answer, people, of how many, mean. Of what is hidden an empty row."""
    for chart in charts:
        about: list[Cell] = [chart.question.key, chart.text]
        if chart.is_hidden:
            yield [*about, None, None, *UNTOLD]
            continue
        yield from ([*about, None, None, line.text, line.count, chart.people, None] for line in chart.lines)
        if chart.mean is not None:
            yield [*about, None, None, None, None, chart.people, chart.mean]
        yield from ([*about, None, row.text, *cells] for row in chart.rows for cells in _item(row))
        for group in chart.groups:
            name = group_name(group.group, by or "country")
            for column, count in zip(chart.columns, group.counts, strict=True):
                yield [*about, name, None, column.text, count, group.people, None]


def _item(row: ItemRow) -> Iterator[list[Cell]]:
    if row.is_hidden:
        yield UNTOLD
        return
    for text, count in zip(row.labels, row.counts, strict=False):
        yield [text, count, row.people, None]
    if row.mean is not None:
        yield [None, None, row.people, row.mean]
