"""Verbs: take a returned mail in, and do what follows from it. None commits.

The event is the record: which mail came, what it was taken for, which message it stopped. outbox and this
package stand below accounts, whose audit trail holds what people do.
"""

import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp.db import db, lock
from trainingapp.inbound import classifier, matching, notices, reading, replies
from trainingapp.inbound.classifier import Verdict
from trainingapp.inbound.models import PROVEN, BounceEvent, MatchedBy
from trainingapp.inbound.readers import READERS, Reply
from trainingapp.inbound.reading import Letter
from trainingapp.inbound.verdicts import Kind, is_nobody_there
from trainingapp.outbox import actions as outbox
from trainingapp.outbox.kinds import KINDS, MessageKind
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.refusals import Refusal

WEIGHTS = {
    Kind.HARD: 1.0,
    Kind.SOFT: 0.5,
    Kind.FULL: 0.5,
}  # full is emptied one day; blocked is not their fault
STOP = 3.0
REMEMBERED = timedelta(days=30)
KEPT = timedelta(days=90)
HEAD = 4096  # bytes of headers kept for whoever looks
BY = "returned mail"
BEING_SENT = (EmailState.LEASED, EmailState.DOT)
MAY_BOUNCE = (EmailState.SENT, EmailState.UNCERTAIN, EmailState.QUEUED, EmailState.BOUNCED)


class NotYet(Refusal):
    """Its message is still with a sender, who has the last word: ask again in a minute."""


class NoSuchMail(Refusal):
    """Nothing was sent to that address."""


class AlreadyMatched(Refusal):
    """It belongs to a message already, and what follows has been done."""


def take_in(raw: bytes, now: datetime, delivered_to: str = "") -> BounceEvent:
    """Once for each mail, however often it comes. Raises NotYet."""
    raw_hash = hashlib.sha256(raw).hexdigest()
    known = _known(raw_hash)
    if known:
        return known
    letter = reading.read(raw)
    verdict = classifier.judged(letter)
    email, matched_by = matching.find(letter, delivered_to, verdict.recipients, now)
    if verdict.kind is Kind.AUTO and matched_by is MatchedBy.REPLY_TO and replies.merely_thanks(letter):
        verdict = Verdict(Kind.NONE)  # "Thank you for your email. 1 done": a reply was asked for, and came
    if email and matched_by in PROVEN:
        outbox.take(email)
        if email.state in BEING_SENT:
            raise NotYet(_("The message it is about is just being sent."))
    event = _event(raw, letter, verdict, now)
    event.email, event.matched_by = email, matched_by
    try:
        with db.session.begin_nested():
            db.session.add(event)
    except IntegrityError:  # another worker was quicker with the same mail
        return db.session.scalars(sa.select(BounceEvent).filter_by(raw_hash=raw_hash)).one()
    if email and matched_by in PROVEN and _is_believed(letter, verdict):
        _follow(event, email, verdict, now)
        if verdict.kind is Kind.NONE and not verdict.is_report and email.kind in READERS:
            READERS[email.kind].read(Reply(email, raw, raw_hash, letter), now)
    return event


def _known(raw_hash: str) -> BounceEvent | None:
    return db.session.scalar(sa.select(BounceEvent).where(BounceEvent.raw_hash == raw_hash))


def _is_believed(letter: Letter, verdict: Verdict) -> bool:
    """A person may write to a return path, too; only a server's report has consequences."""
    return not verdict.is_report or notices.comes_from_a_server(letter)


def _event(raw: bytes, letter: Letter, verdict: Verdict, now: datetime) -> BounceEvent:
    head = raw[:HEAD].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    return BounceEvent(
        raw_hash=hashlib.sha256(raw).hexdigest(),
        received_at=now,
        kind=verdict.kind,
        is_delay=verdict.delayed,
        code=verdict.code,
        recipients=[_storable(address) for address in verdict.recipients],
        sender=_storable(letter.header("from"))[:320],
        subject=_storable(letter.header("subject"))[:500],
        words=_storable(verdict.words),
        head=_storable(head.decode("utf-8", "replace")),
    )


def _storable(text: str) -> str:
    """PostgreSQL holds neither NUL nor half a character."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def assign(event: BounceEvent, address: str, now: datetime) -> OutgoingEmail:
    """An operator knows whose it is: it is about the latest message to that address.

    Raises NoSuchMail, AlreadyMatched, NotYet.
    """
    lock(event)
    if event.matched_by in PROVEN:
        raise AlreadyMatched(_("It already belongs to a message: nothing was changed."))
    email = matching.latest_to((address.strip().lower(),), now - KEPT)
    if email is None:
        raise NoSuchMail(_("No message was sent to %(address)s in the last 90 days.", address=address))
    outbox.take(email)
    if email.state in BEING_SENT:
        raise NotYet(_("The message it is about is just being sent."))
    event.email, event.matched_by, event.dismissed_at = email, MatchedBy.HAND, None
    verdict = Verdict(event.kind, tuple(event.recipients), event.code, event.words, delayed=event.is_delay)
    _follow(event, email, verdict, now)
    return email


def dismiss(event: BounceEvent, now: datetime) -> None:
    """Nothing needs to be done about it."""
    event.dismissed_at = event.dismissed_at or now


def _follow(event: BounceEvent, email: OutgoingEmail, verdict: Verdict, now: datetime) -> None:
    event.address_hmac = email.address_hmac
    if verdict.arrived or verdict.kind is Kind.COMPLAINT or verdict.is_report or verdict.kind in WEIGHTS:
        _settle(email, verdict, now)
    if verdict.kind is Kind.COMPLAINT:
        email.state, email.last_text = EmailState.COMPLAINED, verdict.words or email.last_text
        _tell(email, lambda kind: kind.complained(email, now))
        outbox.suppress(email.address_hmac, "all", reason="complained", by=BY, now=now)
    elif verdict.kind in {*WEIGHTS, Kind.BLOCKED} and not verdict.delayed:
        _bounce(event, email, verdict, now)


def _settle(email: OutgoingEmail, verdict: Verdict, now: datetime) -> None:
    """Whatever a server says about a message is evidence that it was taken."""
    if email.state is EmailState.UNCERTAIN:
        why = verdict.words or "a server reported about it"
        outbox.settle(email, was_sent=True, why=why, now=now)


def _bounce(event: BounceEvent, email: OutgoingEmail, verdict: Verdict, now: datetime) -> None:
    if email.state in MAY_BOUNCE:
        email.state, email.lease_token = EmailState.BOUNCED, None
        email.last_text = verdict.words
        email.last_enhanced_code = verdict.code if verdict.code and "." in verdict.code else None
        email.last_code = int(verdict.code) if verdict.code and verdict.code.isdigit() else None
    event.weight = WEIGHTS.get(verdict.kind, 0)
    db.session.flush()
    if verdict.kind is Kind.BLOCKED:
        current_app.logger.warning("e-mail %s came back, refused for what it is: %s", email.id, verdict.words)
        return
    is_gone = verdict.kind is Kind.HARD and is_nobody_there(verdict.code, verdict.words)
    if is_gone or score(email.address_hmac, now) >= STOP:
        _tell(email, lambda kind: kind.bounced(email))
        outbox.suppress(email.address_hmac, "all", reason="bounced", by=BY, now=now)


def score(address_hmac: str, now: datetime) -> float:
    """What came back from an address in 30 days; of each day (UTC) only the worst."""
    events = sa.select(BounceEvent.received_at, BounceEvent.weight).where(
        BounceEvent.address_hmac == address_hmac,
        BounceEvent.received_at > now - REMEMBERED,
        BounceEvent.weight > 0,
    )
    worst: dict[date, float] = {}
    for received_at, weight in db.session.execute(events):
        worst[received_at.date()] = max(weight, worst.get(received_at.date(), 0))
    return sum(worst.values())


def _tell(email: OutgoingEmail, what: Callable[[MessageKind], None]) -> None:
    """What a kind notes for itself must never undo what the server said."""
    try:
        with db.session.begin_nested():
            what(KINDS[email.kind])
    except Exception:  # whatever a kind does wrong: the mail has come back, and that must be kept
        current_app.logger.exception("noting that e-mail %s came back failed", email.id)


def forget(now: datetime) -> int:
    """What mails said is not kept beyond 90 days; that they came is. Returns how many were emptied."""
    old = sa.update(BounceEvent).where(BounceEvent.received_at < now - KEPT, BounceEvent.head != "")
    emptied = old.values(head="", words="", subject="", sender="", recipients=[])
    return len(db.session.scalars(emptied.returning(BounceEvent.id)).all())
