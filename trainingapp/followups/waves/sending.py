"""What a coordinator does with messages: send now to one or to all; hold, let go on, cancel those of one."""

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp.accounts import audit
from trainingapp.db import db, lock
from trainingapp.followups import audience, calendar, queries
from trainingapp.followups.models import AT_ONCE, MAY_ANSWER, Invitation, Messages, OldLink, Wave, WaveState
from trainingapp.followups.schedules import actions as scheduling
from trainingapp.followups.waves import ticks
from trainingapp.outbox import actions as outbox
from trainingapp.outbox import bulk
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.outbox.sending import fatigue
from trainingapp.participants import queries as participants
from trainingapp.refusals import Refusal
from trainingapp.tokens import fingerprint, issue

JUST_NOW = timedelta(minutes=10)  # within it, asking to send once more is a second click
CANCELLED = queries.PAUSES[Messages.CANCELLED]
ON_ITS_WAY = (EmailState.LEASED, EmailState.DOT, EmailState.SENT, EmailState.UNCERTAIN)


class NotWanted(Refusal):
    """The person has answered, stopped the mails, withdrew, or the wave is not open."""


class NoAddress(Refusal):
    """Nobody to write to."""


class JustSent(Refusal):
    """A second click: another mail now would only end the link that is in the first."""


class NothingToStop(Refusal):
    """The person has answered or declined, or their messages are held or cancelled already."""


def new_link(invitation: Invitation) -> str:
    """Replaces the personal link; the old one opens nothing from now on. Returns the new token."""
    db.session.add(OldLink(invitation_id=invitation.id, token_hash=invitation.token_hash))
    invitation.link_number += 1
    token = issue("invitation", invitation.id, invitation.link_number)
    invitation.token_hash = fingerprint(token)
    return token


def send_now(invitation: Invitation, now: datetime) -> None:
    """What waits goes at once; else the invitation goes again, with a new link. A week apart from others.

    Raises NotWanted, NoAddress, JustSent.
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
    if went_just_now(invitation, address, now):
        raise JustSent(_("A message went to this person a moment ago. Nothing was sent again."))
    programme_id = invitation.wave.schedule.cohort.theme.programme_id
    audit.record(invitation, "sent by hand", after=address, programme_id=programme_id)
    let_go_on(invitation)
    waiting = invitation.next_at is not None and invitation.address == address
    moment = _turn_of(invitation, now)
    invitation.next_at, invitation.address, invitation.look_at = moment, address, moment + ticks.LATER
    if waiting:
        bulk.move(sa.select(sa.literal(queries.about(invitation))), moment)
        return
    outbox.cancel(queries.about(invitation), "replaced")
    new_link(invitation)
    what = f"again:{invitation.link_number}"
    end = calendar.ends(invitation.wave.closes_on)
    again = ticks.mail(invitation.id, owner, what, address, invitation.language, moment, end)
    bulk.enqueue_many("invitation", [again], now, batch=queries.batch(invitation.wave_id))


def _turn_of(invitation: Invitation, now: datetime) -> datetime:
    """At once, whatever the hour; but never a second message within a week: then at their next good hour."""
    turn = fatigue.turn(participants.reader(invitation.enrolment.participant_id), now)
    if turn <= now:
        return now
    return calendar.next_instant(turn, queries.place(invitation), queries.hours(invitation.wave.schedule))


def send_wave_now(wave: Wave, now: datetime) -> int:
    """All who are due, whatever the hour where they live. Opens the wave if it has not opened yet.

    Of a wave that opens, the next ticks write to those beyond the first chunk. Says how many go now.
    """
    lock(wave)
    if wave.state not in {WaveState.PLANNED, WaveState.OPEN}:
        raise NotWanted(_("This wave is held or over. Nothing was sent."))
    if calendar.ends(wave.closes_on) <= now:
        raise NotWanted(_("The closing day of this wave is over. Move it first."))
    if wave.state is WaveState.PLANNED:
        scheduling.must_keep_its_promise(wave.survey_version_id)
        ticks.begin(wave, now, at_once=True)
    else:
        queries.hold_all(wave)
        bulk.move(queries.abouts(wave), now)
        wave.is_at_once = True
    due = sa.update(Invitation).where(Invitation.wave_id == wave.id, Invitation.next_at.is_not(None))
    sent = db.session.execute(due.values(next_at=now, look_at=now + ticks.LATER))
    audit.record(wave, "sent by hand", programme_id=wave.schedule.cohort.theme.programme_id)
    return int(getattr(sent, "rowcount", 0))


def send_to(wave: Wave, chosen: list[int], now: datetime) -> int:
    """To each of the chosen who may get it; the others are passed over. Says how many."""
    mine = _chosen(wave, chosen)
    sent = 0
    for invitation in db.session.scalars(mine.options(*queries.WHOLE)).all():
        try:
            send_now(invitation, now)
            sent += 1
        except Refusal:
            continue
    return sent


def _chosen(wave: Wave, chosen: list[int]) -> sa.Select[Invitation]:
    """In the order in which they are locked."""
    mine = sa.select(Invitation).where(Invitation.wave_id == wave.id, Invitation.id.in_(chosen))
    return mine.order_by(Invitation.id)


def went_just_now(invitation: Invitation, address: str, now: datetime) -> bool:
    """A mail of this wave has gone to this address in the last minutes, or is being sent."""
    recent = sa.select(OutgoingEmail.id).where(
        OutgoingEmail.about == queries.about(invitation),
        OutgoingEmail.address == address,
        OutgoingEmail.state.in_(ON_ITS_WAY),
        sa.func.coalesce(OutgoingEmail.sent_at, OutgoingEmail.dot_at, OutgoingEmail.lease_until)
        > now - JUST_NOW,
    )
    return db.session.scalar(recent.limit(1)) is not None


# Hold, go on, cancel ------------------------------------------------------------------------------


def hold_one(invitation: Invitation, why: str) -> None:
    """Nothing goes to this person for this wave until somebody lets it go on. Raises NothingToStop."""
    lock(invitation)
    if invitation.state not in MAY_ANSWER or invitation.messages is not Messages.GO:
        raise NothingToStop(_("Nothing waits for this person, or it is held already. Nothing was changed."))
    bulk.hold_all(_mine(invitation))
    _turn(invitation, Messages.HELD, "messages held", why)


def resume_one(invitation: Invitation, now: datetime) -> None:
    """What was held or cancelled goes at its hour, or at the next that suits. Raises NothingToStop."""
    lock(invitation)
    if invitation.messages is Messages.GO:
        raise NothingToStop(_("The messages to this person are not held. Nothing was changed."))
    _turn(invitation, Messages.GO, "messages go on", None)
    invitation.look_at = AT_ONCE
    if moment := outbox.wait_again(queries.about(invitation), CANCELLED):
        invitation.next_at = moment
    if invitation.wave.state is not WaveState.HELD:
        bulk.release_all(_mine(invitation), queries.HELD)
    else:
        bulk.hold_all(_mine(invitation))
    if invitation.next_at and invitation.next_at < now:
        place, hours = queries.place(invitation), queries.hours(invitation.wave.schedule)
        invitation.next_at = calendar.next_instant(now, place, hours)
        bulk.move(_mine(invitation), invitation.next_at)


def cancel_one(invitation: Invitation, why: str) -> None:
    """No further mail of this wave goes to this person; the link still opens. Raises NothingToStop."""
    lock(invitation)
    if invitation.state not in MAY_ANSWER or invitation.messages is Messages.CANCELLED:
        raise NothingToStop(_("Nothing waits for this person any more. Nothing was changed."))
    outbox.cancel(queries.about(invitation), CANCELLED)
    invitation.next_at = invitation.look_at = None
    _turn(invitation, Messages.CANCELLED, "messages cancelled", why)


VERBS: dict[str, Callable[[Invitation, str, datetime], None]] = {
    "hold": lambda invitation, why, _now: hold_one(invitation, why),
    "resume": lambda invitation, _why, now: resume_one(invitation, now),
    "cancel": lambda invitation, why, _now: cancel_one(invitation, why),
}


def to_each(wave: Wave, chosen: list[int], verb: str, why: str, now: datetime) -> int:
    """Those to whom it does not apply are passed over. Says how many were changed."""
    mine = _chosen(wave, chosen)
    changed = 0
    for invitation in db.session.scalars(mine.options(*queries.WHOLE)).all():
        try:
            VERBS[verb](invitation, why, now)
            changed += 1
        except NothingToStop:
            continue
    return changed


def let_go_on(invitation: Invitation) -> None:
    """Who sends by hand means it: a hold, or a cancellation, of this person's messages ends."""
    if invitation.messages is not Messages.GO:
        bulk.release_all(_mine(invitation), queries.HELD)
        _turn(invitation, Messages.GO, "messages go on", None)


def _mine(invitation: Invitation) -> sa.Select[str]:
    return sa.select(sa.literal(queries.about(invitation)))


def _turn(invitation: Invitation, messages: Messages, verb: str, why: str | None) -> None:
    before = invitation.messages
    invitation.messages, invitation.messages_why = messages, why
    programme_id = invitation.wave.schedule.cohort.theme.programme_id
    audit.record(invitation, verb, before=before, after=messages, why=why, programme_id=programme_id)
