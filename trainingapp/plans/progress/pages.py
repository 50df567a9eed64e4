"""What became of a plan, as its page shows it, counted from a level of evidence up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from trainingapp.plans import gantt
from trainingapp.plans.confirmations import queries as confirmation_queries
from trainingapp.plans.gantt import Course
from trainingapp.plans.models import OVER, ActionPlan, Activity, ActivityState, Indicator
from trainingapp.plans.progress import charts, counting, queries
from trainingapp.plans.progress.models import (
    ActivityReport,
    Confirmation,
    EvidenceLevel,
    IndicatorValue,
    ProgressUpdate,
    SupervisorCheck,
)
from trainingapp.plans.queries import Told

BEFORE_WORK = (ActivityState.NOT_STARTED, ActivityState.DROPPED)


@dataclass(frozen=True)
class Way:
    """How far an indicator came."""

    indicator: Indicator
    latest: IndicatorValue | None  # that is shown as well as asked for
    percent: float | None  # of the way from baseline to target; none where that cannot be said
    chart: charts.Chart | None
    values: Sequence[tuple[date, IndicatorValue, ProgressUpdate]]  # all of them, the latest first


@dataclass(frozen=True)
class Progress:
    level: EvidenceLevel
    today: date
    count: counting.Count
    chart: gantt.Chart | None
    late: list[Activity]
    due: int  # activities planned to be over by now
    reports: Mapping[int, ActivityReport]  # activity id -> the latest
    ways: list[Way]
    told: Sequence[Told]
    checks: Sequence[SupervisorCheck]
    confirmed: Mapping[tuple[str, int], tuple[SupervisorCheck, Confirmation]]


def put_together(
    plan: ActionPlan,
    activities: Sequence[Activity],
    indicators: Sequence[Indicator],
    told: Sequence[Told],
    today: date,
    level: EvidenceLevel = EvidenceLevel.CLAIMED,
) -> Progress:
    zone = plan.enrolment.cohort.time_zone
    found = courses(told, zone)
    return Progress(
        level,
        today,
        counting.of_plans([plan.id], level).get(plan.id, counting.Count()),
        gantt.draw(activities, found, today),
        [
            one
            for one in activities
            if one.state not in OVER and gantt.is_late(one, found.get(one.id, Course()), today)
        ],
        sum(one.due_on is not None and one.due_on <= today for one in activities),
        queries.latest_reports([plan.id]),
        ways(plan, indicators, told, today, level),
        told,
        confirmation_queries.checks_of(plan),
        confirmation_queries.said_of(plan),
    )


def level_asked(text: str | None) -> EvidenceLevel:
    """From an address; everything counts where nothing, or nothing we know, is asked for."""
    return EvidenceLevel(text) if text in set(EvidenceLevel) else EvidenceLevel.CLAIMED


def courses(told: Sequence[Told], zone: str) -> dict[int, Course]:
    """Activity id -> from when to when it was worked on, as far as reports say. Days in an IANA zone."""
    found: dict[int, Course] = {}
    for one in reversed(told):
        day = _day(one.update, zone)
        for report, _activity in one.activities:
            course = found.get(report.activity_id, Course())
            began = course.began_on
            if report.state not in BEFORE_WORK:
                began = began or day
            ended = (course.ended_on or day) if report.state in OVER else None
            found[report.activity_id] = Course(began, ended, (*course.told_on, day))
    return found


def ways(
    plan: ActionPlan,
    indicators: Sequence[Indicator],
    told: Sequence[Told],
    today: date,
    level: EvidenceLevel,
) -> list[Way]:
    zone, counted = plan.enrolment.cohort.time_zone, counting.values(plan.id, level)
    each: dict[int, list[tuple[date, IndicatorValue, ProgressUpdate]]] = {}
    for one in told:
        for value, _indicator in one.values:
            each.setdefault(value.indicator_id, []).append((_day(one.update, zone), value, one.update))
    begins = plan.submitted_at.astimezone(ZoneInfo(zone)).date() if plan.submitted_at else today
    found = []
    for indicator in indicators:
        values = each.get(indicator.id, [])
        count = {value.id for _day_, value, _update in values if value.evidence.rank >= level.rank}
        line = [(day, value) for day, value, _update in reversed(values)]
        measured = counted.get(indicator.id)
        latest = measured.value if measured else None
        chart = charts.draw(indicator, line, begins, today, count)
        found.append(Way(indicator, latest, _percent(indicator, latest), chart, values))
    return found


def _percent(indicator: Indicator, value: IndicatorValue | None) -> float | None:
    base, target = indicator.baseline, indicator.target
    if value is None or base is None or target is None or base == target:
        return None
    return float(100 * (value.value - Decimal(base)) / (target - base))


def _day(update: ProgressUpdate, zone: str) -> date:
    assert update.reported_at is not None
    return update.reported_at.astimezone(ZoneInfo(zone)).date()
