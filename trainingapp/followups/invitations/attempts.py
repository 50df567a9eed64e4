"""A person tried to reach a person: what came of it is written down, and has its consequences."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp import once
from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Enrolment
from trainingapp.db import db
from trainingapp.followups import actions, queries
from trainingapp.followups.invitations import uncertain
from trainingapp.followups.models import (
    MAY_ANSWER,
    AttemptOutcome,
    Channel,
    ContactAttempt,
    Invitation,
    InvitationState,
)
from trainingapp.followups.rescue import actions as rescue
from trainingapp.followups.rescue.models import Ending, Helper, RescueCause
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.participants import actions as participants
from trainingapp.participants.models import ContactPoint, ContactState
from trainingapp.refusals import Refusal

USUAL_PAUSE = timedelta(days=3)  # before the next try, where nobody said when
AT_MOST = timedelta(days=365)


class NoDay(Refusal):
    """The next try lies in the past, or beyond a year."""


class AddressMissing(Refusal):
    """A new address was given, and not written down."""


@dataclass(frozen=True)
class Said:
    """What came of one try. `day` is when to try again, or when the person died."""

    channel: Channel
    outcome: AttemptOutcome
    contact: str = ""
    note: str = ""
    day: date | None = None
    email: str = ""


def record(
    enrolment: Enrolment,
    invitation: Invitation | None,
    said: Said,
    *,
    by: User,
    now: datetime,
    form_id: str | None = None,
) -> ContactAttempt:
    """Raises once.Twice for a second press, NoDay, AddressMissing, and what correct_address does."""
    attempt = ContactAttempt(
        enrolment_id=enrolment.id,
        invitation_id=invitation.id if invitation else None,
        by_id=by.id,
        at=now,
        channel=said.channel,
        outcome=said.outcome,
        contact=said.contact,
        note=said.note,
        form_id=form_id,
    )
    once.keep(attempt)
    audit.record(
        enrolment,
        "contact attempt",
        after=said.outcome,
        facts={"channel": said.channel},
        programme_id=enrolment.cohort.theme.programme_id,
    )
    _CONSEQUENCES.get(said.outcome, _try_again)(enrolment, invitation, said, now)
    return attempt


def _try_again(enrolment: Enrolment, _invitation: Invitation | None, said: Said, now: datetime) -> None:
    today = now.date()
    day = said.day or today + USUAL_PAUSE
    if not today <= day <= today + AT_MOST:
        raise NoDay(_("Write a day from today on, within a year."), "day")
    if task := rescue.live_task(enrolment.id):
        rescue.wait(task, day)


def _wrong_contact(enrolment: Enrolment, _invitation: Invitation | None, said: Said, _now: datetime) -> None:
    """The number is not rung again; the task stays for another way."""
    theirs = sa.select(ContactPoint).where(
        ContactPoint.participant_id == enrolment.participant_id, ContactPoint.value == said.contact
    )
    point = db.session.scalar(theirs.limit(1))
    if point and said.contact:
        participants.edit_contact(point, point.value, ContactState.UNREACHABLE)


def _new_address(enrolment: Enrolment, invitation: Invitation | None, said: Said, now: datetime) -> None:
    if not said.email:
        raise AddressMissing(_("Write down the new email address."), "email")
    if invitation and (queries.may_answer(invitation, now) or invitation.state is InvitationState.GONE):
        actions.correct_address(invitation, said.email, now)
    else:
        actions.keep_address(enrolment.participant, said.email)
        rescue.end(enrolment.id, Ending.NEW_ADDRESS, now)


def _declined(enrolment: Enrolment, invitation: Invitation | None, said: Said, now: datetime) -> None:
    if invitation and invitation.state in MAY_ANSWER:
        actions.decline(invitation, said.note)
    rescue.end(enrolment.id, Ending.DECLINED, now)


def _no_more(enrolment: Enrolment, invitation: Invitation | None, said: Said, now: datetime) -> None:
    participants.edit(enrolment.participant, now, opted_out=True)
    if invitation and invitation.state in MAY_ANSWER:
        actions.decline(invitation, said.note)
    rescue.end(enrolment.id, Ending.STOPPED, now)


def _gone(enrolment: Enrolment, invitation: Invitation | None, said: Said, now: datetime) -> None:
    """Later waves leave them out until somebody finds an address."""
    person = enrolment.participant
    if person.contact_lost_at is None:
        person.contact_lost_at = now
        audit.record(person, "contact lost", why=said.note or None)
    if invitation and invitation.state in MAY_ANSWER:
        actions.lose(invitation, said.note)
    rescue.end(enrolment.id, Ending.GONE, now)


def _deceased(enrolment: Enrolment, invitation: Invitation | None, said: Said, now: datetime) -> None:
    """On the day that was said; today stands for a day nobody knows."""
    day = min(said.day or now.date(), now.date())
    person = enrolment.participant
    participants.edit(person, now, opted_out=person.opted_out_at is not None, deceased_on=day)
    if invitation and invitation.state in MAY_ANSWER:
        actions.lose(invitation)
    rescue.end(enrolment.id, Ending.DECEASED, now)


Consequence = Callable[[Enrolment, Invitation | None, Said, datetime], None]
_CONSEQUENCES: dict[AttemptOutcome, Consequence] = {
    AttemptOutcome.WRONG_CONTACT: _wrong_contact,
    AttemptOutcome.NEW_ADDRESS: _new_address,
    AttemptOutcome.DECLINED: _declined,
    AttemptOutcome.NO_MORE: _no_more,
    AttemptOutcome.GONE: _gone,
    AttemptOutcome.DECEASED: _deceased,
}


def settle(email: OutgoingEmail, invitation: Invitation, *, has_arrived: bool, now: datetime) -> None:
    """Somebody found out what became of an unclear mail. Raises outbox.actions.NotUncertain."""
    why = "somebody found out that it arrived" if has_arrived else "somebody had it sent once more"
    uncertain.settle(email, invitation, was_sent=has_arrived, why=why, now=now)
    task = rescue.live_task(invitation.enrolment_id)
    if task and task.cause is RescueCause.UNCERTAIN:
        rescue.end(invitation.enrolment_id, Ending.ARRIVED if has_arrived else Ending.SENT_AGAIN, now)


def add_helper(enrolment: Enrolment, **facts: Any) -> Helper:
    """`facts` are columns of Helper. Raises Refusal for an address or number that cannot be read."""
    helper = Helper(enrolment_id=enrolment.id, **_readable(enrolment, facts))
    db.session.add(helper)
    db.session.flush()
    _note_helper(enrolment, "helper added", helper)
    return helper


def edit_helper(helper: Helper, **facts: Any) -> None:
    """As add_helper."""
    for name, value in _readable(helper.enrolment, facts).items():
        setattr(helper, name, value)
    _note_helper(helper.enrolment, "helper changed", helper)


def remove_helper(helper: Helper) -> None:
    """At their wish, or when they have gone: nothing of them is kept but the line in the trail."""
    _note_helper(helper.enrolment, "helper removed", None)
    db.session.delete(helper)


def _readable(enrolment: Enrolment, facts: dict[str, Any]) -> dict[str, Any]:
    if facts["email"]:
        facts["email"] = participants.normalise_email(facts["email"])
    if facts["phone"]:
        participants.normalise_phone(facts["phone"], enrolment.participant.country)
    if not facts["email"] and not facts["phone"]:
        raise Refusal(_("Write an email address or a telephone number."), "email")
    return facts


def _note_helper(enrolment: Enrolment, verb: str, helper: Helper | None) -> None:
    role = helper.role if helper else None
    audit.record(enrolment, verb, after=role, programme_id=enrolment.cohort.theme.programme_id)
