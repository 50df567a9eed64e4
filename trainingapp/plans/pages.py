"""What the pages about one plan show, put together from its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from trainingapp.plans import content, queries
from trainingapp.plans.content import Change, Document
from trainingapp.plans.models import (
    EDITABLE,
    ActionPlan,
    Activity,
    Indicator,
    PlanVersion,
)


@dataclass(frozen=True)
class Sent:
    """The plan as others may read it: drafts stay with their owner."""

    document: Document
    activities: list[Activity]
    indicators: list[Indicator]


def as_others_see(plan: ActionPlan, versions: Sequence[PlanVersion]) -> Sent | None:
    """None before it was sent for the first time."""
    if plan.state not in EDITABLE:
        activities, indicators = queries.activities_of(plan), queries.indicators_of(plan)
        return Sent(content.snapshot(plan, activities, indicators), activities, indicators)
    if not versions:
        return None
    document = versions[-1].content
    return Sent(document, content.activities_in(document), content.indicators_in(document))


def changed_since(versions: Sequence[PlanVersion], document: Document | None) -> list[Change]:
    """From the version before to this document."""
    return content.diff(versions[-1].content, document) if versions and document else []


def total(activities: Sequence[Activity]) -> dict[str, Decimal]:
    """Currency -> sum. Never converted."""
    sums: dict[str, Decimal] = {}
    for activity in activities:
        if activity.cost and activity.currency:
            sums[activity.currency] = sums.get(activity.currency, Decimal(0)) + activity.cost
    return sums
