"""URL to action to page: the sessions of an edition, which stand beside its visits."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from trainingapp.cohorts import loading
from trainingapp.cohorts.models import Cohort
from trainingapp.db import db, lock
from trainingapp.programmes.roles import Permission, needs, require
from trainingapp.refusals import Refusal
from trainingapp.visits import sessions
from trainingapp.visits.blueprint import bp
from trainingapp.visits.forms import SessionForm
from trainingapp.visits.session_models import AgendaSession

MANAGE = Permission.MANAGE_VISITS


@bp.route("/cohorts/<int:cohort_id>/sessions/new", methods=["GET", "POST"])
@needs(MANAGE)
def new_session(cohort_id: int) -> ResponseReturnValue:
    cohort = loading.cohort(cohort_id, MANAGE)
    return _form(cohort, None, SessionForm(data={"held_on": cohort.starts_on}))


@bp.route("/sessions/<int:agenda_session_id>", methods=["GET", "POST"])
@needs(MANAGE)
def edit_session(agenda_session_id: int) -> ResponseReturnValue:
    found = _session(agenda_session_id)
    return _form(found.cohort, found, SessionForm(obj=found))


def _form(cohort: Cohort, found: AgendaSession | None, form: SessionForm) -> ResponseReturnValue:
    if form.validate_on_submit():
        try:
            if found:
                lock(found)
                form.check_fresh(found)
                sessions.change(found, form.facts)
            else:
                sessions.add(cohort, form.facts)
            db.session.commit()
            flash(_("“%(title)s” is saved.", title=form.title.data))
            return _back(cohort.id)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template("visits/session_form.html", form=form, cohort=cohort, found=found), form.status


@bp.post("/sessions/<int:agenda_session_id>/remove")
@needs(MANAGE)
def remove_session(agenda_session_id: int) -> ResponseReturnValue:
    found = _session(agenda_session_id)
    cohort_id = found.cohort_id
    sessions.remove(found)
    db.session.commit()
    return _back(cohort_id)


def _back(cohort_id: int) -> ResponseReturnValue:
    return redirect(url_for("visits.of_cohort", cohort_id=cohort_id, _anchor="sessions"))


def _session(number: int) -> AgendaSession:
    found = db.session.get(AgendaSession, number) or abort(404)
    require(MANAGE, found.cohort.theme.programme_id)
    return found
