"""What states and groups of this package are called."""

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from trainingapp import countries
from trainingapp.cohorts.models import EnrolmentKind
from trainingapp.feedback.models import CommentState
from trainingapp.feedback.queries import Outcome
from trainingapp.followups.models import Wave
from trainingapp.labels import describe, label
from trainingapp.participants.models import Sex

describe(
    CommentState,
    {
        CommentState.NEW: (_l("New"), "info"),
        CommentState.READ: (_l("Read"), ""),
        CommentState.FLAGGED: (_l("Flagged"), "warn"),
        CommentState.DONE: (_l("Done"), "ok"),
    },
)
describe(
    Outcome,
    {
        Outcome.ANSWERED: (_l("Answered"), "ok"),
        Outcome.SILENT: (_l("No answer"), ""),
        Outcome.UNREACHED: (_l("Not reached"), "warn"),
        Outcome.DECLINED: (_l("Declined"), ""),
    },
)


def when_asked(wave: Wave) -> str:
    """How long after the edition's last day."""
    if not wave.offset_months:
        return _("At the end")
    return ngettext("After %(num)d month", "After %(num)d months", wave.offset_months)


def percent(share: float) -> str:
    """A whole number with its sign, 52%."""
    return f"{100 * share:.0f}%"


def figure(number: float) -> str:
    """At most one decimal, grouped as the reader's language does."""
    return format_decimal(round(number, 1))


def group_name(group: str, dimension: str) -> str:
    """A country's, sex's or kind's name in the reader's language."""
    if dimension == "country":
        return countries.name_of(group)
    kind = {"sex": Sex, "kind": EnrolmentKind}[dimension]
    return label(kind(group))
