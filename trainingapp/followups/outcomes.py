"""How an invitation ended, or where it stands, in the words of survey research.

The codes are those of the AAPOR Standard Definitions (2023) for surveys of named persons, so that a response
rate can be worked out and compared; the names are ours.
"""

from enum import StrEnum

from trainingapp.followups.models import Invitation, InvitationState
from trainingapp.outbox.models import EmailState, OutgoingEmail


class Outcome(StrEnum):
    COMPLETE = "1.1"
    PARTIAL = "1.2"
    REFUSED = "2.11"
    OPENED = "2.12"  # acted on the page, and answered nothing
    SILENT = "2.2"  # reached as far as anyone can tell: no contact
    GONE = "2.27"  # no longer there, or somebody else reads it
    RETURNED = "3.3"  # came back: unknown whether the person would answer
    NO_ADDRESS = "3.14"
    UNCERTAIN = "3.19"  # unclear whether any message arrived
    NOT_YET = "3.11"  # nothing was sent
    NOT_ELIGIBLE = "4.1"


_BY_STATE = {
    InvitationState.ANSWERED: Outcome.COMPLETE,
    InvitationState.DECLINED: Outcome.REFUSED,
    InvitationState.GONE: Outcome.GONE,
    InvitationState.NOT_DELIVERED: Outcome.RETURNED,
}


def outcome(invitation: Invitation, trouble: OutgoingEmail | None) -> Outcome:
    """The first that holds. `trouble` is the latest mail, where something is wrong with it."""
    person = invitation.enrolment.participant
    if invitation.state not in _BY_STATE and (person.deceased_on or person.erased_at):
        return Outcome.NOT_ELIGIBLE
    if ended := _BY_STATE.get(invitation.state):
        return ended
    holds = [
        (invitation.started_at, Outcome.PARTIAL),
        (person.opted_out_at, Outcome.REFUSED),
        (invitation.opened_at, Outcome.OPENED),
        (invitation.sent_at, Outcome.SILENT),
        (trouble and trouble.state is EmailState.UNCERTAIN, Outcome.UNCERTAIN),
        (invitation.address is None, Outcome.NO_ADDRESS),
        (trouble and trouble.state in {EmailState.FAILED, EmailState.BOUNCED}, Outcome.RETURNED),
    ]
    return next((code for is_so, code in holds if is_so), Outcome.NOT_YET)
