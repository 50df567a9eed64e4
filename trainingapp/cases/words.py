"""What the states of this package are called."""

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from trainingapp.accounts.models import AuditEntry
from trainingapp.cases.models import CaseState
from trainingapp.cases.queries import Stage, Whose
from trainingapp.dates import day
from trainingapp.labels import describe, label

describe(
    CaseState,
    {
        CaseState.OPEN: (_l("Open"), "warn"),
        CaseState.IN_HAND: (_l("In hand"), "info"),
        CaseState.ANSWERED: (_l("Answered"), "ok"),
        CaseState.SOLVED: (_l("Solved"), "ok"),
        CaseState.NOT_POSSIBLE: (_l("Not possible"), "off"),
    },
)
describe(
    Stage,
    {Stage.TO_DO: (_l("To do"), ""), Stage.OVERDUE: (_l("Overdue"), ""), Stage.OVER: (_l("Over"), "")},
)
describe(
    Whose,
    {Whose.ALL: (_l("All"), ""), Whose.MINE: (_l("Mine"), ""), Whose.NOBODY: (_l("Taken by nobody"), "")},
)


def said_of_case(entry: AuditEntry) -> str:
    """One line of a case's trail in the reader's words."""
    who, after = entry.actor, entry.after or ""
    said = {
        "opened": lambda: _("%(who)s opened it", who=who) if after == "by hand" else _("Opened by a report"),
        "assigned": lambda: (
            _("%(who)s gave it to %(what)s", who=who, what=after)
            if after
            else _("%(who)s gave it back", who=who)
        ),
        "moved": lambda: _("%(who)s moved it to %(day)s", who=who, day=day(date.fromisoformat(after))),
        "opened again": lambda: _("%(who)s opened it again", who=who),
        "answered": lambda: _("%(who)s ended it: %(how)s", who=who, how=label(CaseState(after))),
    }
    return said[entry.verb]()


def asked_of_peer(blocker: str, activity: str) -> str:
    """What an alumna is asked; kept as she read it."""
    return _(
        "May alumni who are stuck with the same (%(cause)s) see that you solved it? They see your name, your "
        "country, the year, this activity: “%(activity)s”, and what you wrote when it was done. No more.",
        cause=blocker,
        activity=activity,
    )
