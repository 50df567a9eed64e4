"""What plans have come to, counted from a level of evidence up. Every page that counts asks here.

What is counted is the latest report on each line; it counts as far as it is shown to be true. So a figure
never grows when more evidence is asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from trainingapp.cohorts.models import HOLDS_A_PLACE, Enrolment
from trainingapp.db import db
from trainingapp.plans.models import OVER, ActionPlan, Activity, ActivityState, Indicator
from trainingapp.plans.progress.models import ActivityReport, EvidenceLevel, IndicatorValue, ProgressUpdate

LEFT_OUT = tuple(state for state in OVER if state != ActivityState.DONE)  # neither done nor to be done


@dataclass(frozen=True)
class Count:
    activities: int = 0
    done: int = 0
    percent: float | None = None  # mean share done of the activities that are not dropped or handed over
    indicators: int = 0
    measured: int = 0  # indicators with a value
    reached: int = 0  # of them, those at their target or beyond


@dataclass(frozen=True)
class Measured:
    """An indicator's latest value at a level or above."""

    value: IndicatorValue
    reported_at: datetime


def of_plans(plan_ids: Sequence[int], level: EvidenceLevel) -> dict[int, Count]:
    """Plan id -> what it has come to; plans without lines are left out."""
    done = {row[0]: row[1:] for row in db.session.execute(_activities(plan_ids, level))}
    counted = {row[0]: row[1:] for row in db.session.execute(_indicators(plan_ids, level))}
    return {
        plan_id: _count(done.get(plan_id, (0, 0, 0, 0)), counted.get(plan_id, (0, 0, 0)))
        for plan_id in done.keys() | counted.keys()
    }


def of_cohort(cohort_id: int, level: EvidenceLevel) -> Count:
    """Of every plan that was sent, added up."""
    plans = (
        sa.select(ActionPlan.id)
        .join(Enrolment, Enrolment.id == ActionPlan.enrolment_id)
        .where(
            Enrolment.cohort_id == cohort_id,
            Enrolment.state.in_(HOLDS_A_PLACE),
            ActionPlan.submitted_at.is_not(None),
        )
    )
    return _count(_sums(_activities(plans, level), 4), _sums(_indicators(plans, level), 3))


def values(plan_id: int, level: EvidenceLevel) -> dict[int, Measured]:
    """Indicator id -> its latest value that is shown at least so well."""
    query = (
        sa.select(IndicatorValue, ProgressUpdate.reported_at)
        .join(ProgressUpdate, ProgressUpdate.id == IndicatorValue.update_id)
        .where(
            ProgressUpdate.plan_id == plan_id,
            ProgressUpdate.reported_at.is_not(None),
            IndicatorValue.evidence.in_(level.and_above),
        )
        .order_by(ProgressUpdate.reported_at, IndicatorValue.id)
    )
    return {value.indicator_id: Measured(value, when) for value, when in db.session.execute(query) if when}


def _activities(plans: Any, level: EvidenceLevel) -> sa.Select[Any]:
    """Plan id, activities, done, sum of shares done, how many the shares are of."""
    counts = sa.func.coalesce(ActivityReport.evidence, EvidenceLevel.CLAIMED).in_(level.and_above)
    is_done = sa.and_(Activity.state == ActivityState.DONE, counts)
    is_open = Activity.state.not_in(LEFT_OUT)
    told = sa.func.coalesce(ActivityReport.percent, 0)
    share = sa.case((is_done, 100), (sa.and_(is_open, counts), told), else_=0)
    figures: list[Any] = [sa.func.count(), _how_many(is_done), sa.func.sum(share), _how_many(is_open)]
    latest = sa.and_(ActivityReport.activity_id == Activity.id, ActivityReport.is_latest)
    return (
        sa.select(Activity.plan_id, *figures)
        .outerjoin(ActivityReport, latest)
        .where(Activity.plan_id.in_(plans), Activity.removed_at.is_(None), Activity.what != "")
        .group_by(Activity.plan_id)
    )


def _indicators(plans: Any, level: EvidenceLevel) -> sa.Select[Any]:
    """Plan id, indicators, measured, reached."""
    counts = IndicatorValue.evidence.in_(level.and_above)
    grows = sa.or_(Indicator.baseline.is_(None), Indicator.target >= Indicator.baseline)
    reached = sa.case(
        (grows, IndicatorValue.value >= Indicator.target), else_=IndicatorValue.value <= Indicator.target
    )
    figures: list[Any] = [sa.func.count(), _how_many(counts), _how_many(sa.and_(counts, reached))]
    latest = sa.and_(IndicatorValue.indicator_id == Indicator.id, IndicatorValue.is_latest)
    return (
        sa.select(Indicator.plan_id, *figures)
        .outerjoin(IndicatorValue, latest)
        .where(Indicator.plan_id.in_(plans), Indicator.removed_at.is_(None), Indicator.name != "")
        .group_by(Indicator.plan_id)
    )


def _how_many(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))


def _sums(query: sa.Select[Any], figures: int) -> Sequence[int]:
    each = query.subquery()
    sums = [sa.func.coalesce(sa.func.sum(column), 0) for column in list(each.columns)[1 : figures + 1]]
    return db.session.execute(sa.select(*sums)).one()


def _count(activities: Sequence[int], indicators: Sequence[int]) -> Count:
    every, done, shares, shared = (int(figure) for figure in activities)
    mean = shares / shared if shared else None
    return Count(every, done, mean, *(int(figure) for figure in indicators))
