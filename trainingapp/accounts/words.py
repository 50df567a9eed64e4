"""What states, roles and the tables of the trail are called."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from trainingapp.accounts.models import UserState
from trainingapp.labels import describe
from trainingapp.programmes.models import Role

describe(
    UserState,
    {
        UserState.ACTIVE: (_l("Active"), "ok"),
        UserState.INVITED: (_l("Invited"), "todo"),
        UserState.DISABLED: (_l("Disabled"), "off"),
    },
)
describe(
    Role,
    {
        Role.ORGANISER: (_l("Organiser"), ""),
        Role.COORDINATOR: (_l("Coordinator"), ""),
        Role.REVIEWER: (_l("Reviewer"), ""),
        Role.FOCAL_POINT: (_l("Focal point"), ""),
        Role.VIEWER: (_l("Viewer"), ""),
    },
)

# Tables whose rows have a trail, as a reader knows them.
SUBJECTS: dict[str, LazyString] = {
    "action_plans": _l("Action plan"),
    "bounce_events": _l("Returned mail"),
    "activities": _l("Activity"),
    "cohorts": _l("Edition"),
    "comment_reviews": _l("Comment"),
    "contact_points": _l("Contact"),
    "enrolments": _l("Enrolment"),
    "first_runs": _l("First run"),
    "hosts": _l("Host"),
    "import_batches": _l("Import"),
    "invitations": _l("Invitation"),
    "outgoing_emails": _l("Email"),
    "participants": _l("Person"),
    "programmes": _l("Programme"),
    "progress_updates": _l("Progress update"),
    "responses": _l("Answers"),
    "schedules": _l("Schedule"),
    "site_visits": _l("Site visit"),
    "surveys": _l("Survey"),
    "themes": _l("Theme"),
    "users": _l("User"),
    "waves": _l("Wave"),
}


def subject(table: str) -> str:
    return str(SUBJECTS.get(table) or table.replace("_", " ").capitalize())
