"""What states and groups of this package are called."""

from collections.abc import Callable, Sequence

from babel.lists import format_list
from flask_babel import format_decimal, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from trainingapp import countries
from trainingapp.cohorts.models import EnrolmentKind
from trainingapp.feedback.models import CommentState
from trainingapp.feedback.response_rates import Came
from trainingapp.followups.models import Wave
from trainingapp.labels import describe, label
from trainingapp.participants.models import Sex

LISTED = 4  # of groups told together; more are counted

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
    Came,
    {
        Came.ANSWERED: (_l("Answered"), "ok"),
        Came.SILENT: (_l("No answer"), ""),
        Came.UNREACHED: (_l("Not reached"), "warn"),
        Came.DECLINED: (_l("Declined"), ""),
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


def group_name(group: Sequence[str], dimension: str) -> str:
    """Of countries, sexes or kinds that are told together, in the reader's language."""
    names = [_NAMED[dimension](name) for name in group]
    if len(names) > LISTED:
        return ngettext("%(num)d other", "%(num)d others", len(names))
    return format_list(names, locale=get_locale() or "en")


_NAMED: dict[str, Callable[[str], str]] = {
    "country": countries.name_of,
    "sex": lambda name: label(Sex(name)),
    "kind": lambda name: label(EnrolmentKind(name)),
}
