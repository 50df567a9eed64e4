"""What became of a reply, in words."""

from flask_babel import lazy_gettext as _l

from trainingapp.labels import describe
from trainingapp.replies.models import Outcome

describe(
    Outcome,
    {
        Outcome.WAITS: (_l("Understood: waits for their confirmation"), "info"),
        Outcome.REPLACED: (_l("Replaced by a later reply"), "off"),
        Outcome.UNCLEAR: (_l("Not understood: asked back"), "warn"),
        Outcome.ASKED: (_l("Asked something: answered with a link"), ""),
        Outcome.STOPPED: (_l("Wants no more messages: done"), "off"),
        Outcome.STRANGER: (_l("From another address"), "warn"),
        Outcome.UNWANTED: (_l("From someone we may not write to"), "warn"),
        Outcome.TOO_LATE: (_l("After the wave closed"), "warn"),
        Outcome.ANONYMOUS: (_l("Not kept: these answers are anonymous"), "off"),
        Outcome.BY_HAND: (_l("Seen to"), "ok"),
    },
)
