"""What the kinds and states of this package are called."""

from flask_babel import lazy_gettext as _l

from trainingapp.labels import describe
from trainingapp.participants.models import ContactKind, ContactState, Sex

describe(
    Sex,
    {
        Sex.FEMALE: (_l("Female"), ""),
        Sex.MALE: (_l("Male"), ""),
        Sex.OTHER: (_l("Other"), ""),
        Sex.UNSTATED: (_l("Not stated"), ""),
    },
)
describe(
    ContactKind,
    {
        ContactKind.EMAIL: (_l("Email"), ""),
        ContactKind.PHONE: (_l("Telephone"), ""),
        ContactKind.MESSAGING: (_l("Messaging"), ""),
    },
)
describe(
    ContactState,
    {
        ContactState.WORKING: (_l("Working"), "ok"),
        ContactState.BOUNCED: (_l("Bounced"), "bad"),
        ContactState.UNREACHABLE: (_l("Unreachable"), "warn"),
        ContactState.OPTED_OUT: (_l("Opted out"), "off"),
    },
)
