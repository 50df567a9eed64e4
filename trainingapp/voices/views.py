"""URL to action to page: rounds of an edition, and whom each asks. What they see is in link_views."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

import trainingapp.voices.link_views
import trainingapp.voices.messages  # noqa: F401 - these register what they hold
from trainingapp import clock
from trainingapp.dates import day
from trainingapp.db import db
from trainingapp.followups import loading as followups
from trainingapp.labels import label
from trainingapp.programmes.roles import Permission, can, needs
from trainingapp.refusals import Refusal
from trainingapp.responses.words import LANGUAGE_NAMES
from trainingapp.surveys.models import Audience
from trainingapp.voices import actions, loading, queries, rounds, words
from trainingapp.voices.blueprint import bp
from trainingapp.voices.forms import AddressForm, CancelForm, DaysForm, LaterRoundForm, RoundForm
from trainingapp.voices.kinds import KINDS, kind_of
from trainingapp.voices.models import WAITS, RoundState, VoiceRound, VoiceState

bp.add_app_template_filter(words.round_title)

SEE, RUN = Permission.SEE_FOLLOWUPS, Permission.RUN_FOLLOWUPS


def _to_round(of: VoiceRound) -> ResponseReturnValue:
    return redirect(url_for("voices.of_round", round_id=of.id))


@bp.route("/cohorts/<int:cohort_id>/new/<any(supervisors, hosts):whom>", methods=["GET", "POST"])
@needs(RUN)
def new_round(cohort_id: int, whom: str) -> ResponseReturnValue:
    schedule, audience = followups.schedule(cohort_id, RUN), Audience(whom)
    form: RoundForm = LaterRoundForm() if KINDS[audience].has_months else RoundForm()
    versions = queries.versions_for(schedule.cohort.theme.programme_id, audience)
    form.version_id.choices = [
        (one.id, _("%(title)s, version %(number)s", title=one.survey.title, number=one.number))
        for one in versions
    ]
    if form.validate_on_submit():
        try:
            months = form.months.data if isinstance(form, LaterRoundForm) else 0
            today = clock.today(schedule.cohort.time_zone)
            made = rounds.plan(schedule, audience, form.version_id.data, months, today)
            db.session.commit()
            return _to_round(made)
        except Refusal as refusal:
            form.refuse(refusal)
    page = render_template(
        "voices/new.html", cohort=schedule.cohort, kind=KINDS[audience], form=form, versions=versions
    )
    return page, form.status


@bp.get("/<int:round_id>")
@needs(SEE)
def of_round(round_id: int) -> ResponseReturnValue:
    found, now = loading.round_of(round_id, SEE), clock.now()
    lines, after = queries.lines(found, request.args.get("after"))
    states = queries.states(found)
    return render_template(
        "voices/round.html",
        round=found,
        cohort=found.schedule.cohort,
        kind=kind_of(found),
        lines=lines,
        after=after,
        states=states,
        asked=queries.asked(found),
        answered=states[VoiceState.ANSWERED],
        not_asked=queries.not_asked(found),
        may_send=lambda line: found.state is RoundState.OPEN and line.state in WAITS,
        is_late=found.state is RoundState.PLANNED and queries.is_too_late(found, now),
        asked_from=lambda voice: queries.may_be_asked_at(found, voice, now),
        now=now,
        may_run=can(RUN, found.schedule.cohort.theme.programme_id),
        may_read=can(Permission.READ_FEEDBACK, found.schedule.cohort.theme.programme_id),
    )


@bp.route("/<int:round_id>/days", methods=["GET", "POST"])
@needs(RUN)
def edit_round(round_id: int) -> ResponseReturnValue:
    found = loading.round_of(round_id, RUN)
    form = DaysForm(obj=found)
    if form.validate_on_submit():
        try:
            form.check_fresh(found)
            rounds.move(found, form.opens_on.data, form.closes_on.data)
            db.session.commit()
            return _to_round(found)
        except Refusal as refusal:
            form.refuse(refusal)
    cohort = found.schedule.cohort
    return render_template("voices/days.html", cohort=cohort, round=found, form=form), form.status


@bp.route("/<int:round_id>/cancel", methods=["GET", "POST"])
@needs(RUN)
def cancel_round(round_id: int) -> ResponseReturnValue:
    found = loading.round_of(round_id, RUN)
    form = CancelForm()
    if form.validate_on_submit():
        try:
            form.check_fresh(found)
            rounds.cancel(found, form.why.data)
            db.session.commit()
            return _to_round(found)
        except Refusal as refusal:
            form.refuse(refusal)
    cohort = found.schedule.cohort
    return render_template("voices/cancel.html", cohort=cohort, round=found, form=form), form.status


@bp.post("/<int:round_id>/remove")
@needs(RUN)
def remove_round(round_id: int) -> ResponseReturnValue:
    found = loading.round_of(round_id, RUN)
    cohort_id = found.schedule.cohort_id
    rounds.remove(found)
    db.session.commit()
    return redirect(url_for("followups.of_cohort", cohort_id=cohort_id))


@bp.route("/<int:round_id>/people/<int:subject_id>", methods=["GET", "POST"])
@needs(RUN)
def address(round_id: int, subject_id: int) -> ResponseReturnValue:
    """Who is asked, where nobody is known or the address does not work."""
    found = loading.round_of(round_id, RUN)
    voice, candidate = queries.voice_about(found, subject_id), queries.candidate(found, subject_id)
    known = voice or candidate or abort(404)
    form = AddressForm(
        [(code, name) for code, (name, _way) in LANGUAGE_NAMES.items()],
        data={"name": known.name, "email": known.address, "language": known.language},
    )
    if form.validate_on_submit():
        name, email, language = form.name.data or "", form.email.data or "", form.language.data
        try:
            why_not = actions.correct(found, subject_id, name, email, language, clock.now())
            db.session.commit()
            if why_not:
                flash(_("The address is kept, but nobody can be asked: %(why)s", why=label(why_not)), "warn")
            else:
                flash(_("The address is kept. What waits goes there."), "ok")
            return _to_round(found)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    page = render_template(
        "voices/address.html",
        cohort=found.schedule.cohort,
        round=found,
        kind=kind_of(found),
        about=kind_of(found).about(voice) if voice else candidate and candidate.about,
        form=form,
    )
    return page, form.status


@bp.post("/people/<int:voice_id>/send")
@needs(RUN)
def send(voice_id: int) -> ResponseReturnValue:
    found, now = loading.voice(voice_id, RUN), clock.now()
    actions.send_now(found, now)
    db.session.commit()
    if found.due_at and found.due_at > now:
        text = _(
            "They had another message from us this week. This one goes on %(day)s.", day=day(found.due_at)
        )
    else:
        text = _("The message goes to %(address)s now.", address=found.address)
    flash(text, "ok")
    return _to_round(found.round)
