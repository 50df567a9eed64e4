"""What the kinds of this package are called."""

from flask_babel import lazy_gettext as _l

from trainingapp.impact.figures import Dimension, PlanFate
from trainingapp.impact.frames.models import CountryGroup, Rank
from trainingapp.labels import describe

describe(
    PlanFate,
    {
        PlanFate.DONE: (_l("Finished"), "ok"),
        PlanFate.MOVING: (_l("Going on"), "info"),
        PlanFate.SENT: (_l("No report yet"), ""),
        PlanFate.UNDATED: (_l("Not recorded for that day"), "todo"),
        PlanFate.STOPPED: (_l("Stopped"), "warn"),
    },
)
describe(
    Dimension,
    {
        Dimension.COUNTRY: (_l("Country"), ""),
        Dimension.COHORT: (_l("Edition"), ""),
        Dimension.THEME: (_l("Theme"), ""),
        Dimension.YEAR: (_l("Year"), ""),
    },
)
describe(Rank, {Rank.MAIN: (_l("Main"), ""), Rank.OPERATIONAL: (_l("Operational"), "")})
describe(
    CountryGroup,
    {
        CountryGroup.LDC: (_l("Least developed country"), ""),
        CountryGroup.COLOMBO_PLAN: (_l("Member of the Colombo Plan"), ""),
    },
)
