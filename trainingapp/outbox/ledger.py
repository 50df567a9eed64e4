"""Who holds which message, and what came of it. The caller commits: before the network, at the fence,
and after the reply.

queued → leased → (fence) dot → sent, or back to queued as long as nothing can have been accepted.
A row in `dot` is never sent again by itself.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app

from trainingapp.db import db
from trainingapp.outbox import actions, queries
from trainingapp.outbox.kinds import KINDS
from trainingapp.outbox.models import DeliveryAttempt, EmailState, OutgoingEmail
from trainingapp.outbox.replies import Reply, Verdict

LEASE = timedelta(minutes=5)
MARGIN = timedelta(minutes=1)  # what must be left of a lease at the fence: more than clocks differ
GRACE = timedelta(minutes=15)  # longer than any relay waits for a dot
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 480, 1440))
JITTER = 0.2
LONGEST = timedelta(hours=72)  # from the first try

ENDS = {Verdict.SENT: EmailState.SENT, Verdict.UNCERTAIN: EmailState.UNCERTAIN}  # else failed
HELD_BY_A_SENDER = (EmailState.LEASED, EmailState.DOT, EmailState.UNCERTAIN)
_dice = secrets.SystemRandom()


@dataclass(frozen=True)
class Lease:
    email_id: int
    token: str
    number: int  # of the attempt


def claim(worker: str, limit: int, now: datetime) -> list[Lease]:
    """Takes up to `limit` due messages; each is asked again whether it is still wanted."""
    due = (
        sa.select(OutgoingEmail)
        .where(OutgoingEmail.state == EmailState.QUEUED, OutgoingEmail.next_attempt_at <= now)
        .order_by(OutgoingEmail.next_attempt_at, OutgoingEmail.id)
        .limit(limit)
        .with_for_update(skip_locked=True)  # on SQLite BEGIN IMMEDIATE has locked out everybody else
    )
    leases = []
    for email in db.session.scalars(due).all():
        if _refused(email, now):
            continue
        email.state = EmailState.LEASED
        email.attempts += 1
        email.lease_owner = worker
        email.lease_token = secrets.token_hex(16)
        email.lease_until = now + LEASE
        attempt = DeliveryAttempt(email_id=email.id, number=email.attempts, worker=worker, began_at=now)
        db.session.add(attempt)
        leases.append(Lease(email.id, email.lease_token, email.attempts))
    db.session.flush()
    return leases


def _refused(email: OutgoingEmail, now: datetime) -> bool:
    """Skips an unwanted message with its reason; one that cannot even be asked is set aside."""
    try:
        with db.session.begin_nested():
            reason = unwanted_because(email, now)
    except Exception as problem:
        current_app.logger.exception("asking about e-mail %s failed", email.id)
        email.state, email.last_text = EmailState.SET_ASIDE, f"{type(problem).__name__}: {problem}"
        return True
    if reason:
        email.state, email.last_text = EmailState.SKIPPED, reason
    return reason is not None


def unwanted_because(email: OutgoingEmail, now: datetime) -> str | None:
    """A reason code, or None to send."""
    if email.not_after and now > email.not_after:
        return "expired"
    if queries.is_suppressed(email.address_hmac, email.topic):
        return "suppressed"
    return KINDS[email.kind].unwanted_because(email)


def fence(lease: Lease, now: datetime) -> bool:
    """Commit at once, then send the dot. False: the message is no longer ours, hang up."""
    ours = (
        sa.update(OutgoingEmail)
        .where(
            OutgoingEmail.id == lease.email_id,
            OutgoingEmail.state == EmailState.LEASED,
            OutgoingEmail.lease_token == lease.token,
            OutgoingEmail.lease_until > now + MARGIN,
        )
        .values(state=EmailState.DOT, dot_at=now)
        .returning(OutgoingEmail.id)
    )
    if db.session.scalar(ours) is None:
        return False
    _note(lease, phase="dot", dot_at=now)
    return True


def finish(lease: Lease, now: datetime, reply: Reply) -> bool:
    """Sent, refused for good, or uncertain, as the reply says. False: no longer ours."""
    email = _held(lease)
    if email is None:
        return False
    verdict = reply.verdict
    _write_down(email, reply)
    email.state = ENDS.get(verdict, EmailState.FAILED)
    email.sent_at = now if verdict is Verdict.SENT else None
    _note(lease, ended_at=now, code=reply.code, reply=reply.text, outcome=verdict.value)
    if verdict is Verdict.SENT:
        _tell(KINDS[email.kind].went, email)
    elif email.state is EmailState.FAILED:
        current_app.logger.warning("e-mail %s (%s) was refused: %s", email.id, email.about, reply.text)
    if verdict is Verdict.DEAD_ADDRESS:
        actions.suppress(email.address_hmac, "all", reason="no such address", by="relay", now=now)
        _tell(KINDS[email.kind].bounced, email)
    return True


def put_back(lease: Lease, now: datetime, reply: Reply) -> bool:
    """Nothing was accepted: tried again later, until it is too late. False: no longer ours."""
    email = _held(lease)
    if email is None:
        return False
    tried = sa.select(
        sa.func.min(DeliveryAttempt.began_at),
        sa.func.count().filter(DeliveryAttempt.outcome == Verdict.LATER.value),
    ).where(DeliveryAttempt.email_id == lease.email_id)
    first, times = db.session.execute(tried).one()
    wait = WAITS[min(times, len(WAITS) - 1)] * _dice.uniform(1 - JITTER, 1 + JITTER)
    is_too_late = now + wait > min(first + LONGEST, email.not_after or first + LONGEST)
    email.state = EmailState.FAILED if is_too_late else EmailState.QUEUED
    email.next_attempt_at = now + wait
    _write_down(email, reply)
    _note(lease, ended_at=now, code=reply.code, reply=reply.text, outcome=Verdict.LATER.value)
    if is_too_late:
        current_app.logger.warning("e-mail %s (%s) is given up: %s", email.id, email.about, reply.text)
    return True


def hand_back(lease: Lease, now: datetime, until: datetime, why: str) -> bool:
    """Not the message's fault: it waits as long as the relay does, and this counts as no try."""
    email = _held(lease)
    if email is None:
        return False
    email.state, email.next_attempt_at, email.last_text = EmailState.QUEUED, until, why
    email.lease_token = None
    _note(lease, ended_at=now, reply=why, outcome=Verdict.RELAY_FAULT.value)
    return True


def let_go(lease: Lease, now: datetime, state: EmailState, why: str) -> bool:
    """Not sent, and the relay never asked: skipped, set aside, or failed. False: no longer ours."""
    email = _held(lease)
    if email is None:
        return False
    email.state, email.last_text = state, why
    _note(lease, ended_at=now, reply=why, outcome=state.value)
    return True


def sweep(now: datetime) -> tuple[int, int]:
    """(back in the queue, uncertain): leases that ran out before the fence, and dots nobody answered for."""
    lost = (
        sa.update(OutgoingEmail)
        .where(OutgoingEmail.state == EmailState.LEASED, OutgoingEmail.lease_until < now)
        .values(state=EmailState.QUEUED, lease_token=None, next_attempt_at=now)
    )
    silent = (
        sa.update(OutgoingEmail)
        .where(OutgoingEmail.state == EmailState.DOT, OutgoingEmail.dot_at < now - GRACE)
        .values(state=EmailState.UNCERTAIN, last_text="the sender stopped after the last dot")
    )
    return _swept(lost, "lease ran out", now), _swept(silent, Verdict.UNCERTAIN.value, now)


def _swept(change: sa.Update, outcome: str, now: datetime) -> int:
    ids = db.session.scalars(change.returning(OutgoingEmail.id)).all()
    if ids:
        db.session.execute(
            sa.update(DeliveryAttempt)
            .where(DeliveryAttempt.email_id.in_(ids), DeliveryAttempt.ended_at.is_(None))
            .values(ended_at=now, outcome=outcome)
        )
    return len(ids)


def _held(lease: Lease) -> OutgoingEmail | None:
    """The row, locked, if this lease still holds it."""
    return db.session.scalar(
        sa.select(OutgoingEmail)
        .where(
            OutgoingEmail.id == lease.email_id,
            OutgoingEmail.lease_token == lease.token,
            OutgoingEmail.state.in_(HELD_BY_A_SENDER),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _write_down(email: OutgoingEmail, reply: Reply) -> None:
    email.last_code, email.last_enhanced_code, email.last_text = reply.code, reply.enhanced, reply.text


def _note(lease: Lease, **facts: object) -> None:
    db.session.execute(
        sa.update(DeliveryAttempt)
        .where(DeliveryAttempt.email_id == lease.email_id, DeliveryAttempt.number == lease.number)
        .values(**facts)
    )


def _tell(hook: Callable[[OutgoingEmail], None], email: OutgoingEmail) -> None:
    """What a kind notes for itself must never undo what the relay said."""
    try:
        with db.session.begin_nested():
            hook(email)
    except Exception:  # whatever a kind does wrong: the message is at the relay, and that must be kept
        current_app.logger.exception("noting e-mail %s failed", email.id)
