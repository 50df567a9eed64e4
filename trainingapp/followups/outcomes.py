"""How an invitation ended, or where it stands, in the words of survey research.

The codes are those of the AAPOR Standard Definitions (2023) for surveys of named persons, so that a response
rate can be worked out and compared; the names are ours.
"""

from collections import Counter
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from trainingapp.cohorts.models import Enrolment
from trainingapp.db import db
from trainingapp.followups.models import Invitation, InvitationState, Wave
from trainingapp.followups.queries import ABOUT
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.participants.models import Participant


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
_UNDER_WAY = [state for state in InvitationState if state not in _BY_STATE]


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


def counts(wave: Wave) -> dict[Outcome, int]:
    """How many ended, or stand, in each; those of nobody are there too.

    Most of a large wave have ended, and their state says how: nothing else is read of them.
    """
    ended = sa.select(Invitation.state, sa.func.count()).where(Invitation.state.in_(_BY_STATE))
    found = code()
    others = of_people(sa.select(found, sa.func.count())).where(Invitation.state.in_(_UNDER_WAY))
    numbers: Counter[Outcome] = Counter()
    for state, people in db.session.execute(_in(wave, ended).group_by(Invitation.state)):
        numbers[_BY_STATE[state]] += people
    for one, people in db.session.execute(_in(wave, others).group_by(found)):
        numbers[Outcome(one)] += people
    return {one: numbers[one] for one in Outcome}


def _in(wave: Wave, query: Any) -> Any:
    return query.where(Invitation.wave_id == wave.id)


def of_people(query: Any) -> Any:
    """What `code` looks at."""
    return query.join(Enrolment, Enrolment.id == Invitation.enrolment_id).join(
        Participant, Participant.id == Enrolment.participant_id
    )


def code() -> sa.Label[str]:
    """As `outcome`, in SQL."""
    latest = (
        sa.select(OutgoingEmail.state)
        .where(OutgoingEmail.about == ABOUT, OutgoingEmail.state != EmailState.CANCELLED)
        .order_by(OutgoingEmail.created_at.desc(), OutgoingEmail.id.desc())
        .limit(1)
        .correlate(Invitation)
        .scalar_subquery()
    )
    is_gone = sa.or_(Participant.deceased_on.is_not(None), Participant.erased_at.is_not(None))
    return sa.case(
        (sa.and_(Invitation.state.not_in(_BY_STATE), is_gone), Outcome.NOT_ELIGIBLE.value),
        *((Invitation.state == state, ended.value) for state, ended in _BY_STATE.items()),
        (Invitation.started_at.is_not(None), Outcome.PARTIAL.value),
        (Participant.opted_out_at.is_not(None), Outcome.REFUSED.value),
        (Invitation.opened_at.is_not(None), Outcome.OPENED.value),
        (Invitation.sent_at.is_not(None), Outcome.SILENT.value),
        (latest == EmailState.UNCERTAIN, Outcome.UNCERTAIN.value),
        (Invitation.address.is_(None), Outcome.NO_ADDRESS.value),
        (latest.in_([EmailState.FAILED, EmailState.BOUNCED]), Outcome.RETURNED.value),
        else_=Outcome.NOT_YET.value,
    ).label("outcome")
