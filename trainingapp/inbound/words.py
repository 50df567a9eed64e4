"""What kinds of returned mail are called, and how we know whose they are."""

from flask_babel import lazy_gettext as _l

from trainingapp.inbound.models import MatchedBy
from trainingapp.inbound.verdicts import Kind
from trainingapp.labels import describe

describe(
    Kind,
    {
        Kind.HARD: (_l("No such address"), "bad"),
        Kind.SOFT: (_l("Not now"), "warn"),
        Kind.BLOCKED: (_l("Refused as unwanted"), "warn"),
        Kind.FULL: (_l("Mailbox full"), "warn"),
        Kind.COMPLAINT: (_l("Marked as spam"), "bad"),
        Kind.AUTO: (_l("Automatic reply"), "info"),
        Kind.NONE: (_l("Something else"), "off"),
    },
)
describe(
    MatchedBy,
    {
        MatchedBy.RETURN_PATH: (_l("by its signed return path"), ""),
        MatchedBy.REPLY_TO: (_l("by its signed address for replies"), ""),
        MatchedBy.MESSAGE_ID: (_l("by the message it quotes"), ""),
        MatchedBy.HAND: (_l("by hand"), ""),
        MatchedBy.ADDRESS: (_l("perhaps, by the address it names"), ""),
        MatchedBy.NOTHING: (_l("unknown"), ""),
    },
)
