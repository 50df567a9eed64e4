"""A plan as a document of plain values, and what is different between two of them.

A document is {field: value, "objectives": [{"id": …, field: value}], "activities": […], …}: what a
PlanVersion keeps, and, with texts as values, what the editor holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from trainingapp.plans.models import (
    ActionPlan,
    Activity,
    ActivityState,
    Disaggregation,
    Indicator,
    Objective,
    Risk,
)

Document = dict[str, Any]
Lines = dict[str, list[Any]]  # the rows of each list, in their order

PLAN_FIELDS = (
    "title",
    "problem_kind",
    "problem",
    "goal",
    "inspired_by_id",
    "session_id",
    "beneficiaries",
    "support_wanted",
    "sdg_targets",
    "frame_goals",
)
LINE_FIELDS = {
    "objectives": ("text",),
    "activities": (
        "objective_id",
        "note_card_id",
        "what",
        "who",
        "partners",
        "first_step",
        "starts_on",
        "due_on",
        "cost",
        "currency",
        "payer",
    ),
    "indicators": (
        "name",
        "unit",
        "baseline",
        "target",
        "disaggregation",
        "counted_on",
        "evidence",
    ),
    "risks": ("risk", "response"),
}
LISTS = tuple(LINE_FIELDS)  # objectives first: activities point to them
KINDS: dict[str, Any] = {
    "objectives": Objective,
    "activities": Activity,
    "indicators": Indicator,
    "risks": Risk,
}
DAYS = ("starts_on", "due_on", "counted_on")
NUMBERS = ("cost", "baseline", "target")
# What a version that was sent before a field existed says of it; "" where nothing else stands here.
UNSAID: Document = {
    "sdg_targets": [],
    "frame_goals": [],
    "session_id": None,
    "objective_id": None,
    "note_card_id": None,
    "counted_on": None,
    "disaggregation": Disaggregation.NONE.value,
}


@dataclass(frozen=True)
class Change:
    """One difference. No `of`: a field of the plan. No `line`: the order. No `field`: a line came or went."""

    of: str = ""
    line: Any = None
    number: int = 0  # the line's place, from 1, in the newer document, or in the older when it went
    field: str = ""
    before: Any = None
    after: Any = None


def snapshot(plan: ActionPlan, lines: Lines) -> Document:
    return {
        **{field: _plain(getattr(plan, field)) for field in PLAN_FIELDS},
        **{of: [_line(row, LINE_FIELDS[of]) for row in lines[of]] for of in LISTS},
    }


def whole(content: Document) -> Document:
    """A version as we read it today, whenever it was sent."""
    return {
        **{field: content.get(field, UNSAID.get(field, "")) for field in PLAN_FIELDS},
        **{
            of: [
                {"id": line["id"], **{field: line.get(field, UNSAID.get(field, "")) for field in fields}}
                for line in content.get(of, [])
            ]
            for of, fields in LINE_FIELDS.items()
        },
    }


def places(document: Document) -> set[str]:
    """Of its lines, as comments name them: "activities-12"."""
    return {f"{of}-{line['id']}" for of in LISTS for line in document.get(of, [])}


def rows_in(document: Document) -> Lines:
    """Rows that belong to no session, as they stood in the document."""
    begun = {"activities": {"state": ActivityState.NOT_STARTED}}  # reports are no part of what was sent
    return {
        of: [KINDS[of](**{**line, **_read(line), **begun.get(of, {})}) for line in document[of]]
        for of in LISTS
    }


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


def _line(row: Any, fields: Sequence[str]) -> Document:
    return {"id": row.id, **{field: _plain(getattr(row, field)) for field in fields}}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:.2f}" if isinstance(value, Decimal) else value


def _read(line: Document) -> Document:
    """The values of a line that JSON does not know, back from their texts."""
    days = {field: date.fromisoformat(line[field]) for field in DAYS if line.get(field)}
    numbers = {field: Decimal(line[field]) for field in NUMBERS if line.get(field)}
    parts = {"disaggregation": Disaggregation(line["disaggregation"])} if "disaggregation" in line else {}
    return {**days, **numbers, **parts}
