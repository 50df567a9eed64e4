"""URL to action to page: what a programme hands in at others' platforms, ready to copy, and since."""

from typing import Any

from flask import Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock
from trainingapp.accounts import audit
from trainingapp.db import db, lock
from trainingapp.once import Twice, new_id
from trainingapp.programmes.models import Programme
from trainingapp.programmes.roles import can, needs, require
from trainingapp.refusals import Refusal
from trainingapp.submissions import (
    actions,
    comparing,
    editor_views,
    file_views,
    held,
    lists,
    page,
    queries,
    words,
    writing,
)
from trainingapp.submissions.blueprint import SEE, WRITE, bp
from trainingapp.submissions.editor_views import submission_for
from trainingapp.submissions.forms import AddressForm, AgainForm, HandInForm
from trainingapp.submissions.kinds import KINDS
from trainingapp.submissions.models import Submission, SubmissionState

__all__ = ["bp", "editor_views", "file_views", "words"]


@bp.get("/programmes/<int:programme_id>")
@needs(SEE)
def of_programme(programme_id: int) -> ResponseReturnValue:
    """Viewers see what was handed in; who writes sees drafts too."""
    programme = db.session.get(Programme, programme_id) or abort(404)
    require(SEE, programme.id)
    may_write = can(WRITE, programme.id)
    states = list(SubmissionState) if may_write else [SubmissionState.HANDED_IN]
    return render_template(
        "submissions/of_programme.html",
        programme=programme,
        submissions=queries.of_programme(programme, states),
        kinds=KINDS,
        may_write=may_write,
    )


@bp.get("/<int:submission_id>")
@needs(SEE)
def submission(submission_id: int) -> ResponseReturnValue:
    """Each field as it is pasted, in the platform's order."""
    found = _readable(submission_id)
    may_write = can(WRITE, found.programme_id)
    return render_template(
        "submissions/submission.html",
        submission=found,
        kind=KINDS[found.kind],
        may_write=may_write,
        form_id=new_id(),
        lists=lists.on(page.day_of(found, clock.now().date())),
        **(_since(found) if may_write else {}),
    )


def _since(found: Submission) -> dict[str, Any]:
    """Of a draft what was found in it, else what changed in our figures since."""
    today = clock.now().date()
    if found.state is SubmissionState.DRAFT:
        shown = page.shown(found, page.entry_of(found, today))
        return {"findings": [(one.field, each) for one in shown for each in one.findings]}
    if not found.figures:
        return {}
    then, now = held.read(found.figures), held.of(found.programme_id, None, today)
    return {"then": then, "now": now, "changes": comparing.changes(then, now)}


@bp.post("/<int:submission_id>/entry.<any(txt, json, docx):shape>")
@needs(SEE)
def download(submission_id: int, shape: str) -> ResponseReturnValue:
    found = _readable(submission_id)
    kind, how = KINDS[found.kind], writing.SHAPES[shape]
    offered = lists.on(page.day_of(found, clock.now().date()))
    file = Response(how.write(kind, found.texts, found.languages, offered), content_type=how.mimetype)
    file.headers["Content-Disposition"] = f'attachment; filename="{kind.key}-{found.id}.{shape}"'
    audit.record(found, "downloaded", after=shape, programme_id=found.programme_id)
    db.session.commit()
    return file


def _readable(submission_id: int) -> Submission:
    """A draft is nobody's but those who write. Aborts with 404 or 403."""
    found = db.session.get(Submission, submission_id) or abort(404)
    require(SEE, found.programme_id)
    if found.state is not SubmissionState.HANDED_IN and not can(WRITE, found.programme_id):
        abort(404)
    return found


@bp.route("/<int:submission_id>/hand-in", methods=["GET", "POST"])
@needs(WRITE)
def hand_in(submission_id: int) -> ResponseReturnValue:
    found = submission_for(submission_id)
    today = clock.now().date()
    form = HandInForm(data={"on": today, "version": found.version})
    if form.validate_on_submit():
        lock(found)
        try:
            form.check_fresh(found)
            actions.hand_in(found, form.on.data, form.address.data or "", current_user, clock.now())
            db.session.commit()
            flash(_("Marked as handed in. The text is kept as it is now."))
            return redirect(url_for("submissions.submission", submission_id=found.id))
        except actions.Frozen:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
    actions.check_open(found)
    shown = page.shown(found, page.entry_of(found, today))
    return render_template(
        "submissions/hand_in.html",
        submission=found,
        kind=KINDS[found.kind],
        form=form,
        findings=[(one.field, each) for one in shown for each in one.findings],
        proposed=[one.field for one in shown if one.is_proposed],
    ), form.status


@bp.route("/<int:submission_id>/address", methods=["GET", "POST"])
@needs(WRITE)
def address(submission_id: int) -> ResponseReturnValue:
    """Platforms take weeks; where it is published is known later."""
    found = submission_for(submission_id)
    form = AddressForm(data={"address": found.address, "version": found.version})
    if form.validate_on_submit():
        lock(found)
        try:
            form.check_fresh(found)
            actions.publish_at(found, form.address.data or "", current_user, clock.now())
            db.session.commit()
            return redirect(url_for("submissions.submission", submission_id=found.id))
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template("submissions/address.html", submission=found, form=form), form.status


@bp.post("/<int:submission_id>/again")
@needs(WRITE)
def again(submission_id: int) -> ResponseReturnValue:
    """A new draft with these texts."""
    found, form = submission_for(submission_id), AgainForm()
    try:
        made = actions.again(found, current_user, clock.now(), form.form_id.data or "")
        db.session.commit()
        return redirect(url_for("submissions.edit", submission_id=made.id))
    except Twice:
        return redirect(url_for("submissions.of_programme", programme_id=found.programme_id))


@bp.post("/<int:submission_id>/discard")
@needs(WRITE)
def discard(submission_id: int) -> ResponseReturnValue:
    found = submission_for(submission_id)
    actions.discard(found, current_user, clock.now())
    db.session.commit()
    flash(_("Taken off the list. You can put it back."))
    return redirect(url_for("submissions.of_programme", programme_id=found.programme_id))


@bp.post("/<int:submission_id>/restore")
@needs(WRITE)
def restore(submission_id: int) -> ResponseReturnValue:
    found = submission_for(submission_id)
    actions.restore(found, current_user, clock.now())
    db.session.commit()
    return redirect(url_for("submissions.submission", submission_id=found.id))
