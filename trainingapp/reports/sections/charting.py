"""The charts of feedback/ as pieces: every figure is a text in a table, and what is drawn stands beside it.

One function for each kind of chart; a kind that is not here is read in the inbox.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from trainingapp.feedback.results import charts
from trainingapp.feedback.results.chart_kinds import ItemRow
from trainingapp.feedback.results.charts import Chart
from trainingapp.feedback.results.grouping import Group
from trainingapp.feedback.years import queries as over_years
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

TWO = 2  # the fewest groups that can be compared
MOST_BESIDE = 8  # groups in one table

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
    return table(
        _("How many chose each point"),
        [_("Statement"), *((label,) for label in first.labels), (_("Mean"),), first.columns[0].text],
        [[_stated(one), *map(number, one.counts), _mean(one), of(one.high, one.people)] for one in section],
        legend,
    )


def _scale(chart: Chart) -> list[Piece]:
    """A long one, which has a table of its own."""
    return [_scales([chart])]


def _stated(of: Chart) -> Cell:
    """What was asked, with all answers as one bar."""
    return bar(of.counts, of.text)


def _mean(of: Chart) -> Cell:
    return nothing() if of.mean is None else number(round(of.mean, 1))


def _options(chart: Chart) -> list[Piece]:
    rows = [[cell(line.text), of(line.count, chart.people)] for line in chart.lines]
    return [table(chart.text, [_("Answer"), _("People")], rows)]


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
    **dict.fromkeys(("one_of", "yes_no", "many_of", "country", "place"), _options),
    "scale": _scale,
    **dict.fromkeys(("number", "computed"), _numbers),
    **dict.fromkeys(("matrix", "ranking"), _grid),
    "then_now": _then_now,
    "date": _counted,
    "activities": _activities,
}


def by_group(groups: charts.Groups, drawn: Sequence[Chart], dimension: str, name: Name) -> list[Piece]:
    """What feedback/ may tell by country, sex or kind and nothing beyond; of questions with one figure."""
    told = [
        chart
        for chart in groups.tell(filter(has_one_figure, drawn), dimension)
        if chart.groups and not chart.is_hidden and not chart.is_held_back
    ]
    shown = list(dict.fromkeys(row.group for chart in told for row in chart.groups))
    if len(shown) < TWO:
        return []
    said = [
        (_figure(chart), {row.group: of(row.counts[0], row.people) for row in chart.groups}) for chart in told
    ]
    return [
        table(
            _TITLES[dimension](),
            [_("Question and answer"), *map(name, some)],
            [[figure, *(by.get(group, nothing()) for group in some)] for figure, by in said],
        )
        for some in _side_by_side(shown)
    ]


def _side_by_side(groups: Sequence[Group]) -> Iterator[Sequence[Group]]:
    """As many as a page has room for, in tables of nearly the same width."""
    tables = -(-len(groups) // MOST_BESIDE)
    for place in range(tables):
        yield groups[len(groups) * place // tables : len(groups) * (place + 1) // tables]


def over_time(told: Sequence[tuple[str, Sequence[Chart]]]) -> list[Piece]:
    """When it was asked, and what may be told of it. The last says which questions, and in which words; what
    was asked that once stands in full already.
    """
    *before, (now, last) = told
    again = [one for one in last if has_one_figure(one) or one.likely]
    keys = {one.question.key for one in again}
    asked = [
        (when, {one.question.key: one for one in drawn if one.question.key in keys}) for when, drawn in before
    ]
    then = [(when, charts) for when, charts in asked if charts]
    rows = [
        [_figure(one), *(_then(charts.get(one.question.key), one) for _when, charts in then), _then(one, one)]
        for one in again
        if any(one.question.key in charts for _when, charts in then)
    ]
    if not rows:
        return []
    heads = [_("Question and answer"), *(when for when, _charts in then), now]
    shown = table(_("Over time"), heads, rows)
    return [shown, note(_("The full results of each time stand under Feedback."))]


def has_one_figure(chart: Chart) -> bool:
    """A scale has its upper half, yes or no its yes."""
    return len(chart.columns) == 1 and not chart.is_hidden


def _figure(of_: Chart) -> Cell:
    return cell(of_.text, of_.columns[0].text if of_.columns else _("Mean"))


def _then(chart: Chart | None, last: Chart) -> Cell:
    """What they said of what was asked last, where it was asked on the same scale."""
    if chart is None or chart.is_hidden or _values(chart) != _values(last):
        return nothing()
    shown = _mean_of(chart) if chart.likely else _share_of(chart, last)
    if over_years.words(chart.question) == over_years.words(last.question):
        return shown
    return {**shown, "detail": _("%(figure)s; in other words", figure=shown["detail"])}


def _share_of(chart: Chart, last: Chart) -> Cell:
    said = sum(line.count for line in chart.lines if line.value in last.columns[0].values)
    return of(said, chart.people)


def _mean_of(chart: Chart) -> Cell:
    assert chart.likely
    mean, low, high = (
        written(round(one, 1)) for one in (chart.likely.mean, chart.likely.low, chart.likely.high)
    )
    people = ngettext("%(num)d person", "%(num)d people", chart.people)
    likely = _("likely range %(low)s to %(high)s", low=low, high=high)
    return cell(mean, _("%(people)s, %(likely)s", people=people, likely=likely))


def _values(chart: Chart) -> tuple[object, ...]:
    """From the lowest to the highest point, or what could be chosen."""
    options = chart.question.options
    return chart.question.kind, options.get("from"), options.get("to")


_TITLES: dict[str, Callable[[], str]] = {
    "country": lambda: _("By country"),
    "sex": lambda: _("By sex"),
    "kind": lambda: _("By what people do"),
}
