"""Which columns say when people answered, and in which order the file writes a day."""

from collections.abc import Sequence
from itertools import takewhile

from flask_babel import gettext as _

from trainingapp.archives import moments, shapes
from trainingapp.archives.maps import Use


def columns(cells: Sequence[Sequence[str]]) -> list[int]:
    """The moments before the answers, headed in whatever language: begun, sent; perhaps after a number."""
    first = next((at for at in (0, 1) if at < len(cells) and moments.are_stamps(cells[at])), None)
    if first is None:
        return []
    return list(takewhile(lambda at: moments.are_stamps(cells[at]), range(first, len(cells))))


def day_first(headings: Sequence[str], columns: Sequence[Sequence[str]]) -> bool | None:
    """One spreadsheet writes all its days in one order."""
    said: set[bool | None] = set()
    for heading, cells in zip(headings, columns, strict=True):
        if shapes.is_called(heading, Use.ANSWERED_AT.value) or moments.are_stamps(cells):
            said.add(moments.day_first(cells))
        elif all(map(moments.is_day, cells)):
            said.add(moments.clear_order(cells))
    said.discard(None)
    return said.pop() if len(said) == 1 else None


def doubt(days: Sequence[str], *, day_first: bool | None) -> str | None:
    """What a person should look at in the days that were found."""
    if not days:
        return _("No column says when people answered: write the day into “collected_on”.")
    if not moments.are_two(days):
        return None
    if day_first is None:
        return _("%(day)s may be two days: write true or false into “day_first”.", day=days[0])
    day = next(filter(moments.is_one, days))
    taken = moments.read(day, day_first=day_first).date().isoformat()
    return _("%(day)s was taken for %(taken)s: see “day_first”.", day=day, taken=taken)
