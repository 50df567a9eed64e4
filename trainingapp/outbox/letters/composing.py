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
from trainingapp.outbox import addresses, unsubscribe
from trainingapp.outbox.kinds import KINDS, Message
from trainingapp.outbox.letters import signing
from trainingapp.outbox.lines.contract import Letter
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.outbox.senders import Sender
from trainingapp.refusals import Refusal

LONGEST_WORD = 60  # letters that stay on one line


class AsWritten(UnstructuredHeader, BaseHeader):
    """Not parsed: what looks encoded was written so, and stays."""

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        super().parse("", kwds)
        kwds["decoded"] = value


class Unfolded(AsWritten):
    """On one line: a long address would be cut and encoded, and no mail program reads it then."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


class Words(AsWritten):
    """Folded by the older of Python's two ways: the newer loses spaces of long lines in other scripts."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {_words(str(self), self.name, policy)}{policy.linesep}"


class Mailbox(AsWritten):
    """One name and address. The newer way loses the quotes of a long name with a comma: several senders."""

    def fold(self, *, policy: Policy) -> str:
        name, address = parseaddr(str(self))
        if not name or name.isascii():
            return f"{self.name}: {formataddr((name, address))}{policy.linesep}"
        return f"{self.name}: {_words(name, self.name, policy)}{policy.linesep} <{address}>{policy.linesep}"


def _words(text: str, header: str, policy: Policy) -> str:
    is_plain = text.isascii() and "=?" not in text and max(map(len, text.split(" "))) < LONGEST_WORD
    return Header(text, "us-ascii" if is_plain else "utf-8", header_name=header).encode(
        linesep=policy.linesep
    )


class Headers(HeaderRegistry):
    """Most say the same in every letter of a wave, and parsing one costs more than all else done with it."""

    def __init__(self) -> None:
        super().__init__()
        self._read = lru_cache(maxsize=256)(super().__call__)

    def __call__(self, name: str, value: Any) -> BaseHeader:
        return self._read(name, value)


_headers = Headers()
for _name in ("List-Unsubscribe", "Message-ID", "In-Reply-To", "References"):
    _headers.map_to_type(_name.lower(), Unfolded)
_headers.map_to_type("subject", Words)
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
        "Reply-To": reply_to(email, content, sender),
        "Subject": content.subject.translate(CONTROLS).strip(" "),
        "Date": format_datetime(now),
        "Message-ID": email.message_id,
        "Auto-Submitted": "auto-replied" if content.answers else "auto-generated",  # RFC 3834
        "In-Reply-To": content.answers or "",
        "References": content.answers or "",
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
    return _tagged(sender.return_path, tag(email))


def reply_to(email: OutgoingEmail, content: Message, sender: Sender) -> str:
    """answers+12.k3J…@example.org where a reply is read as an answer."""
    if content.may_be_answered and sender.answers:
        return _tagged(sender.answers, tag(email, "answer"))
    return content.reply_to or sender.reply_to


def _tagged(address: str, text: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}+{text}@{domain}"


def tag(email: OutgoingEmail, purpose: str = "bounce") -> str:
    """Names the row, and cannot be made up."""
    return f"{email.id}.{tokens.issue(purpose, email.id)[:16]}"
