"""URL to action to page: packages of a programme's anonymised data."""

from typing import Any

from flask import Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock
from trainingapp.datasets import actions, anonymity, describing, queries, tables
from trainingapp.datasets.blueprint import bp
from trainingapp.datasets.forms import MakeForm
from trainingapp.datasets.ladders import TRAITS
from trainingapp.datasets.models import Release
from trainingapp.datasets.words import FACTS, TABLES, TOLD
from trainingapp.db import db
from trainingapp.programmes.models import Programme
from trainingapp.programmes.roles import Permission, can, needs, require
from trainingapp.refusals import Refusal

__all__ = ["bp", "package"]

RELEASE = Permission.RELEASE_DATA


@bp.get("/programmes/<int:programme_id>")
@needs(Permission.SEE_PROGRAMME)
def index(programme_id: int) -> ResponseReturnValue:
    """Viewers see what is published."""
    programme = _programme(programme_id, Permission.SEE_PROGRAMME)
    may_release = can(RELEASE, programme.id)
    found = queries.releases(programme) if may_release else queries.shown(programme)
    return render_template(
        "datasets/index.html", programme=programme, releases=found, may_release=may_release
    )


@bp.route("/programmes/<int:programme_id>/make", methods=["GET", "POST"])
@needs(RELEASE)
def make(programme_id: int) -> ResponseReturnValue:
    programme = _programme(programme_id, RELEASE)
    form = MakeForm()
    if form.validate_on_submit():
        try:
            made = actions.make(
                programme, form.licence.data, form.k.data, current_user, clock.now(), form.finest
            )
            db.session.commit()
            return redirect(url_for("datasets.release", release_id=made.id)), 303
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template("datasets/make.html", programme=programme, form=form), form.status


@bp.get("/releases/<int:release_id>")
@needs(Permission.SEE_PROGRAMME)
def release(release_id: int) -> ResponseReturnValue:
    found = _release(release_id)
    return render_template("datasets/release.html", release=found, may_release=_may(found), **check(found))


@bp.get("/releases/<int:release_id>/package.zip")
@needs(Permission.SEE_PROGRAMME)
def download(release_id: int) -> ResponseReturnValue:
    return package(_release(release_id))


@bp.post("/releases/<int:release_id>/publish")
@needs(RELEASE)
def publish(release_id: int) -> ResponseReturnValue:
    found = _release(release_id, RELEASE)
    actions.publish(found, clock.now())
    db.session.commit()
    flash(_("Viewers can take this package now."))
    return redirect(url_for("datasets.release", release_id=found.id)), 303


@bp.post("/releases/<int:release_id>/withdraw")
@needs(RELEASE)
def withdraw(release_id: int) -> ResponseReturnValue:
    found = _release(release_id, RELEASE)
    actions.withdraw(found, clock.now())
    db.session.commit()
    flash(_("Nobody can take this package any more. Copies that were taken remain."))
    return redirect(url_for("datasets.release", release_id=found.id)), 303


@bp.post("/releases/<int:release_id>/throw-away")
@needs(RELEASE)
def throw_away(release_id: int) -> ResponseReturnValue:
    found = _release(release_id, RELEASE)
    programme_id = found.programme_id
    actions.throw_away(found)
    db.session.commit()
    flash(_("The package was thrown away. Nobody had seen it."))
    return redirect(url_for("datasets.index", programme_id=programme_id)), 303


def package(of: Release) -> Response:
    """The bytes as they were made."""
    response = Response(of.data, mimetype="application/zip")
    label = f"{of.programme.slug}-{of.number}.zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{label}"'
    response.set_etag(of.sha256)
    return response


def check(of: Release) -> dict[str, Any]:
    """What a page says about how people are protected."""
    levels = tuple(of.levels)
    return {
        "traits": [
            (TOLD[trait.name], TOLD[trait.columns[level]] if level < last else None, level > 0)
            for trait, level, last in zip(TRAITS, levels, anonymity.COARSEST, strict=True)
        ],
        "found": of.check,
        "tables": TABLES,
        "silent": [FACTS[fact.name] for fact in tables.PLAN_FACTS if of.check["silent"].get(fact.name)],
        "licence": describing.LICENCES[of.licence],
        "few": describing.few,
    }


def _programme(programme_id: int, permission: Permission) -> Programme:
    found = db.session.get(Programme, programme_id) or abort(404)
    require(permission, found.id)
    return found


def _release(release_id: int, permission: Permission = Permission.SEE_PROGRAMME) -> Release:
    """Who may not release does not even learn of one that is not shown."""
    found = db.session.get(Release, release_id) or abort(404)
    require(permission, found.programme_id)
    if not found.is_shown and not _may(found):
        abort(404)
    return found


def _may(release: Release) -> bool:
    return can(RELEASE, release.programme_id)
