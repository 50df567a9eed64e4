"""What the states and kinds of this package are called."""

from flask_babel import lazy_gettext as _l

from trainingapp.labels import describe
from trainingapp.submissions.checks.findings import Weight
from trainingapp.submissions.fields import Need
from trainingapp.submissions.models import SubmissionState

describe(
    SubmissionState,
    {
        SubmissionState.DRAFT: (_l("Draft"), "todo"),
        SubmissionState.HANDED_IN: (_l("Handed in"), "ok"),
        SubmissionState.DISCARDED: (_l("Taken off the list"), "off"),
    },
)
describe(
    Weight,
    {
        Weight.MISSING: (_l("Missing"), "bad"),
        Weight.WRONG: (_l("Does not fit"), "warn"),
        Weight.LOOK: (_l("Look again"), "info"),
    },
)
describe(
    Need,
    {
        Need.PLATFORM: (_l("The platform asks for it"), ""),
        Need.PRACTICE: (_l("Good practice"), ""),
        Need.NOBODY: (_l("Optional"), ""),
    },
)
