"""Words about progress that she, her supervisor and readers of reports meet: in every language we speak."""

from flask_babel import lazy_gettext as _l

from trainingapp.labels import describe
from trainingapp.plans.models import ActivityState
from trainingapp.plans.progress.models import Blocker, Confirmation, EvidenceLevel

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
    Confirmation,
    {
        Confirmation.YES: (_l("Yes"), "ok"),
        Confirmation.PARTLY: (_l("Partly"), "warn"),
        Confirmation.NO: (_l("No"), "bad"),
        Confirmation.UNKNOWN: (_l("I do not know"), "todo"),
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
