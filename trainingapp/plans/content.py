"""A plan as a document of plain values, and what is different between two of them.

A document is {field: value, "activities": [{"id": …, field: value}], "indicators": […]}: what a PlanVersion
keeps, and, with texts as values, what the editor holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from trainingapp.plans.models import ActionPlan, Activity, Indicator

Document = dict[str, Any]

LISTS = ("activities", "indicators")
PLAN_FIELDS = ("title", "problem_kind", "problem", "goal", "inspired_by_id")
ACTIVITY_FIELDS = ("what", "who", "first_step", "starts_on", "due_on", "cost", "currency")
INDICATOR_FIELDS = ("name", "unit", "baseline", "target")


@dataclass(frozen=True)
class Change:
    """One difference. No `of`: a field of the plan. No `line`: the order. No `field`: a line came or went."""

    of: str = ""
    line: Any = None
    number: int = 0  # the line's place, from 1, in the newer document, or in the older when it went
    field: str = ""
    before: Any = None
    after: Any = None


def snapshot(plan: ActionPlan, activities: Sequence[Activity], indicators: Sequence[Indicator]) -> Document:
    return {
        **{field: _plain(getattr(plan, field)) for field in PLAN_FIELDS},
        "activities": [_line(row, ACTIVITY_FIELDS) for row in activities],
        "indicators": [_line(row, INDICATOR_FIELDS) for row in indicators],
    }


def activities_in(document: Document) -> list[Activity]:
    """Rows that belong to no session, as they stood in the document."""
    return [Activity(**{**line, **_read(line)}) for line in document["activities"]]


def indicators_in(document: Document) -> list[Indicator]:
    return [Indicator(**{**line, **_read(line)}) for line in document["indicators"]]


def diff(old: Document, new: Document) -> list[Change]:
    """Small steps from old to new; `apply` takes them."""
    changes = [
        Change(field=field, before=old.get(field), after=new[field])
        for field in new
        if field not in LISTS and old.get(field) != new[field]
    ]
    for of in LISTS:
        changes += _line_changes(of, old[of], new[of])
    return changes


def apply(document: Document, changes: Sequence[Change]) -> Document:
    made = {**document, **{of: [dict(line) for line in document[of]] for of in LISTS}}
    for change in changes:
        if not change.of:
            made[change.field] = change.after
        elif change.line is None:
            place = {number: at for at, number in enumerate(change.after)}
            made[change.of].sort(key=lambda line: place.get(line["id"], len(place)))
        elif change.field:
            line = next(line for line in made[change.of] if line["id"] == change.line)
            line[change.field] = change.after
        elif change.after is None:
            made[change.of] = [line for line in made[change.of] if line["id"] != change.line]
        else:
            made[change.of].append(dict(change.after))
    return made


def _line_changes(of: str, old: list[Document], new: list[Document]) -> list[Change]:
    before = {line["id"]: line for line in old}
    after = {line["id"]: line for line in new}
    changes = [
        Change(of, line["id"], number, before=line)
        for number, line in enumerate(old, 1)
        if line["id"] not in after
    ]
    for number, line in enumerate(new, 1):
        was = before.get(line["id"])
        if was is None:
            changes.append(Change(of, line["id"], number, after=line))
            continue
        changes += [
            Change(of, line["id"], number, field, was.get(field), line[field])
            for field in line
            if was.get(field) != line[field]
        ]
    kept = [number for number in before if number in after]
    reached = kept + [number for number in after if number not in before]
    if reached != list(after):
        changes.append(Change(of, before=reached, after=list(after)))
    return changes


def _line(row: Activity | Indicator, fields: Sequence[str]) -> Document:
    return {"id": row.id, **{field: _plain(getattr(row, field)) for field in fields}}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:.2f}" if isinstance(value, Decimal) else value


def _read(line: Document) -> Document:
    """The values of a line that JSON does not know, back from their texts."""
    days = {field: date.fromisoformat(line[field]) for field in ("starts_on", "due_on") if line.get(field)}
    numbers = {field: Decimal(line[field]) for field in ("cost", "baseline", "target") if line.get(field)}
    return {**days, **numbers}
