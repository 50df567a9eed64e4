"""Reference frames: lists that others keep, each with the days it holds for and where it was read."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from trainingapp.db import Base


class FrameKind(StrEnum):
    SDG = "sdg"
    GOALS = "goals"
    FORM = "form"  # what a form of somebody else's platform offers; no plan refers to it
    RESULTS = "results"  # what plans add up to; no plan refers to it by itself


class ReferenceFrame(Base):
    __tablename__ = "reference_frames"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(40), unique=True)
    kind: Mapped[FrameKind]
    name: Mapped[str] = mapped_column(sa.String(200))
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]  # the last day; none while nobody said
    source: Mapped[str] = mapped_column(sa.Text)
    follows: Mapped[str] = mapped_column(sa.String(40), default="", server_default="")  # a key
    loaded_at: Mapped[datetime]


class FrameItem(Base):
    __tablename__ = "frame_items"
    __table_args__ = (sa.UniqueConstraint("frame_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    frame_id: Mapped[int] = mapped_column(sa.ForeignKey(ReferenceFrame.id, ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(sa.String(20))  # text: "17.10" is not 17.1
    heading: Mapped[str] = mapped_column(sa.String(200), default="")  # the group that it stands in
    text: Mapped[str] = mapped_column(sa.String(300))
    position: Mapped[int]
    is_offered: Mapped[bool] = mapped_column(default=True)  # plans still name what a later file left out
