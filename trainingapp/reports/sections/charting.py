"""The charts of feedback/ as pieces: every figure is a text in a table, and what is drawn stands beside it.

One function for each kind of chart; a kind that is not here is read in the inbox.
"""

from collections.abc import Callable, Iterable, Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from trainingapp.feedback import charts
from trainingapp.feedback.chart_kinds import ItemRow
from trainingapp.feedback.charts import Chart
from trainingapp.feedback.grouping import Group
from trainingapp.reports.pieces import (
    Cell,
    Piece,
    bar,
    cell,
    note,
    nothing,
    number,
    of,
    signed,
    table,
    written,
)

Drawn = Callable[[Chart], list[Piece]]
Name = Callable[[Group], str]
Named = Callable[[str], str]


def pieces(drawn: Iterable[Chart]) -> list[Piece]:
    """Scales with the same points stand in one table; what fewer than five answered is named at the end."""
    asked = [chart for chart in drawn if charts.kind_of(chart.question).kind in DRAWN]
    shown = [chart for chart in asked if not chart.is_hidden]
    found: list[Piece] = []
    for section in charts.sections(shown):
        if section[0].together:
            found.append(_scales(section))
        else:
            found += [
                piece for chart in section for piece in DRAWN[charts.kind_of(chart.question).kind](chart)
            ]
    few = [chart.text for chart in asked if chart.is_hidden and chart.people]
    return found + (
        [note(_("Not told, fewer than five answered: %(questions)s", questions="; ".join(few)))]
        if few
        else []
    )


def _scales(section: Sequence[Chart]) -> Piece:
    first = section[0]
    legend = [
        _("%(point)s: %(meaning)s", point=point, meaning=meaning)
        for point, meaning in zip((first.labels[0], first.labels[-1]), first.ends, strict=True)
        if meaning
    ]
    high = _("%(point)s or more", point=first.high_from)
    return table(
        _("How many chose each point") if len(section) > 1 else first.text,
        [_("Statement"), *((label,) for label in first.labels), _("Answers"), high],
        [
            [cell(one.text), *map(number, one.counts), bar(one.counts), of(one.high, one.people)]
            for one in section
        ],
        legend,
    )


def _options(chart: Chart) -> list[Piece]:
    rows = [[cell(line.text), of(line.count, chart.people)] for line in chart.lines]
    mean = [] if chart.mean is None else [[cell(_("Mean")), number(round(chart.mean, 1))]]  # of a long scale
    return [table(chart.text, [_("Answer"), _("People")], rows + mean)]


def _numbers(chart: Chart) -> list[Piece]:
    told = (chart.median, chart.mean, chart.total)
    if not chart.lines or None in told:
        return _counted(chart)
    median, mean, total = (written(round(value or 0, 1)) for value in told)
    text = _(
        "Half gave %(median)s or less. Mean %(mean)s, together %(total)s.",
        median=median,
        mean=mean,
        total=total,
    )
    return [*_counted(chart), note(text)]


def _counted(chart: Chart) -> list[Piece]:
    if not chart.lines:
        return []
    rows = [[cell(line.text), of(line.count, chart.people)] for line in chart.lines]
    return [table(chart.text, [chart.unit or _("Answer"), _("People")], rows)]


def _grid(chart: Chart) -> list[Piece]:
    labels = next((row.labels for row in chart.rows if row.labels), [])
    has_means = any(row.mean is not None for row in chart.rows)
    heads = [_("Statement"), *((label,) for label in labels), _("Answers")]
    rows = [_grid_row(row, len(labels)) for row in chart.rows]
    if has_means:
        heads.append((_("Mean"),))
        rows = [
            [*cells, nothing() if row.is_hidden or row.mean is None else number(round(row.mean, 1))]
            for cells, row in zip(rows, chart.rows, strict=True)
        ]
    return [table(chart.text, heads, rows)]


def _grid_row(row: ItemRow, columns: int) -> list[Cell]:
    if row.is_hidden:
        return [cell(row.text), *[nothing()] * columns, cell(_("hidden"), _("fewer than five"))]
    people = ngettext("%(num)d person", "%(num)d people", row.people)
    return [cell(row.text), *map(number, row.counts), bar(row.counts, people)]


def _then_now(chart: Chart) -> list[Piece]:
    """The mean of both ends, and how far apart they are."""
    change = chart.change
    means = table(
        chart.text,
        [_("When"), (_("Mean"),)],
        [[cell(row.text), number(round(row.mean or 0, 1))] for row in chart.rows],
    )
    if change is None:
        return [means]
    people = ngettext("%(num)d person gave both", "%(num)d people gave both", chart.people)
    moved = _(
        "%(people)s. Change %(change)s, likely range %(low)s to %(high)s.",
        people=people,
        change=signed(round(change.mean, 1)),
        low=signed(round(change.low, 1)),
        high=signed(round(change.high, 1)),
    )
    may_be_none = _("It may also be none.") if change.low <= 0 <= change.high else ""
    return [means, note(f"{moved} {may_be_none}".strip())]


def _activities(chart: Chart) -> list[Piece]:
    """Of activities, not of people: no range."""
    if not chart.lines:
        return []
    rows = [
        [cell(line.text), cell(_("%(k)s of %(n)s", k=written(line.count), n=written(chart.total or 0)))]
        for line in chart.lines
    ]
    return [table(chart.text, [_("Answer"), _("Activities")], rows)]


DRAWN: dict[str, Drawn] = {
    **dict.fromkeys(("one_of", "yes_no", "many_of", "country", "place", "scale"), _options),
    **dict.fromkeys(("number", "computed"), _numbers),
    **dict.fromkeys(("matrix", "ranking"), _grid),
    "then_now": _then_now,
    "date": _counted,
    "activities": _activities,
}


def by_group(groups: charts.Groups, drawn: Sequence[Chart], dimension: str, name: Name) -> list[Piece]:
    """What feedback/ may tell by country, sex or kind, and nothing beyond it."""
    rows = [
        [cell(chart.text, column.text), cell(name(row.group)), of(row.counts[place], row.people)]
        for chart in groups.tell(drawn, dimension)
        for place, column in enumerate(chart.columns if chart.groups else [])
        for row in chart.groups
        if not chart.is_hidden and not chart.is_held_back
    ]
    if not rows:
        return []
    return [table(_TITLES[dimension](), [_("Question and answer"), _("Group"), _("People")], rows)]


_TITLES: dict[str, Callable[[], str]] = {
    "country": lambda: _("By country"),
    "sex": lambda: _("By sex"),
    "kind": lambda: _("By what people do"),
}
