"""From a row to the bytes that go over the line."""

from datetime import datetime
from email.header import Header
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache
from typing import Any

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


class Mailbox(UnstructuredHeader, BaseHeader):
    """One name and address. Folded here, because Python 3.11 loses the quotes of a long name with a comma:
    then it reads as several senders.
    """

    def fold(self, *, policy: Policy) -> str:
        name, address = parseaddr(str(self))
        if not name or name.isascii():
            return f"{self.name}: {formataddr((name, address))}{policy.linesep}"
        words = Header(name, "utf-8", header_name=self.name).encode(linesep=policy.linesep)
        return f"{self.name}: {words}{policy.linesep} <{address}>{policy.linesep}"


class Headers(HeaderRegistry):
    """Most say the same in every letter of a wave, and parsing one costs more than all else done with it."""

    def __init__(self) -> None:
        super().__init__()
        self._read = lru_cache(maxsize=256)(super().__call__)

    def __call__(self, name: str, value: Any) -> BaseHeader:
        return self._read(name, value)


_headers = Headers()
for _name in ("List-Unsubscribe", "Message-ID"):
    _headers.map_to_type(_name.lower(), Unfolded)
for _name in ("From", "Reply-To"):
    _headers.map_to_type(_name.lower(), Mailbox)

# Seven bits arrive unchanged through every relay, and so does a signature over them.
POLICY = SMTP.clone(cte_type="7bit", header_factory=_headers)


# What no mail may hold (RFC 5321, 5322). Line breaks stay: in a header they are refused, not mended.
CONTROLS = {number: None for number in (*range(32), *range(127, 160)) if chr(number) not in "\t\r\n"}


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
    """Raises ValueError for a line break in a header: the message is set aside, and never sent."""
    built = EmailMessage(policy=POLICY if recipient.isascii() else POLICY.clone(utf8=True))
    stop = content.unsubscribe_url or unsubscribe.url(email)
    headers = {
        "From": sender.mail_from,
        "To": recipient,
        "Reply-To": content.reply_to or sender.reply_to,
        "Subject": content.subject.translate(CONTROLS),
        "Date": format_datetime(now),
        "Message-ID": email.message_id,
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": f"<{stop}>" if stop else "",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" if stop else "",
    }
    for name, value in headers.items():
        if value or name == "Subject":
            built[name] = _one_line(value)
    built.set_content(content.text.translate(CONTROLS))
    built.add_alternative(content.html.translate(CONTROLS), subtype="html")
    # Only now: it would have moved into the text, as everything does that is about content.
    built["Content-Language"] = _one_line(email.language.replace("_", "-"))
    return built


def _one_line(value: str) -> str:
    """EmailMessage refuses a line break too, but not at the end."""
    if value.splitlines() not in ([], [value]):
        raise ValueError("a header holds a line break")
    return value


def return_path(email: OutgoingEmail, sender: Sender) -> str:
    """Where its bounces go: bounces+12.k3J…@example.org."""
    if not sender.return_path:
        return sender.address
    local, _, domain = sender.return_path.rpartition("@")
    return f"{local}+{tag(email)}@{domain}"


def tag(email: OutgoingEmail) -> str:
    """Names the row, and cannot be made up."""
    return f"{email.id}.{tokens.issue('bounce', email.id)[:16]}"
