"""URL to action to page: what viewers see. Never a person, and nothing about fewer than five."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock
from trainingapp.db import db
from trainingapp.impact import asked, figures
from trainingapp.impact.blueprint import FEED, bp
from trainingapp.impact.publication import actions
from trainingapp.impact.publication import queries as published_
from trainingapp.impact.publication.forms import PublishForm
from trainingapp.impact.publication.models import Publication
from trainingapp.programmes.models import Programme
from trainingapp.programmes.roles import Permission, can, needs, require
from trainingapp.refusals import Refusal
from trainingapp.statistics import SMALLEST_GROUP

MONTHS = 12  # after the end of an edition: whose answers a publication tells
WORDS: dict[str, Any] = {"fates": list(figures.PlanFate), "smallest": SMALLEST_GROUP, "months": MONTHS}


@bp.get("/programmes/<int:programme_id>/published")
@needs(Permission.SEE_PROGRAMME)
def published(programme_id: int) -> ResponseReturnValue:
    programme = db.session.get(Programme, programme_id) or abort(404)
    require(Permission.SEE_PROGRAMME, programme.id)
    may_feed = can(FEED, programme.id)
    return render_template(
        "impact/published.html",
        programme=programme,
        publications=published_.of(programme),
        may_feed=may_feed,
        may_open=can(Permission.OPEN_TO_ALL, programme.id),
    )


@bp.get("/publications/<int:publication_id>")
@needs(Permission.SEE_PROGRAMME)
def publication(publication_id: int) -> ResponseReturnValue:
    found = _publication(publication_id, Permission.SEE_PROGRAMME)
    if found.withdrawn_at and not can(FEED, found.programme_id):
        abort(404)
    return render_template("impact/publication.html", may_feed=can(FEED, found.programme_id), **shown(found))


def shown(publication: Publication) -> dict[str, Any]:
    """What a page says of published figures."""
    return {"publication": publication, "shown": published_.read(publication), **WORDS}


@bp.route("/programmes/<int:programme_id>/publish", methods=["GET", "POST"])
@needs(FEED)
def publish(programme_id: int) -> ResponseReturnValue:
    """What the dashboard showed, for viewers; of a day that is over."""
    programme = db.session.get(Programme, programme_id) or abort(404)
    require(FEED, programme.id)
    wanted = asked.read(programme.id, request.args)
    form = PublishForm(data={"on": wanted.scope.on})
    if form.validate_on_submit():
        try:
            made = actions.publish(
                programme,
                form.title.data or "",
                wanted.scope.but(on=form.on.data),
                wanted.level,
                current_user,
                clock.now(),
            )
            db.session.commit()
            return redirect(url_for("impact.publication", publication_id=made.id))
        except Refusal as refusal:
            form.refuse(refusal)
    page: dict[str, Any] = {"programme": programme, "asked": wanted, "args": wanted.args}
    return render_template("impact/publish.html", form=form, **page), form.status


@bp.post("/publications/<int:publication_id>/withdraw")
@needs(FEED)
def withdraw(publication_id: int) -> ResponseReturnValue:
    found = _publication(publication_id, FEED)
    actions.withdraw(found, clock.now())
    db.session.commit()
    flash(_("Viewers no longer see these figures."))
    return redirect(url_for("impact.published", programme_id=found.programme_id))


def _publication(publication_id: int, permission: Permission) -> Publication:
    found = db.session.get(Publication, publication_id) or abort(404)
    require(permission, found.programme_id)
    return found
