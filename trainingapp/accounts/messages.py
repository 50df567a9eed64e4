"""Mail about an account: how each kind reads, and when it is no longer wanted."""

from trainingapp import clock
from trainingapp.accounts import links
from trainingapp.accounts.models import PasswordLink
from trainingapp.db import db
from trainingapp.outbox.kinds import Message, MessageKind, register
from trainingapp.outbox.letters.rendering import render_email
from trainingapp.outbox.models import OutgoingEmail


class LinkMessage(MessageKind):
    topic = "account"

    def render(self, email: OutgoingEmail) -> Message:
        link = _link(email)
        return render_email(
            f"accounts/emails/{link.purpose}",
            email.language,
            person=link.user,
            address=links.address(link),
            expires_at=link.expires_at,
        )

    def unwanted_because(self, email: OutgoingEmail) -> str | None:
        link = _link(email)
        if not link.user.is_enabled:
            return "disabled"
        return "closed" if link.used_at or link.expires_at <= clock.now() else None


def _link(email: OutgoingEmail) -> PasswordLink:
    return db.session.get_one(PasswordLink, email.facts["link"])


@register
class Invitation(LinkMessage):
    name = "account-invitation"


@register
class Reset(LinkMessage):
    name = "account-reset"
