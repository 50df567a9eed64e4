"""The life of an invitation, and (from ticks) what time brings. Other packages call these names."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp.accounts import audit
from trainingapp.db import db, lock
from trainingapp.followups import audience, calendar, queries
from trainingapp.followups.invitations import changes, uncertain
from trainingapp.followups.models import (
    Invitation,
    InvitationState,
    LeftOut,
    WaveState,
)
from trainingapp.followups.rescue import actions as rescue
from trainingapp.followups.rescue import silence
from trainingapp.followups.rescue.models import Ending
from trainingapp.followups.waves import looks, ticks
from trainingapp.followups.waves.sending import (
    JustSent,
    NoAddress,
    NotWanted,
    cancel_one,
    hold_one,
    new_link,
    resume_one,
    send_now,
    send_to,
    send_wave_now,
)
from trainingapp.outbox import actions as outbox
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.outbox.sending import fatigue
from trainingapp.participants import actions as participants
from trainingapp.participants import queries as people
from trainingapp.participants.models import ContactKind, ContactPoint, ContactState, Participant
from trainingapp.refusals import Refusal
from trainingapp.surveys.models import Anonymity

__all__ = [
    "JustSent",
    "NoAddress",
    "NotWanted",
    "cancel_one",
    "changes",  # it listens, and need only be there
    "hold_one",
    "new_link",
    "resume_one",
    "send_now",
    "send_to",
    "send_wave_now",
]

LINK_EVERY = timedelta(hours=1)  # a new link, for whoever asks
S = InvitationState


class StillLeftOut(Refusal):
    """The reason for which the person was left out still holds."""


# What time brings -----------------------------------------------------------------------------------


def follow_up(now: datetime) -> Iterator[int]:
    """One tick, piece by piece: the caller commits after each, and may stop between two."""
    yield 0  # that this tick is taken
    yield from ticks.close_due(now)
    yield from ticks.heed_refusals(now)
    yield from ticks.open_due(now)
    yield from looks.remind_due(now)
    yield from uncertain.settle_due(now)


# What the person does -------------------------------------------------------------------------------


def note_opened(invitation: Invitation, now: datetime) -> None:
    """Someone acted on the page; a fetch alone is not worth noting."""
    if invitation.opened_at is None:
        invitation.opened_at = _when(invitation, now)
    if invitation.next_at:  # or else nothing of it can be uncertain
        uncertain.has_arrived(invitation, now)
    _advance(invitation, S.OPENED, {S.PLANNED, S.SENT, S.NOT_DELIVERED})


def note_started(invitation: Invitation, now: datetime) -> None:
    note_opened(invitation, now)
    if invitation.started_at is None:
        invitation.started_at = _when(invitation, now)
    _advance(invitation, S.STARTED, {S.OPENED})


def note_answered(invitation: Invitation, now: datetime) -> None:
    """Cancels what waits for this person, in the transaction that stores the answer."""
    note_started(invitation, now)
    if invitation.answered_at is None:
        invitation.answered_at = _when(invitation, now)
    _end(invitation, S.ANSWERED, "answered")
    if not _is_anonymous(invitation):  # else the sweep ends the task: no row may tell the minute
        rescue.end(invitation.enrolment_id, Ending.ANSWERED, now)


def decline(invitation: Invitation, why: str = "") -> None:
    """They do not want to answer this one; later waves ask again."""
    _end(invitation, S.DECLINED, "declined", why=why or None)


def _advance(invitation: Invitation, state: InvitationState, of: set[InvitationState]) -> None:
    if invitation.state in of:
        _turn(invitation, state, state.value)


def lose(invitation: Invitation, why: str = "") -> None:
    """Nobody knows where they are: this wave does not wait for them."""
    _end(invitation, S.GONE, "no longer there", why=why or None)


def _end(invitation: Invitation, state: InvitationState, verb: str, **facts: Any) -> None:
    outbox.cancel(queries.about(invitation), verb)
    invitation.next_at = invitation.look_at = invitation.rescue_at = None
    if invitation.state is not state:
        _turn(invitation, state, verb, **facts)


def _turn(invitation: Invitation, state: InvitationState, verb: str, **facts: Any) -> None:
    """An anonymous answer leaves no line: its minute would lead from the trail to the answer."""
    before, invitation.state = invitation.state, state
    if not _is_anonymous(invitation):
        _note(invitation, verb, before=before, after=state, **facts)


def _is_anonymous(invitation: Invitation) -> bool:
    return invitation.wave.survey_version.anonymity is Anonymity.ANONYMOUS


def _when(invitation: Invitation, now: datetime) -> datetime:
    """Only the day, where the answers are anonymous."""
    if _is_anonymous(invitation):
        return now.replace(hour=0, minute=0, second=0, microsecond=0)
    return now


# What became of a mail ------------------------------------------------------------------------------


def note_went(invitation: Invitation, at: datetime) -> None:
    invitation.next_at = None
    if invitation.sent_at is None:
        invitation.sent_at = at
    else:
        invitation.reminded_at = at
    days = invitation.wave.schedule.reminder_days
    invitation.look_at = calendar.reminder_look(invitation.sent_at, invitation.reminders, days)
    silence.expect_answer(invitation, at)
    if invitation.state in {S.PLANNED, S.NOT_DELIVERED}:
        invitation.state = S.SENT


def note_bounced(invitation: Invitation, address: str, why: str) -> None:
    """The address does not work: nothing more is sent to it by any wave until somebody corrects it.

    The next tick makes a task of it for a person.
    """
    point = sa.select(ContactPoint).where(
        ContactPoint.participant_id == invitation.enrolment.participant_id,
        ContactPoint.kind == ContactKind.EMAIL,
        ContactPoint.normalised == address.lower(),
        ContactPoint.state == ContactState.WORKING,
    )
    if found := db.session.scalar(point):
        found.state = ContactState.BOUNCED
    outbox.cancel(queries.about(invitation), "bounced")
    invitation.next_at = invitation.look_at = None
    invitation.rescue_at = invitation.due_at  # long ago: due at once
    if invitation.state in {S.PLANNED, S.SENT}:
        _turn(invitation, S.NOT_DELIVERED, "bounced", why=why)


def take_as_no(person: Participant, now: datetime) -> None:
    """They called our mail spam: that is a "no" to follow-up, as if they had said it to us."""
    if person.opted_out_at is None:
        person.opted_out_at = now
        audit.record(person, "opt out", why="marked our mail as spam")


def note_complained(invitation: Invitation, now: datetime) -> None:
    take_as_no(invitation.enrolment.participant, now)
    outbox.cancel(queries.about(invitation), "complained")
    invitation.next_at = None


# What a coordinator does ----------------------------------------------------------------------------


def correct_address(invitation: Invitation, text: str, now: datetime) -> None:
    """The address to write to first from now on, and the invitation goes there. Raises Refusal."""
    person = invitation.enrolment.participant
    point = keep_address(person, text)
    if invitation.address and invitation.address != point.normalised:
        fatigue.count_apart(people.reader(person.id), invitation.address)
    if invitation.state is S.GONE:  # the old address was somebody else's
        _turn(invitation, S.NOT_DELIVERED, "found again")
    _note(invitation, "address corrected", before=invitation.address, after=point.normalised)
    send_now(invitation, now)
    rescue.end(invitation.enrolment_id, Ending.NEW_ADDRESS, now)


def keep_address(person: Participant, text: str) -> ContactPoint:
    """Becomes the working address that is written to first; they are no longer lost. Raises Refusal."""
    wanted = participants.normalise_email(text)
    mine = sa.select(ContactPoint).where(
        ContactPoint.participant_id == person.id, ContactPoint.kind == ContactKind.EMAIL
    )
    points = list(db.session.scalars(mine.order_by(ContactPoint.position)))
    point = next((point for point in points if point.normalised == wanted), None)
    if point is None:
        point = participants.add_contact(person, ContactKind.EMAIL, text)
    point.state = ContactState.WORKING
    point.position = min([old.position for old in points], default=1) - 1
    person.contact_lost_at = None
    db.session.flush()
    return point


def let_in(left_out: LeftOut, now: datetime) -> None:
    """Someone who was left out when the wave opened, now that the reason is gone."""
    wave = left_out.wave
    lock(wave)
    person = audience.of_enrolment(left_out.enrolment_id)
    is_asked = sa.exists().where(
        Invitation.wave_id == wave.id, Invitation.enrolment_id == left_out.enrolment_id
    )  # by a second press, or for want of an address alone
    if person.reason or wave.state is not WaveState.OPEN or db.session.scalar(sa.select(is_asked)):
        raise StillLeftOut(_("The reason still holds, or the wave is not open. Nothing was changed."))
    _note(left_out, "let in", before=left_out.reason, programme_id=wave.schedule.cohort.theme.programme_id)
    db.session.delete(left_out)
    ticks.invite(wave, [person], now)


def ask_new_link(token: str, now: datetime) -> None:
    """Mails the link that works to the address we know, if the token ever was someone's. Says nothing.

    At most once an hour; the caller shows the same page whatever happened.
    """
    known = queries.invitation_behind(token)
    if known is None:
        return
    invitation = known
    if not queries.may_answer(known, now):
        later = queries.open_invitation_of(known.enrolment.participant_id, now)
        if later is None:
            return
        invitation = later
    lock(invitation)
    recent = sa.select(OutgoingEmail.id).where(
        OutgoingEmail.about == queries.about(invitation),
        OutgoingEmail.kind == "new_link",
        OutgoingEmail.created_at > now - LINK_EVERY,
    )
    owner = invitation.enrolment.participant_id
    reach = audience.reach([owner]).get(owner)
    if (
        reach is None
        or reach.is_stopped
        or queries.unwanted_because(invitation)
        or db.session.scalar(recent.limit(1))
    ):
        return
    outbox.enqueue(
        "new_link",
        f"{queries.about(invitation)}:link:{now:%Y%m%d%H%M}",
        reach.address,
        now=now,
        language=invitation.language,
        about=queries.about(invitation),
        facts={"invitation_id": invitation.id},
        not_after=calendar.ends(invitation.wave.closes_on),
    )


def _note(subject: Invitation | LeftOut, verb: str, programme_id: int | None = None, **facts: Any) -> None:
    if programme_id is None:
        programme_id = subject.wave.schedule.cohort.theme.programme_id
    audit.record(subject, verb, programme_id=programme_id, **facts)
