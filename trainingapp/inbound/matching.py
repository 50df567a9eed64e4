"""Which of our messages a returned mail is about. No writes.

Anybody can send us mail that looks like a bounce and names an address. Only what was given to nobody but
the recipient's servers proves anything: the signed return path of the message, or its Message-ID. An
address alone suggests a message to whoever looks at the unmatched, and never stops mail to anybody.
"""

import hmac
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from trainingapp import tokens
from trainingapp.db import db
from trainingapp.inbound.models import MatchedBy
from trainingapp.inbound.reading import Letter
from trainingapp.outbox import addresses
from trainingapp.outbox.models import EmailState, OutgoingEmail

LATELY = timedelta(days=30)
_TAG = re.compile(r"\+(\d{1,18})\.([\w-]{16})@", re.ASCII)  # outbox.letters.composing.tag writes it
_PURPOSES = {"bounce": MatchedBy.RETURN_PATH, "answer": MatchedBy.REPLY_TO}
_MESSAGE_ID = re.compile(r"<[\w-]{32}@[^<>\s@]{1,220}>", re.ASCII)  # outbox.actions.message_id writes it
_DELIVERED = ("x-original-to", "envelope-to", "x-envelope-to", "delivered-to", "to", "x-real-to", "resent-to")
_OURS = ("return-path", "x-original-return-path", "envelope-from", "x-envelope-from", "sender")
_QUOTED = ("message-id", "original-message-id", "in-reply-to", "references", "x-original-message-id")
MOST_NAMED = 20
WENT = (EmailState.SENT, EmailState.UNCERTAIN, EmailState.BOUNCED)

Match = tuple[OutgoingEmail | None, MatchedBy]


def find(letter: Letter, delivered_to: str, recipients: tuple[str, ...], now: datetime) -> Match:
    """`delivered_to` is the address it came to, where whoever hands it over knows."""
    for email_id, matched_by in _signed(letter, delivered_to):
        email = db.session.get(OutgoingEmail, email_id)
        if email:
            return email, matched_by
    email = _by_message_id(letter)
    if email:
        return email, MatchedBy.MESSAGE_ID
    email = latest_to(recipients, now - LATELY)
    return email, MatchedBy.ADDRESS if email else MatchedBy.NOTHING


def _signed(letter: Letter, delivered_to: str) -> Iterator[tuple[int, MatchedBy]]:
    """Numbers of messages whose own address is there with the right signature. Servers may lower its case."""
    places = [delivered_to, *(letter.header(name) for name in _DELIVERED)]
    places += [letter.original.get(name, "") for name in _OURS]
    places += [
        group.get(name, "") for group in letter.groups for name in ("x-postfix-sender", "x-original-sender")
    ]
    for number, signature in _TAG.findall(" ".join(places)):
        for purpose, matched_by in _PURPOSES.items():
            true = tokens.issue(purpose, int(number))[:16]
            if hmac.compare_digest(true.lower().encode(), signature.lower().encode()):
                yield int(number), matched_by


def _by_message_id(letter: Letter) -> OutgoingEmail | None:
    headers = [
        fields.get(name, "") for fields in (letter.original, letter.notification or {}) for name in _QUOTED
    ]
    headers += [letter.header("in-reply-to"), letter.header("references"), letter.words]
    named = list(dict.fromkeys(_MESSAGE_ID.findall(" ".join(headers))))[:MOST_NAMED]
    if not named:
        return None
    return db.session.scalar(sa.select(OutgoingEmail).where(OutgoingEmail.message_id.in_(named)).limit(1))


def latest_to(recipients: tuple[str, ...], since: datetime) -> OutgoingEmail | None:
    digests = [addresses.digest(address) for address in recipients[:MOST_NAMED]]
    if not digests:
        return None
    return db.session.scalar(
        sa.select(OutgoingEmail)
        .where(
            OutgoingEmail.address_hmac.in_(digests),
            OutgoingEmail.state.in_(WENT),
            OutgoingEmail.created_at > since,
        )
        .order_by(OutgoingEmail.created_at.desc(), OutgoingEmail.id.desc())
        .limit(1)
    )
