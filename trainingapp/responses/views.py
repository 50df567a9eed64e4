"""URL to action to page: the questions behind a personal link. What else she can say is in wish_views."""

import json

from flask import abort, g, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

import trainingapp.responses.due_views
import trainingapp.responses.form_views
import trainingapp.responses.help_views
import trainingapp.responses.recording_views
import trainingapp.responses.still_you_views
import trainingapp.responses.wish_views  # noqa: F401 - these register what they hold
from trainingapp import clock, once
from trainingapp.access import public
from trainingapp.config import ROOT
from trainingapp.db import db
from trainingapp.followups import actions as followups
from trainingapp.followups import calendar
from trainingapp.followups.models import Invitation
from trainingapp.refusals import Refusal
from trainingapp.responses import actions, help_views, posted, proposals, queries
from trainingapp.responses import holder_views as holder
from trainingapp.responses.blueprint import bp
from trainingapp.responses.forms import Page
from trainingapp.responses.holder_views import GONE, guesses
from trainingapp.responses.words import taps
from trainingapp.web import CSP, asset, limiter


@bp.get("/r/<token>")
@public
@guesses
def link(token: str) -> ResponseReturnValue:
    """`a` names an answer that was tapped in the mail: the page shows it chosen, and nothing is kept."""
    return holder.follow(token, ".page", a=request.args.get("a"))


@bp.get("/r/<token>/told")
@public
@guesses
def link_to_told(token: str) -> ResponseReturnValue:
    """To what was told another way, also where answers were sent before."""
    return holder.follow(token, ".page", change=1)


@bp.get("/r/worker.js")
@public
def worker() -> ResponseReturnValue:
    """Served from here, since its place is its reach: the pages behind personal links and nothing else."""
    rules = "; ".join(f"{what} {where}" for what, where in CSP.items())
    text = f"const CSP = {json.dumps(rules)};\nimportScripts({json.dumps(asset('kept.js'))});\n"
    text += (ROOT / "static" / "worker.js").read_text(encoding="utf-8")
    return text, {"Content-Type": "text/javascript; charset=utf-8", "Cache-Control": "no-cache"}


@bp.get("/r/page/<page_id>")
@public
@guesses
def page(page_id: str) -> ResponseReturnValue:
    invitation = holder.invitation(page_id)
    if invitation is None:
        return holder.no_such_link()
    return _show(invitation, page_id, is_changing="change" in request.args)


@bp.post("/r/page/<page_id>")
@public
@guesses
def answer(page_id: str) -> ResponseReturnValue:
    """Send, or save and stop, or go on in another language: what was typed is never lost."""
    invitation = holder.hold(page_id)
    if invitation is None:
        return holder.no_such_link()
    now, said = clock.now(), request.form
    form = Page(queries.sheet(invitation), g.language, said.copy())
    is_final = said.get("do", "send") == "send" and "l" not in said
    filled = posted.read(form, now, is_final=is_final)
    promise, key = said.get("promise", ""), said.get("key", "")[: once.LENGTH]
    try:
        if is_final and not form.errors:
            changes = said.get("changes", "")
            actions.send(
                invitation, filled, language=g.language, now=now, changes=changes, promise=promise, key=key
            )
        elif not form.sheet.is_anonymous:  # of those only the page and the phone hold a draft
            actions.save(invitation, filled, language=g.language, now=now, promise=promise)
        db.session.commit()
    except actions.AlreadyAnswered:
        db.session.rollback()
        return redirect(holder.address(".page", page_id, again=1), 303)
    except Refusal as refusal:
        db.session.rollback()
        return _refused(invitation, page_id, form, refusal)
    return _kept(invitation, page_id, form, is_final=is_final)


def _kept(invitation: Invitation, page_id: str, form: Page, *, is_final: bool) -> ResponseReturnValue:
    """On to the thank-you, to "saved", or to the page again with all that was typed."""
    if form.errors and (is_final or "do" in request.form):
        return _form(invitation, page_id, form, status=422)
    if is_final:
        return redirect(holder.address(".page", page_id), 303)
    if request.form.get("do") == "stop" and not (form.sheet.is_sent or form.sheet.is_anonymous):
        return redirect(holder.address(".saved", page_id), 303)
    return _form(invitation, page_id, form, status=200)


def _refused(invitation: Invitation, page_id: str, form: Page, refusal: Refusal) -> ResponseReturnValue:
    if isinstance(refusal, actions.Closed):
        return _show(invitation, page_id, status=409)
    return _form(invitation, page_id, form, problem=str(refusal), status=409)


@bp.post("/r/page/<page_id>/draft")
@public
@guesses
def draft(page_id: str) -> ResponseReturnValue:
    """What was touched since the last time, while she goes on. Unreadable values stay on the phone.

    Answers with what another device has answered meanwhile, and with the fields that were not kept.
    """
    invitation = holder.hold(page_id)
    if invitation is None:
        abort(GONE)
    now = clock.now()
    form = Page(queries.sheet(invitation), g.language, request.form.copy())
    if form.sheet.is_anonymous:
        abort(409)
    filled = posted.read(form, now, is_draft=True)
    try:
        kept = actions.save(invitation, filled, language=g.language, now=now)
        db.session.commit()
    except actions.Closed:
        abort(GONE)
    if kept is None:  # sent from another device
        abort(409)
    elsewhere = posted.fields(queries.sheet(invitation), kept.elsewhere, g.language) if kept.elsewhere else {}
    return jsonify(seen=kept.revision, elsewhere=elsewhere, unread=list(form.errors))


@bp.post("/r/page/<page_id>/opened")
@public
@guesses
def opened(page_id: str) -> ResponseReturnValue:
    """A finger touched the page. Scripts of scanners do not have one.

    That finger may be on "Send": the answer arrives at the same time.
    """
    invitation = holder.hold(page_id)
    if invitation is None:
        abort(GONE)
    followups.note_opened(invitation, clock.now())
    db.session.commit()
    return "", 204


@bp.post("/r/page/<page_id>/leave")
@public
@guesses
def leave(page_id: str) -> ResponseReturnValue:
    """A shared phone forgets her: the script removes what it kept, and this the cookie."""
    invitation = holder.invitation(page_id)
    if invitation is None:
        return holder.no_such_link()
    return holder.forget(render_template("responses/left.html", **holder.frame(invitation, page_id)), page_id)


@bp.get("/r/page/<page_id>/saved")
@public
@guesses
def saved(page_id: str) -> ResponseReturnValue:
    invitation = holder.invitation(page_id)
    if invitation is None:
        return holder.no_such_link()
    return render_template("responses/saved.html", **holder.frame(invitation, page_id))


@bp.post("/r/new-link")
@public
@limiter.limit("10/minute;30/hour")
def new_link() -> ResponseReturnValue:
    """The same page whether the link was ever anyone's or not."""
    holder.stranger()
    followups.ask_new_link(request.form.get("token", ""), clock.now())
    db.session.commit()
    return render_template("responses/no_link.html", is_asked=True, **holder.frame())


def _show(
    invitation: Invitation, page_id: str, *, is_changing: bool = False, status: int = 200
) -> ResponseReturnValue:
    """The form, the thank-you, or that it has closed."""
    now = clock.now()
    sheet = queries.sheet(invitation)
    is_open = queries.takes_answers(invitation, now)
    may_change = is_open and not sheet.is_anonymous
    if sheet.is_sent and not (is_changing and may_change):
        return render_template(
            "responses/sent.html",
            sheet=sheet,
            may_change=may_change,
            is_too_late="again" in request.args,
            check_ins=queries.check_ins(invitation.wave),
            routes=help_views.of(invitation, sheet),
            today=now.date(),
            **holder.frame(invitation, page_id),
        ), status
    if not is_open:
        return render_template(
            "responses/closed.html", sheet=sheet, **holder.frame(invitation, page_id)
        ), status
    if sheet.response:  # she goes on in the language in which she left off
        holder.speak(sheet.response.language)
    form = Page(sheet, g.language).fill()
    if not sheet.is_anonymous:  # nothing is chosen by an address: logs keep addresses
        form.choose(request.args.get("a", ""))
    return _form(invitation, page_id, form, status=status)


def _form(
    invitation: Invitation, page_id: str, form: Page, *, status: int, problem: str = ""
) -> ResponseReturnValue:
    changes = request.form.get("changes") or actions.stamp(form.sheet.response)
    form.lay_over(proposals.waiting(invitation))
    return render_template(
        "responses/page.html",
        form=form,
        changes=changes,
        problem=problem,
        key=once.new_id(),
        until=int(calendar.ends(invitation.wave.closes_on).timestamp()),
        check_ins=queries.check_ins(invitation.wave),
        **taps(),
        **holder.frame(invitation, page_id),
    ), status
