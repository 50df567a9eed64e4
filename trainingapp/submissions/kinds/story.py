"""Sentences from what we hold, in the language of the moment. A figure about fewer than five has none."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from flask_babel import format_decimal, format_percent, ngettext
from flask_babel import gettext as _

from trainingapp import countries
from trainingapp.impact.figures import Share
from trainingapp.labels import label
from trainingapp.statistics import SMALLEST_GROUP, most_often
from trainingapp.submissions.held import Background

MOST_PROBLEMS = 3


def joined(sentences: Iterable[str]) -> str:
    return " ".join(sentences)


def course(known: Background) -> Iterator[str]:
    """What happened, and about what."""
    held = known.held
    if not held.editions or held.people < SMALLEST_GROUP:
        return
    yield _(
        "Since %(year)d people from %(countries)s have taken part in %(editions)s, "
        "%(people)s participants in all.",
        year=held.editions[0].year,
        countries=ngettext("%(num)d country", "%(num)d countries", len(held.countries)),
        editions=ngettext("%(num)d edition", "%(num)d editions", len(held.editions)),
        people=format_decimal(held.people),
    )
    if held.different and held.different < held.people:
        yield _(
            "Some came more than once: they are %(n)s different people.", n=format_decimal(held.different)
        )
    if known.themes:
        yield _("The themes were: %(themes)s.", themes="; ".join(known.themes))


def problems(known: Background) -> Iterator[str]:
    """What participants' plans set out to solve; a problem of fewer than five plans is not told."""
    plans = known.problems.total()
    often = [
        _("%(problem)s (%(k)d of %(n)d plans that name a problem)", problem=label(problem), k=count, n=plans)
        for problem, count in most_often(known.problems)[:MOST_PROBLEMS]
        if count >= SMALLEST_GROUP
    ]
    if often:
        yield _(
            "Problems from which action plans of participants set out: %(problems)s.",
            problems="; ".join(often),
        )


def results(known: Background) -> Iterator[str]:
    held = known.held
    if held.completed.may_show:
        yield _("%(k)d of %(n)d participants completed the course.", k=held.completed.k, n=held.completed.n)
    if held.answered.may_show:
        yield _(
            "A year later alumni were asked what had become of it: %(k)d of %(n)d answered "
            "(likely range %(low)s to %(high)s).",
            **_share(held.answered),
        )
    if held.finished.may_show:
        yield _(
            "Of %(n)d action plans that were sent %(k)d are finished (likely range %(low)s to %(high)s).",
            **_share(held.finished),
        )
    for one in held.figures:
        if one.counted >= SMALLEST_GROUP:
            yield _(
                "%(name)s: %(actual)s %(unit)s, as %(counted)d of %(plans)d plans tell and explain.",
                name=one.name,
                actual=format_decimal(Decimal(one.actual)),
                unit=one.unit,
                counted=one.counted,
                plans=one.plans,
            )


def _share(share: Share) -> dict[str, Any]:
    """With its range: Wilson, 95 %."""
    low, high = (format_percent(each, "#,##0%") for each in share.range)
    return {"k": share.k, "n": share.n, "low": low, "high": high}


def country_names(known: Background) -> list[str]:
    return sorted(countries.name_of(code) for code in known.held.countries)
