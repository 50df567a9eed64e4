"""Verbs: take a reply in, understand it, wait for her to confirm it. None commits."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.db import db, lock
from trainingapp.followups import actions as followups
from trainingapp.followups import queries as invitations
from trainingapp.followups.audience import TOPIC
from trainingapp.followups.models import Invitation
from trainingapp.followups.steps import Step, steps_of
from trainingapp.inbound.readers import Reader, Reply
from trainingapp.outbox import actions as outbox
from trainingapp.outbox.kinds import KINDS
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.plans import queries as plans
from trainingapp.plans.models import ActivityState
from trainingapp.plans.progress.actions import Said as LastSaid
from trainingapp.plans.progress.models import Source
from trainingapp.refusals import Refusal
from trainingapp.replies import incoming, parser, queries
from trainingapp.replies.incoming import Incoming
from trainingapp.replies.models import FOR_A_PERSON, NOT_ANSWERED, EmailReply, Outcome
from trainingapp.replies.readings import Reading, Said
from trainingapp.responses import proposals
from trainingapp.responses import queries as responses

KEPT = timedelta(days=90)
MOST_ANSWERS = 6  # of ours to the replies of one invitation: two programs must not talk for ever
KEPT_TEXT = 8000  # characters
CARRIED_ON = {ActivityState.ON_TRACK, ActivityState.DELAYED}  # a bare "60 %" leaves these as they were
NOT_WANTED = ("withdrawn", "opted out", "erased", "deceased", "declined")


class AlreadySeenTo(Refusal):
    """Somebody was quicker, or she has confirmed it."""


class ReplyReader(Reader):
    """Of the mails of a wave, and of our own answers to replies."""

    def read(self, reply: Reply, now: datetime) -> None:
        take_in(reply, now)


def take_in(reply: Reply, now: datetime) -> EmailReply | None:
    """Nothing becomes an answer here. None where its invitation is gone."""
    invitation = invitations.invitation(reply.to.facts["invitation_id"])
    if invitation is None:
        return None
    lock(invitation)
    read = incoming.read(reply.raw, _letter(reply.to))
    made = EmailReply(
        raw_hash=reply.raw_hash,
        invitation_id=invitation.id,
        invitation=invitation,
        email_id=reply.to.id,
        received_at=now,
        sender=read.sender,
        message_id=read.message_id,
        text=read.text[:KEPT_TEXT],
        outcome=Outcome.UNCLEAR,
    )
    made.outcome = _outcome(made, read, reply.to, now)
    db.session.add(made)
    db.session.flush()
    programme_id = invitation.wave.schedule.cohort.theme.programme_id
    if made.outcome is not Outcome.ANONYMOUS:  # its minute would stand beside an answer's
        audit.record(invitation, "reply came", after=made.outcome, programme_id=programme_id, by="email")
    _answer(made, now)
    return made


def _letter(email: OutgoingEmail) -> str:
    """As it was sent, or would be now: its words are not hers."""
    return KINDS[email.kind].render(email).text


def _outcome(reply: EmailReply, read: Incoming, email: OutgoingEmail, now: datetime) -> Outcome:
    """The first that fits decides."""
    invitation = reply.invitation
    if turned_away := _turned_away(reply):
        return turned_away
    steps = steps_of([invitation.enrolment_id])[invitation.enrolment_id]
    reply.is_renumbered = _is_renumbered(invitation, email)
    sheet = responses.sheet(invitation)
    listed = (
        [] if reply.is_renumbered else [step for step in steps if not step.is_over or step.id in sheet.said]
    )
    reading = parser.parse(read.lines, {step.number: step.what for step in listed})
    if reading.wish == "stop":
        return _stop(email, now)
    if not responses.takes_answers(invitation, now):
        return Outcome.TOO_LATE
    followups.note_started(invitation, now)
    if reading.wish:
        reply.wish = reading.wish
        return Outcome.ASKED
    return _propose(reply, reading, listed, sheet.last, now)


def _turned_away(reply: EmailReply) -> Outcome | None:
    """Whose words are not read at all."""
    invitation = reply.invitation
    if responses.is_anonymous(invitation):
        reply.text = reply.message_id = ""
        return Outcome.ANONYMOUS
    if reply.sender not in queries.addresses_of(invitation.enrolment.participant_id):
        return Outcome.STRANGER
    if invitations.unwanted_because(invitation) in NOT_WANTED or invitation.disowned_at:
        return Outcome.UNWANTED
    return None


def _is_renumbered(invitation: Invitation, email: OutgoingEmail) -> bool:
    """Her plan was changed after the letter had given its lines numbers."""
    plan = plans.plan_of(invitation.enrolment_id)
    written_at = email.dot_at or email.sent_at or email.created_at
    return plan is not None and plan.saved_at > written_at


def _stop(email: OutgoingEmail, now: datetime) -> Outcome:
    held = outbox.suppress(email.address_hmac, TOPIC, reason="unsubscribed", by="the recipient", now=now)
    audit.record(held, "unsubscribe", after=TOPIC, by="email")
    return Outcome.STOPPED


def _propose(
    reply: EmailReply,
    reading: Reading,
    steps: Sequence[Step],
    last: Mapping[int, LastSaid],
    now: datetime,
) -> Outcome:
    """What was understood waits on her page; a later reply changes what it speaks of."""
    ids = {step.number: step.id for step in steps}
    fields: dict[str, str] = {}
    unclear = list(reading.unclear)
    for said in reading.said:
        before = last.get(ids[said.number])
        if said.is_same and before is None:
            unclear.append(str(said.number))
            continue
        reply.said = [*(reply.said or []), {**asdict(said), "activity_id": ids[said.number]}]
        fields |= _fields(ids[said.number], said, before.state if before else None)
    reply.unclear = unclear
    if not reply.said:
        return Outcome.UNCLEAR
    earlier = sa.update(EmailReply).where(
        EmailReply.invitation_id == reply.invitation_id, EmailReply.outcome == Outcome.WAITS
    )
    db.session.execute(earlier.values(outcome=Outcome.REPLACED))
    proposals.propose(reply.invitation, Source.EMAIL, fields, now)
    return Outcome.WAITS


def _fields(activity_id: int, said: Said, last: ActivityState | None) -> Mapping[str, str]:
    """As the page names them; a later reply empties what an earlier one had put beside it."""
    name = f"a-{activity_id}"
    state = said.state or (last.value if last and (said.is_same or last in CARRIED_ON) else "")
    return {
        name: state,
        f"{name}-percent": "" if said.percent is None else str(said.percent),
        f"{name}-blocker": said.blocker or "",
        f"{name}-note": said.note,
    }


def _answer(reply: EmailReply, now: datetime) -> None:
    """One mail a day and invitation, whatever came; to nobody else, for it holds her link."""
    is_hers = reply.sender in {"", *queries.addresses_of(reply.invitation.enrolment.participant_id)}
    if (
        reply.outcome in NOT_ANSWERED
        or not is_hers
        or queries.count_answers(reply.invitation_id) >= MOST_ANSWERS
    ):
        return
    outbox.enqueue(
        "reply_read",
        f"{invitations.about(reply.invitation)}:reply:{now:%Y%m%d}",
        reply.sender or reply.invitation.address or "",
        now=now,
        language=reply.invitation.language,
        about=invitations.about(reply.invitation),
        facts={"invitation_id": reply.invitation_id},
    )


def see_to(reply: EmailReply, by: User) -> None:
    """A coordinator has read it and done what was to do. Raises AlreadySeenTo."""
    lock(reply)
    if reply.outcome not in FOR_A_PERSON:
        raise AlreadySeenTo(_("Somebody has seen to this reply already."))
    before, reply.outcome = reply.outcome, Outcome.BY_HAND
    programme_id = reply.invitation.wave.schedule.cohort.theme.programme_id
    audit.record(reply, "seen to", before=before, after=reply.outcome, why=by.name, programme_id=programme_id)


def forget(now: datetime) -> int:
    """What replies said is not kept beyond 90 days; that they came is. Returns how many were emptied."""
    emptied: dict[str, Any] = {"text": "", "sender": "", "message_id": "", "unclear": [], "said": []}
    is_full = sa.or_(EmailReply.text != "", EmailReply.sender != "")
    old = sa.update(EmailReply).where(EmailReply.received_at < now - KEPT, is_full)
    return len(db.session.scalars(old.values(**emptied).returning(EmailReply.id)).all())
