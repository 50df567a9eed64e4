"""Reports on a plan: a draft until it is sent, then never changed. Use them as plans.actions.…"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import InstrumentedAttribute

from trainingapp import once
from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.db import db, lock
from trainingapp.plans.models import OVER, ActionPlan, Activity, ActivityState, Indicator, PlanState
from trainingapp.plans.progress import evidence, ladder
from trainingapp.plans.progress.evidence import Shown
from trainingapp.plans.progress.models import ActivityReport, Blocker, IndicatorValue, ProgressUpdate, Source
from trainingapp.refusals import Refusal

AnyLine = TypeVar("AnyLine", ActivityReport, IndicatorValue)

_AFRESH = {"populate_existing": True, "synchronize_session": False}
_ACTIVITIES = (  # as they stand now that the plan is held, whatever was read before
    sa.select(Activity)
    .where(Activity.id.in_(sa.bindparam("numbers", expanding=True)))
    .execution_options(populate_existing=True)
)

WHOLE = 100  # percent
UNDER_WAY = (ActivityState.ON_TRACK, ActivityState.DELAYED, ActivityState.BLOCKED, ActivityState.DROPPED)
GOES_WELL = (ActivityState.ON_TRACK, ActivityState.DONE)  # whatever was in the way is not any more


@dataclass(frozen=True)
class Said:
    """Of an activity."""

    state: ActivityState
    note: str = ""
    percent: int | None = None
    blocker: Blocker | None = None
    wants_help: bool = False
    help_text: str = ""


@dataclass(frozen=True)
class Counted:
    """Of an indicator."""

    value: Decimal
    parts: Mapping[str, Decimal] = field(default_factory=dict)
    note: str = ""


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
    corrects: ProgressUpdate | None = None,
) -> ProgressUpdate:
    """A draft. `recorded_by` is who typed it for the participant. Raises once.Twice."""
    update = ProgressUpdate(
        plan_id=plan.id,
        source=source,
        recorded_by_id=recorded_by.id if recorded_by else None,
        started_at=now,
        form_id=form_id,
        corrects_id=corrects.id if corrects else None,
    )
    if form_id:
        once.keep(update)
    else:
        db.session.add(update)
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
    report = next((one for one in update.reports if one.activity_id == activity.id), None)
    if report is None:
        report = ActivityReport(activity_id=activity.id)
        update.reports.append(report)
    report.state, report.note = state, note
    report.percent = percent if state in UNDER_WAY else None
    report.blocker = blocker if state not in GOES_WELL else None
    report.wants_help, report.help_text = wants_help or bool(help_text), help_text
    return report


def report_indicator(
    update: ProgressUpdate,
    indicator: Indicator,
    value: Decimal,
    *,
    parts: Mapping[str, Decimal] | None = None,
    note: str = "",
) -> IndicatorValue:
    """As report_activity. `parts` by their keys, as the indicator is told apart."""
    _must_be_draft(update, indicator.plan_id)
    found = next((one for one in update.values if one.indicator_id == indicator.id), None)
    if found is None:
        found = IndicatorValue(indicator_id=indicator.id)
        update.values.append(found)
    found.value, found.note = value, note
    found.parts = {key: str(number) for key, number in (parts or {}).items() if key in indicator.parts}
    return found


def send_update(update: ProgressUpdate, now: datetime) -> None:
    """Final. Each activity takes the state reported for it. Raises AlreadySent."""
    if update.id:
        db.session.flush()
    plan = db.session.get_one(ActionPlan, update.plan_id)
    lock(plan)
    if update.id:  # else nobody knows of it yet
        lock(update)
    _must_be_draft(update, plan.id)
    with db.session.no_autoflush:  # all of it is written at once, and the plan's standing counted once
        update.reported_at = now
        told = _lead(ActivityReport, ActivityReport.activity_id, update.reports, now)
        _lead(IndicatorValue, IndicatorValue.indicator_id, update.values, now)
        for report, earlier in told:
            if earlier and earlier.state == report.state and report.state in OVER:
                ladder.carry_on(earlier, report)
        turned = _turn({report.activity_id: report.state for report, _earlier in told})
        was_approved = plan.state is PlanState.APPROVED
        if was_approved:
            plan.state = PlanState.IN_PROGRESS
    db.session.flush()
    programme_id = plan.enrolment.cohort.theme.programme_id
    befores = {activity.id: before for activity, before in turned}
    afters = {activity.id: activity.state for activity, _before in turned}
    audit.record_each(Activity, "reported", afters, befores=befores, programme_id=programme_id)
    if was_approved:
        before, after = PlanState.APPROVED, plan.state
        audit.record(plan, "began work", before=before, after=after, programme_id=programme_id)
    audit.record(update, "sent", after=update.source, programme_id=programme_id)


def _lead(
    kind: type[AnyLine], of: InstrumentedAttribute[int], lines: Sequence[AnyLine], now: datetime
) -> list[tuple[AnyLine, AnyLine | None]]:
    """These lines are now the latest of their activities or indicators. Each with the one that was."""
    numbers = [getattr(line, of.key) for line in lines]
    none_is = sa.update(kind).where(of.in_(numbers), kind.is_latest).values(is_latest=False)
    were = db.session.scalars(none_is.returning(kind), execution_options=_AFRESH) if lines else ()
    earlier = {getattr(line, of.key): line for line in were}
    for number, line in zip(numbers, lines, strict=True):
        line.is_latest = True
        is_shown = any(getattr(one, of.key) == number for one in line.update.shown)
        ladder.begin(line.update, line, now, is_shown=is_shown)
    return [(line, earlier.get(number)) for number, line in zip(numbers, lines, strict=True)]


def _turn(told: Mapping[int, ActivityState]) -> list[tuple[Activity, ActivityState]]:
    """Those whose state changes, with the one before."""
    activities = db.session.scalars(_ACTIVITIES, {"numbers": sorted(told)}) if told else ()
    turned = [(one, one.state) for one in activities if one.state != told[one.id]]
    for activity, _before in turned:
        activity.state = told[activity.id]
    return turned


def report(
    plan: ActionPlan,
    source: Source,
    now: datetime,
    *,
    text: str = "",
    activities: Sequence[tuple[Activity, Said]] = (),
    values: Sequence[tuple[Indicator, Counted]] = (),
    shown: Sequence[tuple[Activity | Indicator, Shown]] = (),
    recorded_by: User | None = None,
    form_id: str | None = None,
) -> ProgressUpdate:
    """A whole update at once. Raises NothingToReportOn, once.Twice, evidence.TooMuch."""
    must_be_open(plan)
    update = begin_update(plan, source, now, recorded_by, form_id)
    update.text = text
    for activity, said in activities:
        say(update, activity, said)
    for indicator, counted in values:
        count(update, indicator, counted)
    for line, one in shown:
        show(update, line, one, now, recorded_by)
    send_update(update, now)
    return update


def say(update: ProgressUpdate, activity: Activity, said: Said) -> ActivityReport:
    """As report_activity, of what a form read."""
    return report_activity(update, activity, **vars(said))


def count(update: ProgressUpdate, indicator: Indicator, counted: Counted) -> IndicatorValue:
    """As report_indicator, of what a form read."""
    return report_indicator(update, indicator, counted.value, parts=counted.parts, note=counted.note)


def said_in(report: ActivityReport) -> Said:
    return Said(
        report.state, report.note, report.percent, report.blocker, report.wants_help, report.help_text
    )


def counted_in(value: IndicatorValue) -> Counted:
    return Counted(value.value, {key: Decimal(number) for key, number in value.parts.items()}, value.note)


def show(
    update: ProgressUpdate, line: Activity | Indicator, shown: Shown, now: datetime, by: User | None = None
) -> None:
    """As evidence.attach, of what a form read."""
    if isinstance(line, Activity):
        evidence.attach(update, shown, now, activity=line, by=by)
    else:
        evidence.attach(update, shown, now, indicator=line, by=by)


def must_be_open(plan: ActionPlan) -> None:
    """Raises NothingToReportOn. Answers to a wave are taken whatever became of the plan."""
    if plan.submitted_at is None or plan.state == PlanState.STOPPED:
        raise NothingToReportOn(_("Progress is reported on a plan that was sent and has not been stopped."))


def _must_be_draft(update: ProgressUpdate, plan_id: int) -> None:
    if update.reported_at is not None:
        raise AlreadySent(_("This report was already sent. Make a new one: the earlier one stays beside it."))
    if update.plan_id != plan_id:
        raise NotInThisPlan(_("This line belongs to another plan."))
