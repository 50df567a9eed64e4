"""What came back, and what it was taken for. The mail itself is not kept, only an excerpt, for 90 days."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.db import Base
from trainingapp.inbound.verdicts import Kind
from trainingapp.outbox.models import OutgoingEmail


class MatchedBy(StrEnum):
    """How we know which message of ours it is about."""

    RETURN_PATH = "return_path"  # signed: it was sent to the address that only this message carried
    REPLY_TO = "reply_to"  # the same, for replies
    MESSAGE_ID = "message_id"  # cannot be guessed: it quotes the message itself
    HAND = "hand"  # an operator said so
    ADDRESS = "address"  # a guess: a message went to the address it names. It proves nothing
    NOTHING = "nothing"


PROVEN = (MatchedBy.RETURN_PATH, MatchedBy.REPLY_TO, MatchedBy.MESSAGE_ID, MatchedBy.HAND)


class BounceEvent(Base):
    __tablename__ = "bounce_events"
    __table_args__ = (
        sa.Index(None, "received_at", "id"),
        sa.Index(None, "address_hmac", "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    raw_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)  # SHA-256 of the mail: twice is once
    received_at: Mapped[datetime]
    kind: Mapped[Kind]
    is_delay: Mapped[bool] = mapped_column(default=False)  # soft, and still being tried
    code: Mapped[str | None] = mapped_column(sa.String(16))
    recipients: Mapped[list[Any]]  # addresses as the report names them
    sender: Mapped[str] = mapped_column(sa.String(320))
    subject: Mapped[str] = mapped_column(sa.String(500))
    words: Mapped[str] = mapped_column(sa.Text)
    head: Mapped[str] = mapped_column(sa.Text)  # the first lines of its headers, as they came
    email_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey(OutgoingEmail.id, ondelete="SET NULL"), index=True
    )
    matched_by: Mapped[MatchedBy] = mapped_column(default=MatchedBy.NOTHING)
    address_hmac: Mapped[str | None] = mapped_column(sa.String(64))  # of the message's own recipient
    weight: Mapped[float] = mapped_column(default=0)  # towards stopping mail to that address
    dismissed_at: Mapped[datetime | None]

    email: Mapped[OutgoingEmail | None] = relationship(OutgoingEmail)
