"""The life of an invitation, and (from ticks) what time brings. Other packages call these names."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp.accounts import audit
from trainingapp.db import db, lock
from trainingapp.followups import audience, calendar, queries, rescue, scheduling
from trainingapp.followups.changes import drop_unwanted, follow_moves
from trainingapp.followups.models import (
    Invitation,
    InvitationState,
    LeftOut,
    OldLink,
    Wave,
    WaveState,
)
from trainingapp.followups.rescue_models import Ending
from trainingapp.followups.ticks import (
    close_due_waves,
    invite,
    mail,
    open_due_waves,
    open_wave,
    plan_reminders,
)
from trainingapp.outbox import actions as outbox
from trainingapp.outbox import bulk
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.participants import actions as participants
from trainingapp.participants.models import ContactKind, ContactPoint, ContactState, Participant
from trainingapp.refusals import Refusal
from trainingapp.surveys.models import Anonymity
from trainingapp.tokens import fingerprint, issue

__all__ = ["close_due_waves", "drop_unwanted", "follow_moves", "open_due_waves", "plan_reminders"]

LINK_EVERY = timedelta(hours=1)  # a new link, for whoever asks
S = InvitationState


class NotWanted(Refusal):
    """The person has answered, stopped the mails, withdrew, or the wave is not open."""


class NoAddress(Refusal):
    """Nobody to write to."""


class StillLeftOut(Refusal):
    """The reason for which the person was left out still holds."""


# What the person does -------------------------------------------------------------------------------


def note_opened(invitation: Invitation, now: datetime) -> None:
    """Someone acted on the page; a fetch alone is not worth noting."""
    if invitation.opened_at is None:
        invitation.opened_at = _when(invitation, now)
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
    invitation.next_at = invitation.rescue_at = None
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
    rescue.expect_answer(invitation, at)
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
    invitation.next_at, invitation.rescue_at = None, invitation.due_at  # long ago: due at once
    if invitation.state in {S.PLANNED, S.SENT}:
        _turn(invitation, S.NOT_DELIVERED, "bounced", why=why)


def note_complained(invitation: Invitation, now: datetime) -> None:
    """They called our mail spam: that is a "no" to follow-up, as if they had said it to us."""
    person = invitation.enrolment.participant
    if person.opted_out_at is None:
        person.opted_out_at = now
        audit.record(person, "opt out", why="marked our mail as spam")
    outbox.cancel(queries.about(invitation), "complained")
    invitation.next_at = None


# What a coordinator does ----------------------------------------------------------------------------


def new_link(invitation: Invitation) -> str:
    """Replaces the personal link; the old one opens nothing from now on. Returns the new token."""
    db.session.add(OldLink(invitation_id=invitation.id, token_hash=invitation.token_hash))
    invitation.link_number += 1
    token = issue("invitation", invitation.id, invitation.link_number)
    invitation.token_hash = fingerprint(token)
    return token


def send_now(invitation: Invitation, now: datetime) -> None:
    """What waits goes at once; else the invitation goes again, with a new link.

    Raises NotWanted, NoAddress.
    """
    lock(invitation)
    if invitation.wave.state is WaveState.HELD:
        raise NotWanted(_("This wave is held. Resume it first."))
    if not queries.may_answer(invitation, now):
        raise NotWanted(_("This person has answered or declined, or the wave is over. Nothing was sent."))
    owner = invitation.enrolment.participant_id
    known = audience.reach([owner]).get(owner)
    if queries.unwanted_because(invitation) or (known and known.is_stopped):
        raise NotWanted(_("This person does not get messages any more. Nothing was sent."))
    if known is None:
        raise NoAddress(_("There is no working email address. Add one below, or call."))
    address = known.address
    _note(invitation, "sent by hand", after=address)
    waiting = invitation.next_at is not None and invitation.address == address
    invitation.next_at, invitation.address = now, address
    if waiting:
        bulk.move(sa.select(sa.literal(queries.about(invitation))), now)
        return
    outbox.cancel(queries.about(invitation), "replaced")
    new_link(invitation)
    what = f"again:{invitation.link_number}"
    end = calendar.ends(invitation.wave.closes_on)
    again = mail(invitation.id, what, address, invitation.language, now, end)
    bulk.enqueue_many("invitation", [again], now, batch=queries.batch(invitation.wave_id))


def send_wave_now(wave: Wave, now: datetime) -> int:
    """All who are due, whatever the hour where they live. Opens the wave if it has not opened yet."""
    lock(wave)
    if wave.state not in {WaveState.PLANNED, WaveState.OPEN}:
        raise NotWanted(_("This wave is held or over. Nothing was sent."))
    if calendar.ends(wave.closes_on) <= now:
        raise NotWanted(_("The closing day of this wave is over. Move it first."))
    if wave.state is WaveState.PLANNED:
        scheduling.must_keep_its_promise(wave.survey_version_id)
        open_wave(wave, now, at_once=True)
    else:
        bulk.move(queries.abouts(wave), now)
    due = sa.update(Invitation).where(Invitation.wave_id == wave.id, Invitation.next_at.is_not(None))
    sent = db.session.execute(due.values(next_at=now))
    audit.record(wave, "sent by hand", programme_id=wave.schedule.cohort.theme.programme_id)
    return int(getattr(sent, "rowcount", 0))


def send_to(wave: Wave, chosen: list[int], now: datetime) -> int:
    """To each of the chosen who may get it; the others are passed over. Says how many."""
    mine = sa.select(Invitation).where(Invitation.wave_id == wave.id, Invitation.id.in_(chosen))
    sent = 0
    for invitation in db.session.scalars(mine.options(*queries.WHOLE)).all():
        try:
            send_now(invitation, now)
            sent += 1
        except Refusal:
            continue
    return sent


def correct_address(invitation: Invitation, text: str, now: datetime) -> None:
    """The address to write to first from now on, and the invitation goes there. Raises Refusal."""
    point = keep_address(invitation.enrolment.participant, text)
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
    if person.reason is not None or wave.state is not WaveState.OPEN:
        raise StillLeftOut(_("The reason still holds, or the wave is not open. Nothing was changed."))
    _note(left_out, "let in", before=left_out.reason, programme_id=wave.schedule.cohort.theme.programme_id)
    db.session.delete(left_out)
    invite(wave, [person], now)


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
