"""URL to action to page: the ledger, and an edition's schedule. Waves and people have files of their own."""

from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock
from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.cohorts import loading as cohorts
from trainingapp.db import db
from trainingapp.followups import calendar, file_views, ledger, loading, queries, words
from trainingapp.followups.blueprint import RUN, SEE, bp
from trainingapp.followups.due import messages as due_messages
from trainingapp.followups.forms import RulesForm
from trainingapp.followups.invitations import messages as invitation_messages
from trainingapp.followups.invitations import views as invitation_views
from trainingapp.followups.models import (
    WaveState,
)
from trainingapp.followups.rescue import missing_views
from trainingapp.followups.rescue import queries as rescue_queries
from trainingapp.followups.rescue import views as rescue_views
from trainingapp.followups.schedules import actions as scheduling
from trainingapp.followups.schedules import heeds, rehearsal, timeline
from trainingapp.followups.waves import people
from trainingapp.followups.waves import views as wave_views
from trainingapp.followups.yearly import actions as yearly
from trainingapp.followups.yearly import messages as yearly_messages
from trainingapp.followups.yearly import queries as yearly_queries
from trainingapp.labels import label
from trainingapp.numbers import whole
from trainingapp.paging import worded
from trainingapp.programmes.models import Theme
from trainingapp.programmes.roles import Permission, can, needs, on, require
from trainingapp.refusals import Refusal
from trainingapp.spreadsheets import download
from trainingapp.statistics import wilson
from trainingapp.voices import queries as voices

# They register their pages and mails.
__all__ = [
    "bp",
    "due_messages",
    "file_views",
    "invitation_messages",
    "invitation_views",
    "missing_views",
    "rescue_views",
    "wave_views",
    "yearly_messages",
]

for written in (words.city, words.weekday, words.pulse_words, words.said_of_task):
    bp.add_app_template_filter(written)


@bp.app_context_processor
def figures() -> dict[str, object]:
    return {"wilson": wilson}


def _to_schedule(cohort_id: int) -> ResponseReturnValue:
    return redirect(url_for("followups.of_cohort", cohort_id=cohort_id))


# The ledger -----------------------------------------------------------------------------------------


@bp.get("/")
@needs(SEE)
def index() -> ResponseReturnValue:
    editions, after = ledger.editions(on(Theme.programme_id, SEE), request.args.get("after"))
    offsets = sorted({months for edition in editions for months in edition.cells} | set(people.PULSE))
    return render_template(
        "followups/index.html",
        editions=editions,
        after=after,
        offsets=offsets,
        to_rescue=rescue_queries.to_do(),
        worded=worded,
        checks=yearly_queries.figures(on(Theme.programme_id, SEE), clock.now().year),
    )


@bp.post("/ledger.<any(csv, xlsx):ending>")
@needs(SEE)
def export(ending: str) -> ResponseReturnValue:
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
    file = download(ending, _("Follow-up ledger"), headings, rows)
    audit.record(db.session.get_one(User, current_user.id), "ledger exported", after=ending)
    db.session.commit()
    return file


# A cohort's schedule --------------------------------------------------------------------------------


@bp.get("/cohorts/<int:cohort_id>")
@needs(SEE)
def of_cohort(cohort_id: int) -> ResponseReturnValue:
    cohort, now = cohorts.cohort(cohort_id, SEE), clock.now()
    schedule = queries.schedule_of(cohort.id)
    waves = queries.waves_of(schedule) if schedule else []
    today = now.astimezone(ZoneInfo(cohort.time_zone)).date()
    return render_template(
        "followups/of_cohort.html",
        cohort=cohort,
        schedule=schedule,
        waves=waves,
        chart=timeline.of(schedule, waves, today) if schedule else None,
        today=today,
        sends=ledger.next_sends(waves),
        rounds=voices.rounds_of(cohort.id),
        may_run=can(RUN, cohort.theme.programme_id),
        is_late=lambda wave: calendar.is_too_late(wave.closes_on, now),
    )


@bp.post("/cohorts/<int:cohort_id>/make")
@needs(RUN)
def make(cohort_id: int) -> ResponseReturnValue:
    scheduling.make(cohorts.cohort(cohort_id, RUN), clock.now())
    db.session.commit()
    return _to_schedule(cohort_id)


@bp.post("/cohorts/<int:cohort_id>/arm")
@needs(RUN)
def arm(cohort_id: int) -> ResponseReturnValue:
    scheduling.arm(loading.schedule(cohort_id, RUN), clock.now())
    db.session.commit()
    flash(_("The schedule is armed. Each wave goes out by itself on its day."), "ok")
    return _to_schedule(cohort_id)


@bp.post("/cohorts/<int:cohort_id>/disarm")
@needs(RUN)
def disarm(cohort_id: int) -> ResponseReturnValue:
    scheduling.disarm(loading.schedule(cohort_id, RUN))
    db.session.commit()
    flash(_("No further wave opens by itself. Those that are open go on."), "warn")
    return _to_schedule(cohort_id)


@bp.route("/cohorts/<int:cohort_id>/rules", methods=["GET", "POST"])
@needs(RUN)
def rules(cohort_id: int) -> ResponseReturnValue:
    schedule = loading.schedule(cohort_id, RUN)
    cohort = schedule.cohort
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
                uncertain_rule=form.uncertain_rule.data,
            )
            yearly.set_years(schedule, form.check_years.data)
            db.session.commit()
            return _to_schedule(cohort_id)
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template("followups/rules.html", cohort=cohort, form=form), form.status


@bp.post("/cohorts/<int:cohort_id>/test-clock.<any(csv, xlsx):ending>")
@needs(Permission.SEE_PEOPLE)
def export_test_clock(cohort_id: int, ending: str) -> ResponseReturnValue:
    """Every person and wave, whatever their number: a row is written as soon as it is played."""
    schedule = loading.schedule(cohort_id, SEE)
    programme_id = schedule.cohort.theme.programme_id
    require(Permission.SEE_PEOPLE, programme_id)
    headings = [
        *(_("Name"), _("Country"), _("Time zone"), _("Months"), _("Left out")),
        *(_("Invitation, their time"), _("Reminder, their time"), _("Last reminder, their time")),
    ]
    file = download(ending, _("Test clock"), headings, rehearsal.rows_to_export(cohort_id, clock.now()))
    audit.record(schedule, "test clock exported", after=ending, programme_id=programme_id)
    db.session.commit()
    return file


@bp.get("/cohorts/<int:cohort_id>/test-clock")
@needs(SEE)
def test_clock(cohort_id: int) -> ResponseReturnValue:
    schedule = loading.schedule(cohort_id, SEE)
    cohort = schedule.cohort
    waves = list(queries.waves_of(schedule))
    coming = [wave for wave in waves if wave.opened_at is None and wave.state is not WaveState.CANCELLED]
    asked = request.args.get("at", type=whole)
    shown = next((wave for wave in coming if wave.offset_months == asked), coming[0] if coming else None)
    play = rehearsal.play(
        schedule,
        waves,
        clock.now(),
        shown=shown.id if shown else None,
        after=request.args.get("after", 0, type=whole),
    )
    return render_template(
        "followups/test_clock.html",
        cohort=cohort,
        schedule=schedule,
        play=play,
        heeds=heeds.of(schedule, play),
        shown=next((played for played in play.waves if shown and played.wave.id == shown.id), None),
        may_run=can(RUN, cohort.theme.programme_id),
        may_export=can(Permission.SEE_PEOPLE, cohort.theme.programme_id),
    )
