"""URL to action to page: the visits of an edition."""

from datetime import date

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import joinedload

from trainingapp import paging
from trainingapp.cohorts import loading as cohorts
from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db, lock
from trainingapp.numbers import whole
from trainingapp.programmes.roles import Permission, can, needs
from trainingapp.refusals import Refusal
from trainingapp.visits import (
    actions,
    file_views,
    host_views,
    loading,
    note_views,
    notes,
    queries,
    session_views,
    sessions,
    words,
)
from trainingapp.visits.blueprint import bp
from trainingapp.visits.forms import CancelForm, GroupForm, VisitForm
from trainingapp.visits.models import Host, SiteVisit

__all__ = ["bp", "file_views", "host_views", "note_views", "session_views"]

for written in (words.long_day, words.short_day, words.zone_name):
    bp.add_app_template_filter(written)

HOSTS_OFFERED = 500  # in the select of a visit's form


@bp.context_processor
def rights() -> dict[str, object]:
    return {"can_plan": lambda cohort: can(Permission.MANAGE_VISITS, cohort.theme.programme_id)}


@bp.get("/cohorts/<int:cohort_id>")
@needs(Permission.SEE_PEOPLE)
def of_cohort(cohort_id: int) -> ResponseReturnValue:
    cohort = cohorts.cohort(cohort_id, Permission.SEE_PEOPLE)
    visits = queries.visits_of(cohort)
    at_once = queries.clashes([visit for visit, _seats in visits])
    return render_template(
        "visits/of_cohort.html",
        cohort=cohort,
        visits=visits,
        at_once=at_once,
        sessions=sessions.of_cohort(cohort.id),
    )


@bp.get("/cohorts/<int:cohort_id>/days/<day>")
@needs(Permission.SEE_PEOPLE)
def day_sheet(cohort_id: int, day: str) -> ResponseReturnValue:
    cohort = cohorts.cohort(cohort_id, Permission.SEE_PEOPLE)
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        abort(404)
    stops = queries.day_sheet(cohort, wanted)
    held = [visit for visit, _seats in queries.visits_of(cohort) if visit.cancelled_because is None]
    days = sorted({visit.visit_on for visit in held} | {wanted})
    return render_template("visits/day_sheet.html", cohort=cohort, day=wanted, stops=stops, days=days)


@bp.route("/cohorts/<int:cohort_id>/new", methods=["GET", "POST"])
@needs(Permission.MANAGE_VISITS)
def new_visit(cohort_id: int) -> ResponseReturnValue:
    return _visit_form(cohorts.cohort(cohort_id, Permission.MANAGE_VISITS), None)


@bp.route("/<int:visit_id>/edit", methods=["GET", "POST"])
@needs(Permission.MANAGE_VISITS)
def edit_visit(visit_id: int) -> ResponseReturnValue:
    found = loading.visit(visit_id, Permission.MANAGE_VISITS)
    return _visit_form(found.cohort, found)


def _visit_form(cohort: Cohort, found: SiteVisit | None) -> ResponseReturnValue:
    mine = Host.programme_id == cohort.theme.programme_id
    offered = db.session.execute(
        sa.select(Host.id, Host.name, Host.place).where(mine).order_by(Host.name).limit(HOSTS_OFFERED)
    )
    asked = request.args.get("host", type=whole)
    begin = {} if found else {"host_id": asked, "visit_on": cohort.starts_on, "capacity": cohort.capacity}
    form = VisitForm([(number, f"{name}, {place}") for number, name, place in offered], obj=found, data=begin)
    if found and not form.is_submitted():
        form.question_lines.data = "\n".join(found.questions)
    if form.validate_on_submit():
        try:
            at = db.session.get_one(Host, form.host_id.data)
            saved = _change(form, found, at) if found else actions.plan(cohort, at, form.facts)
            db.session.commit()
            flash(_("The visit to %(host)s is saved.", host=at.name))
            return redirect(url_for("visits.visit", visit_id=saved.id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template("visits/visit_form.html", form=form, cohort=cohort, visit=found), form.status


def _change(form: VisitForm, visit: SiteVisit, at: Host) -> SiteVisit:
    lock(visit)
    form.check_fresh(visit)
    actions.change(visit, at, form.facts)
    return visit


# One visit


@bp.get("/<int:visit_id>")
@needs(Permission.SEE_PEOPLE)
def visit(visit_id: int) -> ResponseReturnValue:
    return _visit_page(loading.visit(visit_id, Permission.SEE_PEOPLE))


def _visit_page(found: SiteVisit, **forms: CancelForm | GroupForm | str | int | None) -> ResponseReturnValue:
    """With what was typed and refused, if anything was."""
    counts = queries.people_counts(found)
    view = request.args.get("view", "on" if counts["on"] or not counts["off"] else "off")
    if view not in counts:
        abort(404)
    rows = queries.people(found, view, loading.place())
    others = [other for other, _seats in queries.visits_of(found.cohort)]
    page = render_template(
        "visits/visit.html",
        cohort=found.cohort,
        visit=found,
        counts=counts,
        view=view,
        rows=rows[: paging.SIZE],
        has_more=len(rows) > paging.SIZE,
        groups=queries.groups_of(found),
        wishes=notes.wishes(found),
        at_once=queries.clashes(others, found) if found.cancelled_because is None else {},
        **{"cancel_form": CancelForm(formdata=None), "group_form": GroupForm(formdata=None)} | forms,
    )
    return page, 422 if forms else 200


@bp.post("/<int:visit_id>/people")
@needs(Permission.MANAGE_VISITS)
def people(visit_id: int) -> ResponseReturnValue:
    """Seats the chosen people, moves them between groups, or takes them off."""
    found = loading.visit(visit_id, Permission.MANAGE_VISITS)
    asked = request.form.getlist("id", type=whole)[: paging.SIZE]
    chosen = list(
        db.session.scalars(
            sa.select(Enrolment)
            .where(Enrolment.id.in_(asked), Enrolment.cohort_id == found.cohort_id)
            .options(joinedload(Enrolment.participant))
        )
    )
    group = loading.group(found, request.form.get("group", type=whole))
    back = redirect(url_for("visits.visit", visit_id=found.id, view=request.args.get("view")))
    if not chosen:
        flash(_("Choose at least one person first."), "warn")
        return back
    try:
        if "off" in request.form:
            actions.unseat(found, chosen)
            doubled = []
        else:
            doubled = actions.seat(found, chosen, group)
    except Refusal as refusal:
        db.session.rollback()
        return _visit_page(found, refused=str(refusal))
    db.session.commit()
    flash(ngettext("One person was moved.", "%(num)d people were moved.", len(chosen)))
    if doubled:
        flash(_("On another visit at the same time: %(names)s.", names=", ".join(doubled)), "warn")
    return back


@bp.post("/<int:visit_id>/groups")
@needs(Permission.MANAGE_VISITS)
def save_group(visit_id: int) -> ResponseReturnValue:
    """Adds a group, changes one (?group=), or removes it."""
    found = loading.visit(visit_id, Permission.MANAGE_VISITS)
    group = loading.group(found, request.args.get("group", type=whole))
    back = redirect(url_for("visits.visit", visit_id=found.id, _anchor="groups"))
    if group and "remove" in request.form:
        actions.remove_group(found, group)
        db.session.commit()
        return back
    form = GroupForm()
    if not form.validate_on_submit():
        return _visit_page(found, group_form=form, edited=group.id if group else None)
    try:
        actions.save_group(found, group, form.name.data, form.guide.data, form.capacity.data)
    except Refusal as refusal:
        edited = group.id if group else None
        db.session.rollback()
        form.refuse(refusal)
        return _visit_page(found, group_form=form, edited=edited)
    db.session.commit()
    return back


@bp.post("/<int:visit_id>/cancel")
@needs(Permission.MANAGE_VISITS)
def cancel(visit_id: int) -> ResponseReturnValue:
    found = loading.visit(visit_id, Permission.MANAGE_VISITS)
    form = CancelForm()
    if not form.validate_on_submit():
        return _visit_page(found, cancel_form=form)
    actions.cancel(found, form.why.data)
    db.session.commit()
    flash(_("The visit is cancelled. Its list is kept, so that you can tell everybody."), "warn")
    return redirect(url_for("visits.visit", visit_id=found.id))


@bp.post("/<int:visit_id>/reinstate")
@needs(Permission.MANAGE_VISITS)
def reinstate(visit_id: int) -> ResponseReturnValue:
    found = loading.visit(visit_id, Permission.MANAGE_VISITS)
    try:
        actions.reinstate(found)
    except Refusal as refusal:
        db.session.rollback()
        return _visit_page(found, refused=str(refusal))
    db.session.commit()
    flash(_("The visit takes place after all."))
    return redirect(url_for("visits.visit", visit_id=found.id))
