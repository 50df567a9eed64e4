"""What verdicts and decisions are called."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from trainingapp.imports.models import Decision, ImportState, Verdict
from trainingapp.labels import describe

describe(
    ImportState,
    {
        ImportState.WAITING: (_l("Waiting to be read"), "todo"),
        ImportState.MAPPING: (_l("Columns to match"), "warn"),
        ImportState.CHECKING: (_l("Being checked"), "todo"),
        ImportState.REVIEW: (_l("Rows to check"), "warn"),
        ImportState.IMPORTING: (_l("Being imported"), "todo"),
        ImportState.IMPORTED: (_l("Imported"), "ok"),
        ImportState.UNDONE: (_l("Undone"), "off"),
        ImportState.REFUSED: (_l("Could not be read"), "bad"),
    },
)
describe(
    Verdict,
    {
        Verdict.NEW: (_l("Add"), ""),
        Verdict.KNOWN: (_l("Known"), "info"),
        Verdict.MAYBE: (_l("Decide"), "warn"),
        Verdict.WRONG: (_l("Fix"), "bad"),
    },
)
describe(
    Decision,
    {
        Decision.OPEN: (_l("Not decided"), "warn"),
        Decision.SAME: (_l("Same person"), "info"),
        Decision.NEW: (_l("Add as new"), ""),
        Decision.SKIP: (_l("Leave out"), "off"),
    },
)
# What may refer to an imported person, by table, where an import cannot be undone any more.
WORK: dict[str, LazyString] = {
    "action_plans": _l("an action plan"),
    "enrolments": _l("a change of the enrolment, or another edition"),
    "participants": _l("a change of the person's details"),
    "contact_points": _l("a change of the ways to reach the person"),
    "invitations": _l("an invitation to a survey"),
    "visit_places": _l("a place on a site visit"),
}
