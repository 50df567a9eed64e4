"""URL to action to page: what a participant does with her own plan."""

from typing import Any

import sqlalchemy as sa
from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock, dates, once
from trainingapp.cohorts.models import Enrolment
from trainingapp.db import db, lock
from trainingapp.followups.models import Schedule, Wave, WaveState
from trainingapp.numbers import whole
from trainingapp.participants import queries as participants
from trainingapp.plans import actions, content, drafts, forms, pages, queries, readiness
from trainingapp.plans.blueprint import bp
from trainingapp.plans.models import EDITABLE, ActionPlan
from trainingapp.programmes.roles import signed_in
from trainingapp.refusals import Refusal, Stale


@bp.get("/mine")
@signed_in
def mine() -> ResponseReturnValue:
    own = queries.enrolments_of(current_user.id)
    ids = [plan.id for _enrolment, plan in own if plan]
    return render_template(
        "plans/mine.html",
        own=own,
        activities=queries.activities_by_plan(ids),
        told=queries.told_by_plan(ids),
        comments=queries.comments_by_plan(ids),
        waves=_waves_to_come([enrolment.cohort_id for enrolment, _plan in own]),
        zone=participants.zone(own[0][0].participant) if own else "UTC",
        stop_form=forms.StopForm(),
        new_form_id=once.new_id,
    )


@bp.post("/begin/<int:enrolment_id>")
@signed_in
def begin(enrolment_id: int) -> ResponseReturnValue:
    enrolment = db.session.get(Enrolment, enrolment_id)
    if enrolment is None or enrolment.participant.user_id != current_user.id:
        abort(404)
    plan = actions.begin(enrolment, clock.now())
    db.session.commit()
    return redirect(url_for("plans.edit", plan_id=plan.id))


@bp.get("/<int:plan_id>/edit")
@signed_in
def edit(plan_id: int) -> ResponseReturnValue:
    plan = _own(plan_id)
    if plan.state not in EDITABLE:
        return redirect(url_for("plans.mine"))
    return _editor(plan, _saved_form(plan))


@bp.post("/<int:plan_id>/edit")
@signed_in
def save(plan_id: int) -> ResponseReturnValue:
    """Every button of the editor comes here: what was typed is saved first, whatever it was."""
    plan, form, now = _own(plan_id), forms.PlanForm(), clock.now()
    lock(plan)
    try:
        if plan.state in EDITABLE:
            form.check_fresh(plan)
        actions.save(plan, _rearranged(form.document), now)
    except (Stale, actions.NotEditable) as refusal:
        return _conflict(plan, form, refusal)
    if "settle" in request.form:
        actions.settle(plan, request.form.get("settle", 0, whole), now)
    if request.form.get("do") == "send":
        return _send(plan)
    db.session.commit()
    if request.form.get("do") == "autosave":
        return _saved_answer(plan)
    if request.form.get("do") == "close":
        return redirect(url_for("plans.mine"))
    return redirect(url_for("plans.edit", plan_id=plan.id) + _anchor())


@bp.post("/<int:plan_id>/finish")
@signed_in
def finish(plan_id: int) -> ResponseReturnValue:
    actions.finish(_own(plan_id), clock.now())
    db.session.commit()
    flash(_("Your plan is done. Thank you for telling us."))
    return redirect(url_for("plans.mine"))


@bp.post("/<int:plan_id>/stop")
@signed_in
def stop(plan_id: int) -> ResponseReturnValue:
    plan = _own(plan_id)
    actions.stop(plan, forms.StopForm().why.data or "", clock.now())
    db.session.commit()
    flash(_("Your plan was stopped. What you wrote stays here."))
    return redirect(url_for("plans.mine"))


def _own(plan_id: int) -> ActionPlan:
    plan = queries.plan(plan_id)
    if plan is None or not is_own(plan):
        abort(404)
    return plan


def is_own(plan: ActionPlan) -> bool:
    return plan.enrolment.participant.user_id == current_user.id


def _rearranged(document: content.Document) -> content.Document:
    for verb in ("add", "up", "down", "remove"):
        if verb in request.form:
            return drafts.rearranged(document, verb, request.form[verb])
    return document


def _anchor() -> str:
    """Where the page should be after a line was added, moved or removed."""
    place = next((request.form[verb] for verb in ("add", "up", "down", "remove") if verb in request.form), "")
    return f"#{'in' if place.startswith('indicators') else 'ac'}" if place else ""


def _saved_form(plan: ActionPlan) -> forms.PlanForm:
    """The editor as it is saved, whatever was posted."""
    lines = queries.activities_of(plan), queries.indicators_of(plan)
    return forms.PlanForm(formdata=None, data={**drafts.typed(plan, *lines), "version": plan.version})


def _editor(plan: ActionPlan, form: forms.PlanForm, **more: Any) -> str:
    enrolment, document = plan.enrolment, form.document
    comments, versions = queries.comments_of(plan), queries.versions_of(plan)
    checks = readiness.checks(document, queries.unanswered(plan))
    form.offer(queries.visits_of(enrolment.cohort_id), enrolment.participant.country)
    form.say(checks)
    activities, indicators = queries.activities_of(plan), queries.indicators_of(plan)
    now_reads = content.snapshot(plan, activities, indicators)
    return render_template(
        "plans/edit.html",
        plan=plan,
        form=form,
        checks=checks,
        comments=forms.by_line(comments),
        versions=versions,
        changes=pages.changed_since(versions, now_reads),
        total=pages.total(activities),
        visits={visit.id: visit for visit in queries.visits_of(enrolment.cohort_id)},
        zone=participants.zone(enrolment.participant),
        **more,
    )


def _send(plan: ActionPlan) -> ResponseReturnValue:
    try:
        actions.submit(plan, clock.now())
    except actions.NotReady as refusal:
        db.session.commit()  # what was typed is kept, though it is not sent
        form = _saved_form(plan)
        form.refuse(refusal)
        return _editor(plan, form), 422
    db.session.commit()
    flash(_("Your plan was sent. You get an email when it has been read."))
    return redirect(url_for("plans.mine"))


def _saved_answer(plan: ActionPlan) -> ResponseReturnValue:
    form, zone = _saved_form(plan), participants.zone(plan.enrolment.participant)
    checks = readiness.checks(form.document, queries.unanswered(plan))
    saved = _("Saved %(time)s.", time=dates.hour(plan.saved_at, zone))
    return jsonify(
        version=plan.version, saved=saved, checklist=render_template("plans/_checklist.html", checks=checks)
    )


def _conflict(plan: ActionPlan, form: forms.PlanForm, refusal: Refusal) -> ResponseReturnValue:
    """Both versions stay in sight. A second click on "Send plan" finds its work done: no conflict."""
    saved = _saved_form(plan)
    typed, stored = drafts.without_blanks(drafts.tidied(form.document)), drafts.tidied(saved.document)
    sent_twice = plan.state not in EDITABLE and typed == drafts.without_blanks(stored)
    if request.form.get("do") == "autosave":
        return jsonify(problem=str(refusal)), 409
    if sent_twice:
        flash(_("Your plan was already sent."), "ok")
        return redirect(url_for("plans.mine"))
    for of in content.LISTS:  # lines that have no number yet are told apart by their place
        typed[of] = [{**line, "id": line["id"] or f"new-{n}"} for n, line in enumerate(typed[of])]
    form.version.data = str(plan.version)
    form.version.raw_data = None
    differences = content.diff(stored, typed)
    return _editor(plan, form, differences=differences, refusal=refusal), 409


def _waves_to_come(cohort_ids: list[int]) -> dict[int, list[Wave]]:
    query = (
        sa.select(Schedule.cohort_id, Wave)
        .join(Wave, Wave.schedule_id == Schedule.id)
        .where(Schedule.cohort_id.in_(cohort_ids), Wave.state.in_((WaveState.PLANNED, WaveState.OPEN)))
        .order_by(Wave.opens_on)
    )
    found: dict[int, list[Wave]] = {}
    for cohort_id, wave in db.session.execute(query):
        found.setdefault(cohort_id, []).append(wave)
    return found
