"""Questions about mail; no writes."""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from flask import current_app

from trainingapp import clock
from trainingapp.db import db
from trainingapp.outbox import senders
from trainingapp.outbox.lines.replies import Reply, Stage
from trainingapp.outbox.models import (
    URGENT,
    USUAL,
    ContentFault,
    DeliveryAttempt,
    EmailState,
    OutgoingEmail,
    RateBucket,
    RelayPause,
    Suppression,
    Tick,
    WorkerHeartbeat,
)
from trainingapp.outbox.sending import rates

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def about(subject: str) -> Sequence[OutgoingEmail]:
    """All mail about "invitation:12", newest first."""
    return db.session.scalars(
        sa.select(OutgoingEmail)
        .where(OutgoingEmail.about == subject)
        .order_by(OutgoingEmail.created_at.desc(), OutgoingEmail.id.desc())
    ).all()


def is_suppressed(address_hmac: str, topic: str) -> bool:
    held = sa.exists().where(Suppression.address_hmac == address_hmac, Suppression.scope.in_(("all", topic)))
    return bool(db.session.scalar(sa.select(held)))


def stopped(address_hmac: str) -> set[str]:
    """The scopes of what does not go to this address."""
    scopes = sa.select(Suppression.scope).where(Suppression.address_hmac == address_hmac)
    return set(db.session.scalars(scopes))


# Asked before every single message, of an index each.
_STOPS = sa.union_all(
    sa.select(sa.literal("address").label("of"), Suppression.address_hmac, Suppression.scope).where(
        Suppression.address_hmac.in_(sa.bindparam("addresses", expanding=True))
    ),
    sa.select(sa.literal("batch"), ContentFault.batch, sa.literal("")).where(
        ContentFault.batch.in_(sa.bindparam("batches", expanding=True))
    ),
)


def stops(emails: Sequence[OutgoingEmail]) -> tuple[set[tuple[str, str]], set[str | None]]:
    """What stands against these messages: suppressions (digest, scope), and batches with a content fault."""
    asked = {
        "addresses": sorted({email.address_hmac for email in emails}),
        "batches": sorted({email.batch for email in emails if email.batch}),
    }
    found = db.session.execute(_STOPS, asked).all()
    suppressed = {(name, scope) for of, name, scope in found if of == "address"}
    return suppressed, {name for of, name, _ in found if of == "batch"}


def content_faults() -> list[ContentFault]:
    """Batches of which a relay refuses what they say; held until somebody has seen to it."""
    return list(db.session.scalars(sa.select(ContentFault).order_by(ContentFault.since)))


def refused_for_content(batch: str) -> list[int]:
    """Ids of the batch's messages whose content was refused since one of it was last accepted."""
    last_taken = sa.select(sa.func.max(OutgoingEmail.sent_at)).where(
        OutgoingEmail.batch == batch, OutgoingEmail.state == EmailState.SENT
    )
    refused = (
        sa.select(OutgoingEmail.id, OutgoingEmail.last_code, OutgoingEmail.last_text)
        .join(
            DeliveryAttempt,
            sa.and_(
                DeliveryAttempt.email_id == OutgoingEmail.id, DeliveryAttempt.number == OutgoingEmail.attempts
            ),
        )
        .where(
            OutgoingEmail.batch == batch,
            OutgoingEmail.state == EmailState.FAILED,
            OutgoingEmail.last_code.in_((552, 554)),
            DeliveryAttempt.phase == Stage.DOT.value,
            DeliveryAttempt.ended_at > sa.func.coalesce(last_taken.scalar_subquery(), LONG_AGO),
        )
    )
    rows = db.session.execute(refused).all()
    return [row.id for row in rows if Reply(Stage.DOT, row.last_code, row.last_text).is_about_content]


def suppression(address_hmac: str, scope: str) -> Suppression | None:
    return db.session.scalar(
        sa.select(Suppression).where(Suppression.address_hmac == address_hmac, Suppression.scope == scope)
    )


def _due(now: datetime, at_most: int) -> list[datetime]:
    """When they were due: so many of each sender, and one of each lane that has room.

    Through the very index of the claim. With one by time alone PostgreSQL would take that for the claim as
    well, and read all that waits in lanes.
    """
    parts = [
        sa.select(OutgoingEmail.next_attempt_at)
        .where(
            OutgoingEmail.state == EmailState.QUEUED,
            OutgoingEmail.sender == sender,
            OutgoingEmail.lane == "",
            OutgoingEmail.priority == priority,
            OutgoingEmail.next_attempt_at <= now,
        )
        .order_by(OutgoingEmail.next_attempt_at, OutgoingEmail.id)
        .limit(at_most)
        .subquery()
        for sender in senders.all(current_app.config["SETTINGS"])
        for priority in (URGENT, USUAL)
    ]
    lanes = sa.select(rates.WAITS_SINCE).where(RateBucket.paid_until <= now)
    found = sa.union_all(*(sa.select(part.c.next_attempt_at) for part in parts), lanes)
    return [moment for moment in db.session.scalars(found, {"until": now}) if moment]


def due(now: datetime, at_most: int) -> int:
    """How many messages are due, counted no further than `at_most`. A lane that has room counts as one."""
    return min(len(_due(now, at_most)), at_most)


def oldest_due_at(now: datetime) -> datetime | None:
    return min(_due(now, 1), default=None)


def counts() -> dict[EmailState, int]:
    query = sa.select(OutgoingEmail.state, sa.func.count()).group_by(OutgoingEmail.state)
    return dict(db.session.execute(query).all())


def pauses() -> Sequence[RelayPause]:
    return db.session.scalars(sa.select(RelayPause).order_by(RelayPause.relay)).all()


def last_beat_at() -> datetime | None:
    return db.session.scalar(sa.select(sa.func.max(WorkerHeartbeat.beat_at)))


def last_tick_at() -> datetime | None:
    return db.session.scalar(sa.select(sa.func.max(Tick.due_at)))


def database_time() -> datetime:
    """One clock for senders on several machines: PostgreSQL's own. SQLite is on this machine."""
    if db.engine.dialect.name == "sqlite":
        return clock.now()
    return db.session.scalar(sa.select(sa.func.clock_timestamp())) or clock.now()
