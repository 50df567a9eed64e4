"""URL to action to page: cases, and one of them. The library is in library_views, her own in own_views."""

from contextlib import suppress
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

import trainingapp.cases.library_views
import trainingapp.cases.own_views  # noqa: F401 - these register what they hold
from trainingapp import clock, countries, once, paging
from trainingapp.cases import actions, causes, queries, words
from trainingapp.cases.blueprint import bp
from trainingapp.cases.forms import AnswerForm, DueForm, NoteForm, OpenForm
from trainingapp.cases.models import CaseState, HelpCase
from trainingapp.cases.queries import Filters, Stage, Whose
from trainingapp.cohorts import loading
from trainingapp.db import db
from trainingapp.forms import Form
from trainingapp.labels import label
from trainingapp.numbers import whole
from trainingapp.plans import queries as plans
from trainingapp.plans.board import queries as board
from trainingapp.plans.models import ActionPlan, Activity
from trainingapp.plans.progress.models import Blocker
from trainingapp.programmes.models import Theme
from trainingapp.programmes.roles import Permission, can, needs, require
from trainingapp.refusals import Refusal
from trainingapp.table_views import Table, table_file

SEE, ACT = Permission.SEE_PLANS, Permission.REVIEW_PLANS


def _filters() -> Filters:
    """What the address says, without what means nothing."""
    asked = request.args
    stage, whose, blocker = asked.get("stage", ""), asked.get("whose", ""), asked.get("blocker", "")
    country, cohort_id = asked.get("country", ""), asked.get("cohort", type=whole)
    return Filters(
        me=current_user.id,
        today=clock.now().date(),
        stage=Stage(stage) if stage in set(Stage) else Stage.TO_DO,
        whose=Whose(whose) if whose in set(Whose) else Whose.ALL,
        country=country if countries.exists(country) else None,
        cohort=loading.cohort(cohort_id, SEE).id if cohort_id else None,
        blocker=Blocker(blocker) if blocker in set(Blocker) else None,
    )


@bp.get("/")
@needs(SEE)
def index() -> ResponseReturnValue:
    filters = _filters()
    usual = Filters(filters.me, filters.today)
    args = {name: getattr(filters, name) for name in ("stage", "whose", "country", "cohort", "blocker")}
    args = {name: value for name, value in args.items() if value != getattr(usual, name)}

    def link(**changes: Any) -> str:
        return url_for("cases.index", **{**args, **changes})

    def counted(**which: Any) -> str:
        return paging.worded(paging.bounded_count(queries.cases(filters.but(**which))))

    return render_template(
        "cases/index.html",
        filters=filters,
        link=link,
        page=queries.page(filters, request.args.get("after"), request.args.get("before")),
        stages=[(one, counted(stage=one)) for one in Stage],
        whose=[(one, counted(whose=one)) for one in Whose],
        cohort=loading.cohort(filters.cohort, SEE) if filters.cohort else None,
    )


@table_file(bp, "/list", needs(SEE))
def cases_file() -> Table:
    filters = _filters()
    headings = [
        *(_("Name"), _("Country"), _("Edition"), _("Activity"), _("Request"), _("Cause"), _("State")),
        *(_("With"), _("Answer by"), _("Answered")),
    ]
    rows = (
        (
            *(case.plan.enrolment.participant.full_name, countries.name_of(case.plan.enrolment.country)),
            *(case.plan.enrolment.cohort.name, case.activity.what, case.wish),
            *(label(case.blocker), label(case.state), case.owner.name if case.owner else None),
            *(case.due_on, case.ended_at.date() if case.ended_at else None),
        )
        for some in paging.stretches(lambda after: queries.page(filters, after))
        for case in some
    )
    return Table(_("Requests for help"), headings, rows)


@bp.get("/<int:case_id>")
@needs(SEE)
def case(case_id: int) -> ResponseReturnValue:
    return _page(_loaded(case_id, SEE))


@bp.route("/new/<int:activity_id>", methods=["GET", "POST"])
@needs(ACT)
def new(activity_id: int) -> ResponseReturnValue:
    """A coordinator heard that somebody needs help."""
    activity, plan = _activity(activity_id)
    known, form = queries.live_of(activity.id), OpenForm()
    if known and request.method == "GET":
        return redirect(url_for("cases.case", case_id=known.id))
    if form.validate_on_submit():
        programme_id = plan.enrolment.cohort.theme.programme_id
        said = form.wish.data, form.cause, current_user, clock.now(), form.form_id.data
        try:
            made = actions.open_by_hand(activity, programme_id, *said)
            db.session.commit()
            return redirect(url_for("cases.case", case_id=made.id))
        except once.Twice:
            return redirect(url_for("cases.index"))
        except actions.AlreadyOpen as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template("cases/new.html", form=form, activity=activity, plan=plan), form.status


@bp.post("/<int:case_id>/assign")
@needs(ACT)
def assign(case_id: int) -> ResponseReturnValue:
    found, wanted = _loaded(case_id, ACT), request.form.get("owner", "")
    allowed = {str(user.id): user for user in board.coordinators()} | {"me": current_user, "": None}
    if wanted not in allowed:
        flash(_("This person no longer looks after plans. Nothing was changed."), "warn")
        return _to(found)
    actions.assign(found, allowed[wanted])
    db.session.commit()
    return _to(found)


@bp.post("/<int:case_id>/due")
@needs(ACT)
def due(case_id: int) -> ResponseReturnValue:
    found, form = _loaded(case_id, ACT), DueForm()
    try:
        if form.validate():
            actions.move(found, form.due_on.data, clock.now())
            db.session.commit()
            return _to(found)
    except Refusal as refusal:
        db.session.rollback()
        form.refuse(refusal)
    return _page(found, due_form=form)


@bp.post("/<int:case_id>/note")
@needs(ACT)
def note(case_id: int) -> ResponseReturnValue:
    found, form = _loaded(case_id, ACT), NoteForm()
    if not form.validate():
        return _page(found, note_form=form)
    with suppress(once.Twice):
        actions.note(found, current_user, form.note.data, clock.now(), form.form_id.data)
        db.session.commit()
    return _to(found)


@bp.post("/<int:case_id>/answer")
@needs(ACT)
def answer(case_id: int) -> ResponseReturnValue:
    found, form = _loaded(case_id, ACT), AnswerForm()
    if not form.validate():
        return _page(found, answer_form=form)
    state, helped = CaseState(form.state.data), form.helped.data or ""
    try:
        actions.answer(found, state, form.answer.data, helped, current_user, clock.now())
        db.session.commit()
    except Refusal as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _page(found, answer_form=form)
    flash(_("The answer goes to %(name)s by email.", name=found.plan.enrolment.participant.full_name), "ok")
    return _to(found)


@bp.post("/<int:case_id>/reopen")
@needs(ACT)
def reopen(case_id: int) -> ResponseReturnValue:
    found = _loaded(case_id, ACT)
    actions.open_again(found, clock.now())
    db.session.commit()
    return _to(found)


def _loaded(case_id: int, permission: Permission) -> HelpCase:
    found = queries.case(case_id) or abort(404)
    require(permission, found.plan.enrolment.cohort.theme.programme_id)
    return found


def _activity(activity_id: int) -> tuple[Activity, ActionPlan]:
    activity = queries.activity(activity_id) or abort(404)
    plan = plans.plan(activity.plan_id) or abort(404)
    require(ACT, plan.enrolment.cohort.theme.programme_id)
    return activity, plan


def _to(found: HelpCase) -> ResponseReturnValue:
    return redirect(url_for("cases.case", case_id=found.id))


def _page(found: HelpCase, **forms: Form) -> ResponseReturnValue:
    programme_id = found.plan.enrolment.cohort.theme.programme_id
    peers = causes.solved(found.blocker, Theme.programme_id == programme_id) if found.blocker else []
    shown = {
        "due_form": DueForm(formdata=None, data={"due_on": found.due_on}),
        "note_form": NoteForm(formdata=None),
        "answer_form": AnswerForm(formdata=None),
        **forms,
    }
    page = render_template(
        "cases/case.html",
        case=found,
        person=found.plan.enrolment.participant,
        cohort=found.plan.enrolment.cohort,
        is_overdue=queries.is_overdue(found, clock.now().date()),
        notes=queries.notes_of(found),
        history=queries.history(found),
        said=words.said_of_case,
        owners=board.coordinators(),
        peers=[one for one in peers if one.activity.id != found.activity_id],
        may_act=can(ACT, programme_id),
        **shown,
    )
    return page, max((form.status for form in forms.values()), default=200)
