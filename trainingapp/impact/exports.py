"""The tables of a dashboard, for a spreadsheet. No person is in them."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext as _

from trainingapp import countries
from trainingapp.impact.figures import PlanFate, ProgrammeFigures, Result
from trainingapp.impact.publication import queries as published
from trainingapp.labels import label

NAMED = 6  # columns of a result before its figures
Table = tuple[Sequence[str], Iterable[Sequence[Any]]]


def editions(figures: ProgrammeFigures, months: Sequence[int] = ()) -> Table:
    """With the answers after these months; after all, where none are named."""
    months = months or sorted({month for edition in figures.editions for month in edition.responses})
    headings = [
        *(_("Year"), _("Edition"), _("Theme"), _("Begins"), _("People"), _("Countries")),
        *(_("From least developed countries"), _("Completed")),
        *(
            text
            for month in months
            for text in (_("Asked, month %(n)d", n=month), _("Answered, %(n)d", n=month))
        ),
        *(_("Plans sent"), *map(label, PlanFate)),
    ]
    return headings, [
        [
            *(one.year, one.name, one.theme, one.starts_on, one.reached, len(one.people)),
            *(one.from_ldcs.k if one.from_ldcs.n else None, one.completed),
            *(
                cell
                for month in months
                for share in [one.responses.get(month)]
                for cell in ((share.n, share.k) if share else (None, None))
            ),
            *(one.sent, *(one.plans.get(fate, 0) for fate in PlanFate)),
        ]
        for one in figures.editions
    ]


def results(found: Iterable[Result]) -> Table:
    headings = [
        *(_("Frame"), _("Code"), _("Indicator"), _("Unit"), _("From level"), _("Plans"), _("Counted")),
        *(_("Baseline"), _("Actual"), _("Change"), _("Target of all"), _("Same firms, left out")),
    ]
    return headings, [
        [
            *(one.indicator.frame.name, one.indicator.code, one.indicator.name, one.unit, label(one.level)),
            *(one.amount.plans, one.amount.counted, one.amount.baseline, one.amount.actual),
            *(one.amount.change, one.amount.target, one.alike),
        ]
        for one in found
    ]


def told(found: published.Figures, months: int) -> dict[str, Table]:
    """The tables of a publication: the months that its page tells, and what the page hides stays hidden."""
    people = found.figures.countries
    headings, rows = results(found.results)
    added_up = [
        row if found.is_told(one) else [*row[:NAMED], *(None for _cell in row[NAMED:])]
        for row, one in zip(rows, found.results, strict=True)
    ]
    where = [
        (code, countries.name_of(code), None if code in found.hidden else count)
        for code, count in people.items()
    ]
    return {
        "editions": editions(found.figures, [months]),
        "results": (headings, added_up),
        "countries": ((_("Code"), _("Country"), _("People")), where),
    }
