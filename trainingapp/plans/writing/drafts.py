"""The plan as its owner types it: texts in, rows out, and nothing lost that could not be understood."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp.db import db
from trainingapp.numbers import whole
from trainingapp.plans import amounts, currencies, days
from trainingapp.plans.models import (
    ActionPlan,
    Activity,
    Disaggregation,
    Indicator,
    Objective,
    Problem,
)
from trainingapp.plans.progress.models import ActivityReport, IndicatorValue
from trainingapp.plans.versions.content import KINDS, LISTS, Document, Lines
from trainingapp.refusals import Refusal
from trainingapp.visits.models import NoteCard, SiteVisit
from trainingapp.visits.session_models import AgendaSession

MOST_LINES = 30
MOST_CODES = 60
LONGEST_CODE = 60
REPLY = "reply-"  # in plan.unread: an answer to a comment that is not sent yet
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


def _disaggregation(text: str) -> Disaggregation:
    return Disaggregation(text) if text in set(Disaggregation) else Disaggregation.NONE


def _codes(text: str) -> list[str]:
    codes = [code for code in dict.fromkeys(text.split()) if len(code) <= LONGEST_CODE]
    return codes[:MOST_CODES]


def _write_codes(codes: list[str]) -> str:
    return " ".join(codes)


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
    "session_id": _number,
    "beneficiaries": _text(10_000),
    "support_wanted": _text(10_000),
    "sdg_targets": _codes,
    "frame_goals": _codes,
}
LINES: dict[str, dict[str, Reader]] = {
    "objectives": {"text": _text(2_000)},
    "activities": {
        "objective_id": _number,
        "note_card_id": _number,
        "what": _text(2_000),
        "who": _text(200),
        "partners": _text(300),
        "first_step": _text(2_000),
        "starts_on": days.read,
        "due_on": days.read,
        "cost": amounts.read_cost,
        "currency": currencies.read,
        "payer": _text(200),
    },
    "indicators": {
        "name": _text(200),
        "unit": _text(60),
        "baseline": amounts.read,
        "target": amounts.read,
        "disaggregation": _disaggregation,
        "counted_on": days.read,
        "evidence": _text(2_000),
    },
    "risks": {"risk": _text(2_000), "response": _text(2_000)},
}
WRITERS: dict[Any, Callable[[Any], str]] = {
    days.read: days.write,
    amounts.read: amounts.write,
    amounts.read_cost: amounts.write,
    _codes: _write_codes,
}
BLANK: dict[str, Document] = {of: {"id": "", **dict.fromkeys(LINES[of], "")} for of in LISTS}
# What alone says nothing: it was chosen for a line that is not written yet.
BESIDE_THE_POINT = {"id", "currency", "objective_id", "note_card_id", "disaggregation"}


def typed(plan: ActionPlan, lines: Lines) -> Document:
    """What the editor shows: values as the reader's language writes them, the rest as it was typed."""
    document: Document = {
        field: _shown(plan, field, read, plan.unread.get(field)) for field, read in PLAN.items()
    }
    for of in LISTS:
        document[of] = [
            {
                "id": str(row.id),
                **{
                    field: _shown(row, field, read, plan.unread.get(f"{of}-{row.id}-{field}"))
                    for field, read in LINES[of].items()
                },
            }
            for row in lines[of]
        ]
    return document


def replies(plan: ActionPlan) -> dict[str, str]:
    """Answers to comments that are not sent yet, by place."""
    return {key.removeprefix(REPLY): text for key, text in plan.unread.items() if key.startswith(REPLY)}


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


def grown(document: Document, card: NoteCard) -> Document:
    """With a line that remembers the card: the first that is still empty, else one more."""
    lines = [dict(line) for line in document["activities"]]
    line = next((line for line in lines if is_blank(line)), None)
    if line is None:
        if len(lines) >= MOST_LINES:
            return document
        line = dict(BLANK["activities"])
        lines.append(line)
    line |= {"what": card.text or card.visit.host.name, "note_card_id": str(card.id)}
    return {**document, "activities": lines}


def is_blank(line: Document) -> bool:
    return not any(text for field, text in line.items() if field not in BESIDE_THE_POINT)


def without_blanks(document: Document) -> Document:
    return {**document, **{of: [line for line in document[of] if not is_blank(line)] for of in LISTS}}


def write(plan: ActionPlan, document: Document, now: datetime, replies: dict[str, str] | None = None) -> None:
    """Makes the rows say what was typed. What cannot be understood stays in `plan.unread`, and so do
    answers to comments that are not sent yet: place -> text; None leaves those that are there.
    """
    unread = {f"{REPLY}{place}": text for place, text in (replies or {}).items()}
    if replies is None:
        unread = {key: text for key, text in plan.unread.items() if key.startswith(REPLY)}
    for field, read in PLAN.items():
        text = document[field] if field not in INSPIRES or _is_ours(plan, field, document[field]) else ""
        _set(plan, field, read, text, unread, field)
    for of in LISTS:
        _write_lines(plan, of, _with_ours(plan, of, document[of][:MOST_LINES]), unread, now)
    plan.unread = unread
    plan.saved_at = now
    db.session.flush()


def _write_lines(
    plan: ActionPlan, of: str, lines: list[Document], unread: dict[str, str], now: datetime
) -> None:
    kind = KINDS[of]
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
    db.session.flush()


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


INSPIRES: dict[str, type[SiteVisit] | type[AgendaSession]] = {
    "inspired_by_id": SiteVisit,
    "session_id": AgendaSession,
}


def _is_ours(plan: ActionPlan, field: str, text: str) -> bool:
    number = _number(text)
    found: Any = db.session.get(INSPIRES[field], number) if number else None
    return found is not None and found.cohort_id == plan.enrolment.cohort_id


def _with_ours(plan: ActionPlan, of: str, lines: list[Document]) -> list[Document]:
    """Without objectives and cards that are not hers, or are no longer there."""
    if of != "activities":
        return lines
    objectives = sa.select(Objective.id).where(Objective.plan_id == plan.id, Objective.removed_at.is_(None))
    cards = sa.select(NoteCard.id).where(NoteCard.enrolment_id == plan.enrolment_id)
    ours = {
        "objective_id": {"", *map(str, db.session.scalars(objectives))},
        "note_card_id": {"", *map(str, db.session.scalars(cards))},
    }
    return [
        {**line, **{field: line[field] if line[field] in known else "" for field, known in ours.items()}}
        for line in lines
    ]


def _has_reports(row: Any) -> bool:
    if isinstance(row, Activity):
        told = sa.select(ActivityReport.id).where(ActivityReport.activity_id == row.id)
    elif isinstance(row, Indicator):
        told = sa.select(IndicatorValue.id).where(IndicatorValue.indicator_id == row.id)
    else:
        return False
    return db.session.scalar(told.limit(1)) is not None
