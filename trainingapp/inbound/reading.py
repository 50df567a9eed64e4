"""Raw bytes to the parts of a returned mail that say something. Pure, and never fails on any bytes.

Mail that comes back is the least well-formed there is: whatever cannot be decoded is read as Latin-1,
whatever cannot be parsed is read as text.
"""

import base64
import binascii
import email
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses

from trainingapp.inbound import amazon

MOST = 1024 * 1024  # bytes: a report says what it has to say in its first megabyte
MOST_PARTS = 200
MOST_WORDS = 40_000  # characters of text that the rules look at

Fields = dict[str, str]  # by lower-case name

# Where the report ends and the message that came back begins.
_ORIGINAL = re.compile(
    r"^(?:"
    r"[- =*_>#]{2,}.{0,25}(?:below|next) (?:this|the next)? ?line.*"
    r""
    r"|[-=*_ ]{2,} ?(?:the )?(?:this is )?(?:a )?(?:start of )?(?:copy of |body of "
    r"|headers? of )?(?:the |your )?"
    r"(?:original|returned|unsent|undelivered|rejected|failed)[ -](?:e-?)?(?:message|mail|headers?)\b.*"
    r"|[-=*_ ]{2,} ?(?:this is a copy of|here is|begin|unsent message|message (?:headers?|text|contents?)"
    r"|returned mail|forwarded message|urspr.ngliche nachricht|message d'origine|mensaje original).*"
    r""
    r"|.{0,40}(?:original|returned|rejected) (?:message|mail|headers?)(?: as received is as)?"
    r" (?:follows?|attached|is (?:attached|below)|details).*"
    r""
    r"|.{0,30}(?:copy|headers?|text|part) of (?:the|your) (?:original |returned "
    r"|rejected )?(?:message|mail)\b"
    r".{0,50}(?:follows?|below|attached|:|enclosed).*"
    r"|\s*message (?:headers?|text|header) follows?:?.*"
    r"|your message reads.*"
    r"|received: ?(?:from|by|\(qmail).*"
    r"|(?:original|old) (?:message|mail): *"
    r"|return-path: ?<.*"
    r"|content-type: ?message/rfc822.*"
    r"|content-type: ?text/rfc822-headers.*"
    r")$",
    re.IGNORECASE | re.MULTILINE,
)
_HIDES = re.compile(r"<(?:(?P<tag>style|script|head)\b|(?P<note>!--))", re.IGNORECASE)
_SHOWS = {"tag": re.compile(r"</(?:style|script|head)>", re.IGNORECASE), "note": re.compile("-->")}
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d|/td|hr)\b[^<>]{0,2000}>", re.IGNORECASE)
_ANY_TAG = re.compile(r"</?[a-z!][^<>@]{0,2000}>", re.IGNORECASE)
_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{1,50}):[ \t]*(.*)$")


@dataclass
class Letter:
    headers: Fields = field(default_factory=dict)  # the first of each name
    content_type: str = "text/plain"
    words: str = ""  # what the server or the person says, up to the message that came back
    groups: list[Fields] = field(default_factory=list)  # of message/delivery-status, RFC 3464
    feedback: Fields | None = None  # RFC 5965
    notification: Fields | None = None  # RFC 8098: a read receipt
    original: Fields = field(default_factory=dict)  # headers of the message that came back
    inner: Message | None = None  # that message: a gateway may have wrapped the true report in one of its own

    def header(self, name: str) -> str:
        return self.headers.get(name, "")

    @property
    def sender(self) -> str:
        return self.header("from").lower()

    @property
    def return_path(self) -> str | None:
        """Lower case, "" for the empty one; None when nobody noted it."""
        noted = self.headers.get("return-path")
        return None if noted is None else next(iter(addresses_in(noted)), "")


def read(raw: bytes) -> Letter:
    text = re.sub(rb"\r\n?", b"\n", raw[:MOST].replace(b"\0", b"")).lstrip()
    try:
        message = email.message_from_bytes(text)
        return letter_of(message)
    except Exception:  # noqa: BLE001 - whatever the parser makes of odd bytes: they still have a head and a body
        head, _, body = text.partition(b"\n\n")
        headers = _fields(head.decode("latin-1"))
        return Letter(headers=headers[0] if headers else {}, words=until_original(body.decode("latin-1"))[0])


def letter_of(message: Message) -> Letter:
    letter = Letter(headers=_headers(message), content_type=message.get_content_type())
    plain: list[str] = []
    marked: list[str] = []
    for part in _parts(message):
        _take(part, letter, plain, marked)
    words = "\n".join(plain).strip() or "\n".join(marked)
    if not letter.groups and letter.feedback is None:
        letter.groups, letter.feedback = amazon.told(words[:MOST_WORDS])
    letter.words, rest = until_original(words[:MOST_WORDS])
    if rest and letter.inner is None:
        letter.inner = email.message_from_string(rest)
    if not letter.original and rest:
        groups = _fields(rest)
        letter.original = max(groups, key=lambda fields: len(fields.keys() & _ORIGINALS), default={})
    return letter


_ORIGINALS = {"from", "to", "subject", "message-id", "date", "received", "return-path"}


def _parts(message: Message) -> Iterator[Message]:
    """Every leaf, and messages inside the message without what they hold."""
    waiting, seen = [message], 0
    while waiting and seen < MOST_PARTS:
        part = waiting.pop()
        seen += 1
        payload = part.get_payload()
        if isinstance(payload, list) and part.get_content_maintype() == "multipart":
            waiting.extend(each for each in reversed(payload) if isinstance(each, Message))
        else:
            yield part


def _take(part: Message, letter: Letter, plain: list[str], marked: list[str]) -> None:
    kind = part.get_content_type()
    if kind in {"message/delivery-status", "message/global-delivery-status"}:
        letter.groups += _fields(_inside(part))
    elif kind == "message/feedback-report":
        letter.feedback = _joined(_fields(_inside(part)))
    elif kind in {"message/disposition-notification", "message/global-disposition-notification"}:
        letter.notification = _joined(_fields(_inside(part)))
    elif kind in {"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}:
        letter.original = letter.original or _joined(_fields(_text(part)))
    elif kind in {"message/rfc822", "message/global", "message/partial"}:
        inner = part.get_payload()
        found = inner[0] if isinstance(inner, list) and inner else None
        if isinstance(found, Message) and not letter.original:
            letter.original = _headers(found)
            letter.inner = found
    elif kind == "text/html" and not letter.original:
        marked.append(unmarked(_text(part)))
    elif part.get_content_maintype() in {"text", "multipart"} and not letter.original:
        plain.append(_text(part))  # a multipart without parts has lost its boundary


def _headers(message: Message) -> Fields:
    """The first of each name; Received lines are joined, for they are looked through as one."""
    found: Fields = {}
    for name, value in message.raw_items():
        found.setdefault(name.lower(), decoded(str(value), message.get_content_charset()))
    return found


def decoded(value: str, charset: str | None = None) -> str:
    """A header as a person reads it, on one line; also one that was put there without encoding."""
    if not value.isascii() or "\x1b" in value:
        value = _unescaped(value, charset)
    if "=?" in value:
        try:
            pieces = decode_header(value)
        except (HeaderParseError, ValueError, binascii.Error):
            pieces = []
        words = [as_text(piece, charset) for piece, charset in pieces]
        value = "".join(words) or value
    return " ".join(value.encode("utf-8", "replace").decode("utf-8").split())


def _unescaped(value: str, charset: str | None) -> str:
    """Out of bytes, which nobody may write there and many do."""
    content = value.encode("utf-8", "surrogateescape")
    if b"\x1b$" in content:
        return as_text(content, "iso-2022-jp")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return as_text(content, charset)


def addresses_in(*headers: str) -> list[str]:
    """Lower case; none where they cannot be read, as within comments without end."""
    try:
        return [address.lower() for _name, address in getaddresses(list(headers)) if address]
    except RecursionError:
        return []


def as_text(content: bytes | str, charset: str | None) -> str:
    if isinstance(content, str):
        return content
    for name in (charset or "utf-8", "utf-8"):
        try:
            return content.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
    return content.decode("latin-1")


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return _inside(part)
    return as_text(content, part.get_content_charset())


def _inside(part: Message) -> str:
    """The text of a message/… part, which the parser has taken for messages; also out of base64."""
    payload = part.get_payload()
    if isinstance(payload, list):
        text = "\n\n".join(_as_written(each) for each in payload if isinstance(each, Message))
    else:
        text = payload if isinstance(payload, str) else ""
    if str(part.get("content-transfer-encoding", "")).strip().lower() == "base64":
        try:
            return as_text(base64.b64decode("".join(text.split())), part.get_content_charset())
        except (binascii.Error, ValueError):
            return text
    return text


def _as_written(message: Message) -> str:
    head = "\n".join(f"{name}: {decoded(str(value))}" for name, value in message.raw_items())
    body = message.get_payload()
    return f"{head}\n\n{body}" if isinstance(body, str) and body.strip() else head


_OF_ONE = {"final-recipient", "original-recipient"}  # named again: the next recipient, without an empty line


def _fields(text: str) -> list[Fields]:
    """Blocks of `Name: value` lines between empty ones, folded lines joined; the first of a name counts."""
    groups: list[Fields] = [{}]
    last = ""
    for line in text.splitlines():
        found = _FIELD.match(line)
        if not line.strip():
            last = ""
            if groups[-1]:
                groups.append({})
        elif found:
            last = found[1].lower()
            if last in _OF_ONE and last in groups[-1]:
                groups.append({})
            groups[-1].setdefault(last, decoded(found[2]))
        elif last and line[:1] in " \t":
            groups[-1][last] += " " + line.strip()
    return [group for group in groups if group]


def _joined(groups: list[Fields]) -> Fields:
    together: Fields = {}
    for group in reversed(groups):
        together |= group
    return together


def groups_in(words: str) -> list[Fields]:
    """RFC 3464 fields that stand in plain text, as they do when a gateway has flattened the report."""
    return [group for group in _fields(words) if {"final-recipient", "original-recipient"} & group.keys()]


def unmarked(text: str) -> str:
    text = _BREAK.sub("\n", shown(text))
    return html.unescape(_ANY_TAG.sub(" ", text)).replace("\xa0", " ")


def shown(markup: str) -> str:
    """Without styles, scripts, heads and comments. What never ends hides nothing, and is looked for once."""
    pieces, at, endless = list[str](), 0, set[str]()
    for begin in _HIDES.finditer(markup):
        kind = str(begin.lastgroup)
        if begin.start() < at or kind in endless:
            continue
        end = _SHOWS[kind].search(markup, begin.end())
        if end is None:
            endless.add(kind)
        else:
            pieces.append(markup[at : begin.start()])
            at = end.end()
    return " ".join([*pieces, markup[at:]])


def until_original(words: str) -> tuple[str, str]:
    """What the report says, and the message it brings back."""
    found = _ORIGINAL.search(words)
    if found is None:
        return words, ""
    return words[: found.start()], words[found.start() :]
