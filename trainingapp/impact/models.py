"""How a plan's figures feed a shared frame."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.models import User
from trainingapp.db import Base
from trainingapp.impact.frames.models import FrameIndicator
from trainingapp.plans.models import Indicator
from trainingapp.programmes.models import Programme


class Feed(Base):
    """An indicator of a plan counts towards one of a frame while it is linked. A change is a new row."""

    __tablename__ = "feeds"
    __table_args__ = (
        sa.Index(
            "uq_feeds_open",
            "indicator_id",
            "frame_indicator_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index(None, "programme_id", "frame_indicator_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey(Programme.id))  # of the plan
    indicator_id: Mapped[int] = mapped_column(sa.ForeignKey(Indicator.id, ondelete="CASCADE"), index=True)
    frame_indicator_id: Mapped[int] = mapped_column(sa.ForeignKey(FrameIndicator.id))
    currency: Mapped[str] = mapped_column(sa.String(3), default="")  # where money is counted
    same_unit: Mapped[str] = mapped_column(sa.String(300), default="")  # why another word means the same
    counted_as: Mapped[str] = mapped_column(sa.String(120))  # whose firms: of those alike only one counts
    contribution: Mapped[str] = mapped_column(sa.Text)  # in words: how the plan helped, asked and not claimed
    linked_at: Mapped[datetime]
    linked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))
    ended_at: Mapped[datetime | None]

    indicator: Mapped[Indicator] = relationship(Indicator)
    frame_indicator: Mapped[FrameIndicator] = relationship(FrameIndicator)
    linked_by: Mapped[User | None] = relationship(User)
