"""URL to action to page: any two versions of a plan, side by side."""

from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from trainingapp.participants import queries as participants
from trainingapp.plans import own_views, pages, queries
from trainingapp.plans.blueprint import bp
from trainingapp.plans.models import EDITABLE, ActionPlan, PlanVersion
from trainingapp.plans.versions import comparison, content
from trainingapp.plans.versions.reading import Reading
from trainingapp.programmes.roles import Permission, require, signed_in
from trainingapp.visits import notes

NOW = "now"  # what the owner is writing, beside the numbers of what she sent


@bp.get("/<int:plan_id>/versions")
@signed_in
def versions(plan_id: int) -> ResponseReturnValue:
    """Any two of them, side by side; the owner may compare with what she is writing now."""
    plan = queries.plan(plan_id) or abort(404)
    is_own = own_views.is_own(plan)
    if not is_own:
        require(Permission.SEE_PLANS, plan.enrolment.cohort.theme.programme_id)
    made = queries.versions_of(plan)
    documents = {str(version.number): pages.document_of(version) for version in made}
    if is_own and plan.state in EDITABLE:
        documents[NOW] = content.snapshot(plan, queries.lines_of(plan))
    names = list(documents)
    if len(names) < 2:  # noqa: PLR2004 - one version has nothing to be compared with
        return _versions_page(plan, made, is_own=is_own, names=names)
    first, second = _two(names)
    read = _reading(plan, documents[second], documents[first])
    changes = comparison.compare(documents[first], documents[second], read)
    return _versions_page(plan, made, is_own=is_own, names=names, first=first, second=second, changes=changes)


def _reading(plan: ActionPlan, *documents: content.Document) -> Reading:
    known = queries.inspirations(plan.enrolment.cohort_id)
    return Reading(known, notes.cards_of(plan.enrolment_id), *documents)


def _two(names: list[str]) -> tuple[str, str]:
    """Those that the address names; else the last two."""
    first, second = request.args.get("from"), request.args.get("to")
    return first if first in names else names[-2], second if second in names else names[-1]


def _versions_page(plan: ActionPlan, made: list[PlanVersion], **facts: Any) -> str:
    template = "plans/own_versions.html" if facts["is_own"] else "plans/versions.html"
    person, cohort = plan.enrolment.participant, plan.enrolment.cohort
    zone = participants.zone(person) if facts["is_own"] else cohort.time_zone
    return render_template(
        template,
        plan=plan,
        person=person,
        cohort=cohort,
        versions={str(version.number): version for version in made},
        zone=zone,
        **facts,
    )
