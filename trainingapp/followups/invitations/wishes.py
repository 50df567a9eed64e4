"""What she asks for with one tap: a reminder later, or that we look for somebody else. Both can be undone."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp.accounts import audit
from trainingapp.cohorts.models import Enrolment
from trainingapp.dates import day
from trainingapp.db import db, lock
from trainingapp.followups import actions, audience, calendar, queries
from trainingapp.followups.models import AT_ONCE, Invitation, InvitationState
from trainingapp.followups.rescue import actions as rescue
from trainingapp.followups.rescue.models import Ending, RescueCause
from trainingapp.outbox import actions as outbox
from trainingapp.outbox import bulk
from trainingapp.participants import moves
from trainingapp.participants.models import ContactKind, ContactPoint, ContactState, Employment
from trainingapp.refusals import Refusal

LATER = timedelta(days=14)
MOST = 2  # times a wave: a third wish is a refusal that nobody dares to say
ASKED_LATER, NOT_ME = "asked for later", "not me"
S = InvitationState


class TooOften(Refusal):
    """Asked for later twice already."""


class ClosesBefore(Refusal):
    """The wave is over before two weeks are."""


def may_wait(invitation: Invitation, now: datetime) -> bool:
    """Whether to offer a reminder in two weeks."""
    return invitation.snoozes < MOST and _moment(invitation, now) < calendar.ends(invitation.wave.closes_on)


def _moment(invitation: Invitation, now: datetime) -> datetime:
    hours = queries.hours(invitation.wave.schedule)
    return calendar.next_instant(now + LATER, queries.place(invitation), hours)


def waits_until(invitation: Invitation) -> datetime | None:
    """When the mail goes that she put off. Its hour follows her where she moves."""
    return invitation.next_at if invitation.snoozed_until else None


def remind_later(invitation: Invitation, now: datetime) -> None:
    """One mail in two weeks, in her hours, and no other. Raises a Refusal where that cannot be."""
    lock(invitation)
    if not queries.may_answer(invitation, now) or queries.unwanted_because(invitation):
        raise actions.NotWanted(_("These questions have closed, or were answered. Nothing more is sent."))
    owner = invitation.enrolment.participant_id
    reach = audience.reach([owner]).get(owner)
    if reach is None or reach.is_stopped:
        raise actions.NoAddress(_("We have no address that we may write to. Keep the link to this page."))
    if waits_until(invitation):
        return  # a second tap
    if invitation.snoozes >= MOST:
        raise TooOften(_("We can write later twice, and did. The questions are still open on this page."))
    at, end = _moment(invitation, now), calendar.ends(invitation.wave.closes_on)
    if at >= end:
        closing = day(invitation.wave.closes_on)
        raise ClosesBefore(_("These questions close on %(day)s, before two weeks are over.", day=closing))
    outbox.cancel(queries.about(invitation), ASKED_LATER)
    invitation.snoozes += 1
    invitation.snoozed_until = invitation.next_at = invitation.look_at = at
    invitation.address = reach.address
    outbox.enqueue(
        "reminder" if invitation.sent_at else "invitation",
        f"{queries.about(invitation)}:later:{invitation.snoozes}",
        reach.address,
        now=now,
        language=invitation.language,
        about=queries.about(invitation),
        facts={"invitation_id": invitation.id, **({"tone": "asked"} if invitation.sent_at else {})},
        send_at=at,
        not_after=end,
        is_asked_for=True,
    )
    actions.note_opened(invitation, now)
    _note(invitation, "asked for a reminder later", after=at)


def as_usual(invitation: Invitation, now: datetime) -> None:
    """Takes it back: what she had put off comes when it was due, or at her next hour."""
    lock(invitation)
    if waits_until(invitation) is None:
        return  # it went already, or never was
    outbox.cancel(queries.about(invitation), "taken back")
    invitation.snoozed_until = invitation.next_at = None
    invitation.look_at = AT_ONCE
    _take_up(invitation, ASKED_LATER, now)
    _note(invitation, "reminders as usual")


def disown(invitation: Invitation, now: datetime) -> None:
    """Someone else reads this address: nothing goes there for her, of any kind. Raises NotWanted."""
    lock(invitation)
    if invitation.state is S.ANSWERED:
        raise actions.NotWanted(_("These questions were answered already. What was sent stays as it is."))
    if invitation.state is S.GONE:
        return
    outbox.cancel(queries.about(invitation), NOT_ME)
    invitation.next_at = invitation.look_at = None
    invitation.disowned_at = now
    _turn(invitation, S.GONE, "reached someone else", why="“Not me” on the page")
    if point := _point(invitation, ContactState.WORKING):
        point.state = ContactState.UNREACHABLE
    rescue.open_task(invitation, RescueCause.NOT_THEIRS, now)


def own_again(invitation: Invitation, now: datetime) -> None:
    """It was her after all."""
    lock(invitation)
    if invitation.disowned_at is None or invitation.state is not S.GONE:
        return
    invitation.disowned_at, invitation.look_at = None, AT_ONCE
    reached = [
        (invitation.started_at, S.STARTED),
        (invitation.opened_at, S.OPENED),
        (invitation.sent_at, S.SENT),
    ]
    state = next((state for moment, state in reached if moment), S.PLANNED)
    _turn(invitation, state, "reached her after all")
    if point := _point(invitation, ContactState.UNREACHABLE):
        point.state = ContactState.WORKING
    rescue.end(invitation.enrolment_id, Ending.REACHED, now, "it was her after all")
    _take_up(invitation, NOT_ME, now)


def tell_moved(enrolment: Enrolment, now: datetime, **told: str) -> Employment:
    """What she says about her work now. Someone looks where her address may go with the post.

    `told`: organisation, post, country, email. Raises Refusal for an address that cannot be read.
    """
    said = moves.tell(enrolment.participant, **told, now=now)
    if not said.email or moves.is_taken(said):
        rescue.open_task(enrolment, RescueCause.MOVED, now)
    else:
        rescue.end(enrolment.id, Ending.NEW_ADDRESS, now)
    return said


def _take_up(invitation: Invitation, cancelled_because: str, now: datetime) -> None:
    """What was cancelled for this reason waits again, for its moment or for her next hour."""
    about = queries.about(invitation)
    if moment := outbox.wait_again(about, cancelled_because):
        hours = queries.hours(invitation.wave.schedule)
        invitation.next_at = calendar.next_instant(max(moment, now), queries.place(invitation), hours)
        bulk.move(sa.select(sa.literal(about)), invitation.next_at)


def _point(invitation: Invitation, state: ContactState) -> ContactPoint | None:
    query = sa.select(ContactPoint).where(
        ContactPoint.participant_id == invitation.enrolment.participant_id,
        ContactPoint.kind == ContactKind.EMAIL,
        ContactPoint.normalised == (invitation.address or "").lower(),
        ContactPoint.state == state,
    )
    return db.session.scalar(query)


def _turn(invitation: Invitation, state: InvitationState, verb: str, why: str | None = None) -> None:
    before, invitation.state = invitation.state, state
    _note(invitation, verb, before=before, after=state, why=why)


def _note(
    invitation: Invitation, verb: str, *, before: object = None, after: object = None, why: str | None = None
) -> None:
    programme_id = invitation.wave.schedule.cohort.theme.programme_id
    audit.record(invitation, verb, before=before, after=after, why=why, programme_id=programme_id)
