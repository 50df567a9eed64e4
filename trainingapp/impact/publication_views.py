"""URL to action to page: what viewers see. Never a person, and nothing about fewer than five."""

from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock
from trainingapp.db import db
from trainingapp.impact import actions, asked, figures, queries, results
from trainingapp.impact.blueprint import FEED, bp
from trainingapp.impact.forms import PublishForm
from trainingapp.impact.models import Publication
from trainingapp.impact.scope import Scope
from trainingapp.programmes.models import Programme
from trainingapp.programmes.roles import Permission, can, needs, require
from trainingapp.refusals import Refusal
from trainingapp.statistics import SMALLEST_GROUP, withheld


@bp.get("/programmes/<int:programme_id>/published")
@needs(Permission.SEE_PROGRAMME)
def published(programme_id: int) -> ResponseReturnValue:
    programme = db.session.get(Programme, programme_id) or abort(404)
    require(Permission.SEE_PROGRAMME, programme.id)
    query = sa.select(Publication).where(
        Publication.programme_id == programme.id, Publication.withdrawn_at.is_(None)
    )
    found = db.session.scalars(query.order_by(Publication.as_of.desc(), Publication.id.desc())).all()
    may_feed = can(FEED, programme.id)
    return render_template(
        "impact/published.html", programme=programme, publications=found, may_feed=may_feed
    )


@bp.get("/publications/<int:publication_id>")
@needs(Permission.SEE_PROGRAMME)
def publication(publication_id: int) -> ResponseReturnValue:
    found = _publication(publication_id, Permission.SEE_PROGRAMME)
    if found.withdrawn_at and not can(FEED, found.programme_id):
        abort(404)
    scope = Scope(found.programme_id, found.as_of, found.first_year, found.last_year)
    figured = figures.for_viewers(queries.programme(scope))
    people = {country: [count] for country, count in figured.countries.items()}
    hidden = withheld(people, figured.countries) if people else {}
    return render_template(
        "impact/publication.html",
        publication=found,
        figures=figured,
        fates=list(figures.PlanFate),
        hidden=hidden,
        results=results.results(scope, found.level),
        smallest=SMALLEST_GROUP,
        may_feed=can(FEED, found.programme_id),
    )


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
