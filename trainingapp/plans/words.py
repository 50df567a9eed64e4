"""What the states and kinds of this package are called."""

from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from trainingapp.labels import describe, label
from trainingapp.plans import amounts, days
from trainingapp.plans.agreements.models import SupervisorWord
from trainingapp.plans.board.queries import Group
from trainingapp.plans.models import Disaggregation, PlanState, Problem
from trainingapp.plans.progress.models import EvidenceKind, Source
from trainingapp.plans.versions.content import DAYS, NUMBERS

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
    Disaggregation,
    {
        Disaggregation.NONE: (_l("Not counted apart"), ""),
        Disaggregation.SEX: (_l("Women and men"), ""),
        Disaggregation.FIRM_KIND: (_l("By kind of firm"), ""),
        Disaggregation.AGE: (_l("Young people and others"), ""),
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
    SupervisorWord,
    {
        SupervisorWord.AGREED: (_l("Agrees"), "ok"),
        SupervisorWord.NOT_YET: (_l("Not yet"), "warn"),
    },
)

# A field of a plan, where it is named in a list of changes.
FIELDS = {
    "title": _l("Title"),
    "problem_kind": _l("Kind of problem"),
    "problem": _l("Problem"),
    "goal": _l("Goal"),
    "inspired_by_id": _l("Inspired by"),
    "session_id": _l("Inspired by the session"),
    "beneficiaries": _l("Who gains"),
    "support_wanted": _l("Support wanted"),
    "sdg_targets": _l("Development goals"),
    "frame_goals": _l("Goals of frames"),
    "text": _l("Objective"),
    "objective_id": _l("For which objective"),
    "note_card_id": _l("Grew out of"),
    "what": _l("What you do"),
    "who": _l("Who does it"),
    "partners": _l("Who helps"),
    "first_step": _l("First step"),
    "starts_on": _l("Start"),
    "due_on": _l("Due"),
    "cost": _l("Cost"),
    "currency": _l("Currency"),
    "payer": _l("Who pays"),
    "name": _l("What you count"),
    "unit": _l("Unit"),
    "baseline": _l("Baseline"),
    "target": _l("Target"),
    "disaggregation": _l("Counted apart"),
    "counted_on": _l("By which day"),
    "evidence": _l("What will show it"),
    "risk": _l("What may go wrong"),
    "response": _l("What you do then"),
}
# The lists of a plan, as one says where in it something is.
LIST_NAMES = {
    "objectives": _l("Objectives"),
    "activities": _l("Activities"),
    "indicators": _l("Indicators"),
    "risks": _l("Risks"),
}
STEP_NAMES = {
    "problem": _l("Problem"),
    "goal": _l("Goal"),
    "activities": _l("Activities"),
    "indicators": _l("Indicators"),
    "risks": _l("Risks and support"),
    "frames": _l("Shared goals"),
    "send": _l("Look and send"),
}


def line_name(of: str, number: int) -> str:
    names = {
        "objectives": _("Objective %(number)d", number=number),
        "activities": _("Activity %(number)d", number=number),
        "indicators": _("Indicator %(number)d", number=number),
        "risks": _("Risk %(number)d", number=number),
    }
    return names[of]


def value(field: str, stored: Any) -> str:
    """A value of a document as a person reads it; what was only typed stays as it is."""
    text = str(stored)
    if field == "problem_kind" and text in set(Problem):
        return label(Problem(text))
    if field == "disaggregation" and text in set(Disaggregation):
        return label(Disaggregation(text))
    with suppress(ValueError):
        if field in DAYS:
            return days.write(date.fromisoformat(text))
    with suppress(InvalidOperation):
        if field in NUMBERS:
            return amounts.write(Decimal(text))
    return text
