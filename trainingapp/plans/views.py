"""URL to action to page."""

from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock
from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db, lock
from trainingapp.followups.models import Schedule, Wave, WaveState
from trainingapp.participants import queries as participants
from trainingapp.plans import (
    actions,
    content,
    drafts,
    forms,
    gantt,
    pages,
    queries,
    readiness,
    words,  # describes this package's states
)
from trainingapp.plans.models import (
    EDITABLE,
    ActionPlan,
    Activity,
    ActivityState,
    Indicator,
    PlanState,
    Source,
)
from trainingapp.programmes.roles import Permission, can, needs, require, signed_in
from trainingapp.refusals import Refusal, Stale

bp = Blueprint("plans", __name__, url_prefix="/plans")


@bp.app_context_processor
def field_names() -> dict[str, object]:
    return {"plan_fields": words.FIELDS, "plan_value": words.value}


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
        actions.settle(plan, request.form.get("settle", 0, int), now)
    if request.form.get("do") == "send":
        return _send(plan)
    db.session.commit()
    if request.form.get("do") == "autosave":
        return _saved_answer(plan)
    if request.form.get("do") == "close":
        return redirect(url_for("plans.mine"))
    return redirect(url_for("plans.edit", plan_id=plan.id) + _anchor())


@bp.route("/<int:plan_id>/progress", methods=["GET", "POST"])
@signed_in
def progress(plan_id: int) -> ResponseReturnValue:
    """Her own report, at any time."""
    plan = _own(plan_id)
    _must_be_sent(plan)
    lines = queries.activities_of(plan), queries.indicators_of(plan)
    form = forms.report_form(forms.ReportForm, *lines)
    if form.validate_on_submit() and _says_something(form):
        _report(plan, form, lines, Source.SELF)
        db.session.commit()
        flash(_("Thank you. Your report was sent, and your coordinator can read it."))
        return redirect(url_for("plans.mine"))
    page = render_template("plans/progress.html", plan=plan, lines=lines, form=form)
    return page, 422 if form.is_submitted() else 200


@bp.route("/<int:plan_id>/record", methods=["GET", "POST"])
@needs(Permission.REVIEW_PLANS)
def record(plan_id: int) -> ResponseReturnValue:
    """A report that came by telephone, written down by a coordinator."""
    plan = _reviewed(plan_id)
    _must_be_sent(plan)
    lines = queries.activities_of(plan), queries.indicators_of(plan)
    form = forms.report_form(forms.RecordForm, *lines)
    if form.validate_on_submit() and _says_something(form):
        _report(plan, form, lines, Source(form["source"].data), recorded_by=current_user)
        db.session.commit()
        flash(_("The report was recorded."))
        return redirect(url_for("plans.plan", plan_id=plan.id))
    cohort = plan.enrolment.cohort
    page = render_template("plans/record.html", plan=plan, cohort=cohort, lines=lines, form=form)
    return page, 422 if form.is_submitted() else 200


@bp.get("/<int:plan_id>")
@needs(Permission.SEE_PLANS)
def plan(plan_id: int) -> ResponseReturnValue:
    return _plan_page(_seen(plan_id))


@bp.get("/of/<int:cohort_id>")
@needs(Permission.SEE_PLANS)
def of_cohort(cohort_id: int) -> ResponseReturnValue:
    cohort = db.session.get(Cohort, cohort_id) or abort(404)
    require(Permission.SEE_PLANS, cohort.theme.programme_id)
    state = request.args.get("state")
    if state not in {*PlanState, queries.NO_PLAN}:
        state = None
    return render_template(
        "plans/of_cohort.html",
        cohort=cohort,
        page=queries.of_cohort(cohort_id, state, request.args.get("after")),
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
    if not form.validate():
        return _plan_page(plan, comment_form=form) if not _is_own(plan) else redirect(url_for("plans.mine"))
    actions.comment(plan, current_user, form.text.data, clock.now(), **_line_named(plan, form.about.data))
    db.session.commit()
    return redirect(url_for("plans.mine") if _is_own(plan) else url_for("plans.plan", plan_id=plan.id))


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
    if plan is None or not _is_own(plan):
        abort(404)
    return plan


def _is_own(plan: ActionPlan) -> bool:
    return plan.enrolment.participant.user_id == current_user.id


def _seen(plan_id: int, permission: Permission = Permission.SEE_PLANS) -> ActionPlan:
    plan = queries.plan(plan_id) or abort(404)
    require(permission, plan.enrolment.cohort.theme.programme_id)
    return plan


def _reviewed(plan_id: int) -> ActionPlan:
    return _seen(plan_id, Permission.REVIEW_PLANS)


def _own_or_reviewed(plan_id: int) -> ActionPlan:
    plan = queries.plan(plan_id) or abort(404)
    return plan if _is_own(plan) else _reviewed(plan_id)


def _must_be_sent(plan: ActionPlan) -> None:
    if plan.submitted_at is None or plan.state == PlanState.STOPPED:
        raise Refusal(_("Progress is reported on a plan that was sent and has not been stopped."))


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
    saved = _("Saved %(time)s.", time=f"{plan.saved_at.astimezone(ZoneInfo(zone)):%H:%M}")
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


def _plan_page(
    plan: ActionPlan,
    review_form: forms.ReviewForm | None = None,
    comment_form: forms.CommentForm | None = None,
) -> ResponseReturnValue:
    cohort, versions, told = plan.enrolment.cohort, queries.versions_of(plan), queries.told(plan)
    sent = pages.as_others_see(plan, versions)
    today, courses = clock.today(cohort.time_zone), pages.courses(told, cohort.time_zone)
    comments = comment_form or forms.CommentForm(formdata=None)
    comments.about.choices = forms.lines_to_comment(
        *((sent.activities, sent.indicators) if sent else ([], []))
    )
    failed = bool(review_form or comment_form)
    page = render_template(
        "plans/plan.html",
        plan=plan,
        cohort=cohort,
        person=plan.enrolment.participant,
        sent=sent,
        chart=gantt.draw(sent.activities, courses, today) if sent else None,
        late=[a for a in (sent.activities if sent else []) if _is_late(a, courses, today)],
        today=today,
        ways=pages.ways(sent.indicators, told) if sent else [],
        told=told,
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


def _is_late(activity: Activity, courses: dict[int, gantt.Course], today: Any) -> bool:
    return gantt.is_late(activity, courses.get(activity.id, gantt.Course()), today)


def _says_something(form: forms.ReportForm) -> bool:
    if form.says_something():
        return True
    form.form_errors.append(_("Choose a state for at least one activity, or write what happened."))
    return False


def _report(
    plan: ActionPlan,
    form: forms.ReportForm,
    lines: tuple[list[Activity], list[Indicator]],
    source: Source,
    recorded_by: Any = None,
) -> None:
    now = clock.now()
    update = actions.begin_update(plan, source, now, recorded_by)
    update.text = form.text.data or ""
    for activity in lines[0]:
        state, note = form[f"state-{activity.id}"].data, form[f"note-{activity.id}"].data or ""
        if state or note:
            state = ActivityState(state) if state else activity.state
            actions.report_activity(update, activity, state, note, now)
    for indicator in lines[1]:
        if form[f"value-{indicator.id}"].amount is not None:
            actions.report_indicator(update, indicator, form[f"value-{indicator.id}"].amount)
    actions.send_update(update, now)


def _line_named(plan: ActionPlan, about: str | None) -> dict[str, Any]:
    """The line of this plan that a comment is about, if it names one."""
    of, _dash, number = (about or "").partition("-")
    if of == "activities":
        return {"activity": next((a for a in queries.activities_of(plan) if str(a.id) == number), None)}
    if of == "indicators":
        return {"indicator": next((i for i in queries.indicators_of(plan) if str(i.id) == number), None)}
    return {}


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
