"""Mail about an account: how each kind reads, and when it is no longer wanted."""

from flask import render_template
from flask_babel import force_locale

from trainingapp import clock
from trainingapp.accounts import links
from trainingapp.accounts.models import PasswordLink
from trainingapp.db import db
from trainingapp.outbox.kinds import Message, MessageKind, register
from trainingapp.outbox.models import OutgoingEmail


class LinkMessage(MessageKind):
    topic = "account"

    def render(self, email: OutgoingEmail) -> Message:
        link = _link(email)
        facts = {"person": link.user, "link": link, "address": links.address(link)}
        folder = f"accounts/emails/{link.purpose}"
        with force_locale(email.language):
            return Message(
                subject=" ".join(render_template(f"{folder}.subject.txt", **facts).split()),
                text=render_template(f"{folder}.txt", **facts),
                html=render_template(f"{folder}.html", **facts),
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
