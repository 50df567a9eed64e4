"""What the states and kinds of this package are called."""

from flask_babel import lazy_gettext as _l

from trainingapp.cohorts.actions import Verb
from trainingapp.cohorts.models import CohortState, EnrolmentKind, EnrolmentState, Funding, Mode, PartnerRole
from trainingapp.labels import describe

describe(
    CohortState,
    {
        CohortState.DRAFT: (_l("Draft"), "todo"),
        CohortState.CALL_OPEN: (_l("Call open"), "info"),
        CohortState.SELECTING: (_l("Selecting"), "info"),
        CohortState.CONFIRMED: (_l("Confirmed"), "ok"),
        CohortState.RUNNING: (_l("Running"), "info"),
        CohortState.FOLLOW_UP: (_l("Follow-up"), ""),
        CohortState.CLOSED: (_l("Closed"), ""),
        CohortState.POSTPONED: (_l("Postponed"), "warn"),
        CohortState.MOVED_ONLINE: (_l("Moved online"), "warn"),
        CohortState.CANCELLED: (_l("Cancelled"), "off"),
    },
)
describe(
    Mode,
    {
        Mode.IN_PERSON: (_l("In person"), ""),
        Mode.ONLINE: (_l("Online"), ""),
        Mode.HYBRID: (_l("Hybrid"), ""),
    },
)
describe(
    EnrolmentKind,
    {
        EnrolmentKind.OFFICIAL: (_l("Government official"), ""),
        EnrolmentKind.ENTREPRENEUR: (_l("Entrepreneur"), ""),
        EnrolmentKind.ASSOCIATION: (_l("Association"), ""),
        EnrolmentKind.ACADEMIA: (_l("Academia"), ""),
    },
)
describe(
    EnrolmentState,
    {
        EnrolmentState.ENROLLED: (_l("Enrolled"), "todo"),
        EnrolmentState.JOINED: (_l("Joined"), "info"),
        EnrolmentState.COMPLETED: (_l("Completed"), "ok"),
        EnrolmentState.NO_SHOW: (_l("Did not come"), "warn"),
        EnrolmentState.WITHDRAWN: (_l("Withdrawn"), "off"),
        EnrolmentState.LEFT_EARLY: (_l("Left early"), "warn"),
    },
)
describe(
    Funding,
    {
        Funding.FULL: (_l("Fully funded"), ""),
        Funding.PARTIAL: (_l("Partly funded"), ""),
        Funding.SELF: (_l("Self-funded"), ""),
    },
)
describe(
    PartnerRole,
    {
        PartnerRole.OWNER: (_l("Programme owner"), ""),
        PartnerRole.FUNDER: (_l("Funder"), ""),
        PartnerRole.CONTENT: (_l("Content"), ""),
        PartnerRole.IMPLEMENTER: (_l("Implementer"), ""),
        PartnerRole.HOST: (_l("Host"), ""),
        PartnerRole.NOMINATING: (_l("Nominating body"), ""),
    },
)
describe(
    Verb,
    {
        Verb.JOIN: (_l("Mark as joined"), ""),
        Verb.COMPLETE: (_l("Mark as completed"), ""),
        Verb.LEAVE_EARLY: (_l("Left early"), ""),
        Verb.NO_SHOW: (_l("Did not come"), ""),
        Verb.WITHDRAW: (_l("Withdraw"), ""),
        Verb.PUT_BACK: (_l("Put back"), ""),
    },
)
