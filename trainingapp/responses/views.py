"""URL to action to page. `/r/…` is for whoever holds a personal link; `/responses/…` is for staff.

`/r/<token>` puts the token into a cookie that only goes to that page's address, and redirects there, so
that it stays out of history, referrers and logs. A GET notes nothing: scanners open every link.
"""

from typing import Any

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock
from trainingapp.access import public
from trainingapp.db import db
from trainingapp.followups import actions as followups
from trainingapp.followups import calendar, loading
from trainingapp.followups import queries as invitations
from trainingapp.followups.models import Invitation
from trainingapp.programmes.roles import Permission, needs, require
from trainingapp.responses import actions, queries
from trainingapp.responses.forms import Page
from trainingapp.responses.words import EVERY_TAP, LANGUAGE_NAMES, MORE_TAPS, TAPS
from trainingapp.surveys import queries as surveys
from trainingapp.tokens import fingerprint
from trainingapp.web import LANGUAGES, limiter

bp = Blueprint("responses", __name__)

# Guesses at links; a link that works costs nothing. Many alumni share one address of one ministry.
GONE = 410
guesses = limiter.limit("20/minute;100/hour", deduct_when=lambda response: response.status_code == GONE)


@bp.get("/r/<token>")
@public
@guesses
def link(token: str) -> ResponseReturnValue:
    g.is_personal = True
    invitation = invitations.invitation_for(token)
    if invitation is None:
        return _no_such_link(token)
    target = url_for(".page", page_id=_page_id(token), l=request.args.get("l"))
    response = redirect(target, 303)
    ends = calendar.ends(invitation.wave.closes_on) - clock.now()
    response.set_cookie(
        _cookie_name(),
        token,
        max_age=max(3600, int(ends.total_seconds())),
        path=url_for(".page", page_id=_page_id(token)),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


@bp.get("/r/page/<page_id>")
@public
@guesses
def page(page_id: str) -> ResponseReturnValue:
    invitation = _invitation(page_id)
    if invitation is None:
        return _no_such_link()
    return _show(invitation, page_id, is_changing="change" in request.args)


@bp.post("/r/page/<page_id>")
@public
@guesses
def answer(page_id: str) -> ResponseReturnValue:
    """Send, or save and stop, or go on in another language: what was typed is never lost."""
    invitation = _invitation(page_id)
    if invitation is None:
        return _no_such_link()
    now = clock.now()
    form = Page(queries.sheet(invitation), g.language, request.form.copy())
    is_final = request.form.get("do", "send") == "send" and "l" not in request.form
    filled = form.read(is_final=is_final)
    try:
        if not is_final:
            was_kept = actions.save(invitation, filled, language=g.language, now=now)
            db.session.commit()
            if request.form.get("do") == "stop" and was_kept and not form.errors:
                return redirect(_address(".saved", invitation, page_id), 303)
            return _form(
                invitation, page_id, form, status=422 if "do" in request.form and form.errors else 200
            )
        if form.errors:
            actions.save(invitation, filled, language=g.language, now=now)
            db.session.commit()
            return _form(invitation, page_id, form, status=422)
        changes = request.form.get("changes", "")
        actions.send(invitation, filled, language=g.language, now=now, changes=changes)
        db.session.commit()
    except actions.AlreadyAnswered:
        db.session.rollback()
    except actions.Closed:
        db.session.rollback()
        return _show(invitation, page_id, status=409)
    return redirect(_address(".page", invitation, page_id), 303)


@bp.post("/r/page/<page_id>/draft")
@public
@guesses
def draft(page_id: str) -> ResponseReturnValue:
    """What was touched since the last time, while she goes on. Unreadable values stay on the phone."""
    invitation = _invitation(page_id)
    if invitation is None:
        abort(GONE)
    form = Page(queries.sheet(invitation), g.language, request.form.copy())
    filled = form.read(set(request.form.getlist("only")))
    try:
        actions.save(invitation, filled, language=g.language, now=clock.now())
        db.session.commit()
    except actions.Closed:
        abort(GONE)
    return "", 204


@bp.post("/r/page/<page_id>/opened")
@public
@guesses
def opened(page_id: str) -> ResponseReturnValue:
    """A finger touched the page. Scripts of scanners do not have one."""
    invitation = _invitation(page_id)
    if invitation is None:
        abort(GONE)
    followups.note_opened(invitation, clock.now())
    db.session.commit()
    return "", 204


@bp.get("/r/page/<page_id>/saved")
@public
@guesses
def saved(page_id: str) -> ResponseReturnValue:
    invitation = _invitation(page_id)
    if invitation is None:
        return _no_such_link()
    return render_template("responses/saved.html", **_frame(invitation, page_id))


@bp.get("/r/page/<page_id>/not-me")
@public
@guesses
def not_me(page_id: str) -> ResponseReturnValue:
    invitation = _invitation(page_id)
    if invitation is None:
        return _no_such_link()
    return render_template("responses/not_me.html", **_frame(invitation, page_id))


@bp.post("/r/page/<page_id>/not-me")
@public
@guesses
def say_not_me(page_id: str) -> ResponseReturnValue:
    invitation = _invitation(page_id)
    if invitation is None:
        return _no_such_link()
    try:
        actions.disown(invitation)
        db.session.commit()
    except actions.AlreadyAnswered:
        db.session.rollback()
        return redirect(_address(".page", invitation, page_id), 303)
    return render_template("responses/not_me.html", is_noted=True, **_frame(invitation, page_id))


@bp.post("/r/new-link")
@public
@limiter.limit("10/minute;30/hour")
def new_link() -> ResponseReturnValue:
    """The same page whether the link was ever anyone's or not."""
    _stranger()
    followups.ask_new_link(request.form.get("token", ""), clock.now())
    db.session.commit()
    return render_template("responses/no_link.html", is_asked=True, **_frame())


@bp.get("/responses/record/<int:invitation_id>")
@needs(Permission.RUN_FOLLOWUPS)
def record(invitation_id: int) -> ResponseReturnValue:
    invitation = loading.invitation(invitation_id, Permission.RUN_FOLLOWUPS)
    return _record(invitation, Page(queries.sheet(invitation), _spoken(invitation)).fill())


@bp.post("/responses/record/<int:invitation_id>")
@needs(Permission.RUN_FOLLOWUPS)
def record_answer(invitation_id: int) -> ResponseReturnValue:
    """An answer taken by telephone."""
    invitation = loading.invitation(invitation_id, Permission.RUN_FOLLOWUPS)
    form = Page(queries.sheet(invitation), _spoken(invitation), request.form.copy())
    filled = form.read(is_final=True)
    if form.errors:
        return _record(invitation, form), 422
    try:
        actions.send(
            invitation,
            filled,
            language=form.language,
            now=clock.now(),
            recorded_by=current_user,
        )
        db.session.commit()
    except (actions.AlreadyAnswered, actions.Closed) as refusal:
        db.session.rollback()
        fresh = loading.invitation(invitation_id, Permission.RUN_FOLLOWUPS)
        return _record(fresh, Page(queries.sheet(fresh), form.language).fill(), str(refusal)), 409
    flash(_("The answers are recorded, with your name beside them."), "ok")
    return redirect(url_for("followups.wave", wave_id=invitation.wave_id))


@bp.get("/responses/preview/<int:version_id>")
@needs(Permission.SEE_FOLLOWUPS)
def preview(version_id: int) -> ResponseReturnValue:
    """A questionnaire's own page, as an alumna meets it, with nobody behind it."""
    version = surveys.version_with_survey(version_id) or abort(404)
    require(Permission.SEE_FOLLOWUPS, version.survey.programme_id)
    g.language = request.args.get("l") if request.args.get("l") in LANGUAGES else "en"
    form = Page(queries.Sheet(surveys.questions_of(version)), g.language)
    return render_template("responses/preview.html", form=form, version=version, **_frame())


# The holder of a link --------------------------------------------------------------------------------


def _page_id(token: str) -> str:
    """Not secret, and no help in guessing the token: half of its digest."""
    return fingerprint(token)[:32]


def _cookie_name() -> str:
    """`__Host-` would demand the path "/"; this cookie goes to one page only."""
    return "__Secure-link" if current_app.config["SESSION_COOKIE_SECURE"] else "link"


def _invitation(page_id: str) -> Invitation | None:
    """Whom the cookie speaks for, if it belongs to this page; also settles the language."""
    g.is_personal = True
    token = request.cookies.get(_cookie_name(), "")
    if not token or _page_id(token) != page_id:
        return None
    invitation = invitations.invitation_for(token)
    if invitation is not None:
        asked = request.form.get("l") or request.form.get("language") or request.args.get("l")
        g.language = asked if asked in LANGUAGES else invitation.language
    return invitation


def _address(endpoint: str, invitation: Invitation, page_id: str) -> str:
    """In the language she chose, where it is not her usual one."""
    chosen = None if g.language == invitation.language else g.language
    return url_for(endpoint, page_id=page_id, l=chosen)


def _stranger() -> None:
    """Nobody we know: the language comes from the browser."""
    g.is_personal = True
    asked = (
        request.values.get("language")
        or request.args.get("l")
        or request.accept_languages.best_match(["en", "id", "fr", "fa-AF", "fa", "prs"], "en")
    )
    g.language = "fa_AF" if asked.startswith(("fa", "prs")) else asked if asked in LANGUAGES else "en"


def _no_such_link(token: str = "") -> ResponseReturnValue:
    _stranger()
    return render_template("responses/no_link.html", token=token, **_frame()), GONE


def _frame(invitation: Invitation | None = None, page_id: str = "") -> dict[str, Any]:
    """What every page behind a link says at its head."""
    return {
        "invitation": invitation,
        "page_id": page_id,
        "languages": LANGUAGE_NAMES,
        "chosen": g.language,
        **_taps(),
    }


def _taps() -> dict[str, Any]:
    """Translated once: each activity shows them all."""
    taps = {state: str(text) for state, text in TAPS.items()}
    more = {state: str(text) for state, text in MORE_TAPS.items()}
    return {"taps": taps, "more_taps": more, "every_tap": {**taps, **more}}


def _show(
    invitation: Invitation, page_id: str, *, is_changing: bool = False, status: int = 200
) -> ResponseReturnValue:
    """The form, the thank-you, or that it has closed."""
    now = clock.now()
    sheet = queries.sheet(invitation)
    is_open = queries.takes_answers(invitation, now)
    if sheet.is_sent and not (is_changing and is_open):
        return render_template(
            "responses/sent.html",
            sheet=sheet,
            is_open=is_open,
            check_ins=queries.check_ins(invitation.wave),
            **_frame(invitation, page_id),
        ), status
    if not is_open:
        return render_template("responses/closed.html", sheet=sheet, **_frame(invitation, page_id)), status
    return _form(invitation, page_id, Page(sheet, g.language).fill(), status=status)


def _form(invitation: Invitation, page_id: str, form: Page, *, status: int) -> ResponseReturnValue:
    changes = request.form.get("changes") or actions.stamp(form.sheet.response)
    return render_template(
        "responses/page.html",
        form=form,
        changes=changes,
        check_ins=queries.check_ins(invitation.wave),
        **_frame(invitation, page_id),
    ), status


# The coordinator with a telephone --------------------------------------------------------------------


def _spoken(invitation: Invitation) -> str:
    """The language the questions are read out in; the page around them stays the coordinator's."""
    asked = request.values.get("ask_in", "")
    return asked if asked in LANGUAGES else invitation.language


def _record(invitation: Invitation, form: Page, problem: str = "") -> str:
    return render_template(
        "responses/record.html",
        invitation=invitation,
        cohort=invitation.wave.schedule.cohort,
        form=form,
        problem=problem,
        is_open=queries.takes_answers(invitation, clock.now()),
        languages=LANGUAGE_NAMES,
        taps=EVERY_TAP,
        more_taps={},
        every_tap=EVERY_TAP,
    )
