"""Plain replies to a wave's mails, as they came and as they were understood. None of it is an answer."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.db import Base
from trainingapp.followups.models import Invitation
from trainingapp.outbox.models import OutgoingEmail


class Outcome(StrEnum):
    """What became of a reply."""

    WAITS = "waits"  # understood in part or whole: for her to confirm behind her link
    REPLACED = "replaced"  # by a later reply
    UNCLEAR = "unclear"  # nothing was understood for sure: asked back
    ASKED = "asked"  # for help, or how to say that she moved or is somebody else
    STOPPED = "stopped"  # wants no more mail: done at once
    STRANGER = "stranger"  # another sender than the person who was asked
    UNWANTED = "unwanted"  # from someone whom we may not write to any more
    TOO_LATE = "too_late"  # the wave has closed
    ANONYMOUS = "anonymous"  # nothing of it was kept
    BY_HAND = "by_hand"  # a coordinator recorded or answered it


NOT_ANSWERED = (Outcome.STRANGER, Outcome.UNWANTED, Outcome.STOPPED)
FOR_A_PERSON = (Outcome.UNCLEAR, Outcome.STRANGER, Outcome.UNWANTED, Outcome.TOO_LATE)


class EmailReply(Base):
    __tablename__ = "email_replies"
    __table_args__ = (
        sa.Index(None, "outcome", "received_at"),
        sa.Index(None, "invitation_id", "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    raw_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)  # SHA-256 of the mail: twice is once
    invitation_id: Mapped[int] = mapped_column(sa.ForeignKey(Invitation.id, ondelete="CASCADE"))
    email_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey(OutgoingEmail.id, ondelete="SET NULL"), index=True
    )
    received_at: Mapped[datetime]
    sender: Mapped[str] = mapped_column(sa.String(320))
    message_id: Mapped[str] = mapped_column(sa.String(255), default="")  # to answer under it
    text: Mapped[str] = mapped_column(sa.Text)  # her own words, for 90 days
    outcome: Mapped[Outcome]
    wish: Mapped[str | None] = mapped_column(sa.String(20))  # help, moved, not_me
    said: Mapped[list[Any]] = mapped_column(default=list)  # parser.Said of each activity, with its id
    unclear: Mapped[list[Any]] = mapped_column(default=list)  # in her words
    is_renumbered: Mapped[bool] = mapped_column(default=False)  # her plan has changed since the mail

    invitation: Mapped[Invitation] = relationship(Invitation)
