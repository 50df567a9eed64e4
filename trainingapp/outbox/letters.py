"""From a row to the bytes that go over the line."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr

from trainingapp import tokens
from trainingapp.config import Config
from trainingapp.outbox import addresses, unsubscribe
from trainingapp.outbox.kinds import KINDS, Message
from trainingapp.outbox.models import OutgoingEmail
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


@dataclass(frozen=True)
class Letter:
    sender: str  # the return path
    recipient: str
    body: bytes


def compose(email: OutgoingEmail, settings: Config, now: datetime) -> Letter:
    """Renders and addresses one message. Raises NoMailAddress, or whatever its kind raises."""
    recipient = addresses.on_the_wire(email.address)
    if recipient is None:
        raise NoMailAddress(f"{email.address} is not an address that mail servers understand")
    message = _built(email, KINDS[email.kind].render(email), recipient, settings, now)
    return Letter(return_path(email, settings), recipient, message.as_bytes())


def _built(
    email: OutgoingEmail, content: Message, recipient: str, settings: Config, now: datetime
) -> EmailMessage:
    """EmailMessage refuses a line break in any header with ValueError."""
    built = EmailMessage(policy=POLICY)
    built["From"] = settings.mail_from
    built["To"] = recipient
    reply_to = content.reply_to or settings.mail_reply_to
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


def return_path(email: OutgoingEmail, settings: Config) -> str:
    """Where its bounces go: bounces+12.k3J…@example.org names the row and cannot be made up."""
    if not settings.mail_return_path:
        return parseaddr(settings.mail_from)[1]
    local, _, domain = settings.mail_return_path.rpartition("@")
    return f"{local}+{email.id}.{tokens.issue('bounce', email.id)[:16]}@{domain}"
