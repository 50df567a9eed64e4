"""What the states and kinds of this package are called."""

from flask_babel import lazy_gettext as _l

from trainingapp.labels import describe
from trainingapp.surveys.models import Anonymity, Audience, Level

describe(
    Level,
    {
        Level.REACTION: (_l("1 Reaction"), ""),
        Level.LEARNING: (_l("2 Learning"), ""),
        Level.BEHAVIOUR: (_l("3 Behaviour"), ""),
        Level.RESULTS: (_l("4 Results"), ""),
    },
)
describe(
    Anonymity,
    {
        Anonymity.NAMED: (_l("Named"), ""),
        Anonymity.CONFIDENTIAL: (_l("Confidential"), ""),
        Anonymity.ANONYMOUS: (_l("Anonymous"), ""),
    },
)
describe(
    Audience,
    {
        Audience.ALUMNI: (_l("Alumni"), ""),
        Audience.SUPERVISORS: (_l("Supervisors"), ""),
        Audience.HOSTS: (_l("Hosts"), ""),
    },
)
