"""Reports on a plan: a draft until it is sent, then never changed. Use them as plans.actions.…"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp import once
from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.db import db, lock
from trainingapp.plans.models import ActionPlan, Activity, ActivityState, Indicator, PlanState
from trainingapp.plans.progress_models import (
    ActivityReport,
    Blocker,
    EvidenceLevel,
    IndicatorValue,
    ProgressUpdate,
    Source,
)
from trainingapp.refusals import Refusal

WHOLE = 100  # percent
UNDER_WAY = (ActivityState.ON_TRACK, ActivityState.DELAYED, ActivityState.BLOCKED, ActivityState.DROPPED)
GOES_WELL = (ActivityState.ON_TRACK, ActivityState.DONE)  # whatever was in the way is not any more


class AlreadySent(Refusal):
    """A report that was sent stays as it is; a later one stands beside it."""


class NoSuchShare(Refusal):
    """Not a percentage."""


class NothingToReportOn(Refusal):
    """The plan was never sent, or it was stopped."""


class NotInThisPlan(Refusal):
    """The activity or indicator belongs to another plan."""


def begin_update(
    plan: ActionPlan,
    source: Source,
    now: datetime,
    recorded_by: User | None = None,
    form_id: str | None = None,
) -> ProgressUpdate:
    """A draft. `recorded_by` is who typed it for the participant. Raises once.Twice."""
    update = ProgressUpdate(
        plan_id=plan.id,
        source=source,
        recorded_by_id=recorded_by.id if recorded_by else None,
        started_at=now,
        form_id=form_id,
    )
    once.keep(update)
    return update


def report_activity(
    update: ProgressUpdate,
    activity: Activity,
    state: ActivityState,
    note: str,
    *,
    percent: int | None = None,
    blocker: Blocker | None = None,
    wants_help: bool = False,
    help_text: str = "",
) -> ActivityReport:
    """Again, as long as it is a draft: the last word counts. Words about help ask for it.

    Raises AlreadySent, NotInThisPlan, NoSuchShare.
    """
    _must_be_draft(update, activity.plan_id)
    if percent is not None and not 0 <= percent <= WHOLE:
        raise NoSuchShare(_("How much is done is a number from 0 to 100."))
    report = db.session.scalar(
        sa.select(ActivityReport).where(
            ActivityReport.update_id == update.id, ActivityReport.activity_id == activity.id
        )
    )
    if report is None:
        report = ActivityReport(update_id=update.id, activity_id=activity.id)
        db.session.add(report)
    report.state, report.note = state, note
    report.percent = percent if state in UNDER_WAY else None
    report.blocker = blocker if state not in GOES_WELL else None
    report.wants_help, report.help_text = wants_help or bool(help_text), help_text
    db.session.flush()
    return report


def report_indicator(
    update: ProgressUpdate,
    indicator: Indicator,
    value: Decimal,
    evidence: EvidenceLevel = EvidenceLevel.CLAIMED,
) -> None:
    """As report_activity."""
    _must_be_draft(update, indicator.plan_id)
    found = db.session.scalar(
        sa.select(IndicatorValue).where(
            IndicatorValue.update_id == update.id, IndicatorValue.indicator_id == indicator.id
        )
    )
    if found is None:
        found = IndicatorValue(update_id=update.id, indicator_id=indicator.id)
        db.session.add(found)
    found.value = value
    found.evidence = evidence
    db.session.flush()


def send_update(update: ProgressUpdate, now: datetime) -> None:
    """Final. Each activity takes the state reported for it. Raises AlreadySent."""
    plan = db.session.get_one(ActionPlan, update.plan_id)
    lock(plan)
    lock(update)
    _must_be_draft(update, plan.id)
    update.reported_at = now
    told = sa.select(Activity, ActivityReport.state).join(
        ActivityReport, ActivityReport.activity_id == Activity.id
    )
    programme_id = plan.enrolment.cohort.theme.programme_id
    for activity, state in db.session.execute(told.where(ActivityReport.update_id == update.id)):
        if activity.state != state:
            audit.record(activity, "reported", before=activity.state, after=state, programme_id=programme_id)
            activity.state = state
    if plan.state == PlanState.APPROVED:
        plan.state = PlanState.IN_PROGRESS
        audit.record(
            plan, "began work", before=PlanState.APPROVED, after=plan.state, programme_id=programme_id
        )
    audit.record(update, "sent", after=update.source, programme_id=programme_id)
    db.session.flush()


def report(
    plan: ActionPlan,
    source: Source,
    now: datetime,
    *,
    text: str,
    activities: Sequence[tuple[Activity, ActivityState, str]],
    values: Sequence[tuple[Indicator, Decimal]],
    recorded_by: User | None = None,
    form_id: str | None = None,
) -> ProgressUpdate:
    """A whole update at once. Raises NothingToReportOn, once.Twice."""
    must_be_open(plan)
    update = begin_update(plan, source, now, recorded_by, form_id)
    update.text = text
    for activity, state, note in activities:
        report_activity(update, activity, state, note)
    for indicator, value in values:
        report_indicator(update, indicator, value)
    send_update(update, now)
    return update


def must_be_open(plan: ActionPlan) -> None:
    """Raises NothingToReportOn. Answers to a wave are taken whatever became of the plan."""
    if plan.submitted_at is None or plan.state == PlanState.STOPPED:
        raise NothingToReportOn(_("Progress is reported on a plan that was sent and has not been stopped."))


def _must_be_draft(update: ProgressUpdate, plan_id: int) -> None:
    if update.reported_at is not None:
        raise AlreadySent(_("This report was already sent. Make a new one: the earlier one stays beside it."))
    if update.plan_id != plan_id:
        raise NotInThisPlan(_("This line belongs to another plan."))
