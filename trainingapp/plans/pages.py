"""What the pages about one plan show, put together from its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from trainingapp.plans import comparison, content, queries
from trainingapp.plans.comparison import LineChange
from trainingapp.plans.content import Document, Lines
from trainingapp.plans.gantt import Course
from trainingapp.plans.models import (
    EDITABLE,
    OVER,
    ActionPlan,
    Activity,
    ActivityState,
    Indicator,
    PlanVersion,
)
from trainingapp.plans.progress_models import IndicatorValue, ProgressUpdate
from trainingapp.plans.queries import Told
from trainingapp.plans.reading import Reading


@dataclass(frozen=True)
class Sent:
    """The plan as others may read it: drafts stay with their owner."""

    document: Document
    lines: Lines

    @property
    def activities(self) -> list[Activity]:
        return self.lines["activities"]

    @property
    def indicators(self) -> list[Indicator]:
        return self.lines["indicators"]


def as_others_see(plan: ActionPlan, versions: Sequence[PlanVersion]) -> Sent | None:
    """None before it was sent for the first time."""
    if plan.state not in EDITABLE:
        lines = queries.lines_of(plan)
        return Sent(content.snapshot(plan, lines), lines)
    if not versions:
        return None
    document = document_of(versions[-1])
    return Sent(document, content.rows_in(document))


def document_of(version: PlanVersion) -> Document:
    return content.whole(version.content)


def changed_since(
    versions: Sequence[PlanVersion], document: Document | None, said: Reading
) -> list[LineChange]:
    """From the version before to this document."""
    if not versions or not document:
        return []
    return comparison.compare(document_of(versions[-1]), document, said)


def total(activities: Sequence[Activity]) -> dict[str, Decimal]:
    """Currency -> sum. Never converted."""
    sums: dict[str, Decimal] = {}
    for activity in activities:
        if activity.cost and activity.currency:
            sums[activity.currency] = sums.get(activity.currency, Decimal(0)) + activity.cost
    return sums


def courses(told: Sequence[Told], zone: str) -> dict[int, Course]:
    """Activity id -> from when to when it was worked on, as far as reports say. Days in an IANA zone."""
    found: dict[int, Course] = {}
    for one in reversed(told):
        day = _day(one.update, zone)
        for report, _activity in one.activities:
            course = found.get(report.activity_id, Course())
            began = course.began_on
            if report.state not in {ActivityState.NOT_STARTED, ActivityState.DROPPED}:
                began = began or day
            ended = (course.ended_on or day) if report.state in OVER else None
            found[report.activity_id] = Course(began, ended)
    return found


@dataclass(frozen=True)
class Way:
    """How far an indicator came."""

    indicator: Indicator
    latest: IndicatorValue | None
    percent: float | None  # of the way from baseline to target; none where that cannot be said


def ways(indicators: Sequence[Indicator], told: Sequence[Told]) -> list[Way]:
    latest: dict[int, IndicatorValue] = {}
    for one in told:
        for value, _indicator in one.values:
            latest.setdefault(value.indicator_id, value)
    return [
        Way(indicator, latest.get(indicator.id), _percent(indicator, latest.get(indicator.id)))
        for indicator in indicators
    ]


def _percent(indicator: Indicator, value: IndicatorValue | None) -> float | None:
    base, target = indicator.baseline, indicator.target
    if value is None or base is None or target is None or base == target:
        return None
    return float(100 * (value.value - base) / (target - base))


def _day(update: ProgressUpdate, zone: str) -> date:
    assert update.reported_at is not None
    return update.reported_at.astimezone(ZoneInfo(zone)).date()
