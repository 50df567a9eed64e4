"""URL to action to page: hosts."""

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from trainingapp import clock, paging
from trainingapp.db import db
from trainingapp.programmes.models import Programme
from trainingapp.programmes.roles import Permission, needs, on
from trainingapp.refusals import Refusal
from trainingapp.visits import actions, loading, queries
from trainingapp.visits.blueprint import bp
from trainingapp.visits.forms import HostForm
from trainingapp.visits.models import Host


@bp.get("/hosts")
@needs(Permission.MANAGE_VISITS)
def hosts() -> ResponseReturnValue:
    within = on(Host.programme_id, Permission.MANAGE_VISITS)
    text, cluster = request.args.get("q", "").strip()[:100], request.args.get("cluster", "")
    rows = queries.hosts(within, text, cluster, loading.place())
    return render_template(
        "visits/hosts.html",
        rows=rows[: paging.SIZE],
        has_more=len(rows) > paging.SIZE,
        clusters=queries.clusters(within),
        text=text,
        cluster=cluster,
    )


@bp.get("/hosts/<int:host_id>")
@needs(Permission.MANAGE_VISITS)
def host(host_id: int) -> ResponseReturnValue:
    found = loading.host(host_id)
    return render_template("visits/host.html", host=found, history=queries.history(found))


@bp.route("/hosts/new", methods=["GET", "POST"])
@needs(Permission.MANAGE_VISITS)
def new_host() -> ResponseReturnValue:
    return _host_form(None)


@bp.route("/hosts/<int:host_id>/edit", methods=["GET", "POST"])
@needs(Permission.MANAGE_VISITS)
def edit_host(host_id: int) -> ResponseReturnValue:
    return _host_form(loading.host(host_id))


def _host_form(found: Host | None) -> ResponseReturnValue:
    manages = (
        sa.select(Programme.id, Programme.short_name)
        .where(on(Programme.id, Permission.MANAGE_VISITS))
        .order_by(Programme.short_name)
    )
    offered = [(number, name) for number, name in db.session.execute(manages)]
    if found:
        offered = [(number, name) for number, name in offered if number == found.programme_id]
    form = HostForm(offered, obj=found)
    if form.validate_on_submit():
        try:
            if found:
                form.check_fresh(found)
            saved = actions.save_host(found, form.facts, clock.now())
            db.session.commit()
            flash(_("%(name)s is saved.", name=saved.name))
            return redirect(url_for("visits.host", host_id=saved.id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template("visits/host_form.html", form=form, host=found), form.status
