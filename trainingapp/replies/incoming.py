"""From the bytes of a mail to its writer's own words. Pure, and takes any bytes."""

import email
import re
from dataclasses import dataclass
from email.message import Message

from trainingapp.inbound.reading import addresses_in, as_text, decoded
from trainingapp.replies import own_words
from trainingapp.replies.own_words import Written

MOST = 1024 * 1024  # bytes that are looked at
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")


@dataclass(frozen=True)
class Incoming:
    sender: str  # lower case
    message_id: str
    lines: list[Written]

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


def read(raw: bytes, ours: str) -> Incoming:
    """`ours` is the letter that is answered. Parts within parts without end are nobody's words."""
    try:
        return _read(raw, ours)
    except RecursionError:
        return Incoming("", "", [])


def _read(raw: bytes, ours: str) -> Incoming:
    message = email.message_from_bytes(raw[:MOST].replace(b"\0", b"").lstrip())
    found = _MESSAGE_ID.search(str(message.get("message-id", "")))
    plain, marked = _body(message, "plain"), _body(message, "html")
    lines = own_words.of_text(plain, ours) if plain.strip() else own_words.of_html(marked, ours)
    return Incoming(
        sender=next(iter(addresses_in(decoded(str(message.get("from", ""))))), "")[:320],
        message_id=found[0] if found and found[0].isascii() else "",
        lines=lines,
    )


def _body(message: Message, kind: str) -> str:
    """The first part of that kind that is no attachment and no mail inside the mail."""
    if message.get_content_maintype() == "multipart":
        parts = message.get_payload()
        texts = (_body(part, kind) for part in parts if isinstance(part, Message))
        return next(filter(str.strip, texts), "")
    is_text = (
        message.get_content_type() == f"text/{kind}" and message.get_content_disposition() != "attachment"
    )
    content = message.get_payload(decode=True) if is_text else None
    return as_text(content, message.get_content_charset()) if isinstance(content, bytes) else ""
