"""URL to action to page."""

from flask import Blueprint, abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock
from trainingapp.access import public
from trainingapp.cohorts import queries as cohorts
from trainingapp.db import db
from trainingapp.programmes import actions, commands, queries
from trainingapp.programmes.forms import ProgrammeForm, ThemeForm
from trainingapp.programmes.models import Programme, Theme
from trainingapp.programmes.roles import Permission, can, holds, needs, require
from trainingapp.refusals import Refusal
from trainingapp.surveys import actions as surveys

bp = Blueprint("programmes", __name__)
bp.cli.help = "Programmes, and the reference frames they point to."
bp.cli.add_command(commands.load_frames)


@bp.get("/")
@public
def home() -> ResponseReturnValue:
    """The first page differs: the door, the work, or one's own plan."""
    if not current_user.is_authenticated:
        return redirect(url_for("accounts.sign_in"))
    if holds(Permission.SEE_PROGRAMME):
        return redirect(url_for("programmes.index"))
    own = "plans.mine" if "plans.mine" in current_app.view_functions else "accounts.me"
    return redirect(url_for(own))


def _programme(slug: str, permission: Permission) -> Programme:
    found = queries.by_slug(slug) or abort(404)
    require(permission, found.id)
    return found


def _theme(theme_id: int, permission: Permission) -> Theme:
    found = db.session.get(Theme, theme_id) or abort(404)
    require(permission, found.programme_id)
    return found


@bp.get("/programmes/")
@needs(Permission.SEE_PROGRAMME)
def index() -> ResponseReturnValue:
    found = queries.programmes()
    editions = cohorts.editions([programme.id for programme in found])
    return render_template("programmes/index.html", programmes=found, editions=editions)


@bp.get("/programmes/<slug>")
@needs(Permission.SEE_PROGRAMME)
def programme(slug: str) -> ResponseReturnValue:
    found = _programme(slug, Permission.SEE_PROGRAMME)
    return render_template(
        "programmes/programme.html",
        programme=found,
        themes=queries.themes(found),
        editions=cohorts.editions([found.id]),
        may_manage=can(Permission.MANAGE_COHORTS, found.id),
    )


@bp.route("/programmes/new", methods=["GET", "POST"])
@needs(Permission.MANAGE_PROGRAMMES)
def add() -> ResponseReturnValue:
    form = ProgrammeForm()
    if form.validate_on_submit():
        try:
            made = actions.add_programme(clock.now(), **_programme_facts(form))
            surveys.ship_questionnaires(made, clock.now())
            db.session.commit()
            return redirect(url_for("programmes.programme", slug=made.slug))
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template("programmes/edit.html", form=form), form.status


@bp.route("/programmes/<slug>/edit", methods=["GET", "POST"])
@needs(Permission.MANAGE_PROGRAMMES)
def edit(slug: str) -> ResponseReturnValue:
    found = _programme(slug, Permission.MANAGE_PROGRAMMES)
    form = ProgrammeForm(obj=found)
    if form.validate_on_submit():
        try:
            form.check_fresh(found)
            actions.edit_programme(found, **_programme_facts(form))
            db.session.commit()
            flash(_("Saved."))
            return redirect(url_for("programmes.programme", slug=found.slug))
        except Refusal as refusal:
            form.refuse(refusal)
            db.session.refresh(found)
    return render_template("programmes/edit.html", form=form, programme=found), form.status


@bp.route("/programmes/<slug>/themes/new", methods=["GET", "POST"])
@needs(Permission.MANAGE_COHORTS)
def add_theme(slug: str) -> ResponseReturnValue:
    found = _programme(slug, Permission.MANAGE_COHORTS)
    form = ThemeForm()
    if form.validate_on_submit():
        try:
            actions.add_theme(found, **_theme_facts(form))
            db.session.commit()
            return redirect(url_for("programmes.programme", slug=found.slug))
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template("programmes/edit_theme.html", form=form, programme=found), form.status


@bp.route("/programmes/themes/<int:theme_id>/edit", methods=["GET", "POST"])
@needs(Permission.MANAGE_COHORTS)
def edit_theme(theme_id: int) -> ResponseReturnValue:
    found = _theme(theme_id, Permission.MANAGE_COHORTS)
    form = ThemeForm(obj=found)
    page = {"form": form, "programme": found.programme, "theme": found}
    if form.validate_on_submit():
        try:
            form.check_fresh(found)
            actions.edit_theme(found, **_theme_facts(form))
            db.session.commit()
            flash(_("Saved."))
            return redirect(url_for("programmes.programme", slug=found.programme.slug))
        except Refusal as refusal:
            form.refuse(refusal)
            db.session.refresh(found)
    return render_template("programmes/edit_theme.html", **page), form.status


def _programme_facts(form: ProgrammeForm) -> dict[str, str]:
    return {name: form[name].data or "" for name in ("name", "short_name", "slug", "description")}


def _theme_facts(form: ThemeForm) -> dict[str, object]:
    return {name: form[name].data for name in ("year", "title", "description", "topics")}
