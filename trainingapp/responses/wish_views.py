"""URL to action to page: what she can say with one tap. A GET shows one button, and only its POST does it.

Each page shows how things stand, so that a reload says the same, and offers the way back.
"""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from trainingapp import clock
from trainingapp.access import public
from trainingapp.db import db
from trainingapp.followups import queries as followups
from trainingapp.followups.invitations import wishes
from trainingapp.followups.models import Invitation
from trainingapp.participants import moves
from trainingapp.refusals import Refusal
from trainingapp.responses import actions
from trainingapp.responses import holder_views as holder
from trainingapp.responses.blueprint import bp
from trainingapp.responses.forms import MovedForm
from trainingapp.responses.holder_views import guesses

WISHES = {"later": ".later", "moved": ".moved", "not-me": ".not_me"}


@bp.get("/r/<token>/<any(later, moved, 'not-me'):wish>")
@public
@guesses
def wish_link(token: str, wish: str) -> ResponseReturnValue:
    return holder.follow(token, WISHES[wish])


def _page(template: str, invitation: Invitation, page_id: str, **facts: object) -> str:
    return render_template(template, **facts, **holder.frame(invitation, page_id))


# Remind me in two weeks -----------------------------------------------------------------------------


@bp.get("/r/page/<page_id>/later")
@public
@guesses
def later(page_id: str) -> ResponseReturnValue:
    invitation = holder.invitation(page_id)
    if invitation is None:
        return holder.no_such_link()
    return _later(invitation, page_id)


def _later(invitation: Invitation, page_id: str, problem: str = "") -> str:
    waits = wishes.waits_until(invitation)
    return _page("responses/later.html", invitation, page_id, waits=waits, problem=problem)


@bp.post("/r/page/<page_id>/later")
@public
@guesses
def remind_later(page_id: str) -> ResponseReturnValue:
    invitation = holder.invitation(page_id)
    if invitation is None:
        return holder.no_such_link()
    try:
        if "undo" in request.form:
            wishes.as_usual(invitation, clock.now())
        else:
            wishes.remind_later(invitation, clock.now())
        db.session.commit()
    except Refusal as refusal:
        db.session.rollback()
        return _later(invitation, page_id, str(refusal)), 409
    return redirect(holder.address(".later", page_id), 303)


# I changed job --------------------------------------------------------------------------------------


@bp.get("/r/page/<page_id>/moved")
@public
@guesses
def moved(page_id: str) -> ResponseReturnValue:
    invitation = holder.invitation(page_id)
    if invitation is None or not actions.is_hers(invitation):
        return holder.no_such_link()
    told = actions.told_since_asked(invitation)
    if told and "again" not in request.args:
        return _page("responses/moved.html", invitation, page_id, told=told)
    form = MovedForm(formdata=None, data=followups.works_at(invitation.enrolment))
    return _page("responses/moved.html", invitation, page_id, form=form)


@bp.post("/r/page/<page_id>/moved")
@public
@guesses
def tell_moved(page_id: str) -> ResponseReturnValue:
    invitation = holder.hold(page_id)
    if invitation is None or not actions.is_hers(invitation):
        return holder.no_such_link()
    told = actions.told_since_asked(invitation)
    form = MovedForm()
    try:
        if "undo" in request.form:
            if told:
                moves.take_back(told, clock.now())
        elif form.validate():
            wishes.tell_moved(invitation.enrolment, clock.now(), **form.told)
        db.session.commit()
    except Refusal as refusal:
        db.session.rollback()
        form.refuse(refusal)
    if form.problems and "undo" not in request.form:
        return _page("responses/moved.html", invitation, page_id, form=form), form.status
    return redirect(holder.address(".moved", page_id), 303)


# Not me ---------------------------------------------------------------------------------------------


@bp.get("/r/page/<page_id>/not-me")
@public
@guesses
def not_me(page_id: str) -> ResponseReturnValue:
    invitation = holder.invitation(page_id)
    if invitation is None:
        return holder.no_such_link()
    return _page("responses/not_me.html", invitation, page_id)


@bp.post("/r/page/<page_id>/not-me")
@public
@guesses
def say_not_me(page_id: str) -> ResponseReturnValue:
    invitation = holder.invitation(page_id)
    if invitation is None:
        return holder.no_such_link()
    try:
        if "undo" in request.form:
            wishes.own_again(invitation, clock.now())
        else:
            wishes.disown(invitation, clock.now())
        db.session.commit()
    except Refusal:  # answered already: the page says so
        db.session.rollback()
        return redirect(holder.address(".page", page_id), 303)
    return redirect(holder.address(".not_me", page_id), 303)
