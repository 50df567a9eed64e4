"""What the states of a message are called."""

from flask_babel import lazy_gettext as _l

from trainingapp.labels import describe
from trainingapp.outbox.models import EmailState

describe(
    EmailState,
    {
        EmailState.QUEUED: (_l("Waits"), "todo"),
        EmailState.LEASED: (_l("Being sent"), "info"),
        EmailState.DOT: (_l("Being sent"), "info"),
        EmailState.SENT: (_l("Sent"), "ok"),
        EmailState.UNCERTAIN: (_l("Unclear whether it arrived"), "warn"),
        EmailState.FAILED: (_l("Refused"), "bad"),
        EmailState.BOUNCED: (_l("Came back"), "bad"),
        EmailState.COMPLAINED: (_l("Marked as spam"), "bad"),
        EmailState.HELD: (_l("Held"), "warn"),
        EmailState.SET_ASIDE: (_l("Could not be written"), "bad"),
        EmailState.SKIPPED: (_l("Not sent: no longer wanted"), "off"),
        EmailState.CANCELLED: (_l("Cancelled"), "off"),
    },
)
