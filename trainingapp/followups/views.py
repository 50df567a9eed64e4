"""URL to action to page."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location
from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, get_locale, ngettext
from flask_babel import gettext as _
from flask_login import current_user

import trainingapp.followups.messages
import trainingapp.followups.words  # noqa: F401 - describes this package's states
from trainingapp import clock
from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Cohort
from trainingapp.db import db
from trainingapp.followups import actions, calendar, ledger, people, queries, rehearsal, scheduling
from trainingapp.followups.forms import AddressForm, AttemptForm, NewWaveForm, RulesForm, WaveForm, WhyForm
from trainingapp.followups.models import (
    AttemptOutcome,
    Channel,
    Invitation,
    LeftOut,
    Schedule,
    Wave,
    WaveState,
)
from trainingapp.followups.people import Segment
from trainingapp.labels import label
from trainingapp.programmes.models import Theme
from trainingapp.programmes.roles import Permission, can, needs, on, require
from trainingapp.refusals import Refusal
from trainingapp.spreadsheets import download
from trainingapp.statistics import wilson

bp = Blueprint("followups", __name__, url_prefix="/followups")

SEE, RUN = Permission.SEE_FOLLOWUPS, Permission.RUN_FOLLOWUPS
STOPS: dict[str, Callable[[Wave, str], None]] = {"hold": scheduling.hold, "cancel": scheduling.cancel}


@bp.app_template_filter("city")
def city(zone: str) -> str:
    """Asia/Kathmandu is Kathmandu, as the reader's language has it."""
    return get_timezone_location(zone, locale=get_locale(), return_city=True)


@bp.app_template_filter("weekday")
def weekday(day: date) -> str:
    """Mon 9 Mar 2020: whether it is a rest day matters here."""
    return format_date(day, "EEE d MMM y")


@bp.app_template_filter("hour")
def hour(value: datetime, zone: str) -> str:
    return f"{value.astimezone(ZoneInfo(zone)):%H:%M}"


@bp.app_template_filter("pulse_words")
def pulse_words(marks: list[str]) -> str:
    """What the four dots say, for those who do not see them."""
    words = {"yes": _("answered"), "no": _("no answer"), "wait": _("waiting"), "later": _("not asked yet")}
    parts = (f"{months}: {words[mark]}" for months, mark in zip(people.PULSE, marks, strict=True))
    return _("Answers after months: %(list)s", list=", ".join(parts))


@bp.app_context_processor
def figures() -> dict[str, object]:
    return {"wilson": wilson}


def _cohort(cohort_id: int, permission: Permission) -> Cohort:
    cohort = db.session.get(Cohort, cohort_id) or abort(404)
    require(permission, cohort.theme.programme_id)
    return cohort


def _schedule(cohort: Cohort) -> Schedule:
    return queries.schedule_of(cohort.id) or abort(404)


def _wave(wave_id: int, permission: Permission) -> Wave:
    wave = queries.wave(wave_id) or abort(404)
    require(permission, wave.schedule.cohort.theme.programme_id)
    return wave


def _invitation(invitation_id: int, permission: Permission) -> Invitation:
    invitation = queries.invitation(invitation_id) or abort(404)
    require(permission, invitation.wave.schedule.cohort.theme.programme_id)
    return invitation


def _to_schedule(cohort_id: int) -> ResponseReturnValue:
    return redirect(url_for("followups.of_cohort", cohort_id=cohort_id))


def _to_wave(wave: Wave) -> ResponseReturnValue:
    return redirect(url_for("followups.wave", wave_id=wave.id))


# The ledger -----------------------------------------------------------------------------------------


@bp.get("/")
@needs(SEE)
def index() -> ResponseReturnValue:
    editions, after = ledger.editions(on(Theme.programme_id, SEE), request.args.get("after"))
    offsets = sorted({months for edition in editions for months in edition.cells} | set(people.PULSE))
    return render_template("followups/index.html", editions=editions, after=after, offsets=offsets)


@bp.post("/ledger.<any(csv, xlsx):kind>")
@needs(SEE)
def export(kind: str) -> ResponseReturnValue:
    headings = [
        *(_("Year"), _("Edition"), _("Months"), _("Opens on"), _("Closes on"), _("State")),
        *(_("Due"), _("With an address"), _("Sent"), _("Not delivered"), _("Opened"), _("Answered")),
    ]
    rows = (
        (
            *(cohort.theme.year, cohort.name, wave.offset_months, wave.opens_on, wave.closes_on),
            *(label(wave.state), funnel.due, funnel.addressed, funnel.sent, funnel.bounced),
            *(funnel.opened, funnel.answered),
        )
        for cohort, wave, funnel in ledger.rows_to_export(on(Theme.programme_id, SEE))
    )
    file = download(kind, _("Follow-up ledger"), headings, rows)
    audit.record(db.session.get_one(User, current_user.id), "ledger exported", after=kind)
    db.session.commit()
    return file


# A cohort's schedule --------------------------------------------------------------------------------


@bp.get("/cohorts/<int:cohort_id>")
@needs(SEE)
def of_cohort(cohort_id: int) -> ResponseReturnValue:
    cohort = _cohort(cohort_id, SEE)
    schedule = queries.schedule_of(cohort.id)
    waves = queries.waves_of(schedule) if schedule else []
    return render_template(
        "followups/of_cohort.html",
        cohort=cohort,
        schedule=schedule,
        waves=waves,
        counts=ledger.answered([wave.id for wave in waves]),
        may_run=can(RUN, cohort.theme.programme_id),
        is_late=lambda wave: calendar.is_too_late(wave.closes_on, clock.now()),
    )


@bp.post("/cohorts/<int:cohort_id>/make")
@needs(RUN)
def make(cohort_id: int) -> ResponseReturnValue:
    scheduling.make(_cohort(cohort_id, RUN), clock.now())
    db.session.commit()
    return _to_schedule(cohort_id)


@bp.post("/cohorts/<int:cohort_id>/arm")
@needs(RUN)
def arm(cohort_id: int) -> ResponseReturnValue:
    scheduling.arm(_schedule(_cohort(cohort_id, RUN)), clock.now())
    db.session.commit()
    flash(_("The schedule is armed. Each wave goes out by itself on its day."), "ok")
    return _to_schedule(cohort_id)


@bp.post("/cohorts/<int:cohort_id>/disarm")
@needs(RUN)
def disarm(cohort_id: int) -> ResponseReturnValue:
    scheduling.disarm(_schedule(_cohort(cohort_id, RUN)))
    db.session.commit()
    flash(_("No further wave opens by itself. Those that are open go on."), "warn")
    return _to_schedule(cohort_id)


@bp.route("/cohorts/<int:cohort_id>/rules", methods=["GET", "POST"])
@needs(RUN)
def rules(cohort_id: int) -> ResponseReturnValue:
    cohort = _cohort(cohort_id, RUN)
    schedule = _schedule(cohort)
    form = RulesForm(obj=schedule)
    if form.validate_on_submit():
        try:
            form.check_fresh(schedule)
            scheduling.set_rules(
                schedule,
                from_hour=form.from_hour.data,
                to_hour=form.to_hour.data,
                reminder_days=form.days,
                open_days=form.open_days.data,
            )
            db.session.commit()
            return _to_schedule(cohort_id)
        except Refusal as refusal:
            form.refuse(refusal)
    status = 422 if request.method == "POST" else 200
    return render_template("followups/rules.html", cohort=cohort, form=form), status


@bp.route("/cohorts/<int:cohort_id>/waves/new", methods=["GET", "POST"])
@needs(RUN)
def new_wave(cohort_id: int) -> ResponseReturnValue:
    cohort = _cohort(cohort_id, RUN)
    schedule = _schedule(cohort)
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
    status = 422 if request.method == "POST" else 200
    return render_template("followups/wave_form.html", cohort=cohort, form=form, wave=None), status


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
    wave = _wave(wave_id, RUN)
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
    status = 422 if request.method == "POST" else 200
    return render_template("followups/wave_form.html", cohort=cohort, form=form, wave=wave), status


@bp.post("/waves/<int:wave_id>/remove")
@needs(RUN)
def remove_wave(wave_id: int) -> ResponseReturnValue:
    wave = _wave(wave_id, RUN)
    cohort_id = wave.schedule.cohort_id
    scheduling.remove_wave(wave)
    db.session.commit()
    return _to_schedule(cohort_id)


@bp.route("/waves/<int:wave_id>/<any(hold, cancel):verb>", methods=["GET", "POST"])
@needs(RUN)
def stop(wave_id: int, verb: str) -> ResponseReturnValue:
    wave = _wave(wave_id, RUN)
    form = WhyForm()
    if form.validate_on_submit():
        try:
            form.check_fresh(wave)
            STOPS[verb](wave, form.why.data)
            db.session.commit()
            return _to_wave(wave)
        except Refusal as refusal:
            form.refuse(refusal)
    status = 422 if request.method == "POST" else 200
    cohort = wave.schedule.cohort
    return render_template("followups/stop.html", cohort=cohort, form=form, wave=wave, verb=verb), status


@bp.post("/waves/<int:wave_id>/resume")
@needs(RUN)
def resume(wave_id: int) -> ResponseReturnValue:
    wave = _wave(wave_id, RUN)
    scheduling.resume(wave, clock.now())
    db.session.commit()
    return _to_wave(wave)


@bp.get("/cohorts/<int:cohort_id>/test-clock")
@needs(SEE)
def test_clock(cohort_id: int) -> ResponseReturnValue:
    cohort = _cohort(cohort_id, SEE)
    schedule = _schedule(cohort)
    waves = list(queries.waves_of(schedule))
    coming = [wave for wave in waves if wave.opened_at is None and wave.state is not WaveState.CANCELLED]
    asked = request.args.get("at", type=int)
    shown = next((wave for wave in coming if wave.offset_months == asked), coming[0] if coming else None)
    play = rehearsal.play(
        schedule,
        waves,
        clock.now(),
        shown=shown.id if shown else None,
        after=request.args.get("after", 0, type=int),
    )
    return render_template(
        "followups/test_clock.html",
        cohort=cohort,
        schedule=schedule,
        play=play,
        shown=next((played for played in play.waves if shown and played.wave.id == shown.id), None),
        may_run=can(RUN, cohort.theme.programme_id),
    )


# One wave -------------------------------------------------------------------------------------------


@bp.get("/waves/<int:wave_id>")
@needs(SEE)
def wave(wave_id: int) -> ResponseReturnValue:
    found = _wave(wave_id, SEE)
    cohort, now = found.schedule.cohort, clock.now()
    asked = request.args.get("show", "")
    segment = Segment(asked) if asked in set(Segment) else Segment.ALL
    lines, after = people.lines(found, segment, request.args.get("after"))
    left_out, left_after = people.left_out(found, request.args.get("left_after"))
    return render_template(
        "followups/wave.html",
        cohort=cohort,
        wave=found,
        funnel=ledger.funnel(found),
        sends=ledger.next_sends(found),
        segment=segment,
        segments=people.segment_counts(found),
        lines=[(line, people.next_step(line.invitation, line.trouble, now)) for line in lines],
        after=after,
        left_out=left_out,
        left_after=left_after,
        left_counts=people.left_out_counts(found),
        may_run=can(RUN, cohort.theme.programme_id),
    )


@bp.post("/waves/<int:wave_id>/people.<any(csv, xlsx):kind>")
@needs(Permission.SEE_PEOPLE)
def export_wave(wave_id: int, kind: str) -> ResponseReturnValue:
    found = _wave(wave_id, SEE)
    programme_id = found.schedule.cohort.theme.programme_id
    require(Permission.SEE_PEOPLE, programme_id)
    headings = [
        *(_("Name"), _("Country"), _("Address"), _("State"), _("Sent"), _("Reminders"), _("Opened")),
        *(_("Answered"), _("Contact attempts"), _("Last words of the mail server")),
    ]
    rows = (
        (
            line.invitation.enrolment.participant.full_name,
            line.invitation.enrolment.participant.country,
            line.invitation.address,
            label(line.invitation.state),
            line.invitation.sent_at,
            line.invitation.reminders,
            line.invitation.opened_at,
            line.invitation.answered_at,
            line.attempts,
            line.latest.last_text if line.latest else None,
        )
        for line in people.people_to_export(found)
    )
    file = download(kind, _("People of a wave"), headings, rows)
    audit.record(found, "people exported", after=kind, programme_id=programme_id)
    db.session.commit()
    return file


@bp.get("/waves/<int:wave_id>/send")
@needs(RUN)
def ask_to_send(wave_id: int) -> ResponseReturnValue:
    """Many people at once: said first, done after."""
    found = _wave(wave_id, RUN)
    return render_template(
        "followups/send.html", cohort=found.schedule.cohort, wave=found, people=people.due_now(found)
    )


@bp.post("/waves/<int:wave_id>/send")
@needs(RUN)
def send_wave(wave_id: int) -> ResponseReturnValue:
    """To those whose boxes are ticked; to all who are due when `all` is pressed."""
    found = _wave(wave_id, RUN)
    chosen = request.form.getlist("id", type=int)[: ledger.PAGE]
    if "all" in request.form:
        sent = actions.send_wave_now(found, clock.now())
    else:
        sent = actions.send_to(found, chosen, clock.now())
    db.session.commit()
    flash(
        ngettext("One message goes out now.", "%(num)d messages go out now.", sent), "ok" if sent else "warn"
    )
    return _to_wave(found)


@bp.post("/left-out/<int:left_out_id>/let-in")
@needs(RUN)
def let_in(left_out_id: int) -> ResponseReturnValue:
    left_out: LeftOut = queries.left_out(left_out_id) or abort(404)
    wave = _wave(left_out.wave_id, RUN)
    actions.let_in(left_out, clock.now())
    db.session.commit()
    return _to_wave(wave)


# One person -----------------------------------------------------------------------------------------


@bp.get("/invitations/<int:invitation_id>")
@needs(SEE)
def invitation(invitation_id: int) -> ResponseReturnValue:
    return _person_page(_invitation(invitation_id, SEE), AttemptForm(), AddressForm())


def _person_page(
    found: Invitation, attempt: AttemptForm, address: AddressForm, status: int = 200
) -> ResponseReturnValue:
    cohort, now = found.wave.schedule.cohort, clock.now()
    mails = people.mails_of([found]).get(found.id, [])
    page = render_template(
        "followups/invitation.html",
        cohort=cohort,
        wave=found.wave,
        invitation=found,
        person=found.enrolment.participant,
        zone=queries.place(found).zone,
        mails=mails,
        attempts=people.attempts_of(found),
        contacts=queries.contacts_of(found.enrolment.participant_id),
        step=people.next_step(found, people.trouble(mails), now),
        may_send=queries.may_answer(found, now) and not queries.unwanted_because(found),
        may_record="responses.record" in current_app.view_functions,
        may_run=can(RUN, cohort.theme.programme_id),
        attempt=attempt,
        address=address,
    )
    return page, status


@bp.post("/invitations/<int:invitation_id>/send")
@needs(RUN)
def send(invitation_id: int) -> ResponseReturnValue:
    found = _invitation(invitation_id, RUN)
    actions.send_now(found, clock.now())
    db.session.commit()
    flash(_("The message goes out now."), "ok")
    return redirect(url_for("followups.invitation", invitation_id=invitation_id))


@bp.post("/invitations/<int:invitation_id>/attempts")
@needs(RUN)
def record_attempt(invitation_id: int) -> ResponseReturnValue:
    found = _invitation(invitation_id, RUN)
    form = AttemptForm()
    if not form.validate_on_submit():
        return _person_page(found, form, AddressForm(formdata=None), 422)
    actions.record_attempt(
        found,
        channel=Channel(form.channel.data),
        outcome=AttemptOutcome(form.outcome.data),
        note=form.note.data,
        by=current_user,
        now=clock.now(),
    )
    db.session.commit()
    return redirect(url_for("followups.invitation", invitation_id=invitation_id))


@bp.post("/invitations/<int:invitation_id>/address")
@needs(RUN)
def correct_address(invitation_id: int) -> ResponseReturnValue:
    found = _invitation(invitation_id, RUN)
    form = AddressForm()
    if form.validate_on_submit():
        try:
            actions.correct_address(found, form.email.data, clock.now())
            db.session.commit()
            flash(_("The message goes to the new address now."), "ok")
            return redirect(url_for("followups.invitation", invitation_id=invitation_id))
        except Refusal as refusal:
            db.session.rollback()
            refusal.field = refusal.field or "email"
            form.refuse(refusal)
    return _person_page(_invitation(invitation_id, RUN), AttemptForm(formdata=None), form, 422)
