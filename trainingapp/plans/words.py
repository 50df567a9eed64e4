"""What the states and kinds of this package are called."""

from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import lazy_gettext as _l

from trainingapp.labels import describe, label
from trainingapp.plans import amounts, days
from trainingapp.plans.models import PlanState, Problem
from trainingapp.plans.progress_models import EvidenceKind, EvidenceLevel, Source

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
    EvidenceKind,
    {
        EvidenceKind.PHOTO: (_l("Photo"), ""),
        EvidenceKind.FILE: (_l("File"), ""),
        EvidenceKind.LINK: (_l("Link"), ""),
    },
)
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
