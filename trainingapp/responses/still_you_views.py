"""URL to action to page: the yearly "still you?". One tap confirms; what changed is told on the same page."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from trainingapp import clock
from trainingapp.access import public
from trainingapp.db import db
from trainingapp.followups import queries as followups
from trainingapp.followups.models import ContactCheck
from trainingapp.followups.yearly import actions as yearly
from trainingapp.followups.yearly import queries as yearly_queries
from trainingapp.participants import moves
from trainingapp.refusals import Refusal
from trainingapp.responses import holder_views as holder
from trainingapp.responses.blueprint import bp
from trainingapp.responses.forms import MovedForm
from trainingapp.responses.holder_views import guesses


@bp.get("/still-you/<token>")
@public
@guesses
def still_you_link(token: str) -> ResponseReturnValue:
    check = yearly_queries.check_for(token, clock.now())
    if check is None:
        return holder.no_such_link(may_ask=False)
    change = "1" if "change" in request.args else None
    return holder.go_on(token, ".still_you", ".still_you", check.due_at + yearly_queries.LIVES, change=change)


@bp.get("/still-you/page/<page_id>")
@public
@guesses
def still_you(page_id: str) -> ResponseReturnValue:
    check = holder.check(page_id)
    if check is None:
        return holder.no_such_link(may_ask=False)
    if check.answered_at is None and "change" in request.args:
        form = MovedForm(formdata=None, data=followups.works_at(check.enrolment))
        return _page(check, page_id, form=form)
    return _page(check, page_id)


def _page(check: ContactCheck, page_id: str, **facts: object) -> str:
    told = moves.latest(check.participant_id) if check.answered_at else None
    return render_template(
        "responses/still_you.html",
        check=check,
        person=check.participant,
        known=followups.works_at(check.enrolment),
        masked=yearly_queries.masked(check.address),
        told=told if told and told.told_at == check.answered_at else None,
        **facts,
        **holder.frame(check, page_id),
    )


@bp.post("/still-you/page/<page_id>")
@public
@guesses
def say_still_you(page_id: str) -> ResponseReturnValue:
    check = holder.check(page_id)
    if check is None:
        return holder.no_such_link(may_ask=False)
    now, form = clock.now(), MovedForm()
    try:
        if "undo" in request.form:
            yearly.undo(check, now)
        elif request.form.get("do") == "right":
            yearly.confirm(check, now)
        elif form.validate():
            yearly.change(check, now, **form.told)
        db.session.commit()
    except Refusal as refusal:
        db.session.rollback()
        form.refuse(refusal)
    if form.problems:
        return _page(check, page_id, form=form), form.status
    return redirect(url_for(".still_you", page_id=page_id, l=request.form.get("language")), 303)
