"""What the states of this package are called."""

from flask_babel import lazy_gettext as _l

from trainingapp.labels import describe
from trainingapp.submissions.models import SubmissionState

describe(
    SubmissionState,
    {
        SubmissionState.DRAFT: (_l("Draft"), "todo"),
        SubmissionState.HANDED_IN: (_l("Handed in"), "ok"),
        SubmissionState.DISCARDED: (_l("Taken off the list"), "off"),
    },
)
