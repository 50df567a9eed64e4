"""URL to action to page: which plans count towards what."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock, paging
from trainingapp.db import db
from trainingapp.impact.blueprint import FEED, SEE, bp
from trainingapp.impact.feeds import actions, queries
from trainingapp.impact.feeds.forms import LinkForm
from trainingapp.impact.frames import queries as frame_queries
from trainingapp.impact.frames.models import FrameIndicator
from trainingapp.impact.models import Feed
from trainingapp.plans.models import ActionPlan, Indicator
from trainingapp.programmes.models import Programme
from trainingapp.programmes.roles import can, needs, require
from trainingapp.refusals import Refusal


@bp.get("/programmes/<int:programme_id>/unlinked")
@needs(SEE)
def unlinked(programme_id: int) -> ResponseReturnValue:
    """Indicators of approved plans that count towards nothing yet."""
    programme = db.session.get(Programme, programme_id) or abort(404)
    require(SEE, programme.id)
    page = paging.page(
        queries.unlinked(programme.id),
        (Indicator.id,),
        after=request.args.get("after"),
        before=request.args.get("before"),
    )
    return render_template(
        "impact/unlinked.html",
        programme=programme,
        page=page,
        plans=queries.plans_of(page.rows),
        linked=queries.count(programme.id),
        may_feed=can(FEED, programme.id),
    )


@bp.route("/indicators/<int:indicator_id>", methods=["GET", "POST"])
@needs(FEED)
def link(indicator_id: int) -> ResponseReturnValue:
    indicator = db.session.get(Indicator, indicator_id) or abort(404)
    plan = db.session.get_one(ActionPlan, indicator.plan_id)
    programme = plan.enrolment.cohort.theme.programme
    require(FEED, programme.id)
    offered = frame_queries.fed_by_plans(plan.enrolment.cohort.starts_on)
    form = LinkForm()
    likely = [one for one in offered if actions.fits(indicator, one)]
    rest = [one for one in offered if one not in likely]
    form.to.choices = [(one.id, f"{one.frame.name}: {one.code} {one.name}") for one in (*likely, *rest)]
    if form.validate_on_submit():
        try:
            actions.link(
                indicator,
                db.session.get_one(FrameIndicator, form.to.data),
                current_user,
                clock.now(),
                contribution=form.contribution.data or "",
                same_unit=form.same_unit.data or "",
                counted_as=form.counted_as.data or "",
            )
            db.session.commit()
            flash(_("The plan counts from now on."))
            return redirect(url_for("impact.link", indicator_id=indicator.id))
        except Refusal as refusal:
            form.refuse(refusal)
    page = {"form": form, "indicator": indicator, "plan": plan, "programme": programme}
    return render_template(
        "impact/link.html", feeds=queries.of_indicator(indicator), likely=likely, offered=offered, **page
    ), form.status


@bp.post("/feeds/<int:feed_id>/end")
@needs(FEED)
def unlink(feed_id: int) -> ResponseReturnValue:
    feed = db.session.get(Feed, feed_id) or abort(404)
    require(FEED, feed.programme_id)
    actions.unlink(feed, clock.now())
    db.session.commit()
    flash(_("The plan no longer counts towards it. Figures of earlier days stay as they were."))
    return redirect(url_for("impact.link", indicator_id=feed.indicator_id))
