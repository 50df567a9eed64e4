"""What the pages about one plan show, put together from its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from trainingapp.plans import queries
from trainingapp.plans.models import (
    EDITABLE,
    ActionPlan,
    Activity,
    Indicator,
    PlanVersion,
)
from trainingapp.plans.versions import comparison, content
from trainingapp.plans.versions.comparison import LineChange
from trainingapp.plans.versions.content import Document, Lines
from trainingapp.plans.versions.reading import Reading


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
