"""URL to action to page."""

from flask import Blueprint, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user, logout_user

from trainingapp.access import public
from trainingapp.accounts import sessions
from trainingapp.db import db
from trainingapp.programmes.roles import signed_in

bp = Blueprint("accounts", __name__, url_prefix="/accounts")


@bp.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    return render_template("accounts/sign_in.html")


@bp.post("/sign-out")
@signed_in
def sign_out() -> ResponseReturnValue:
    sessions.end(current_user.login_token)
    db.session.commit()
    logout_user()
    session.clear()
    return redirect("/")


@bp.get("/me")
@signed_in
def me() -> ResponseReturnValue:
    return render_template("accounts/me.html")


@bp.post("/theme")
@public
def theme() -> ResponseReturnValue:
    response = redirect(request.referrer or "/")
    chosen = "dark" if request.form.get("theme") == "dark" else "light"
    response.set_cookie("theme", chosen, max_age=31536000, samesite="Lax")
    return response
