"""From a row to the bytes that go over the line."""

from datetime import datetime
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime

from trainingapp import tokens
from trainingapp.outbox import addresses, signing, unsubscribe
from trainingapp.outbox.kinds import KINDS, Message
from trainingapp.outbox.lines import Letter
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.outbox.senders import Sender
from trainingapp.refusals import Refusal


class Unfolded(UnstructuredHeader, BaseHeader):
    """On one line: a long address would be cut and encoded, and no mail program reads it then."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_headers = HeaderRegistry()
for _name in ("List-Unsubscribe", "Message-ID"):
    _headers.map_to_type(_name.lower(), Unfolded)

# Seven bits arrive unchanged through every relay, and so does a signature over them.
POLICY = SMTP.clone(cte_type="7bit", header_factory=_headers)


class NoMailAddress(Refusal):
    """No server could be given this address."""


def compose(email: OutgoingEmail, sender: Sender, now: datetime) -> Letter:
    """Renders, addresses and signs one message. Raises NoMailAddress, or whatever its kind raises."""
    return address(email, KINDS[email.kind].render(email), sender, now)


def address(email: OutgoingEmail, content: Message, sender: Sender, now: datetime) -> Letter:
    """Raises NoMailAddress."""
    recipient = addresses.on_the_wire(email.address)
    if recipient is None:
        raise NoMailAddress(f"{email.address} is not an address that mail servers understand")
    message = _built(email, content, recipient, sender, now)
    return Letter(
        sender=return_path(email, sender),
        recipient=recipient,
        body=signing.sign(message.as_bytes(), sender.dkim, now),
        message_id=email.message_id,
        envelope_id=tag(email),
        is_evidence_wanted=sender.success_notices,
    )


def _built(
    email: OutgoingEmail, content: Message, recipient: str, sender: Sender, now: datetime
) -> EmailMessage:
    """EmailMessage refuses a line break in any header with ValueError."""
    built = EmailMessage(policy=POLICY)
    built["From"] = sender.mail_from
    built["To"] = recipient
    reply_to = content.reply_to or sender.reply_to
    if reply_to:
        built["Reply-To"] = reply_to
    built["Subject"] = content.subject
    built["Date"] = format_datetime(now)
    built["Message-ID"] = email.message_id
    built["Auto-Submitted"] = "auto-generated"
    built["Content-Language"] = email.language.replace("_", "-")
    stop = content.unsubscribe_url or unsubscribe.url(email)
    if stop:
        built["List-Unsubscribe"] = f"<{stop}>"
        built["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    built.set_content(content.text)
    built.add_alternative(content.html, subtype="html")
    return built


def return_path(email: OutgoingEmail, sender: Sender) -> str:
    """Where its bounces go: bounces+12.k3J…@example.org."""
    if not sender.return_path:
        return sender.address
    local, _, domain = sender.return_path.rpartition("@")
    return f"{local}+{tag(email)}@{domain}"


def tag(email: OutgoingEmail) -> str:
    """Names the row, and cannot be made up."""
    return f"{email.id}.{tokens.issue('bounce', email.id)[:16]}"
