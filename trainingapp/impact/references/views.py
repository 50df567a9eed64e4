"""URL to action to page: what others reported, brought in as IATI files, and put beside our indicators."""

from typing import Any, BinaryIO, cast

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from trainingapp import clock, paging
from trainingapp.db import db
from trainingapp.impact.blueprint import FEED, SEE, bp
from trainingapp.impact.frames.models import FrameIndicator
from trainingapp.impact.iati import judging
from trainingapp.impact.iati.codes import code_list
from trainingapp.impact.iati.verdict import Verdict
from trainingapp.impact.references import actions, queries
from trainingapp.impact.references.forms import BesideForm, ReferenceForm
from trainingapp.impact.references.models import ReferenceActivity, ReferenceIndicator, ReferenceLink
from trainingapp.programmes.frame_models import ReferenceFrame
from trainingapp.programmes.roles import holds, needs
from trainingapp.refusals import Refusal

FILES_SHOWN = 10
PROBLEMS_SHOWN = 100


@bp.get("/references/")
@needs(SEE)
def references_list() -> ResponseReturnValue:
    words = request.args.get("q", "").strip()[:100]
    page = paging.page(
        queries.activities(words),
        (ReferenceActivity.publisher, ReferenceActivity.title, ReferenceActivity.id),
        after=request.args.get("after"),
        before=request.args.get("before"),
    )
    return render_template(
        "impact/references.html",
        page=page,
        words=words,
        files=queries.files(FILES_SHOWN),
        statuses=code_list("ActivityStatus").names,
        may_feed=holds(FEED),
    )


@bp.route("/references/new", methods=["GET", "POST"])
@needs(FEED)
def add_reference() -> ResponseReturnValue:
    """A file comes in whole, or is refused with every place."""
    form, verdict = ReferenceForm(), Verdict()
    if form.validate_on_submit():
        upload = form.file.data
        file, now = cast("BinaryIO", upload.stream), clock.now()
        verdict = judging.judged(file, now)
        try:
            kept = actions.bring_in(file, verdict, upload.filename or "", current_user, now)
            db.session.commit()
            flash(ngettext("One activity came in.", "%(num)d activities came in.", kept.activities))
            return redirect(url_for("impact.references_list"), 303)
        except Refusal as refusal:
            form.refuse(refusal)
    page = render_template("impact/reference_new.html", form=form, verdict=verdict, most=PROBLEMS_SHOWN)
    return page, form.status


@bp.get("/references/<int:reference_id>")
@needs(SEE)
def reference(reference_id: int) -> ResponseReturnValue:
    return _page(_activity(reference_id), BesideForm(formdata=None))


@bp.post("/references/<int:reference_id>/beside")
@needs(FEED)
def put_beside(reference_id: int) -> ResponseReturnValue:
    activity, form = _activity(reference_id), BesideForm()
    _offer(form, activity)
    if form.validate():
        try:
            indicator = db.session.get_one(ReferenceIndicator, form.indicator.data)
            to = db.session.get_one(FrameIndicator, form.to.data)
            actions.put_beside(indicator, to, current_user, clock.now())
            db.session.commit()
            return redirect(url_for("impact.reference", reference_id=activity.id), 303)
        except Refusal as refusal:
            form.refuse(refusal)
    return _page(activity, form)


@bp.post("/reference-links/<int:reference_link_id>/end")
@needs(FEED)
def end_beside(reference_link_id: int) -> ResponseReturnValue:
    found = db.session.get(ReferenceLink, reference_link_id) or abort(404)
    actions.take_away(found, clock.now())
    db.session.commit()
    return redirect(url_for("impact.reference", reference_id=found.indicator.activity_id), 303)


def _page(activity: ReferenceActivity, form: BesideForm) -> ResponseReturnValue:
    _offer(form, activity)
    lists = ("ActivityStatus", "ResultType", "IndicatorMeasure", "Sector", "SectorVocabulary")
    page = render_template(
        "impact/reference.html",
        activity=activity,
        versions=queries.versions(activity),
        indicators=queries.indicators(activity),
        links=queries.links(activity),
        names={name: code_list(name).names for name in lists},
        form=form,
        may_feed=holds(FEED),
    )
    return page, form.status


def _offer(form: BesideForm, activity: ReferenceActivity) -> None:
    form.indicator.choices = [
        (one.id, one.title or _("Indicator %(n)d", n=one.position)) for one in queries.indicators(activity)
    ]
    query = sa.select(FrameIndicator, ReferenceFrame.name).join(FrameIndicator.frame)
    query = query.where(FrameIndicator.is_offered, FrameIndicator.name != "")
    ours: Any = db.session.execute(query.order_by(ReferenceFrame.name, FrameIndicator.position))
    form.to.choices = [(one.id, f"{frame}: {one.code} {one.name}") for one, frame in ours]


def _activity(reference_id: int) -> ReferenceActivity:
    """What others published belongs to no programme: whoever sees impact anywhere may look."""
    return db.session.get(ReferenceActivity, reference_id) or abort(404)
