"""The tables of a dashboard, for a spreadsheet. No person is in them."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext as _

from trainingapp.impact.figures import PlanFate, ProgrammeFigures, Result
from trainingapp.labels import label

Table = tuple[Sequence[str], Iterable[Sequence[Any]]]


def editions(figures: ProgrammeFigures) -> Table:
    months = sorted({month for edition in figures.editions for month in edition.responses})
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
