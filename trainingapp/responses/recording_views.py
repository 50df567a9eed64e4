"""URL to action to page: the coordinator with a telephone, and a questionnaire as alumni will meet it."""

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock
from trainingapp.db import db
from trainingapp.followups import loading
from trainingapp.followups.models import Invitation
from trainingapp.programmes.roles import Permission, needs, require
from trainingapp.refusals import Refusal
from trainingapp.responses import actions, queries
from trainingapp.responses import holder_views as holder
from trainingapp.responses.blueprint import bp
from trainingapp.responses.devices import Device
from trainingapp.responses.forms import Page
from trainingapp.responses.words import EVERY_TAP, LANGUAGE_NAMES, taps
from trainingapp.surveys import queries as surveys
from trainingapp.web import LANGUAGES


@bp.get("/responses/record/<int:invitation_id>")
@needs(Permission.RUN_FOLLOWUPS)
def record(invitation_id: int) -> ResponseReturnValue:
    invitation = _asked_by_name(invitation_id)
    return _record(invitation, Page(queries.sheet(invitation), _spoken(invitation)).fill())


@bp.post("/responses/record/<int:invitation_id>")
@needs(Permission.RUN_FOLLOWUPS)
def record_answer(invitation_id: int) -> ResponseReturnValue:
    """An answer taken by telephone."""
    invitation = _asked_by_name(invitation_id)
    form = Page(queries.sheet(invitation), _spoken(invitation), request.form.copy())
    form.take(request.files, clock.now(), current_user)
    filled = form.read(is_final=True)
    filled.device = Device(seen=form.sheet.revision)
    if form.errors:
        return _record(invitation, form), 422
    try:
        actions.send(
            invitation,
            filled,
            language=form.language,
            now=clock.now(),
            recorded_by=current_user,
        )
        db.session.commit()
    except (actions.AlreadyAnswered, actions.Closed) as refusal:
        db.session.rollback()
        fresh = loading.invitation(invitation_id, Permission.RUN_FOLLOWUPS)
        return _record(fresh, Page(queries.sheet(fresh), form.language).fill(), str(refusal)), 409
    flash(_("The answers are recorded, with your name beside them."), "ok")
    return redirect(url_for("followups.wave", wave_id=invitation.wave_id))


@bp.get("/responses/preview/<int:version_id>")
@needs(Permission.SEE_FOLLOWUPS)
def preview(version_id: int) -> ResponseReturnValue:
    """A questionnaire's own page, as an alumna meets it, with nobody behind it."""
    version = surveys.version_with_survey(version_id) or abort(404)
    require(Permission.SEE_FOLLOWUPS, version.survey.programme_id)
    g.language = request.args.get("l") if request.args.get("l") in LANGUAGES else "en"
    form = Page(queries.Sheet(surveys.questions_of(version)), g.language)
    return render_template("responses/preview.html", form=form, version=version, **taps(), **holder.frame())


class Anonymous(Refusal):
    """Whoever wrote down what she says would know it."""


def _asked_by_name(invitation_id: int) -> Invitation:
    found = loading.invitation(invitation_id, Permission.RUN_FOLLOWUPS)
    if queries.is_anonymous(found):
        raise Anonymous(
            _("These answers are anonymous: nobody may hear them on the telephone. Send a new link instead.")
        )
    return found


def _spoken(invitation: Invitation) -> str:
    """The language the questions are read out in; the page around them stays the coordinator's."""
    asked = request.values.get("ask_in", "")
    return asked if asked in LANGUAGES else invitation.language


def _record(invitation: Invitation, form: Page, problem: str = "") -> str:
    return render_template(
        "responses/record.html",
        invitation=invitation,
        cohort=invitation.wave.schedule.cohort,
        form=form,
        problem=problem,
        is_open=queries.takes_answers(invitation, clock.now()),
        languages=LANGUAGE_NAMES,
        taps=EVERY_TAP,
        more_taps={},
        every_tap=EVERY_TAP,
    )
