"""URL to action to page: telling how a plan goes, and judging what was told."""

from contextlib import suppress
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock, once
from trainingapp.db import db
from trainingapp.files import serving
from trainingapp.participants import queries as participants
from trainingapp.plans import actions, own_views, queries
from trainingapp.plans.blueprint import bp
from trainingapp.plans.confirmations import actions as confirmations
from trainingapp.plans.confirmations import queries as confirmation_queries
from trainingapp.plans.models import ActionPlan
from trainingapp.plans.progress import ladder
from trainingapp.plans.progress import queries as progress_of
from trainingapp.plans.progress.forms import RecordForm, ReportForm, SupervisorForm, VerifyForm
from trainingapp.plans.progress.models import Evidence, EvidenceLevel, ProgressUpdate, Source
from trainingapp.programmes.roles import Permission, can, needs, require, signed_in
from trainingapp.refusals import Refusal
from trainingapp.responses.words import taps


@bp.route("/<int:plan_id>/progress", methods=["GET", "POST"])
@signed_in
def progress(plan_id: int) -> ResponseReturnValue:
    """Her own report, at any time."""
    plan = queries.plan(plan_id)
    if plan is None or not own_views.is_own(plan):
        abort(404)
    form = _asked(plan, ReportForm())
    if form.validate_on_submit() and _reported(plan, form, Source.SELF):
        flash(_("Thank you. Your report was sent, and your coordinator can read it."))
        return redirect(url_for("plans.mine"))
    return render_template("plans/progress.html", form=form, **_page(plan)), form.status


@bp.route("/<int:plan_id>/record", methods=["GET", "POST"])
@needs(Permission.REVIEW_PLANS)
def record(plan_id: int) -> ResponseReturnValue:
    """A report that came by telephone, email or on paper, written down by a coordinator."""
    plan = _seen(plan_id, Permission.REVIEW_PLANS)
    form = RecordForm()
    _asked(plan, form)
    if form.validate_on_submit() and _reported(plan, form, Source(form.source.data)):
        flash(_("The report was recorded."))
        return redirect(url_for("plans.plan", plan_id=plan.id))
    return render_template("plans/record.html", form=form, **_page(plan)), form.status


@bp.get("/evidence/<int:evidence_id>")
@signed_in
def evidence(evidence_id: int) -> ResponseReturnValue:
    """The file itself: for her, and for who may see the plan once the report was sent."""
    shown = db.session.get(Evidence, evidence_id)
    update = db.session.get(ProgressUpdate, shown.update_id) if shown else None
    if shown is None or shown.file is None or update is None:
        abort(404)
    if not own_views.is_own(update.plan):
        require(Permission.SEE_PLANS, update.plan.enrolment.cohort.theme.programme_id)
        if update.reported_at is None and update.recorded_by_id != current_user.id:
            abort(404)
    return serving.send(shown.file)


@bp.get("/<int:plan_id>/reports/<line>")
@needs(Permission.SEE_PLANS)
def line(plan_id: int, line: str) -> ResponseReturnValue:
    return _line_page(_seen(plan_id), line, VerifyForm(formdata=None)), 200


@bp.post("/<int:plan_id>/reports/<line>")
@needs(Permission.REVIEW_PLANS)
def judge(plan_id: int, line: str) -> ResponseReturnValue:
    """One step up the ladder, or the last one taken back."""
    plan, form, now = _seen(plan_id, Permission.REVIEW_PLANS), VerifyForm(), clock.now()
    examined = progress_of.line(plan, line) or abort(404)
    try:
        if "undo" in request.form:
            ladder.undo(examined.line, current_user, form.note.data or "", now)
        elif form.validate():
            ladder.verify(examined.line, current_user, Source(form.how.data), form.note.data or "", now)
    except Refusal as refusal:
        form.refuse(refusal)
    if form.problems:
        return _line_page(plan, line, form), form.status
    db.session.commit()
    flash(_("The step was taken back.") if "undo" in request.form else _("Verified. It counts as such now."))
    return redirect(url_for("plans.plan", plan_id=plan.id))


@bp.post("/<int:plan_id>/supervisor-check")
@signed_in
def ask_supervisor(plan_id: int) -> ResponseReturnValue:
    """By herself or by a coordinator: a mail goes out at once."""
    plan = queries.plan(plan_id) or abort(404)
    is_own, form = own_views.is_own(plan), SupervisorForm()
    if not is_own:
        require(Permission.REVIEW_PLANS, plan.enrolment.cohort.theme.programme_id)
    try:
        if form.validate():
            with suppress(once.Twice):
                typed = form.name.data or "", form.email.data or ""
                confirmations.ask(plan, *typed, clock.now(), current_user, form.form_id.data)
                db.session.commit()
    except Refusal as refusal:
        db.session.rollback()
        form.refuse(refusal)
    back = url_for("plans.mine") if is_own else url_for("plans.plan", plan_id=plan.id)
    if form.problems:
        return render_template("plans/ask_supervisor.html", plan=plan, form=form, back=back), form.status
    flash(_("%(name)s gets an email with two questions.", name=form.name.data))
    return redirect(back)


def _seen(plan_id: int, permission: Permission = Permission.SEE_PLANS) -> ActionPlan:
    plan = queries.plan(plan_id) or abort(404)
    require(permission, plan.enrolment.cohort.theme.programme_id)
    return plan


def _asked(plan: ActionPlan, form: ReportForm) -> ReportForm:
    actions.must_be_open(plan)
    form.ask(queries.activities_of(plan), queries.indicators_of(plan), progress_of.last_values(plan))
    return form


def _page(plan: ActionPlan) -> dict[str, Any]:
    zone = participants.zone(plan.enrolment.participant)
    return {
        "plan": plan,
        "cohort": plan.enrolment.cohort,
        "zone": zone,
        **taps(),
    }


def _reported(plan: ActionPlan, form: ReportForm, source: Source) -> bool:
    """Commits. False when something was refused that only the writing shows."""
    try:
        actions.report(
            plan,
            source,
            clock.now(),
            text=form.text.data or "",
            activities=form.said,
            values=form.counted,
            shown=form.shown,
            recorded_by=None if source is Source.SELF else current_user,
            form_id=form.form_id.data,
        )
        db.session.commit()
    except once.Twice:
        db.session.rollback()
    except Refusal as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return False
    return True


def _line_page(plan: ActionPlan, name: str, form: VerifyForm) -> str:
    cohort = plan.enrolment.cohort
    examined = progress_of.line(plan, name) or abort(404)
    return render_template(
        "plans/line.html",
        plan=plan,
        cohort=cohort,
        person=plan.enrolment.participant,
        shown=examined,
        form=form,
        levels=list(EvidenceLevel),
        confirmed=confirmation_queries.said_of(plan).get((name[0], examined.line.id)),
        may_review=can(Permission.REVIEW_PLANS, cohort.theme.programme_id),
        zone=participants.zone(plan.enrolment.participant),
    )
