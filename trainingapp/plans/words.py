"""What the states and kinds of this package are called."""

from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import lazy_gettext as _l

from trainingapp.labels import describe, label
from trainingapp.plans import amounts, days
from trainingapp.plans.board import Group
from trainingapp.plans.models import ActivityState, PlanState, Problem
from trainingapp.plans.progress_models import Blocker, Confirmation, EvidenceKind, EvidenceLevel, Source

describe(
    Problem,
    {
        Problem.FINANCE: (_l("No access to money"), ""),
        Problem.TECHNOLOGY: (_l("Old or missing technology"), ""),
        Problem.MARKETS: (_l("No access to buyers"), ""),
        Problem.SKILLS: (_l("Skills are missing"), ""),
        Problem.STANDARDS: (_l("Quality and standards"), ""),
        Problem.MATERIALS: (_l("Raw material"), ""),
        Problem.POLICY: (_l("Rules and policy"), ""),
        Problem.DATA: (_l("Numbers are not known"), ""),
        Problem.ENVIRONMENT: (_l("Environment and waste"), ""),
        Problem.OTHER: (_l("Something else"), ""),
    },
)
describe(
    Group,
    {
        Group.STALLED: (_l("Stalled"), "warn"),
        Group.OVERDUE: (_l("Overdue"), "warn"),
        Group.NO_FIRST_STEP: (_l("No first step"), "warn"),
        Group.BLOCKED: (_l("Stuck"), "bad"),
        Group.HELP: (_l("Asked for help"), "warn"),
        Group.UNVERIFIED: (_l("Done, not verified"), "info"),
        Group.ALL: (_l("All plans"), ""),
    },
)
describe(
    PlanState,
    {
        PlanState.DRAFT: (_l("Draft"), "todo"),
        PlanState.SUBMITTED: (_l("Waits for review"), "info"),
        PlanState.RETURNED: (_l("Sent back"), "warn"),
        PlanState.APPROVED: (_l("Approved"), "ok"),
        PlanState.IN_PROGRESS: (_l("Going on"), ""),
        PlanState.DONE: (_l("Done"), "ok"),
        PlanState.STOPPED: (_l("Stopped"), "off"),
    },
)
describe(
    ActivityState,
    {
        ActivityState.NOT_STARTED: (_l("Not started"), "todo"),
        ActivityState.ON_TRACK: (_l("On track"), ""),
        ActivityState.DELAYED: (_l("Delayed"), "warn"),
        ActivityState.BLOCKED: (_l("Stuck"), "bad"),
        ActivityState.DONE: (_l("Done"), "ok"),
        ActivityState.DROPPED: (_l("Dropped"), "off"),
        ActivityState.HANDED_OVER: (_l("Handed over"), "info"),
    },
)
describe(
    Source,
    {
        Source.SELF: (_l("Own report"), ""),
        Source.PHONE: (_l("By telephone"), ""),
        Source.EMAIL: (_l("By email"), ""),
        Source.FILE: (_l("From a file"), ""),
        Source.SUPERVISOR: (_l("From the supervisor"), ""),
        Source.DOCUMENT: (_l("Read in a document"), ""),
        Source.VISIT: (_l("Seen on a visit"), ""),
    },
)
describe(
    EvidenceLevel,
    {
        EvidenceLevel.CLAIMED: (_l("Claimed"), ""),
        EvidenceLevel.EXPLAINED: (_l("Explained"), ""),
        EvidenceLevel.DOCUMENTED: (_l("Documented"), "info"),
        EvidenceLevel.CONFIRMED: (_l("Confirmed by supervisor"), "ok"),
        EvidenceLevel.VERIFIED: (_l("Verified"), "ok"),
    },
)

describe(
    Blocker,
    {
        Blocker.FINANCE: (_l("Money"), ""),
        Blocker.TECHNOLOGY: (_l("Machines or technology"), ""),
        Blocker.MARKET: (_l("Buyers or market"), ""),
        Blocker.SKILLS: (_l("Skills"), ""),
        Blocker.AUTHORITY: (_l("I may not decide it"), ""),
        Blocker.STAFF: (_l("Too few people"), ""),
        Blocker.POLICY: (_l("Law or policy"), ""),
        Blocker.SUPPLIES: (_l("Material or supplies"), ""),
        Blocker.ENVIRONMENT: (_l("Weather or environment"), ""),
        Blocker.SECURITY: (_l("Security"), ""),
        Blocker.JOB_CHANGE: (_l("I changed job"), ""),
        Blocker.OTHER: (_l("Something else"), ""),
    },
)
describe(
    EvidenceKind,
    {
        EvidenceKind.PHOTO: (_l("Photo"), ""),
        EvidenceKind.FILE: (_l("File"), ""),
        EvidenceKind.LINK: (_l("Link"), ""),
    },
)
describe(
    Confirmation,
    {
        Confirmation.YES: (_l("Yes"), "ok"),
        Confirmation.PARTLY: (_l("Partly"), "warn"),
        Confirmation.NO: (_l("No"), "bad"),
        Confirmation.UNKNOWN: (_l("I do not know"), "todo"),
    },
)

# The parts of a count that is told apart.
PARTS = {
    "women": _l("Women"),
    "men": _l("Men"),
    "micro": _l("Micro firms"),
    "small": _l("Small firms"),
    "medium": _l("Medium firms"),
    "cooperative": _l("Cooperatives"),
    "youth": _l("Young people"),
    "older": _l("Older people"),
}

# A field of a plan, where it is named in a list of changes.
FIELDS = {
    "title": _l("Title"),
    "problem_kind": _l("Kind of problem"),
    "problem": _l("Problem"),
    "goal": _l("Goal"),
    "inspired_by_id": _l("Inspired by"),
    "what": _l("What you do"),
    "who": _l("Who does it"),
    "first_step": _l("First step"),
    "starts_on": _l("Start"),
    "due_on": _l("Due"),
    "cost": _l("Cost"),
    "currency": _l("Currency"),
    "name": _l("What you count"),
    "unit": _l("Unit"),
    "baseline": _l("Baseline"),
    "target": _l("Target"),
}


def value(field: str, stored: Any) -> str:
    """A value of a document as a person reads it; what was only typed stays as it is."""
    text = str(stored)
    if field == "problem_kind" and text in set(Problem):
        return label(Problem(text))
    with suppress(ValueError):
        if field in {"starts_on", "due_on"}:
            return days.write(date.fromisoformat(text))
    with suppress(InvalidOperation):
        if field in {"cost", "baseline", "target"}:
            return amounts.write(Decimal(text))
    return text
