"""What came of it: plans, what they add up to, and how much of that people put down to the programme."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from trainingapp.impact import contribution, results
from trainingapp.impact.figures import PlanFate, Result
from trainingapp.labels import label
from trainingapp.plans.models import ActivityState
from trainingapp.plans.progress.models import EvidenceLevel
from trainingapp.reports import counts
from trainingapp.reports.pieces import (
    Cell,
    Piece,
    bar,
    cell,
    heading,
    note,
    nothing,
    number,
    of,
    percent,
    share,
    table,
    written,
)
from trainingapp.reports.sections.contract import About, Section, Told, register
from trainingapp.statistics import SMALLEST_GROUP
from trainingapp.surveys.question_types import QUESTION_TYPES, Asked
from trainingapp.surveys.wording import text_in


@register
class Plans(Section):
    key = "plans"
    title = _l("Action plans")
    hint = _l("Tell of plans that moved and of plans that did not, and of what helped or stood in the way.")

    def tell(self, about: About) -> Told:
        sent = [one for one in about.figures.editions if one.sent]
        if not sent:
            return Told(missing=_("Fewer than five plans were sent by that day, so nothing is told of them."))
        rows = [
            [
                cell(one.year, one.name),
                number(one.sent),
                *(number(one.plans.get(fate, 0)) for fate in PlanFate),
                bar([one.plans.get(fate, 0) for fate in reversed(PlanFate)]),
                share(one.finished),
            ]
            for one in sent
        ]
        states = table(
            _("Plans by how they stood that day"),
            [
                _("Edition"),
                (_("Sent"),),
                *((label(fate),) for fate in PlanFate),
                _("In one bar"),
                _("Finished, of those sent"),
            ],
            rows,
        )
        finished = about.figures.finished
        sentence = _("%(k)s of %(n)s plans were finished.", k=written(finished.k), n=written(finished.n))
        return Told([states, *_activities(about)], [sentence])


def _activities(about: About) -> list[Piece]:
    found = counts.activities(about.told)
    if not any(by_state.total() for by_state in found.values()):
        return []
    rows = []
    for level in EvidenceLevel:
        above = [found[one] for one in level.and_above]
        done = sum(one[ActivityState.DONE] for one in above)
        rows.append(
            [
                cell(_("%(rank)s %(level)s", rank=written(level.rank), level=label(level))),
                number(sum(one.total() for one in above)),
                number(done),
            ]
        )
    caption = _("Activities by how well what was reported of them is shown, from each level up")
    heads = [_("From level"), (_("Reported on"),), (_("Done"),)]
    return [
        heading(_("How well it is shown")),
        table(caption, heads, rows),
        note(
            _("An activity stands in each level that it reaches: the more is asked for, the fewer are left.")
        ),
    ]


@register
class Impact(Section):
    key = "impact"
    title = _l("What plans add up to")
    hint = _l(
        "Say how the plans helped towards it, and who else had a part. Contribution is asked, not claimed."
    )

    def tell(self, about: About) -> Told:
        found = results.results(about.told, about.level)
        said = _contribution(about)
        if not found:
            return Told(
                said,
                missing=_(
                    "No plan counted towards an indicator by that day. Link the indicators of approved plans "
                    "to those of a frame, under Impact."
                ),
            )
        level = _(
            "From level %(rank)s up: %(level)s", rank=written(about.level.rank), level=label(about.level)
        )
        heads = [
            _("Indicator"),
            (_("Plans"),),
            (_("Baseline"),),
            (_("Actual"),),
            (_("Target of all"),),
            (_("Way to target"),),
        ]
        shown = table(level, heads, [_result(one) for one in found])
        rule = note(
            _(
                "Of each plan the latest value counts, as far as it is shown to be true. Where plans count "
                "the same firms, only the largest counts. Units and currencies are never mixed. Of fewer "
                "than five plans nothing is told."
            )
        )
        dash = note(_("A dash stands where not every plan states a baseline or a target."))
        told = [one for one in found if one.amount.counted >= SMALLEST_GROUP]
        return Told([shown, rule, dash, *said], [_sentence(one) for one in told[:3]])


def _result(one: Result) -> list[Cell]:
    amount = one.amount
    named = cell(
        one.indicator.name or one.indicator.code,
        f"{one.indicator.frame.name} · {one.indicator.code} · {one.unit}",
    )
    if amount.counted < SMALLEST_GROUP:
        return [
            named,
            number(amount.plans),
            nothing(),
            cell(_("hidden"), _("fewer than five")),
            nothing(),
            nothing(),
        ]
    way = nothing() if amount.way is None else cell(percent(amount.way))
    counted = number(amount.plans, ngettext("%(num)d counted", "%(num)d counted", amount.counted))
    return [named, counted, number(amount.baseline), number(amount.actual), number(amount.target), way]


def _sentence(one: Result) -> str:
    if one.amount.target is None:
        return _(
            "%(plans)s plans report %(actual)s %(unit)s together.",
            plans=written(one.amount.counted),
            actual=written(one.amount.actual),
            unit=one.unit,
        )
    return _(
        "%(plans)s plans report %(actual)s %(unit)s together, of %(target)s that all of them aimed for.",
        plans=written(one.amount.counted),
        actual=written(one.amount.actual),
        unit=one.unit,
        target=written(one.amount.target),
    )


def _contribution(about: About) -> list[Piece]:
    """What alumni said; told of five people or more."""
    said = contribution.said(about.told, is_published=True)
    question = said.question
    if question is None or not said.may_show:
        return []
    options = QUESTION_TYPES[question.kind].options(question, Asked(about.language))
    rows = [[cell(one.text), of(said.chosen.get(one.value, 0), said.people)] for one in options]
    return [
        heading(_("How much of it comes from the programme")),
        table(text_in(question.wording, about.language), [_("Answer"), _("People")], rows),
        note(_("It is what they say, not a measurement. Figures above are not multiplied by it.")),
    ]
