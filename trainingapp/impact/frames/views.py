"""URL to action to page: shared frames, what they measure, and what countries gave."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from trainingapp import clock, countries
from trainingapp.db import db
from trainingapp.impact import asked
from trainingapp.impact.blueprint import FEED, SEE, bp
from trainingapp.impact.frames import actions, lists, queries, standings
from trainingapp.impact.frames.forms import ListForm, RoundForm, ValueForm
from trainingapp.impact.frames.models import FrameIndicator, MonitoringRound
from trainingapp.plans import amounts
from trainingapp.programmes import frames as reference
from trainingapp.programmes.frame_models import ReferenceFrame
from trainingapp.programmes.roles import holds, needs
from trainingapp.refusals import Refusal


@bp.get("/frames/")
@needs(SEE)
def frames() -> ResponseReturnValue:
    found = queries.every()
    return render_template("impact/frames.html", frames=found, today=clock.now().date(), may_feed=holds(FEED))


@bp.post("/frames/ship")
@needs(FEED)
def ship_frames() -> ResponseReturnValue:
    """What came with the product and is not there yet."""
    reference.ship(clock.now())
    standings.ship()
    many = lists.ship(clock.now())
    db.session.commit()
    flash(
        ngettext("One frame got its indicators.", "%(num)d frames got their indicators.", many)
        if many
        else _("Everything that came with the product is there already.")
    )
    return redirect(url_for("impact.frames"))


@bp.get("/frames/<int:frame_id>")
@needs(SEE)
def frame(frame_id: int) -> ResponseReturnValue:
    found = _frame(frame_id)
    known = next(one for one in queries.every() if one.frame.id == found.id)
    return render_template(
        "impact/frame.html",
        known=known,
        frame=found,
        groups=queries.of_frame(found),
        rounds=queries.rounds_of(found),
        today=clock.now().date(),
        may_feed=holds(FEED),
    )


@bp.route("/frames/<int:frame_id>/list", methods=["GET", "POST"])
@needs(FEED)
def load_list(frame_id: int) -> ResponseReturnValue:
    found, form = _frame(frame_id), ListForm()
    if form.validate_on_submit():
        try:
            loaded = lists.load(found, form.file.data.read(), current_user, clock.now())
            db.session.commit()
            flash(
                _(
                    "The list came in: %(added)d new lines, %(changed)d known ones, %(gone)d left out.",
                    added=loaded.added,
                    changed=loaded.changed,
                    gone=loaded.left_out,
                )
            )
            return redirect(url_for("impact.frame", frame_id=found.id))
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template("impact/list.html", form=form, frame=found, kinds=lists.KINDS), form.status


@bp.route("/frames/<int:frame_id>/rounds/new", methods=["GET", "POST"])
@needs(FEED)
def add_round(frame_id: int) -> ResponseReturnValue:
    found, form = _frame(frame_id), RoundForm()
    if form.validate_on_submit():
        try:
            made = actions.add_round(found, form.name.data or "", form.due_on.data, clock.now())
            db.session.commit()
            return redirect(url_for("impact.monitoring", monitoring_id=made.id))
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template("impact/round_form.html", form=form, frame=found), form.status


@bp.get("/rounds/<int:monitoring_id>")
@needs(SEE)
def monitoring(monitoring_id: int) -> ResponseReturnValue:
    """One round: what each country gave, and what is missing."""
    found = _round(monitoring_id)
    wanted = asked.read(0, request.args)
    return render_template(
        "impact/round.html",
        round=found,
        asked=wanted,
        answers=queries.answers(found, wanted.scope.until),
        today=clock.now().date(),
        may_feed=holds(FEED),
    )


@bp.route("/rounds/<int:monitoring_id>/values/new", methods=["GET", "POST"])
@needs(FEED)
def add_value(monitoring_id: int) -> ResponseReturnValue:
    found, form = _round(monitoring_id), ValueForm()
    form.indicator.choices = [
        (one.id, f"{one.code} {one.name}") for one in queries.indicators_of(found.frame)
    ]
    form.country.choices = countries.choices()
    if form.validate_on_submit():
        try:
            actions.record_value(
                found,
                db.session.get_one(FrameIndicator, form.indicator.data),
                form.country.data,
                amounts.read(form.value.data or ""),
                current_user,
                clock.now(),
                year=int(form.year.data) if form.year.data else None,
                **_words(form),
            )
            db.session.commit()
            return redirect(url_for("impact.monitoring", monitoring_id=found.id))
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template("impact/value_form.html", form=form, round=found), form.status


def _words(form: ValueForm) -> dict[str, Any]:
    return {word: form[word].data or "" for word in ("definition", "source", "comparability")}


def _frame(frame_id: int) -> ReferenceFrame:
    """Frames belong to everybody: whoever may do it on any programme may do it."""
    return db.session.get(ReferenceFrame, frame_id) or abort(404)


def _round(monitoring_id: int) -> MonitoringRound:
    return db.session.get(MonitoringRound, monitoring_id) or abort(404)
