"""URL to action to page: what came back, for administrators."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

import trainingapp.inbound.words  # noqa: F401 - describes this package's kinds
from trainingapp import clock, paging
from trainingapp.accounts import audit
from trainingapp.db import db
from trainingapp.inbound import actions, queries
from trainingapp.inbound.forms import Assign
from trainingapp.inbound.models import PROVEN, BounceEvent
from trainingapp.inbound.verdicts import Kind
from trainingapp.labels import label
from trainingapp.paging import worded
from trainingapp.programmes.roles import Permission, needs
from trainingapp.refusals import Refusal
from trainingapp.table_views import Table, table_file

bp = Blueprint("inbound", __name__, url_prefix="/inbound")


@bp.get("/")
@needs(Permission.MANAGE_USERS)
def index() -> ResponseReturnValue:
    wanted = request.args.get("kind", "")
    only_unmatched = request.args.get("show") == "unmatched"
    page = queries.events(
        Kind(wanted) if wanted in set(Kind) else None,
        only_unmatched=only_unmatched,
        after=request.args.get("after"),
        before=request.args.get("before"),
    )
    return render_template(
        "inbound/index.html",
        page=page,
        kinds=list(Kind),
        kind=wanted,
        only_unmatched=only_unmatched,
        unmatched=worded(queries.count_unmatched()),
        proven=PROVEN,
    )


@table_file(bp, "/list", needs(Permission.MANAGE_USERS))
def events_file() -> Table:
    wanted, only_unmatched = request.args.get("kind", ""), request.args.get("show") == "unmatched"
    kind = Kind(wanted) if wanted in set(Kind) else None
    found = paging.stretches(
        lambda after: queries.events(kind, only_unmatched=only_unmatched, after=after, before=None)
    )
    headings = [_("What came back"), _("Kind"), _("Our message"), _("When (UTC)")]
    rows = (
        (
            *(one.subject, label(one.kind), _address(one)),
            f"{one.received_at:%Y-%m-%d %H:%M}",
        )
        for some in found
        for one in some
    )
    return Table(_("Returned mail"), headings, rows)


def _address(event: BounceEvent) -> str | None:
    """Of the message of ours that it is about."""
    if event.email is None or event.matched_by in PROVEN:
        return event.email.address if event.email else None
    return _("Perhaps %(address)s", address=event.email.address)


def _event(event_id: int) -> BounceEvent:
    return db.session.get(BounceEvent, event_id) or abort(404)


def _page(event: BounceEvent, form: Assign) -> ResponseReturnValue:
    is_open = event.matched_by not in PROVEN
    return render_template("inbound/event.html", event=event, form=form, is_open=is_open), form.status


@bp.get("/<int:event_id>")
@needs(Permission.MANAGE_USERS)
def event(event_id: int) -> ResponseReturnValue:
    found = _event(event_id)
    guess = found.email.address if found.email else next(iter(found.recipients), "")
    return _page(found, Assign(formdata=None, address=guess))


@bp.post("/<int:event_id>/assign")
@needs(Permission.MANAGE_USERS)
def assign(event_id: int) -> ResponseReturnValue:
    found, form = _event(event_id), Assign()
    if not form.validate_on_submit():
        return _page(found, form)
    try:
        email = actions.assign(found, form.address.data, clock.now())
    except Refusal as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _page(_event(event_id), form)
    audit.record(email, "came back", after=found.kind, why="assigned by hand")
    db.session.commit()
    flash(_("It now belongs to the message to %(address)s, and what follows is done.", address=email.address))
    return redirect(url_for("inbound.event", event_id=event_id), 303)


@bp.post("/<int:event_id>/dismiss")
@needs(Permission.MANAGE_USERS)
def dismiss(event_id: int) -> ResponseReturnValue:
    found = _event(event_id)
    actions.dismiss(found, clock.now())
    audit.record(found, "dismissed")
    db.session.commit()
    flash(_("Dismissed. Nothing was changed."))
    return redirect(url_for("inbound.index", show="unmatched"), 303)
