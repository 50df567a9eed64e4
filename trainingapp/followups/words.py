"""What the states and kinds of this package are called, and how its templates write days and hours."""

from datetime import date

from babel.dates import get_timezone_location
from flask_babel import format_date, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from trainingapp.accounts.models import AuditEntry
from trainingapp.dates import day
from trainingapp.followups.models import (
    AttemptOutcome,
    Channel,
    InvitationState,
    LeftOutReason,
    Messages,
    UncertainRule,
    WaveState,
)
from trainingapp.followups.outcomes import Outcome
from trainingapp.followups.rescue.models import Ending, HelperRole, RescueCause, RescueState
from trainingapp.followups.rescue.queries import Stage, Whose
from trainingapp.followups.rescue.ways import WayKind
from trainingapp.followups.waves.people import PULSE, Segment, Step
from trainingapp.labels import describe, label

describe(
    WaveState,
    {
        WaveState.PLANNED: (_l("Planned"), "todo"),
        WaveState.OPEN: (_l("Open"), "info"),
        WaveState.HELD: (_l("Held"), "warn"),
        WaveState.CLOSED: (_l("Closed"), ""),
        WaveState.CANCELLED: (_l("Cancelled"), "off"),
    },
)
describe(
    InvitationState,
    {
        InvitationState.PLANNED: (_l("Not sent yet"), "todo"),
        InvitationState.SENT: (_l("Not opened"), ""),
        InvitationState.OPENED: (_l("Opened"), "info"),
        InvitationState.STARTED: (_l("Started"), "info"),
        InvitationState.ANSWERED: (_l("Answered"), "ok"),
        InvitationState.NOT_DELIVERED: (_l("Not delivered"), "bad"),
        InvitationState.DECLINED: (_l("Declined"), "off"),
        InvitationState.GONE: (_l("No longer there"), "off"),
        InvitationState.CLOSED: (_l("No answer"), ""),
    },
)
describe(
    LeftOutReason,
    {
        LeftOutReason.ERASED: (_l("Their data was erased"), "off"),
        LeftOutReason.DECEASED: (_l("Has died"), "off"),
        LeftOutReason.WITHDRAWN: (_l("Withdrew from the edition"), "off"),
        LeftOutReason.NO_SHOW: (_l("Did not come"), "off"),
        LeftOutReason.LEFT_EARLY: (_l("Left early"), ""),
        LeftOutReason.NOT_COMPLETED: (_l("Not marked as completed"), "warn"),
        LeftOutReason.OPTED_OUT: (_l("Asked for no more messages"), "off"),
        LeftOutReason.CONTACT_LOST: (_l("Contact lost"), "warn"),
        LeftOutReason.NO_ADDRESS: (_l("No working email address"), "bad"),
    },
)
describe(
    Outcome,
    {
        Outcome.COMPLETE: (_l("Complete"), "ok"),
        Outcome.PARTIAL: (_l("Partial: began, did not send"), "info"),
        Outcome.REFUSED: (_l("Declined"), "off"),
        Outcome.OPENED: (_l("Looked, answered nothing"), "info"),
        Outcome.SILENT: (_l("No contact"), ""),
        Outcome.GONE: (_l("No longer there"), "off"),
        Outcome.RETURNED: (_l("Came back"), "bad"),
        Outcome.NO_ADDRESS: (_l("No address"), "bad"),
        Outcome.UNCERTAIN: (_l("Unclear whether it arrived"), "warn"),
        Outcome.NOT_YET: (_l("Nothing sent yet"), "todo"),
        Outcome.NOT_ELIGIBLE: (_l("Not eligible"), "off"),
    },
)
describe(
    Messages,
    {
        Messages.GO: (_l("Messages go"), ""),
        Messages.HELD: (_l("Messages held"), "warn"),
        Messages.CANCELLED: (_l("Messages cancelled"), "off"),
    },
)
describe(
    UncertainRule,
    {
        UncertainRule.HOLD: (
            _l("Ask me. Nothing is sent twice, but whoever did not get it waits until you decide."),
            "",
        ),
        UncertainRule.ASSUME_SENT: (
            _l("Take it as arrived. Nobody gets it twice; if it was lost, a reminder is the first they see."),
            "",
        ),
        UncertainRule.SEND_ONCE_MORE: (
            _l("Send it once more. Nobody is missed, but some get the same message twice."),
            "",
        ),
    },
)
describe(
    Channel,
    {
        Channel.PHONE: (_l("Telephone"), ""),
        Channel.MESSAGING: (_l("Messaging"), ""),
        Channel.EMAIL: (_l("Own email"), ""),
        Channel.IN_PERSON: (_l("In person"), ""),
        Channel.THIRD_PERSON: (_l("Through someone else"), ""),
    },
)
describe(
    AttemptOutcome,
    {
        AttemptOutcome.SPOKE: (_l("Reached"), "ok"),
        AttemptOutcome.LEFT_MESSAGE: (_l("Message sent"), "info"),
        AttemptOutcome.WILL_ANSWER: (_l("Will answer"), "ok"),
        AttemptOutcome.CALL_AGAIN: (_l("Asked to be called again"), "info"),
        AttemptOutcome.NOT_REACHED: (_l("Not reached"), "warn"),
        AttemptOutcome.WRONG_CONTACT: (_l("Wrong number or address"), "bad"),
        AttemptOutcome.NEW_ADDRESS: (_l("Gave a new email address"), "ok"),
        AttemptOutcome.DECLINED: (_l("Does not want to answer this time"), "off"),
        AttemptOutcome.NO_MORE: (_l("Wants no more messages"), "off"),
        AttemptOutcome.GONE: (_l("No longer there"), "off"),
        AttemptOutcome.DECEASED: (_l("Has died"), "off"),
    },
)
describe(
    RescueCause,
    {
        RescueCause.NOT_THEIRS: (_l("Link reached someone else"), "bad"),
        RescueCause.BOUNCED: (_l("Email came back"), "bad"),
        RescueCause.NO_ADDRESS: (_l("No working address"), "bad"),
        RescueCause.MOVED: (_l("Changed post"), "warn"),
        RescueCause.NOT_SENT: (_l("Email was not sent"), "warn"),
        RescueCause.UNCERTAIN: (_l("Unclear whether it arrived"), "warn"),
        RescueCause.SILENT: (_l("No answer to any email"), ""),
    },
)
describe(
    RescueState,
    {
        RescueState.OPEN: (_l("To do"), "todo"),
        RescueState.WAITING: (_l("Waiting"), "info"),
        RescueState.SOLVED: (_l("Solved"), "ok"),
        RescueState.GIVEN_UP: (_l("Given up"), "off"),
    },
)
describe(
    Ending,
    {
        Ending.ANSWERED: (_l("Answered"), "ok"),
        Ending.NEW_ADDRESS: (_l("New address"), "ok"),
        Ending.ARRIVED: (_l("The email had arrived"), "ok"),
        Ending.SENT_AGAIN: (_l("Sent once more"), "ok"),
        Ending.REACHED: (_l("Reached"), "ok"),
        Ending.DECLINED: (_l("Does not want to answer"), "off"),
        Ending.GONE: (_l("No longer there"), "off"),
        Ending.DECEASED: (_l("Has died"), "off"),
        Ending.STOPPED: (_l("Gets no more messages"), "off"),
        Ending.CLOSED: (_l("The wave closed first"), "off"),
        Ending.LET_GO: (_l("Nobody looks any further"), "off"),
    },
)
describe(
    Stage,
    {
        Stage.TO_DO: (_l("To do"), ""),
        Stage.WAITING: (_l("Waiting"), ""),
        Stage.OVER: (_l("Over"), ""),
    },
)
describe(
    Whose,
    {
        Whose.ALL: (_l("All"), ""),
        Whose.MINE: (_l("Mine"), ""),
        Whose.NOBODY: (_l("Taken by nobody"), ""),
    },
)
describe(
    WayKind,
    {
        WayKind.EMAIL: (_l("Another email address"), ""),
        WayKind.PHONE: (_l("Telephone"), ""),
        WayKind.WHATSAPP: (_l("WhatsApp"), ""),
        WayKind.TELEGRAM: (_l("Telegram"), ""),
        WayKind.SUPERVISOR: (_l("Supervisor"), ""),
        WayKind.FOCAL_POINT: (_l("Nominating office"), ""),
        WayKind.COLLEAGUE: (_l("Colleague"), ""),
    },
)
describe(
    HelperRole,
    {
        HelperRole.SUPERVISOR: (_l("Supervisor"), ""),
        HelperRole.FOCAL_POINT: (_l("Nominating office"), ""),
        HelperRole.COLLEAGUE: (_l("Colleague"), ""),
    },
)
describe(
    Segment,
    {
        Segment.ALL: (_l("All"), ""),
        Segment.NOT_REACHED: (_l("Not reached"), ""),
        Segment.NOT_OPENED: (_l("Not opened"), ""),
        Segment.OPENED: (_l("Opened"), ""),
        Segment.ANSWERED: (_l("Answered"), ""),
    },
)
describe(
    Step,
    {
        Step.NOTHING: (_l("Nothing"), ""),
        Step.HELD: (_l("Held until you resume"), "warn"),
        Step.INVITATION: (_l("Invitation"), ""),
        Step.REMINDER: (_l("Reminder"), ""),
        Step.ON_THE_WAY: (_l("On its way"), ""),
        Step.WAITS: (_l("Reminder, if no answer comes"), ""),
        Step.LAST: (_l("No further email: call?"), "warn"),
        Step.FIX_ADDRESS: (_l("Correct the address, or call"), "bad"),
        Step.DECIDE: (_l("Unclear whether it arrived: decide"), "warn"),
        Step.LET_GO: (_l("Email was not sent: call?"), "warn"),
        Step.NO_TIME: (_l("No email in time: call, or send now"), "warn"),
    },
)


def city(zone: str) -> str:
    """Asia/Kathmandu is Kathmandu, as the reader's language has it."""
    return get_timezone_location(zone, locale=get_locale(), return_city=True)


def weekday(day: date) -> str:
    """Mon 9 Mar 2020: whether it is a rest day matters here."""
    return format_date(day, "EEE d MMM y")


def pulse_words(marks: list[str]) -> str:
    """What the four dots say, for those who do not see them."""
    words = {"yes": _("answered"), "no": _("no answer"), "wait": _("waiting"), "later": _("not asked yet")}
    parts = (f"{months}: {words[mark]}" for months, mark in zip(PULSE, marks, strict=True))
    return _("Answers after months: %(list)s", list=", ".join(parts))


def said_of_task(entry: AuditEntry) -> str:
    """One line of a rescue task's trail in the reader's words."""
    facts = {"who": entry.actor, "what": entry.after or ""}
    match entry.verb:
        case "opened":
            return _("Opened: %(cause)s", cause=label(RescueCause(facts["what"])))
        case "another cause":
            return _("Now also: %(cause)s", cause=label(RescueCause(facts["what"])))
        case "assigned" if entry.after:
            return _("%(who)s gave it to %(what)s", **facts)
        case "assigned":
            return _("%(who)s gave it back", **facts)
        case "waits":
            return _(
                "%(who)s put it off until %(day)s",
                who=entry.actor,
                day=day(date.fromisoformat(facts["what"])),
            )
        case _ended:
            return _("Ended: %(how)s", how=label(Ending(facts["what"])))
