"""Mail waiting to go, and what happened to it. A message exists because a row says so."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from trainingapp.db import Base, index_where
from trainingapp.outbox import addresses


class EmailState(StrEnum):
    QUEUED = "queued"
    LEASED = "leased"  # one sender holds it; nothing has been accepted
    DOT = "dot"  # the fence: the last dot may have left
    SENT = "sent"
    UNCERTAIN = "uncertain"  # the relay may have taken it; evidence or a person decides
    FAILED = "failed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    HELD = "held"  # by a person
    SET_ASIDE = "set_aside"  # it could not be written: an operator mends the cause and releases it
    SKIPPED = "skipped"  # asked again inside the claim: no longer wanted
    CANCELLED = "cancelled"


WAITING = (EmailState.QUEUED, EmailState.HELD, EmailState.SET_ASIDE)
CAN_BE_STOPPED = (*WAITING, EmailState.LEASED)  # a sender that holds it finds the fence closed

URGENT, USUAL = 0, 1  # somebody who waits for a password link waits for no wave


class OutgoingEmail(Base):
    __tablename__ = "outgoing_emails"
    __table_args__ = (
        sa.Index("ix_outgoing_emails_claim", "state", "sender", "lane", "priority", "next_attempt_at", "id"),
        sa.Index(None, "batch", "state"),
        sa.Index(None, "about", "created_at"),
        sa.Index(None, "address_hmac", "topic", "state"),
        index_where("reader IS NOT NULL", "ix_outgoing_emails_reader", "reader", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(sa.String(160), unique=True)
    message_id: Mapped[str] = mapped_column(sa.String(255), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    topic: Mapped[str] = mapped_column(sa.String(40))  # what an unsubscribe is about
    about: Mapped[str] = mapped_column(sa.String(80))  # "invitation:12": whose history this belongs to
    batch: Mapped[str | None] = mapped_column(sa.String(80))  # "wave:12": what is written in one go
    sender: Mapped[str] = mapped_column(sa.String(40), default="default", server_default="default")
    priority: Mapped[int] = mapped_column(default=USUAL, server_default=str(USUAL))
    # Its domain, once that had no room: there it waits without standing in anybody's way.
    lane: Mapped[str] = mapped_column(sa.String(255), default="", server_default="")
    address: Mapped[str] = mapped_column(sa.String(320))
    address_hmac: Mapped[str] = mapped_column(
        sa.String(64), default=lambda row: addresses.digest(row.get_current_parameters()["address"])
    )
    domain: Mapped[str] = mapped_column(sa.String(255), index=True)
    # Whom it asks something unbidden: "participant:12", or the address's digest. None: they asked for it.
    reader: Mapped[str | None] = mapped_column(sa.String(80))
    language: Mapped[str] = mapped_column(sa.String(16))
    facts: Mapped[dict[str, Any]]  # what the message is rendered from; never a secret
    state: Mapped[EmailState] = mapped_column(default=EmailState.QUEUED)
    next_attempt_at: Mapped[datetime]
    not_after: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None] = mapped_column(sa.String(120))
    lease_token: Mapped[str | None] = mapped_column(sa.String(40))
    lease_until: Mapped[datetime | None]
    dot_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    last_code: Mapped[int | None]
    last_enhanced_code: Mapped[str | None] = mapped_column(sa.String(16))
    last_text: Mapped[str | None] = mapped_column(sa.Text)  # the server's own words, or why it was skipped
    created_at: Mapped[datetime]

    @property
    def went_at(self) -> datetime:
        """As well as we know: of one that goes just now, when it fell due."""
        return self.sent_at or self.dot_at or self.next_attempt_at


class DeliveryAttempt(Base):
    """One row each time a sender took the message up; completed as it goes, never used again."""

    __tablename__ = "delivery_attempts"
    __table_args__ = (sa.UniqueConstraint("email_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email_id: Mapped[int] = mapped_column(sa.ForeignKey(OutgoingEmail.id, ondelete="CASCADE"))
    number: Mapped[int]
    worker: Mapped[str] = mapped_column(sa.String(120))
    began_at: Mapped[datetime]
    phase: Mapped[str] = mapped_column(sa.String(20), default="leased")  # the furthest step reached
    dot_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    code: Mapped[int | None]
    reply: Mapped[str | None] = mapped_column(sa.Text)
    outcome: Mapped[str | None] = mapped_column(sa.String(20))


class Suppression(Base):
    """An address that is not written to; kept as an HMAC, so that it outlives an erasure."""

    __tablename__ = "suppressions"
    __table_args__ = (sa.UniqueConstraint("address_hmac", "scope"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    address_hmac: Mapped[str] = mapped_column(sa.String(64))
    scope: Mapped[str] = mapped_column(sa.String(40))  # "all" or a topic
    reason: Mapped[str] = mapped_column(sa.String(40))
    since: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(120))


class Tick(Base):
    """One row a job and moment: a second beat finds it taken."""

    __tablename__ = "ticks"
    __table_args__ = (sa.UniqueConstraint("job", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(sa.String(60))
    due_at: Mapped[datetime] = mapped_column(index=True)


class WorkerHeartbeat(Base):
    __tablename__ = "worker_heartbeats"

    worker: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    beat_at: Mapped[datetime]


class RelayPause(Base):
    """The relay is at fault (it refuses us, or is away): nobody is tried through it until then."""

    __tablename__ = "relay_pauses"

    relay: Mapped[str] = mapped_column(sa.String(255), primary_key=True)  # "default (host:port)"
    since: Mapped[datetime]
    until: Mapped[datetime]
    times: Mapped[int]  # in a row; each pause is longer than the one before
    code: Mapped[int | None]
    text: Mapped[str] = mapped_column(sa.Text)


class RateBucket(Base):
    """How fast a sender may go to a domain just now; the domain "" stands for all of them together."""

    __tablename__ = "rate_buckets"

    sender: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    domain: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    paid_until: Mapped[datetime]  # each message moves it on by its share of a second
    slowed_to: Mapped[float | None]  # messages a second, at the moment when the domain asked for patience
    slowed_at: Mapped[datetime | None]


class ContentFault(Base):
    """Relays refuse what a batch says, whoever it is for: the rest of it waits for a person."""

    __tablename__ = "content_faults"

    batch: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    since: Mapped[datetime]
    code: Mapped[int]
    text: Mapped[str] = mapped_column(sa.Text)  # the server's own words
