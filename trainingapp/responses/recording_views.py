"""URL to action to page: the coordinator with a telephone, and a questionnaire as alumni will meet it."""

from datetime import date

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock
from trainingapp.cohorts.models import Cohort
from trainingapp.db import db
from trainingapp.followups import loading
from trainingapp.followups.models import Invitation
from trainingapp.plans.progress.models import Source
from trainingapp.programmes.roles import Permission, needs, require
from trainingapp.refusals import Refusal
from trainingapp.responses import actions, proposals, queries
from trainingapp.responses import holder_views as holder
from trainingapp.responses.blueprint import bp
from trainingapp.responses.devices import Device
from trainingapp.responses.forms import Page
from trainingapp.responses.proposals import ToldElsewhere
from trainingapp.responses.words import EVERY_TAP, LANGUAGE_NAMES, taps
from trainingapp.surveys import queries as surveys
from trainingapp.web import FRAMED_BY_US, LANGUAGES, talisman

HOW = {"phone": Source.PHONE, "paper": Source.FILE, "email": Source.EMAIL}


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
    filled.proposal = request.form.get("proposal", "")
    if form.errors:
        return _record(invitation, form), 422
    try:
        actions.send(
            invitation,
            filled,
            language=form.language,
            now=clock.now(),
            recorded_by=current_user,
            source=HOW[_how()],
            told_on=_told_on(invitation.wave.schedule.cohort),
        )
        db.session.commit()
    except (actions.AlreadyAnswered, actions.Closed) as refusal:
        db.session.rollback()
        fresh = loading.invitation(invitation_id, Permission.RUN_FOLLOWUPS)
        return _record(fresh, Page(queries.sheet(fresh), form.language).fill(), str(refusal)), 409
    except Refusal as refusal:
        db.session.rollback()
        status = 409 if isinstance(refusal, ToldElsewhere) else 422
        return _record(_asked_by_name(invitation_id), form, str(refusal)), status
    flash(_("The answers are recorded, with your name beside them."), "ok")
    return redirect(url_for("followups.wave", wave_id=invitation.wave_id))


@bp.get("/responses/preview/<int:version_id>")
@needs(Permission.SEE_FOLLOWUPS)
@talisman(content_security_policy=FRAMED_BY_US)
def preview(version_id: int) -> ResponseReturnValue:
    """A questionnaire's own page, as an alumna meets it, with nobody behind it."""
    version = surveys.version_with_survey(version_id) or abort(404)
    require(Permission.SEE_FOLLOWUPS, version.survey.programme_id)
    g.language = request.args.get("l") if request.args.get("l") in LANGUAGES else "en"
    questions = surveys.questions_of(version)
    sections = surveys.sections_of(version, questions)
    form = Page(queries.Sheet(questions, version.anonymity, sections=sections), g.language)
    return render_template("responses/preview.html", form=form, version=version, **taps(), **holder.frame())


class NoSuchDay(Refusal):
    """It has not come yet, or is in no calendar."""


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


def _how() -> str:
    """By telephone, unless it came on paper or in an email that no machine understood."""
    asked = request.values.get("how", "")
    return asked if asked in HOW else "phone"


def _told_on(cohort: Cohort) -> date | None:
    """The day of the call, where the edition is. Raises NoSuchDay."""
    text = request.form.get("told_on", "")
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        day = date.max
    if day and day > clock.today(cohort.time_zone):
        raise NoSuchDay(_("Write the day on which you were told: today, or before."))
    return day


def _record(invitation: Invitation, form: Page, problem: str = "") -> str:
    form.lay_over(proposals.waiting(invitation))
    return render_template(
        "responses/record.html",
        invitation=invitation,
        cohort=invitation.wave.schedule.cohort,
        form=form,
        problem=problem,
        how=_how(),
        today=clock.today(invitation.wave.schedule.cohort.time_zone),
        is_open=queries.takes_answers(invitation, clock.now()),
        languages=LANGUAGE_NAMES,
        **{**taps(), "taps": EVERY_TAP, "more_taps": {}},
    )
