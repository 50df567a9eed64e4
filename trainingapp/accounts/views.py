"""URL to action to page: the door, the links that open it, and a person's own page."""

from flask import Response, abort, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_limiter import RequestLimit
from flask_login import current_user, logout_user

import trainingapp.accounts.messages
import trainingapp.accounts.user_views
import trainingapp.accounts.words  # noqa: F401 - these three register what they hold
from trainingapp import clock
from trainingapp.access import public
from trainingapp.accounts import actions, commands, devices, forms, links, passwords, queries, sessions
from trainingapp.accounts.blueprint import bp
from trainingapp.accounts.models import LinkPurpose, LoginSession, User
from trainingapp.addresses import local_part, local_path
from trainingapp.db import db, reading
from trainingapp.programmes.roles import signed_in
from trainingapp.refusals import Refusal
from trainingapp.security_log import note
from trainingapp.tokens import fingerprint
from trainingapp.web import limiter

__all__ = ["bp"]

for command in commands.ALL:
    bp.cli.add_command(command)
bp.add_app_template_filter(devices.named, "device")

LINK_PATH = "/accounts/password"

# Each wider window is reached by those who go on trying, so the wait grows; none is for ever.
TRIES_FOR_AN_ACCOUNT = "5/minute;20/hour;60/day"
TRIES_FROM_AN_ADDRESS = "60/minute;400/hour"
LINKS_FOR_AN_ACCOUNT = "3/10 minutes;6/day"
LINKS_FROM_AN_ADDRESS = "20/minute;100/hour"


def _account() -> str:
    return fingerprint(request.form.get("email", "").strip().lower())


def _wait(limit: RequestLimit) -> Response:
    """The same page with what was typed, and how long to wait."""
    minutes = max(1, round((limit.reset_at - clock.now().timestamp()) / 60))
    form, page = (
        (forms.AskForLink(), "accounts/forgot.html")
        if request.endpoint == "accounts.forgot"
        else (forms.SignIn(), "accounts/sign_in.html")
    )
    text = ngettext(
        "Too many tries. To keep accounts safe we wait a little: try again in %(num)d minute.",
        "Too many tries. To keep accounts safe we wait a little: try again in %(num)d minutes.",
        minutes,
    )
    form.refuse(Refusal(text))
    note("too many tries")
    response = current_app.make_response((render_template(page, form=form), 429))
    response.headers["Retry-After"] = str(minutes * 60)
    return response


@bp.app_errorhandler(passwords.Busy)
def busy(_error: passwords.Busy) -> ResponseReturnValue:
    text = _("Many people sign in at this moment. Nothing was lost: go back and try again in a few seconds.")
    return render_template("problem.html", title=_("One moment"), text=text), 503, {"Retry-After": "5"}


@bp.route("/sign-in", methods=["GET", "POST"])
@limiter.limit(TRIES_FOR_AN_ACCOUNT, key_func=_account, methods=["POST"], on_breach=_wait)
@limiter.limit(TRIES_FROM_AN_ADDRESS, methods=["POST"], on_breach=_wait)
@public
def sign_in() -> ResponseReturnValue:
    target = local_path(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(target)
    form = forms.SignIn()
    if not form.validate_on_submit():
        return render_template("accounts/sign_in.html", form=form), form.status
    user = _whoever_knows(form.email.data, form.password.data)
    if user is None:
        note("sign-in refused", account=_account())
        form.refuse(Refusal(_("The email address or the password is not right. Check both and try again.")))
        return render_template("accounts/sign_in.html", form=form), form.status
    sessions.begin(user, clock.now())
    actions.signed_in(user, form.password.data)
    db.session.commit()
    return redirect(target, 303)


def _whoever_knows(email: str, password: str) -> User | None:
    """No lock is held while the password is checked: that is slow on purpose, for unknown addresses too."""
    with reading():
        user_id, password_hash = queries.credentials(email)
    db.session.rollback()
    if not passwords.matches(password_hash, password):
        return None
    return db.session.get(User, user_id)


@bp.post("/sign-out")
@signed_in
def sign_out() -> ResponseReturnValue:
    sessions.end(current_user.login_token)
    db.session.commit()
    logout_user()
    session.clear()
    return redirect(url_for("accounts.signed_out"), 303)


@bp.get("/signed-out")
@public
def signed_out() -> ResponseReturnValue:
    return render_template("accounts/signed_out.html")


@bp.route("/forgot", methods=["GET", "POST"])
@limiter.limit(LINKS_FOR_AN_ACCOUNT, key_func=_account, methods=["POST"], on_breach=_wait)
@limiter.limit(LINKS_FROM_AN_ADDRESS, methods=["POST"], on_breach=_wait)
@public
def forgot() -> ResponseReturnValue:
    form = forms.AskForLink()
    if not form.validate_on_submit():
        return render_template("accounts/forgot.html", form=form), form.status
    actions.ask_for_link(form.email.data, clock.now())
    db.session.commit()
    return redirect(url_for("accounts.link_sent"), 303)


@bp.get("/forgot/sent")
@public
def link_sent() -> ResponseReturnValue:
    return render_template("accounts/link_sent.html")


def _link_cookie() -> str:
    is_https = current_app.config["SESSION_COOKIE_SECURE"]
    return "__Secure-password-link" if is_https else "password-link"


@bp.get("/password/<token>")
@limiter.limit("30/minute;200/hour")
@public
def open_link(token: str) -> ResponseReturnValue:
    """Moves the token from the address into a cookie, out of the history. Looks at nothing."""
    response = redirect(url_for("accounts.password"), 303)
    response.set_cookie(
        _link_cookie(),
        token,
        max_age=links.LASTS[LinkPurpose.RESET],
        path=LINK_PATH,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


@bp.route("/password", methods=["GET", "POST"])
@limiter.limit("20/minute;100/hour", methods=["POST"])
@public
def password() -> ResponseReturnValue:
    now = clock.now()
    link = links.usable(request.cookies.get(_link_cookie(), ""), now)
    form = forms.NewPassword()
    if link is None:
        note("closed password link")
        return render_template("accounts/link_closed.html", form=forms.AskForLink(formdata=None)), 410
    if not form.validate_on_submit():
        return render_template("accounts/password.html", form=form, link=link), form.status
    try:
        user = actions.use_link(link, form.password.data, now)
    except actions.LinkClosed:
        return render_template("accounts/link_closed.html", form=forms.AskForLink(formdata=None)), 410
    except Refusal as refusal:
        form.refuse(refusal)
        return render_template("accounts/password.html", form=form, link=link), form.status
    sessions.begin(user, now)
    db.session.commit()
    flash(_("Your password is set, and you are signed in."))
    response = redirect("/", 303)
    response.delete_cookie(_link_cookie(), path=LINK_PATH)
    return response


@bp.route("/first-run", methods=["GET", "POST"])
@limiter.limit("10/minute;30/hour", methods=["POST"])
@public
def first_run() -> ResponseReturnValue:
    if queries.has_users():
        abort(404)
    form = forms.FirstRun()
    if not form.validate_on_submit():
        return render_template("accounts/first_run.html", form=form), form.status
    now = clock.now()
    try:
        user = actions.first_administrator(
            form.code.data, form.email.data, form.name.data, form.password.data, now
        )
    except Refusal as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return render_template("accounts/first_run.html", form=form), form.status
    sessions.begin(user, now)
    db.session.commit()
    return redirect(url_for("accounts.users"), 303)


def _my_page(
    settings: forms.Settings | None = None, change: forms.ChangePassword | None = None, status: int = 200
) -> ResponseReturnValue:
    now = clock.now()
    return render_template(
        "accounts/me.html",
        settings=settings or forms.Settings(formdata=None, obj=current_user),
        change=change or forms.ChangePassword(formdata=None),
        sessions=queries.running_sessions(current_user, now),
        this_session=fingerprint(current_user.login_token),
    ), status


@bp.get("/me")
@signed_in
def me() -> ResponseReturnValue:
    return _my_page()


@bp.post("/me")
@signed_in
def save_settings() -> ResponseReturnValue:
    form = forms.Settings()
    if not form.validate_on_submit():
        return _my_page(settings=form, status=422)
    actions.change_settings(
        current_user, name=form.name.data, language=form.language.data, time_zone=form.time_zone.data
    )
    db.session.commit()
    flash(_("Your settings are saved."))
    return redirect(url_for("accounts.me"), 303)


@bp.post("/me/password")
@limiter.limit("5/minute;30/hour", key_func=lambda: str(current_user.get_id()))
@signed_in
def change_password() -> ResponseReturnValue:
    form = forms.ChangePassword()
    if not form.validate_on_submit():
        return _my_page(change=form, status=422)
    user, now = db.session.get_one(User, current_user.id), clock.now()
    try:
        actions.change_password(user, form.current.data, form.password.data, now)
    except Refusal as refusal:
        form.refuse(refusal)
        return _my_page(change=form, status=422)
    sessions.begin(user, now)
    db.session.commit()
    flash(_("Your password is changed. Every other session has ended."))
    return redirect(url_for("accounts.me"), 303)


@bp.post("/me/sessions/<int:session_id>/end")
@signed_in
def end_my_session(session_id: int) -> ResponseReturnValue:
    row = db.session.get(LoginSession, session_id)
    if row is None or row.user_id != current_user.id:
        abort(404)
    actions.end_session(row)
    db.session.commit()
    flash(_("The session has ended. That browser must sign in again."))
    return redirect(url_for("accounts.me"), 303)


@bp.post("/theme")
@public
def theme() -> ResponseReturnValue:
    """Light, dark, or as the system has it."""
    response = redirect(local_part(request.referrer), 303)
    chosen = request.form.get("theme")
    if chosen in {"light", "dark"}:
        response.set_cookie(
            "theme",
            chosen,
            max_age=31536000,
            samesite="Lax",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )
    else:
        response.delete_cookie("theme")
    return response
