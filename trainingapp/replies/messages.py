"""Our answer to a reply: what was understood, what was not, and the link behind which she confirms it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import current_app

from trainingapp.followups import queries as invitations
from trainingapp.followups.invitations.messages import OfInvitation, facts
from trainingapp.followups.models import Invitation
from trainingapp.followups.steps import Step, steps_of
from trainingapp.inbound import readers
from trainingapp.outbox import senders, unsubscribe
from trainingapp.outbox.kinds import Message, register
from trainingapp.outbox.letters.rendering import render_email
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.replies import queries
from trainingapp.replies.actions import NOT_WANTED, ReplyReader
from trainingapp.replies.models import Outcome
from trainingapp.replies.told import understood


@register
class ReplyRead(OfInvitation):
    """She wrote to us, so it is an answer and no reminder."""

    name = "reply_read"
    is_asked_for = True
    template = "replies/emails/read"

    def writer(self, emails: Sequence[OutgoingEmail]) -> Callable[[OutgoingEmail], Message]:  # noqa: ARG002 - one by one
        return self._write

    def unwanted_among(self, emails: Sequence[OutgoingEmail]) -> Mapping[int, str]:
        """Also where the wave is over: whoever writes to us hears from us."""
        reasons = {}
        for email in emails:
            invitation = invitations.invitation(email.facts["invitation_id"])
            reason = invitations.unwanted_because(invitation) if invitation else "erased"
            if reason in NOT_WANTED:
                reasons[email.id] = reason
        return reasons

    def went(self, email: OutgoingEmail) -> None:
        """Moves no date."""

    def _write(self, email: OutgoingEmail) -> Message:
        invitation = invitations.invitation(email.facts["invitation_id"])
        reply = queries.latest_of_hers(invitation.id) if invitation else None
        if invitation is None or reply is None:
            raise LookupError(f"the reply that {email.dedupe_key} answers is gone")
        steps = steps_of([invitation.enrolment_id])[invitation.enrolment_id]
        has_address = bool(senders.of(current_app.config["SETTINGS"], email.sender).answers)
        may_reply = has_address and reply.outcome in {Outcome.WAITS, Outcome.UNCLEAR, Outcome.ASKED}
        written = render_email(
            self.template,
            email.language,
            unsubscribe_url=unsubscribe.url(email),
            reply=reply,
            understood=understood(reply, steps),
            may_reply=may_reply and any(not step.is_over for step in steps),
            **_facts(invitation, steps),
        )
        return Message(
            written.subject,
            written.text,
            written.html,
            written.unsubscribe_url,
            may_be_answered=may_reply,
            answers=reply.message_id or None,
        )


def _facts(invitation: Invitation, steps: Sequence[Step]) -> dict[str, Any]:
    told = facts(invitation, steps, ())
    return {**told, "steps": [step for step in steps if not step.is_over]}


readers.register(ReplyReader(), "invitation", "reminder", "new_link", "reply_read")
