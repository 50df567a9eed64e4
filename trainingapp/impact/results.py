"""What plans add to the indicators of shared frames: added up from a level of evidence, as of a day.

Counted is the latest value of each plan's indicator, as far as it is shown to be true. Of feeds that count
the same firms (`Feed.counted_as`) only the largest value counts. Units are never mixed: a feed is in the
indicator's own unit, and money is added up for each currency.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db
from trainingapp.impact.figures import Amount, Dimension, Result
from trainingapp.impact.frames.models import FrameIndicator
from trainingapp.impact.models import Feed
from trainingapp.impact.scope import Scope
from trainingapp.plans.models import PARTS, ActionPlan, Indicator
from trainingapp.plans.progress.models import EvidenceLevel, EvidenceStep, IndicatorValue, ProgressUpdate
from trainingapp.programmes.models import Theme

EVERY_PART = tuple(part for parts in PARTS.values() for part in parts)
_GROUPS: dict[Dimension, Any] = {
    Dimension.COHORT: Cohort.id,
    Dimension.THEME: Theme.id,
    Dimension.YEAR: Theme.year,
    Dimension.COUNTRY: Enrolment.country,
}


@dataclass(frozen=True)
class Row:
    """One feed behind a figure."""

    feed: Feed
    enrolment: Enrolment
    plan: ActionPlan
    value: IndicatorValue | None
    reported_at: datetime | None
    evidence: EvidenceLevel | None  # as of the day
    counts: bool
    is_alike: bool  # the same firms are counted with another row


def results(scope: Scope, level: EvidenceLevel) -> list[Result]:
    """Every indicator that is fed, in the order of frames and of their lists; in three statements."""
    fed = _fed(scope, level).subquery()
    keys = (fed.c.frame_indicator_id, fed.c.currency)
    amounts: dict[tuple[int, str], dict[str, Amount]] = defaultdict(dict)
    alike: dict[tuple[int, str], int] = {}
    for number, currency, country, *sums, left in db.session.execute(
        sa.select(*keys, fed.c.country, *_sums(fed), _how_many(fed.c.place > 1)).group_by(
            *keys, fed.c.country
        )
    ):
        amounts[number, currency][country] = _amount(sums)
        alike[number, currency] = alike.get((number, currency), 0) + int(left)
    parts = _parts(fed)
    return [
        Result(
            indicator,
            currency,
            level,
            sum_of(list(amounts[number, currency].values())),
            alike[number, currency],
            parts.get((number, currency), {}),
            amounts[number, currency],
        )
        for indicator in indicators({number for number, _currency in amounts})
        for number, currency in sorted(amounts)
        if number == indicator.id
    ]


def told_apart(
    scope: Scope, level: EvidenceLevel, indicator: FrameIndicator, by: Dimension
) -> dict[tuple[str, Any], Amount]:
    """(currency, group) -> what it adds; the sum over groups is the whole."""
    fed = _fed(scope, level, by).where(Feed.frame_indicator_id == indicator.id).subquery()
    rows = db.session.execute(
        sa.select(fed.c.currency, fed.c["group"], *_sums(fed)).group_by(fed.c.currency, fed.c["group"])
    )
    return {(currency, group): _amount(sums) for currency, group, *sums in rows}


def behind(scope: Scope, level: EvidenceLevel, indicator: FrameIndicator, most: int) -> list[Row]:
    """The feeds of an indicator, what counts first and the largest of it; no more than `most`."""
    fed = _fed(scope, level).where(Feed.frame_indicator_id == indicator.id).subquery()
    query = (
        sa.select(Feed, Enrolment, ActionPlan, IndicatorValue, ProgressUpdate.reported_at, fed)
        .join(fed, fed.c.id == Feed.id)
        .join(Indicator, Indicator.id == Feed.indicator_id)
        .join(ActionPlan, ActionPlan.id == Indicator.plan_id)
        .join(Enrolment, Enrolment.id == ActionPlan.enrolment_id)
        .outerjoin(IndicatorValue, IndicatorValue.id == fed.c.value_id)
        .outerjoin(ProgressUpdate, ProgressUpdate.id == IndicatorValue.update_id)
        .options(
            joinedload(Feed.indicator),
            joinedload(Enrolment.participant),
            joinedload(Enrolment.cohort).joinedload(Cohort.theme),
        )
        .order_by(
            *(fed.c.currency, fed.c.counted.desc(), fed.c.place),
            *(fed.c.value.desc().nulls_last(), Feed.id),
        )
        .limit(most)
    )
    return [
        Row(
            row.Feed,
            row.Enrolment,
            row.ActionPlan,
            row.IndicatorValue,
            row.reported_at,
            EvidenceLevel(row.evidence) if row.IndicatorValue else None,
            bool(row.counted) and row.place == 1,
            row.place > 1,
        )
        for row in db.session.execute(query)
    ]


def indicators(ids: set[int]) -> Sequence[FrameIndicator]:
    query = (
        sa.select(FrameIndicator)
        .where(FrameIndicator.id.in_(ids))
        .options(joinedload(FrameIndicator.frame), joinedload(FrameIndicator.item))
        .order_by(FrameIndicator.frame_id, FrameIndicator.position, FrameIndicator.id)
    )
    return db.session.scalars(query).all()


def sum_of(amounts: Sequence[Amount]) -> Amount:
    return Amount(
        **{field: sum((getattr(one, field) for one in amounts), start=zero) for field, zero in _ZEROS.items()}
    )


_ZEROS: dict[str, Any] = {field: getattr(Amount(), field) for field in Amount.__dataclass_fields__}


def _fed(scope: Scope, level: EvidenceLevel, by: Dimension = Dimension.COUNTRY) -> sa.Select[Any]:
    """A row a feed of the scope: its latest value then, how well it was shown, and its place among those that
    count the same firms.
    """
    values = _values(scope)
    counted = sa.and_(values.c.id.is_not(None), values.c.evidence.in_([one.value for one in level.and_above]))
    counts = sa.case((counted, 1), else_=0)
    place = sa.func.row_number().over(
        partition_by=(Feed.frame_indicator_id, Feed.currency, Feed.counted_as),
        order_by=(counts.desc(), values.c.value.desc().nulls_last(), Feed.id),
    )
    columns: list[Any] = [
        *(Feed.id, Feed.frame_indicator_id, Feed.currency, Enrolment.country),
        _GROUPS[by].label("group"),
        *(Indicator.baseline, Indicator.target, values.c.value, values.c.parts),
        *(values.c.id.label("value_id"), values.c.evidence),
        *(counts.label("counted"), place.label("place")),
    ]
    return (
        sa.select(*columns)
        .select_from(Feed)
        .join(Indicator, Indicator.id == Feed.indicator_id)
        .join(ActionPlan, ActionPlan.id == Indicator.plan_id)
        .join(Enrolment, Enrolment.id == ActionPlan.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(Theme, Theme.id == Cohort.theme_id)
        .outerjoin(values, values.c.indicator_id == Feed.indicator_id)
        .where(Feed.programme_id == scope.programme_id, *scope.holds_people(), *_linked(scope))
    )


def _linked(scope: Scope) -> list[sa.ColumnElement[bool]]:
    if scope.until is None:
        return [Feed.ended_at.is_(None)]
    return [Feed.linked_at < scope.until, sa.or_(Feed.ended_at.is_(None), Feed.ended_at >= scope.until)]


def _values(scope: Scope) -> Any:
    """The latest value of every indicator that is fed, with its level of evidence."""
    figures: list[Any] = [IndicatorValue.id, IndicatorValue.indicator_id, IndicatorValue.value]
    if scope.until is None:
        shown = sa.cast(IndicatorValue.evidence, sa.String(40)).label("evidence")
        now = sa.select(*figures, IndicatorValue.parts, shown)
        return now.where(IndicatorValue.is_latest).subquery()
    order = sa.func.row_number().over(
        partition_by=IndicatorValue.indicator_id,
        order_by=(ProgressUpdate.reported_at.desc(), IndicatorValue.id.desc()),
    )
    then = (
        sa.select(*figures, IndicatorValue.parts, order.label("age"))
        .join(ProgressUpdate, ProgressUpdate.id == IndicatorValue.update_id)
        .where(ProgressUpdate.reported_at < scope.until)
        .where(IndicatorValue.indicator_id.in_(sa.select(Feed.indicator_id)))
        .subquery()
    )
    step = (
        sa.select(EvidenceStep.level)
        .where(EvidenceStep.value_id == then.c.id, EvidenceStep.taken_at < scope.until)
        .order_by(EvidenceStep.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    level = sa.func.coalesce(sa.cast(step, sa.String(40)), EvidenceLevel.CLAIMED.value)
    return (
        sa.select(then.c.id, then.c.indicator_id, then.c.value, then.c.parts, level.label("evidence"))
        .where(then.c.age == 1)
        .subquery()
    )


def _sums(fed: Any) -> list[Any]:
    """In the order of Amount's fields."""
    single = fed.c.place == 1
    counted = sa.and_(single, fed.c.counted == 1)
    has_baseline = sa.and_(counted, fed.c.baseline.is_not(None))
    has_target = sa.and_(single, fed.c.target.is_not(None))
    has_both = sa.and_(has_target, fed.c.baseline.is_not(None))
    return [
        _how_many(single),
        _how_many(counted),
        _how_many(has_baseline),
        _how_many(has_target),
        _sum(counted, fed.c.value),
        _sum(has_baseline, fed.c.baseline),
        _sum(has_baseline, fed.c.value - fed.c.baseline),
        _sum(has_target, fed.c.target),
        _sum(has_both, fed.c.target - fed.c.baseline),
    ]


def _amount(sums: Sequence[Any]) -> Amount:
    plans, counted, with_baseline, with_target, *numbers = sums
    exact = [_exact(number) for number in numbers]
    return Amount(int(plans), int(counted), int(with_baseline), int(with_target), *exact)


def _parts(fed: Any) -> Mapping[tuple[int, str], Mapping[str, Decimal]]:
    """What plans told apart: they need not have told all."""
    sums = [sa.func.sum(_number(fed.c.parts[part])) for part in EVERY_PART]
    query = (
        sa.select(fed.c.frame_indicator_id, fed.c.currency, *sums)
        .where(fed.c.place == 1, fed.c.counted == 1)
        .group_by(fed.c.frame_indicator_id, fed.c.currency)
    )
    return {
        (number, currency): {
            part: _exact(total) for part, total in zip(EVERY_PART, told, strict=True) if total is not None
        }
        for number, currency, *told in db.session.execute(query)
    }


def _number(part: Any) -> sa.ColumnElement[Decimal]:
    return sa.cast(part.as_string(), sa.Numeric(18, 4))


def _sum(condition: Any, number: Any) -> sa.ColumnElement[Any]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, number), else_=0)), 0)


def _how_many(condition: Any) -> sa.ColumnElement[Any]:
    return _sum(condition, 1)


def _exact(number: Any) -> Decimal:
    """SQLite adds in floating point."""
    return round(Decimal(str(number)), 4).normalize() + 0
