"""What the states of a message are called."""

from flask_babel import lazy_gettext as _l

from trainingapp.labels import describe
from trainingapp.outbox.models import EmailState

describe(
    EmailState,
    {
        EmailState.QUEUED: (_l("Waiting"), "todo"),
        EmailState.LEASED: (_l("Being sent"), "info"),
        EmailState.DOT: (_l("Being sent"), "info"),
        EmailState.SENT: (_l("Sent"), "ok"),
        EmailState.UNCERTAIN: (_l("Perhaps sent"), "warn"),
        EmailState.FAILED: (_l("Not delivered"), "bad"),
        EmailState.BOUNCED: (_l("Came back"), "bad"),
        EmailState.COMPLAINED: (_l("Marked as spam"), "bad"),
        EmailState.HELD: (_l("Held"), "warn"),
        EmailState.SKIPPED: (_l("Not sent"), "off"),
        EmailState.CANCELLED: (_l("Cancelled"), "off"),
    },
)
