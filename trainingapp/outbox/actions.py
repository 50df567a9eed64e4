"""Verbs: put a message in the outbox, take it back; stop and start writing to an address; rest a relay."""

import contextlib
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp.db import db, insert, lock
from trainingapp.outbox import addresses, queries, senders
from trainingapp.outbox.kinds import KINDS, Asks, priority
from trainingapp.outbox.lines.replies import Reply
from trainingapp.outbox.models import (
    CAN_BE_STOPPED,
    WAITING,
    ContentFault,
    EmailState,
    OutgoingEmail,
    RelayPause,
    Suppression,
    Tick,
    WorkerHeartbeat,
)
from trainingapp.refusals import Refusal
from trainingapp.tokens import issue

_CANCEL = (  # built once: with every answer it is asked
    sa.update(OutgoingEmail)
    .where(OutgoingEmail.about == sa.bindparam("of"), OutgoingEmail.state.in_(CAN_BE_STOPPED))
    .values(state=EmailState.CANCELLED, last_text=sa.bindparam("reason"))
)
CONTENT_TELLING = 3  # so many people of a batch refused what it says, and nobody got it in between
RESTS = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 900, 3600))
KEEP_TICKS = timedelta(days=1)


class NotUncertain(Refusal):
    """Its fate is already known."""


def enqueue(
    kind: str,
    dedupe_key: str,
    address: str,
    *,
    now: datetime,
    language: str,
    about: str,
    facts: dict[str, Any],
    send_at: datetime | None = None,
    not_after: datetime | None = None,
    batch: str | None = None,
    reader: str | None = None,
    is_asked_for: bool = False,
) -> OutgoingEmail:
    """One message, once: a second call with the same key returns the first row, whatever became of it.

    `about` is "table:id" of the row whose history it belongs to; `batch`, such as "wave:12", of what is
    written to many in one go. `facts` hold no secret. `reader` is who gets it, where that is known beyond the
    address: "participant:12". What `is_asked_for` tires nobody, whatever its kind.
    """
    found = db.session.scalar(sa.select(OutgoingEmail).where(OutgoingEmail.dedupe_key == dedupe_key))
    if found:
        return found
    row = OutgoingEmail(
        dedupe_key=dedupe_key,
        message_id=message_id(dedupe_key),
        kind=kind,
        topic=KINDS[kind].topic,
        about=about,
        batch=batch,
        sender=senders.name_for(current_app.config["SETTINGS"], KINDS[kind].topic),
        priority=priority(kind),
        address=address,
        domain=addresses.domain(address),
        reader=None if is_asked_for else reader_of(kind, address, reader),
        language=language,
        facts=facts,
        next_attempt_at=send_at or now,
        not_after=not_after,
        created_at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row


def reader_of(kind: str, address: str, reader: str | None) -> str | None:
    """Whom the fatigue guard counts this for; None for a kind that asks nothing unbidden."""
    return None if KINDS[kind].asks is Asks.NOTHING else reader or addresses.digest(address)


def message_id(dedupe_key: str) -> str:
    """The same on every attempt, so that a second copy can be recognised by whoever gets it."""
    host = urlsplit(current_app.config["BASE_URL"]).hostname
    return f"<{issue('message-id', dedupe_key)[:32]}@{host}>"


def cancel(about: str, reason: str) -> None:
    """What has not passed the fence is not sent; call in the transaction that records the reason."""
    db.session.execute(_CANCEL, {"of": about, "reason": reason})


def wait_again(about: str, cancelled_because: str) -> datetime | None:
    """What was cancelled for this reason waits as before; when the first of it was due, or None."""
    again = (
        sa.update(OutgoingEmail)
        .where(
            OutgoingEmail.about == about,
            OutgoingEmail.state == EmailState.CANCELLED,
            OutgoingEmail.last_text == cancelled_because,
        )
        .values(state=EmailState.QUEUED, last_text=None)
    )
    moments = db.session.scalars(again.returning(OutgoingEmail.next_attempt_at)).all()
    return min(moments, default=None)


def suppress(address_hmac: str, scope: str, *, reason: str, by: str, now: datetime) -> Suppression:
    """Nothing more goes to this address ("all", or one topic), what waits included."""
    made = Suppression(address_hmac=address_hmac, scope=scope, reason=reason, since=now, by=by)
    with contextlib.suppress(IntegrityError), db.session.begin_nested():
        db.session.add(made)  # known already, or two clicks at once: the first stands
    waiting = sa.update(OutgoingEmail).where(
        OutgoingEmail.address_hmac == address_hmac,
        OutgoingEmail.state.in_(CAN_BE_STOPPED),
    )
    if scope != "all":
        waiting = waiting.where(OutgoingEmail.topic == scope)
    db.session.execute(waiting.values(state=EmailState.CANCELLED, last_text=reason))
    held = sa.select(Suppression).filter_by(address_hmac=address_hmac, scope=scope)
    return db.session.scalars(held).one()


def write_again(address_hmac: str, *scopes: str) -> int:
    """Takes suppressions back, all of them unless some are named; returns how many there were.

    What was cancelled stays cancelled: it has had its day.
    """
    held = sa.delete(Suppression).where(Suppression.address_hmac == address_hmac)
    if scopes:
        held = held.where(Suppression.scope.in_(scopes))
    return len(db.session.scalars(held.returning(Suppression.id)).all())


def release(now: datetime) -> int:
    """What was set aside waits again; returns how many. What a person holds stays held."""
    aside = sa.update(OutgoingEmail).where(OutgoingEmail.state == EmailState.SET_ASIDE)
    back = aside.values(state=EmailState.QUEUED, lease_token=None, next_attempt_at=now)
    return len(db.session.scalars(back.returning(OutgoingEmail.id)).all())


def take(email: OutgoingEmail) -> None:
    """Holds a message and what it is about, in the order that MessageKind.hold tells."""
    if kind := KINDS.get(email.kind):  # mail of a kind that is no more still comes back
        kind.hold(email)
    lock(email)


def settle(email: OutgoingEmail, *, was_sent: bool, why: str, now: datetime) -> None:
    """Evidence or a person decides about an uncertain message. Raises NotUncertain."""
    take(email)
    if email.state is not EmailState.UNCERTAIN:
        raise NotUncertain(_("What became of this message is already known: nothing was changed."))
    email.lease_token = None  # a sender that wakes up now finds it is no longer its own
    email.last_text = why
    if was_sent:
        email.state, email.sent_at = EmailState.SENT, email.dot_at
        KINDS[email.kind].went(email)
    else:
        email.state, email.next_attempt_at = EmailState.QUEUED, now


def rest_relay(relay: str, reply: Reply, now: datetime) -> RelayPause:
    """The relay refuses everybody or is away: each pause in a row is longer."""
    said = {"code": reply.code, "text": reply.text}
    first = {"relay": relay, "since": now, "until": now, "times": 0, **said}
    known = insert(RelayPause).on_conflict_do_update(index_elements=["relay"], set_=said)
    db.session.execute(known, [first])  # holds the row: two senders may hit the same wall at once
    pause = db.session.get_one(RelayPause, relay, populate_existing=True)
    if pause.until <= now:  # a second sender that hits the same wall does not make it higher
        pause.until = now + RESTS[min(pause.times, len(RESTS) - 1)]
        pause.times += 1
    current_app.logger.error("the relay %s rests until %s: %s", relay, pause.until, reply.text)
    return pause


def trust_relay(relay: str) -> None:
    """It took a message: the count of pauses begins anew."""
    db.session.execute(sa.delete(RelayPause).where(RelayPause.relay == relay))


def note_content_fault(batch: str, reply: Reply, now: datetime) -> None:
    """What a batch says was refused. For several people, with nobody between who got it: all of it waits.

    Those who were refused wait as well, with the server's words: they are not at fault.
    """
    refused = queries.refused_for_content(batch)
    is_known = db.session.get(ContentFault, batch) is not None
    if len(refused) < CONTENT_TELLING and not is_known:
        return
    if not is_known:
        fault = {"batch": batch, "since": now, "code": reply.code, "text": reply.text}
        db.session.execute(insert(ContentFault).on_conflict_do_nothing(), [fault])
    hold = sa.update(OutgoingEmail).values(state=EmailState.HELD)
    waiting = sa.and_(OutgoingEmail.batch == batch, OutgoingEmail.state == EmailState.QUEUED)
    db.session.execute(hold.where(sa.or_(waiting, OutgoingEmail.id.in_(refused))))
    current_app.logger.error("%s is held, for its content is refused: %s", batch, reply.text)


def clear_content_fault(batch: str) -> None:
    """Somebody has seen to it. What is held stays held until it is released."""
    db.session.execute(sa.delete(ContentFault).where(ContentFault.batch == batch))


def adopt(known: Collection[str]) -> int:
    """What waits for a sender that is no longer configured goes with the default one."""
    orphans = sa.update(OutgoingEmail).where(
        OutgoingEmail.state.in_((*WAITING, EmailState.LEASED, EmailState.UNCERTAIN)),
        OutgoingEmail.sender.not_in(known),
    )
    adopted = orphans.values(sender=senders.DEFAULT, lane="")
    result = db.session.execute(adopted, execution_options={"synchronize_session": False})
    return int(getattr(result, "rowcount", 0))


def take_tick(job: str, now: datetime, every: timedelta) -> bool:
    """Whether this run is ours: the first to ask in each stretch of `every` gets it."""
    due_at = now - timedelta(seconds=now.timestamp() % every.total_seconds())
    try:
        with db.session.begin_nested():
            db.session.add(Tick(job=job, due_at=due_at))
    except IntegrityError:
        return False
    db.session.execute(sa.delete(Tick).where(Tick.job == job, Tick.due_at < now - KEEP_TICKS))
    return True


def beat(worker: str, now: datetime) -> None:
    db.session.merge(WorkerHeartbeat(worker=worker, beat_at=now))
    db.session.execute(sa.delete(WorkerHeartbeat).where(WorkerHeartbeat.beat_at < now - KEEP_TICKS))
