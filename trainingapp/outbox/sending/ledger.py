"""Who holds which message, and what came of it. The caller commits: before the network, at the fence,
and after the reply.

queued → leased → (fence) dot → sent, or back to queued as long as nothing can have been accepted.
A row in `dot` is never sent again by itself.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app

from trainingapp.db import db, table
from trainingapp.outbox import actions, senders
from trainingapp.outbox.kinds import KINDS, MessageKind
from trainingapp.outbox.lines.replies import Reply, Stage, Verdict
from trainingapp.outbox.models import DeliveryAttempt, EmailState, OutgoingEmail
from trainingapp.outbox.sending import claims, rates

LEASE = timedelta(minutes=5)
MARGIN = timedelta(minutes=1)  # what must be left of a lease at the fence: more than clocks differ
GRACE = timedelta(minutes=15)  # longer than any relay waits for a dot
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 480, 1440))
JITTER = 0.2
LONGEST = timedelta(hours=72)  # from the first try

ENDS = {Verdict.SENT: EmailState.SENT, Verdict.UNCERTAIN: EmailState.UNCERTAIN}  # else failed
NOTED = (Verdict.SENT, Verdict.DEAD_ADDRESS)  # a kind may write down what became of its message
HELD_BY_A_SENDER = (EmailState.LEASED, EmailState.DOT, EmailState.UNCERTAIN)
NOT_OURS = "no longer ours"
_dice = secrets.SystemRandom()


@dataclass(frozen=True)
class Lease:
    email_id: int
    token: str
    number: int  # of the attempt
    email: OutgoingEmail = field(repr=False, compare=False)  # as it was claimed; in no session


# Built once: putting a statement together costs more than running it.
_EMAILS, _ATTEMPTS = table(OutgoingEmail), table(DeliveryAttempt)
_OURS = (_EMAILS.c.id == sa.bindparam("held"), _EMAILS.c.lease_token == sa.bindparam("token"))
_FENCE = (
    sa.update(_EMAILS)
    .where(
        *_OURS,
        _EMAILS.c.state == EmailState.LEASED,
        _EMAILS.c.lease_until > sa.bindparam("until"),
    )
    .values(state=EmailState.DOT, dot_at=sa.bindparam("now"))
)
_HELD = sa.update(_EMAILS).where(*_OURS, _EMAILS.c.state.in_(HELD_BY_A_SENDER))
_DOT_AT = sa.select(_EMAILS.c.dot_at).where(_EMAILS.c.id == sa.bindparam("of"))
_ATTEMPT = (
    sa.update(_ATTEMPTS)
    .where(_ATTEMPTS.c.email_id == sa.bindparam("of"), _ATTEMPTS.c.number == sa.bindparam("nth"))
    .values(dot_at=_DOT_AT.scalar_subquery())
)


def claim(worker: str, limit: int, now: datetime, by: str = senders.DEFAULT) -> list[Lease]:
    """Takes up to `limit` due messages of one sender; each is asked again whether it is still wanted."""
    emails = claims.due(senders.of(current_app.config["SETTINGS"], by), limit, now)
    if not emails:
        return []
    token, numbers = secrets.token_hex(16), [email.id for email in emails]
    take = (
        sa.update(OutgoingEmail)
        .where(OutgoingEmail.id.in_(numbers))
        .values(
            state=EmailState.LEASED,
            attempts=OutgoingEmail.attempts + 1,
            lane="",
            lease_owner=worker,
            lease_token=token,
            lease_until=now + LEASE,
            dot_at=None,
        )
    )
    claims.run(take, numbers)
    leases = [Lease(email.id, token, email.attempts + 1, email) for email in emails]
    attempts = [
        {"email_id": lease.email_id, "number": lease.number, "worker": worker, "began_at": now}
        for lease in leases
    ]
    db.session.execute(sa.insert(DeliveryAttempt), attempts)
    return leases


def fence(lease: Lease, now: datetime) -> bool:
    """Commit at once, then send the dot. False: the message is no longer ours, hang up."""
    return _changed(_FENCE, lease, until=now + MARGIN, now=now) or _not_ours(lease, now)


def finish(lease: Lease, now: datetime, reply: Reply) -> bool:
    """Sent, refused for good, or uncertain, as the reply says. False: no longer ours."""
    verdict, email = reply.verdict, lease.email
    state = ENDS.get(verdict, EmailState.FAILED)
    sent_at = now if verdict is Verdict.SENT else None
    kind = KINDS[email.kind]
    about = kind.hold(email) if verdict in NOTED else None  # before the message: the order of locks
    if not _write(lease, reply, state=state, sent_at=sent_at):
        return _not_ours(lease, now)
    _close(lease, now, reply.code, reply.text, verdict.value, reply.stage)
    email.state, email.sent_at, email.last_text = state, sent_at, reply.text
    if verdict is Verdict.SENT and type(kind).went is not MessageKind.went:
        _tell(kind.went, email)
    elif state is EmailState.FAILED:
        current_app.logger.warning("e-mail %s (%s) was refused: %s", email.id, email.about, reply.text)
    if verdict is Verdict.DEAD_ADDRESS:
        _tell(kind.bounced, email)
        actions.suppress(email.address_hmac, "all", reason="no such address", by="relay", now=now)
    if reply.is_about_content and email.batch:
        actions.note_content_fault(email.batch, reply, now)
    del about  # until here the session knows the row that was held, and asks for it only once
    return True


def put_back(lease: Lease, now: datetime, reply: Reply) -> bool:
    """Nothing was accepted: tried again later, until it is too late. False: no longer ours."""
    email = lease.email
    tried = sa.select(
        sa.func.min(DeliveryAttempt.began_at),
        sa.func.count().filter(DeliveryAttempt.outcome == Verdict.LATER.value),
    ).where(DeliveryAttempt.email_id == lease.email_id)
    first, times = db.session.execute(tried).one()
    wait = WAITS[min(times, len(WAITS) - 1)] * _dice.uniform(1 - JITTER, 1 + JITTER)
    is_too_late = now + wait > min(first + LONGEST, email.not_after or first + LONGEST)
    state = EmailState.FAILED if is_too_late else EmailState.QUEUED
    if not _write(lease, reply, state=state, next_attempt_at=now + wait):
        return _not_ours(lease, now)
    _close(lease, now, reply.code, reply.text, Verdict.LATER.value, reply.stage)
    if reply.asks_for_patience:
        sender = senders.of(current_app.config["SETTINGS"], email.sender)
        rates.slow_down(sender, email.domain, now)
    if is_too_late:
        current_app.logger.warning("e-mail %s (%s) is given up: %s", email.id, email.about, reply.text)
    return True


def hand_back(
    lease: Lease, now: datetime, until: datetime, why: str, outcome: str = Verdict.RELAY_FAULT.value
) -> bool:
    """Not the message's fault: it waits until then, and this counts as no try."""
    back = {"state": EmailState.QUEUED, "next_attempt_at": until, "last_text": why, "lease_token": None}
    if not _changed(_HELD.values(**back), lease):
        return _not_ours(lease, now)
    _close(lease, now, None, why, outcome)
    return True


def let_go(lease: Lease, now: datetime, state: EmailState, why: str) -> bool:
    """Not sent, and the relay never asked: skipped, held, set aside, or failed. False: no longer ours."""
    if not _changed(_HELD.values(state=state, last_text=why), lease):
        return _not_ours(lease, now)
    _close(lease, now, None, why, state.value)
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
    swept = db.session.execute(change.returning(OutgoingEmail.id, OutgoingEmail.dot_at)).all()
    for number, dot_at in swept:
        db.session.execute(
            sa.update(DeliveryAttempt)
            .where(DeliveryAttempt.email_id == number, DeliveryAttempt.ended_at.is_(None))
            .values(
                ended_at=now, outcome=outcome, dot_at=dot_at, phase=Stage.DOT if dot_at else EmailState.LEASED
            )
        )
    return len(swept)


def _write(lease: Lease, reply: Reply, **values: object) -> bool:
    told = {"last_code": reply.code, "last_enhanced_code": reply.enhanced, "last_text": reply.text}
    return _changed(_HELD.values(**told, **values), lease)


def _changed(change: sa.Update, lease: Lease, **more: object) -> bool:
    """Whether the row was still held by this lease."""
    held = {"held": lease.email_id, "token": lease.token}
    return claims.run(change, [lease.email_id], {**held, **more}) > 0


def _not_ours(lease: Lease, now: datetime) -> bool:
    """Cancelled, swept or settled meanwhile: the attempt ends here, unless the sweep has ended it."""
    still_open = _ATTEMPT.where(DeliveryAttempt.ended_at.is_(None)).values(ended_at=now, outcome=NOT_OURS)
    asked = {"of": lease.email_id, "nth": lease.number}
    db.session.execute(still_open, asked, execution_options={"synchronize_session": False})
    return False


def _close(
    lease: Lease,
    now: datetime,
    code: int | None,
    text: str,
    outcome: str,
    phase: Stage | None = None,
) -> None:
    facts = {"ended_at": now, "code": code, "reply": text, "outcome": outcome}
    if phase:
        facts["phase"] = phase.value
    db.session.execute(_ATTEMPT.values(**facts), {"of": lease.email_id, "nth": lease.number})


def _tell(hook: Callable[[OutgoingEmail], None], email: OutgoingEmail) -> None:
    """What a kind notes for itself must never undo what the relay said."""
    try:
        with db.session.begin_nested():
            hook(email)
    except Exception:  # whatever a kind does wrong: the message is at the relay, and that must be kept
        current_app.logger.exception("noting e-mail %s failed", email.id)
