"""URL to action to page: the contact-rescue board, its tasks, and the people who may help."""

from enum import StrEnum
from typing import Any, TypeVar

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from trainingapp import clock, countries, paging
from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.cohorts import loading as cohorts
from trainingapp.countries import name_of
from trainingapp.db import db
from trainingapp.followups import loading, queries
from trainingapp.followups.blueprint import RUN, SEE, bp
from trainingapp.followups.forms import FinishForm, HelperForm
from trainingapp.followups.invitations import attempts
from trainingapp.followups.rescue import actions
from trainingapp.followups.rescue import queries as rescue_queries
from trainingapp.followups.rescue.models import Ending, Helper, RescueCause, RescueTask
from trainingapp.followups.rescue.queries import Filters, Stage, Whose
from trainingapp.labels import label
from trainingapp.numbers import whole
from trainingapp.programmes.roles import Permission, holds, needs
from trainingapp.refusals import Refusal
from trainingapp.spreadsheets import download

Kind = TypeVar("Kind", bound=StrEnum)


# The board ------------------------------------------------------------------------------------------


def _member(kind: type[Kind], name: str) -> Kind | None:
    """What the address says, without what means nothing."""
    text = request.args.get(name, "")
    return kind(text) if text in set(kind) else None


def _filters() -> Filters:
    country = request.args.get("country", "")
    cohort_id = request.args.get("cohort", type=whole)
    return Filters(
        me=current_user.id,
        stage=_member(Stage, "stage") or Stage.TO_DO,
        whose=_member(Whose, "whose") or Whose.ALL,
        country=country if countries.exists(country) else None,
        cause=_member(RescueCause, "cause"),
        owner=request.args.get("owner", type=whole),
        cohort=cohorts.cohort(cohort_id, SEE).id if cohort_id else None,
    )


def _as_args(filters: Filters) -> dict[str, Any]:
    """Back into an address, without what is usual."""
    return {
        "stage": filters.stage if filters.stage is not Stage.TO_DO else None,
        "whose": filters.whose if filters.whose is not Whose.ALL else None,
        "country": filters.country,
        "cause": filters.cause,
        "owner": filters.owner,
        "cohort": filters.cohort,
    }


@bp.get("/rescue")
@needs(SEE)
def rescue_board() -> ResponseReturnValue:
    filters = _filters()
    owners = rescue_queries.coordinators()
    args = {name: value for name, value in _as_args(filters).items() if value is not None}

    def link(**changes: Any) -> str:
        return url_for("followups.rescue_board", **{**args, **changes})

    return render_template(
        "followups/rescue.html",
        page=rescue_queries.page(
            rescue_queries.tasks(filters), request.args.get("after"), request.args.get("before")
        ),
        filters=filters,
        args=args,
        link=link,
        chips=[(*chip, link(**{chip[0]: None})) for chip in _chips(filters, owners)],
        stages=_counted(filters, "stage", Stage),
        whose=_counted(filters, "whose", Whose),
        missing=rescue_queries.missing(filters),
        owners=owners,
        cohort=cohorts.cohort(filters.cohort, SEE) if filters.cohort else None,
        may_run=holds(RUN),
        may_export=holds(Permission.SEE_PEOPLE),
        today=clock.now().date(),
        cause_word=label,
        country_word=name_of,
    )


def _chips(filters: Filters, owners: Any) -> list[tuple[str, str, str]]:
    """Argument, the filter's name and its value, for each that is on."""
    names = {user.id: user.name for user in owners}
    on = [
        ("country", _("Country"), name_of(filters.country) if filters.country else ""),
        ("cause", _("Cause"), label(filters.cause)),
        ("owner", _("Taken by"), names.get(filters.owner or 0, "")),
    ]
    return [chip for chip in on if chip[2]]


def _counted(filters: Filters, name: str, kind: type[Kind]) -> list[tuple[Kind, str]]:
    return [
        (member, paging.worded(paging.bounded_count(rescue_queries.tasks(filters.but(**{name: member})))))
        for member in kind
    ]


@bp.post("/rescue/tasks.<any(csv, xlsx):ending>")
@needs(Permission.SEE_PEOPLE)
def export_rescue(ending: str) -> ResponseReturnValue:
    headings = [
        *(_("Name"), _("Country"), _("Edition"), _("Cause"), _("State"), _("Since"), _("Due on")),
        *(_("Taken by"), _("Contact attempts"), _("Last attempt"), _("How it ended")),
    ]
    wanted = rescue_queries.tasks(_filters())
    rows = (
        (
            *(line.person.full_name, line.task.enrolment.country, line.task.enrolment.cohort.name),
            *(label(line.task.cause), label(line.task.state), line.task.opened_at, line.task.due_on),
            *(line.task.owner.name if line.task.owner else None, line.attempts, line.tried_at),
            label(line.task.ending),
        )
        for some in paging.stretches(lambda after: rescue_queries.page(wanted, after))
        for line in some
    )
    file = download(ending, _("Contact rescue"), headings, rows)
    audit.record(db.session.get_one(User, current_user.id), "rescue tasks exported", after=ending)
    db.session.commit()
    return file


@bp.post("/rescue/assign")
@needs(RUN)
def assign_rescue() -> ResponseReturnValue:
    """Those whose boxes are ticked: to oneself, to a colleague, or back to nobody."""
    chosen = rescue_queries.these(request.form.getlist("id", type=whole)[: paging.SIZE], RUN)
    changed = actions.assign(chosen, _owner())
    db.session.commit()
    flash(
        ngettext("One task was changed.", "%(num)d tasks were changed.", changed), "ok" if changed else "warn"
    )
    return redirect(url_for("followups.rescue_board", **_kept()))


def _kept() -> dict[str, Any]:
    return {name: value for name, value in _as_args(_filters()).items() if value is not None}


def _owner() -> User | None:
    """Who was chosen; nobody, when nothing that means somebody was."""
    asked = request.form.get("owner", "")
    number = current_user.id if asked == "me" else request.form.get("owner", type=whole)
    return db.session.get(User, number) if number else None


# One task -------------------------------------------------------------------------------------------


def _to_task(task: RescueTask) -> ResponseReturnValue:
    return redirect(url_for("followups.rescue_task", task_id=task.id))


@bp.post("/rescue/<int:task_id>/owner")
@needs(RUN)
def own_task(task_id: int) -> ResponseReturnValue:
    task = loading.task(task_id, RUN)
    actions.assign([task], _owner())
    db.session.commit()
    return _to_task(task)


@bp.route("/rescue/<int:task_id>/<any(reached, let_go):how>", methods=["GET", "POST"])
@needs(RUN)
def finish_task(task_id: int, how: str) -> ResponseReturnValue:
    task, form = loading.task(task_id, RUN), FinishForm()
    if form.validate_on_submit():
        try:
            actions.finish(task, Ending(how), form.why.data, clock.now())
            db.session.commit()
            return _to_task(task)
        except Refusal as refusal:
            form.refuse(refusal)
    cohort = task.enrolment.cohort
    page = render_template(
        "followups/rescue_end.html", task=task, cohort=cohort, form=form, ending=Ending(how)
    )
    return page, form.status


# Who may help ---------------------------------------------------------------------------------------


@bp.route("/enrolments/<int:enrolment_id>/helpers", methods=["GET", "POST"])
@needs(RUN)
def add_helper(enrolment_id: int) -> ResponseReturnValue:
    enrolment, form = loading.enrolment(enrolment_id, RUN), HelperForm()
    if form.validate_on_submit():
        try:
            attempts.add_helper(enrolment, **form.facts)
            db.session.commit()
            return _to_person(enrolment.id)
        except Refusal as refusal:
            form.refuse(refusal)
    return _helper_page(enrolment, form, None)


@bp.route("/helpers/<int:helper_id>", methods=["GET", "POST"])
@needs(RUN)
def edit_helper(helper_id: int) -> ResponseReturnValue:
    helper = loading.helper(helper_id, RUN)
    form = HelperForm(obj=helper)
    if form.validate_on_submit():
        try:
            form.check_fresh(helper)
            attempts.edit_helper(helper, **form.facts)
            db.session.commit()
            return _to_person(helper.enrolment_id)
        except Refusal as refusal:
            form.refuse(refusal)
    return _helper_page(helper.enrolment, form, helper)


@bp.post("/helpers/<int:helper_id>/remove")
@needs(RUN)
def remove_helper(helper_id: int) -> ResponseReturnValue:
    helper = loading.helper(helper_id, RUN)
    enrolment_id = helper.enrolment_id
    attempts.remove_helper(helper)
    db.session.commit()
    flash(_("Nothing of them is kept here any more."), "ok")
    return _to_person(enrolment_id)


def _helper_page(enrolment: Any, form: HelperForm, helper: Helper | None) -> ResponseReturnValue:
    page = render_template(
        "followups/helper.html",
        enrolment=enrolment,
        cohort=enrolment.cohort,
        person=enrolment.participant,
        form=form,
        helper=helper,
    )
    return page, form.status


def _to_person(enrolment_id: int) -> ResponseReturnValue:
    """To the page where the helper stands: of the latest invitation, else of the task."""
    if invitation := queries.latest_invitation(enrolment_id):
        return redirect(url_for("followups.invitation", invitation_id=invitation.id))
    if task := rescue_queries.latest_task(enrolment_id):
        return redirect(url_for("followups.rescue_task", task_id=task.id))
    return redirect(url_for("followups.rescue_board"))
