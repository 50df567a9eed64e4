"""URL to action to page, for those who read and review. The owner's pages are in own_views.py."""

from contextlib import suppress
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

import trainingapp.plans.board_views
import trainingapp.plans.confirmation_messages
import trainingapp.plans.progress_views
import trainingapp.plans.supervisor_views  # noqa: F401 - these register what they hold
from trainingapp import clock, once
from trainingapp.cohorts import loading
from trainingapp.db import db
from trainingapp.files import serving
from trainingapp.plans import (
    actions,
    confirmations,
    counting,
    forms,
    own_views,
    pages,
    progress_pages,
    progress_queries,
    queries,
    words,  # describes this package's states
)
from trainingapp.plans.blueprint import bp
from trainingapp.plans.models import ActionPlan, PlanState
from trainingapp.plans.progress_forms import SupervisorForm
from trainingapp.plans.progress_models import Blocker, EvidenceLevel
from trainingapp.programmes.roles import Permission, can, needs, require, signed_in
from trainingapp.refusals import Refusal


@bp.app_context_processor
def field_names() -> dict[str, object]:
    return {"plan_fields": words.FIELDS, "plan_value": words.value, "plan_parts": words.PARTS}


bp.add_app_template_filter(serving.described, "file_size")


@bp.get("/<int:plan_id>")
@needs(Permission.SEE_PLANS)
def plan(plan_id: int) -> ResponseReturnValue:
    return _plan_page(_seen(plan_id))


@bp.get("/cohorts/<int:cohort_id>")
@needs(Permission.SEE_PLANS)
def of_cohort(cohort_id: int) -> ResponseReturnValue:
    cohort = loading.cohort(cohort_id, Permission.SEE_PLANS)
    state, blocker = request.args.get("state"), request.args.get("blocker")
    if state not in {*PlanState, queries.NO_PLAN}:
        state = None
    chosen = Blocker(blocker) if blocker in set(Blocker) else None
    level = progress_pages.level_asked(request.args.get("from"))
    return render_template(
        "plans/of_cohort.html",
        cohort=cohort,
        page=queries.of_cohort(cohort_id, state, request.args.get("after"), blocker=chosen, level=level),
        total=counting.of_cohort(cohort_id, level),
        blockers=progress_queries.blockers_in(cohort_id),
        blocker=chosen,
        level=level,
        levels=list(EvidenceLevel),
        counts=queries.states_in(cohort_id),
        states=list(PlanState),
        state=state,
    )


@bp.post("/<int:plan_id>/comments")
@signed_in
def comment(plan_id: int) -> ResponseReturnValue:
    """By a coordinator, or the participant's reply."""
    plan = _own_or_reviewed(plan_id)
    form = forms.CommentForm()
    form.about.choices = []
    is_own = own_views.is_own(plan)
    if not form.validate() and is_own:
        raise Refusal(form.text.errors[0])
    if form.errors:
        return _plan_page(plan, comment_form=form)
    about = {**_line_named(plan, form.about.data), "form_id": form.form_id.data}
    with suppress(once.Twice):
        actions.comment(plan, current_user, form.text.data, clock.now(), **about)
        db.session.commit()
    return redirect(url_for("plans.mine") if is_own else url_for("plans.plan", plan_id=plan.id))


@bp.post("/<int:plan_id>/return")
@needs(Permission.REVIEW_PLANS)
def send_back(plan_id: int) -> ResponseReturnValue:
    plan, form = _reviewed(plan_id), forms.ReviewForm()
    if not form.validate():
        return _plan_page(plan, review_form=form)
    try:
        actions.send_back(plan, current_user, form.changes.data or "", clock.now())
    except actions.NothingToChange as refusal:
        form.refuse(refusal)
        return _plan_page(plan, review_form=form)
    db.session.commit()
    flash(_("The plan was sent back. %(name)s gets an email.", name=plan.enrolment.participant.full_name))
    return redirect(url_for("plans.plan", plan_id=plan.id))


@bp.post("/<int:plan_id>/approve")
@needs(Permission.REVIEW_PLANS)
def approve(plan_id: int) -> ResponseReturnValue:
    plan = _reviewed(plan_id)
    actions.approve(plan, clock.now())
    db.session.commit()
    flash(_("The plan was approved. %(name)s gets an email.", name=plan.enrolment.participant.full_name))
    return redirect(url_for("plans.plan", plan_id=plan.id))


def _seen(plan_id: int, permission: Permission = Permission.SEE_PLANS) -> ActionPlan:
    plan = queries.plan(plan_id) or abort(404)
    require(permission, plan.enrolment.cohort.theme.programme_id)
    return plan


def _reviewed(plan_id: int) -> ActionPlan:
    return _seen(plan_id, Permission.REVIEW_PLANS)


def _own_or_reviewed(plan_id: int) -> ActionPlan:
    plan = queries.plan(plan_id) or abort(404)
    return plan if own_views.is_own(plan) else _reviewed(plan_id)


def _plan_page(
    plan: ActionPlan,
    review_form: forms.ReviewForm | None = None,
    comment_form: forms.CommentForm | None = None,
) -> ResponseReturnValue:
    cohort, versions, told = plan.enrolment.cohort, queries.versions_of(plan), queries.told(plan)
    sent = pages.as_others_see(plan, versions)
    today, level = clock.today(cohort.time_zone), progress_pages.level_asked(request.args.get("from"))
    lines = (sent.activities, sent.indicators) if sent else ([], [])
    comments = comment_form or forms.CommentForm(formdata=None)
    comments.about.choices = forms.lines_to_comment(*lines)
    failed = bool(review_form or comment_form)
    page = render_template(
        "plans/plan.html",
        plan=plan,
        cohort=cohort,
        person=plan.enrolment.participant,
        sent=sent,
        progress=progress_pages.put_together(plan, *lines, told, today, level),
        level=level,
        levels=list(EvidenceLevel),
        supervisor_form=SupervisorForm(formdata=None, data=confirmations.supervisor_of(plan)),
        comments=queries.comments_of(plan),
        changes=pages.changed_since(versions[:-1], versions[-1].content) if len(versions) > 1 else [],
        versions=versions,
        visits={visit.id: visit for visit in queries.visits_of(cohort.id)},
        total=pages.total(sent.activities) if sent else {},
        may_review=can(Permission.REVIEW_PLANS, cohort.theme.programme_id),
        review_form=review_form or forms.ReviewForm(formdata=None),
        comment_form=comments,
    )
    return page, 422 if failed else 200


def _line_named(plan: ActionPlan, about: str | None) -> dict[str, Any]:
    """The line of this plan that a comment is about, if it names one."""
    of, _dash, number = (about or "").partition("-")
    if of == "activities":
        return {"activity": next((a for a in queries.activities_of(plan) if str(a.id) == number), None)}
    if of == "indicators":
        return {"indicator": next((i for i in queries.indicators_of(plan) if str(i.id) == number), None)}
    return {}
