"""URL to action to page: a wave, from its planning to its end."""

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from trainingapp import clock, paging
from trainingapp.accounts import audit
from trainingapp.cohorts.models import Cohort
from trainingapp.db import db
from trainingapp.followups import actions, ledger, loading, queries
from trainingapp.followups.blueprint import RUN, SEE, bp
from trainingapp.followups.forms import NewWaveForm, WaveForm, WhyForm
from trainingapp.followups.invitations import uncertain
from trainingapp.followups.models import (
    LeftOut,
    Wave,
)
from trainingapp.followups.schedules import actions as scheduling
from trainingapp.followups.waves import people, sending
from trainingapp.followups.waves.people import Segment
from trainingapp.labels import label
from trainingapp.numbers import whole
from trainingapp.programmes.roles import Permission, can, needs, require
from trainingapp.refusals import Refusal
from trainingapp.spreadsheets import download

STOPS: dict[str, Callable[[Wave, str], None]] = {"hold": scheduling.hold, "cancel": scheduling.cancel}


def _to_schedule(cohort_id: int) -> ResponseReturnValue:
    return redirect(url_for("followups.of_cohort", cohort_id=cohort_id))


def _to_wave(wave: Wave) -> ResponseReturnValue:
    return redirect(url_for("followups.wave", wave_id=wave.id))


@bp.route("/cohorts/<int:cohort_id>/waves/new", methods=["GET", "POST"])
@needs(RUN)
def new_wave(cohort_id: int) -> ResponseReturnValue:
    schedule = loading.schedule(cohort_id, RUN)
    cohort = schedule.cohort
    form = NewWaveForm()
    _offer_versions(form, cohort)
    if form.validate_on_submit():
        try:
            scheduling.add_wave(
                schedule,
                offset_months=form.offset_months.data,
                opens_on=form.opens_on.data,
                closes_on=form.closes_on.data,
                survey_version_id=form.survey_version_id.data,
            )
            db.session.commit()
            return _to_schedule(cohort_id)
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template("followups/wave_form.html", cohort=cohort, form=form, wave=None), form.status


def _offer_versions(form: WaveForm, cohort: Cohort, wave: Wave | None = None) -> None:
    """The latest version of each questionnaire, and whichever the wave has now."""
    versions = queries.published_versions(cohort.theme.programme_id)
    if wave and wave.survey_version not in versions:
        versions.append(wave.survey_version)
    form.survey_version_id.choices = [
        (version.id, _("%(title)s, version %(number)s", title=version.survey.title, number=version.number))
        for version in versions
    ]


@bp.route("/waves/<int:wave_id>/edit", methods=["GET", "POST"])
@needs(RUN)
def edit_wave(wave_id: int) -> ResponseReturnValue:
    wave = loading.wave(wave_id, RUN)
    cohort = wave.schedule.cohort
    form = WaveForm(obj=wave)
    _offer_versions(form, cohort, wave)
    if form.validate_on_submit():
        try:
            form.check_fresh(wave)
            scheduling.change_wave(
                wave,
                opens_on=form.opens_on.data,
                closes_on=form.closes_on.data,
                survey_version_id=form.survey_version_id.data,
            )
            db.session.commit()
            return _to_schedule(cohort.id)
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template("followups/wave_form.html", cohort=cohort, form=form, wave=wave), form.status


@bp.post("/waves/<int:wave_id>/remove")
@needs(RUN)
def remove_wave(wave_id: int) -> ResponseReturnValue:
    wave = loading.wave(wave_id, RUN)
    cohort_id = wave.schedule.cohort_id
    scheduling.remove_wave(wave)
    db.session.commit()
    return _to_schedule(cohort_id)


@bp.route("/waves/<int:wave_id>/<any(hold, cancel):verb>", methods=["GET", "POST"])
@needs(RUN)
def stop(wave_id: int, verb: str) -> ResponseReturnValue:
    wave = loading.wave(wave_id, RUN)
    form = WhyForm()
    if form.validate_on_submit():
        try:
            form.check_fresh(wave)
            STOPS[verb](wave, form.why.data)
            db.session.commit()
            return _to_wave(wave)
        except Refusal as refusal:
            form.refuse(refusal)
    cohort = wave.schedule.cohort
    return render_template("followups/stop.html", cohort=cohort, form=form, wave=wave, verb=verb), form.status


@bp.post("/waves/<int:wave_id>/resume")
@needs(RUN)
def resume(wave_id: int) -> ResponseReturnValue:
    wave = loading.wave(wave_id, RUN)
    scheduling.resume(wave, clock.now())
    db.session.commit()
    return _to_wave(wave)


@bp.get("/waves/<int:wave_id>")
@needs(SEE)
def wave(wave_id: int) -> ResponseReturnValue:
    found = loading.wave(wave_id, SEE)
    cohort, now = found.schedule.cohort, clock.now()
    asked = request.args.get("show", "")
    segment = Segment(asked) if asked in set(Segment) else Segment.ALL
    lines, after = people.lines(found, segment, request.args.get("after"))
    left_out = people.left_out(found, request.args.get("left_after"))
    return render_template(
        "followups/wave.html",
        cohort=cohort,
        wave=found,
        funnel=ledger.funnel(found),
        sends=ledger.next_sends([found]),
        segment=segment,
        segments=people.segment_counts(found),
        lines=[(line, people.next_step(line.invitation, line.trouble, now)) for line in lines],
        attempts=people.deliveries_of([email for line in lines for email in line.mails]),
        unclear=uncertain.of_wave(found),
        after=after,
        left_out=left_out.rows,
        left_after=left_out.after,
        left_counts=people.left_out_counts(found),
        may_run=can(RUN, cohort.theme.programme_id),
    )


@bp.post("/waves/<int:wave_id>/people.<any(csv, xlsx):ending>")
@needs(Permission.SEE_PEOPLE)
def export_wave(wave_id: int, ending: str) -> ResponseReturnValue:
    found = loading.wave(wave_id, SEE)
    programme_id = found.schedule.cohort.theme.programme_id
    require(Permission.SEE_PEOPLE, programme_id)
    headings = [
        *(_("Name"), _("Country"), _("Address"), _("State"), _("Outcome code"), _("Outcome")),
        *(_("Sent"), _("Reminders"), _("Opened")),
        *(_("Answered"), _("Contact attempts"), _("Last words of the mail server")),
    ]
    rows = (
        (
            line.invitation.enrolment.participant.full_name,
            line.invitation.enrolment.participant.country,
            line.invitation.address,
            label(line.invitation.state),
            line.outcome.value,
            label(line.outcome),
            line.invitation.sent_at,
            line.invitation.reminders,
            line.invitation.opened_at,
            line.invitation.answered_at,
            line.attempts,
            line.latest.last_text if line.latest else None,
        )
        for line in people.people_to_export(wave_id)
    )
    file = download(ending, _("People of a wave"), headings, rows)
    audit.record(found, "people exported", after=ending, programme_id=programme_id)
    db.session.commit()
    return file


@bp.get("/waves/<int:wave_id>/send")
@needs(RUN)
def ask_to_send(wave_id: int) -> ResponseReturnValue:
    """Many people at once: said first, done after."""
    found = loading.wave(wave_id, RUN)
    return render_template(
        "followups/send.html", cohort=found.schedule.cohort, wave=found, people=people.due_now(found)
    )


@bp.post("/waves/<int:wave_id>/send")
@needs(RUN)
def send_wave(wave_id: int) -> ResponseReturnValue:
    """To those whose boxes are ticked; to all who are due when `all` is pressed."""
    found = loading.wave(wave_id, RUN)
    chosen = request.form.getlist("id", type=whole)[: paging.SIZE]
    if "all" in request.form:
        sent = actions.send_wave_now(found, clock.now())
    else:
        sent = actions.send_to(found, chosen, clock.now())
    db.session.commit()
    flash(
        ngettext("One message goes out now.", "%(num)d messages go out now.", sent), "ok" if sent else "warn"
    )
    return _to_wave(found)


@bp.post("/waves/<int:wave_id>/messages/<any(hold, resume, cancel):verb>")
@needs(RUN)
def change_messages(wave_id: int, verb: str) -> ResponseReturnValue:
    """Of those whose boxes are ticked; the others in the wave go on as they are."""
    found = loading.wave(wave_id, RUN)
    chosen = request.form.getlist("id", type=whole)[: paging.SIZE]
    changed = sending.to_each(found, chosen, verb, _("Chosen on the page of the wave"), clock.now())
    db.session.commit()
    flash(
        ngettext("Changed for one person.", "Changed for %(num)d people.", changed),
        "ok" if changed else "warn",
    )
    return _to_wave(found)


@bp.post("/waves/<int:wave_id>/settle")
@needs(RUN)
def settle(wave_id: int) -> ResponseReturnValue:
    """What nobody knows of: first asked once more when it would go out twice, then done."""
    found = loading.wave(wave_id, RUN)
    chosen = request.form.getlist("email", type=whole)
    was_sent = request.form.get("verb") == "arrived"
    if not was_sent and "sure" not in request.form:
        pairs = [pair for pair in uncertain.of_wave(found) if pair[0].id in chosen]
        cohort = found.schedule.cohort
        return render_template("followups/settle.html", cohort=cohort, wave=found, unclear=pairs)
    settled = uncertain.settle_chosen(
        found, chosen, was_sent=was_sent, why=_("Decided by hand"), now=clock.now()
    )
    db.session.commit()
    flash(
        ngettext("One message is settled.", "%(num)d messages are settled.", settled),
        "ok" if settled else "warn",
    )
    return _to_wave(found)


@bp.post("/left-out/<int:left_out_id>/let-in")
@needs(RUN)
def let_in(left_out_id: int) -> ResponseReturnValue:
    left_out: LeftOut = queries.left_out(left_out_id) or abort(404)
    wave = loading.wave(left_out.wave_id, RUN)
    actions.let_in(left_out, clock.now())
    db.session.commit()
    return _to_wave(wave)
