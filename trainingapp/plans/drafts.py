"""The plan as its owner types it: texts in, rows out, and nothing lost that could not be understood."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp.db import db
from trainingapp.numbers import whole
from trainingapp.plans import amounts, currencies, days
from trainingapp.plans.content import LISTS, Document
from trainingapp.plans.models import ActionPlan, Activity, Indicator, Problem
from trainingapp.plans.progress_models import ActivityReport, IndicatorValue
from trainingapp.refusals import Refusal
from trainingapp.visits.models import SiteVisit

MOST_LINES = 30
Reader = Callable[[str], Any]


class TooLong(Refusal):
    """More than the place for it holds."""


def _text(longest: int) -> Reader:
    def read(text: str) -> str:
        if len(text) > longest:
            raise TooLong(
                _("Use at most %(most)d characters; this has %(now)d.", most=longest, now=len(text))
            )
        return text

    return read


def _problem(text: str) -> Problem | None:
    return Problem(text) if text in set(Problem) else None


def _number(text: str) -> int | None:
    try:
        return whole(text)
    except ValueError:
        return None


PLAN: dict[str, Reader] = {
    "title": _text(200),
    "problem_kind": _problem,
    "problem": _text(10_000),
    "goal": _text(10_000),
    "inspired_by_id": _number,
}
LINES: dict[str, dict[str, Reader]] = {
    "activities": {
        "what": _text(2_000),
        "who": _text(200),
        "first_step": _text(2_000),
        "starts_on": days.read,
        "due_on": days.read,
        "cost": amounts.read_cost,
        "currency": currencies.read,
    },
    "indicators": {
        "name": _text(200),
        "unit": _text(60),
        "baseline": amounts.read,
        "target": amounts.read,
    },
}
ROWS: dict[str, Any] = {"activities": Activity, "indicators": Indicator}
WRITERS: dict[Any, Callable[[Any], str]] = {
    days.read: days.write,
    amounts.read: amounts.write,
    amounts.read_cost: amounts.write,
}
BLANK: dict[str, Document] = {of: {"id": "", **dict.fromkeys(LINES[of], "")} for of in LISTS}


def typed(plan: ActionPlan, activities: Sequence[Activity], indicators: Sequence[Indicator]) -> Document:
    """What the editor shows: values as the reader's language writes them, the rest as it was typed."""
    document: Document = {
        field: _shown(plan, field, read, plan.unread.get(field)) for field, read in PLAN.items()
    }
    for of, rows in (("activities", activities), ("indicators", indicators)):
        document[of] = [
            {
                "id": str(row.id),
                **{
                    field: _shown(row, field, read, plan.unread.get(f"{of}-{row.id}-{field}"))
                    for field, read in LINES[of].items()
                },
            }
            for row in rows
        ]
    return document


def tidied(document: Document) -> Document:
    """The same, with every value that can be read written our way: two that mean the same become equal."""
    return {
        **{field: _tidy(document[field], read) for field, read in PLAN.items()},
        **{
            of: [
                {"id": line["id"], **{field: _tidy(line[field], read) for field, read in LINES[of].items()}}
                for line in document[of]
            ]
            for of in LISTS
        },
    }


def rearranged(document: Document, verb: str, place: str) -> Document:
    """Adds, moves or removes one line: ("add", "activities"), ("up", "activities-2")."""
    of, _dash, number = place.partition("-")
    if of not in LISTS:
        return document
    lines = list(document[of])
    try:
        at = whole(number or "0")
    except ValueError:
        return document
    if verb == "add" and len(lines) < MOST_LINES:
        lines.append(dict(BLANK[of]))
    elif verb == "remove" and at < len(lines):
        del lines[at]
    elif verb in {"up", "down"}:
        other = at + (1 if verb == "down" else -1)
        if 0 <= other < len(lines) and at < len(lines):
            lines[at], lines[other] = lines[other], lines[at]
    return {**document, of: lines}


def is_blank(line: Document) -> bool:
    return not any(text for field, text in line.items() if field not in {"id", "currency"})


def without_blanks(document: Document) -> Document:
    return {**document, **{of: [line for line in document[of] if not is_blank(line)] for of in LISTS}}


def write(plan: ActionPlan, document: Document, now: datetime) -> None:
    """Makes the rows say what was typed. What cannot be understood stays in `plan.unread`."""
    unread: dict[str, str] = {}
    for field, read in PLAN.items():
        text = document[field] if field != "inspired_by_id" or _is_ours(plan, document[field]) else ""
        _set(plan, field, read, text, unread, field)
    for of in LISTS:
        _write_lines(plan, of, document[of][:MOST_LINES], unread, now)
    plan.unread = unread
    plan.saved_at = now
    db.session.flush()


def _write_lines(
    plan: ActionPlan, of: str, lines: list[Document], unread: dict[str, str], now: datetime
) -> None:
    kind = ROWS[of]
    known = {str(row.id): row for row in db.session.scalars(sa.select(kind).where(kind.plan_id == plan.id))}
    for position, line in enumerate(lines, 1):
        row = known.pop(line["id"], None)
        if row is None:
            row = kind(plan_id=plan.id, position=position)
            db.session.add(row)
            db.session.flush()
        row.position = position
        row.removed_at = None
        for field, read in LINES[of].items():
            _set(row, field, read, line[field], unread, f"{of}-{row.id}-{field}")
    for row in known.values():
        if plan.submitted_at or _has_reports(row):
            row.removed_at = row.removed_at or now
        else:
            db.session.delete(row)


def _set(row: Any, field: str, read: Reader, text: str, unread: dict[str, str], key: str) -> None:
    try:
        value = read(text)
    except Refusal:
        unread[key] = text
        value = read("")
    if getattr(row, field) != value:
        setattr(row, field, value)


def _shown(row: Any, field: str, read: Reader, unread: str | None) -> str:
    value = getattr(row, field)
    if unread is not None:
        return unread
    return WRITERS[read](value) if read in WRITERS else str(value or "")


def _tidy(text: str, read: Reader) -> str:
    try:
        value = read(text)
    except Refusal:
        return text
    return WRITERS[read](value) if read in WRITERS else str(value or "")


def _is_ours(plan: ActionPlan, visit_id: str) -> bool:
    number = _number(visit_id)
    visit = db.session.get(SiteVisit, number) if number else None
    return visit is not None and visit.cohort_id == plan.enrolment.cohort_id


def _has_reports(row: Activity | Indicator) -> bool:
    told = (
        sa.select(ActivityReport.id).where(ActivityReport.activity_id == row.id)
        if isinstance(row, Activity)
        else sa.select(IndicatorValue.id).where(IndicatorValue.indicator_id == row.id)
    )
    return db.session.scalar(told.limit(1)) is not None
