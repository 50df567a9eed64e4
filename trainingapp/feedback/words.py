"""What states and groups of this package are called."""

from collections.abc import Callable, Sequence

from babel import Locale
from babel.lists import format_list
from flask_babel import format_decimal, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from trainingapp import countries
from trainingapp.cohorts.models import EnrolmentKind
from trainingapp.feedback.comments.languages import language_of
from trainingapp.feedback.comments.triage import Assign, Mark, TagAs
from trainingapp.feedback.models import CommentChange, CommentState
from trainingapp.feedback.promises.models import PromiseState
from trainingapp.feedback.results.response_rates import Came
from trainingapp.feedback.themes.models import ThemeState
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
    PromiseState,
    {
        PromiseState.PROMISED: (_l("Promised"), "info"),
        PromiseState.KEPT: (_l("Kept"), "ok"),
        PromiseState.DROPPED: (_l("Dropped"), "off"),
    },
)
describe(
    ThemeState,
    {
        ThemeState.PROPOSED: (_l("Proposed"), "todo"),
        ThemeState.ACCEPTED: (_l("Accepted"), "ok"),
        ThemeState.REJECTED: (_l("Rejected"), "off"),
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


def _marked(number: int, to: str) -> str:
    state = label(CommentState(to))
    return ngettext(
        "One comment is now: %(state)s.", "%(num)d comments are now: %(state)s.", number, state=state
    )


def _assigned(number: int, to: str) -> str:
    if not to:
        return ngettext("One comment is with nobody now.", "%(num)d comments are with nobody now.", number)
    return ngettext(
        "One comment is with %(name)s now.", "%(num)d comments are with %(name)s now.", number, name=to
    )


def _tagged(number: int, to: str) -> str:
    return ngettext(
        "One comment is tagged: %(name)s.", "%(num)d comments are tagged: %(name)s.", number, name=to
    )


_SAID = {Mark.what: _marked, Assign.what: _assigned, TagAs.what: _tagged}


def change_text(change: CommentChange) -> str:
    """What was done, for the line with the undo."""
    return _SAID[change.what](len(change.before), change.to)


def left_text(count: int) -> str:
    return ngettext(
        "One comment was changed by someone else meanwhile and is left as it is.",
        "%(num)d comments were changed by someone else meanwhile and are left as they are.",
        count,
    )


def language_tag(text: str) -> str:
    """For the lang of an element; empty where nothing settles it."""
    return (language_of(text) or "").replace("_", "-")


def language_name(text: str) -> str:
    """What a comment is written in, in the reader's language; empty where nothing settles it."""
    code = language_of(text)
    return Locale.parse(code).get_display_name(str(get_locale() or "en")) or "" if code else ""


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
