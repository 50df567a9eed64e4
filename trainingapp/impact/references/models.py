"""What was read from IATI files of others.

What others reported is beside our figures, never added to them. An activity that is read again is a new
version: the older ones stay as they were.
"""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.models import User
from trainingapp.db import Base, index_where
from trainingapp.impact.frames.models import FrameIndicator


class ReferenceFile(Base):
    __tablename__ = "reference_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    activities: Mapped[int] = mapped_column(default=0)
    warnings: Mapped[list[Any]] = mapped_column(default=list)  # as verdict.Finding shows them
    read_at: Mapped[datetime]
    read_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))  # none: from the command line

    read_by: Mapped[User | None] = relationship(User)


class ReferenceActivity(Base):
    """As its publisher told it in one file. Texts are language -> words; "" where no language is said."""

    __tablename__ = "reference_activities"
    __table_args__ = (
        sa.UniqueConstraint("identifier", "version"),
        sa.Index(None, "is_latest", "publisher", "title", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(sa.ForeignKey(ReferenceFile.id), index=True)
    identifier: Mapped[str] = mapped_column(sa.String(500))
    version: Mapped[int]
    is_latest: Mapped[bool] = mapped_column(default=True)
    publisher_ref: Mapped[str] = mapped_column(sa.String(500), default="")
    publisher: Mapped[str] = mapped_column(sa.String(300), default="")
    title: Mapped[str] = mapped_column(sa.String(500), default="")  # in its own first language
    titles: Mapped[dict[str, Any]] = mapped_column(default=dict)
    descriptions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    status: Mapped[str] = mapped_column(sa.String(2), default="")
    starts_on: Mapped[date | None]  # actual, else planned
    ends_on: Mapped[date | None]
    countries: Mapped[list[Any]] = mapped_column(default=list)  # [code, percentage or null]
    regions: Mapped[list[Any]] = mapped_column(default=list)  # [vocabulary, code, percentage or null]
    sectors: Mapped[list[Any]] = mapped_column(default=list)  # as regions
    sdgs: Mapped[list[Any]] = mapped_column(default=list)  # goals and targets
    indicators: Mapped[int] = mapped_column(default=0)

    file: Mapped[ReferenceFile] = relationship(ReferenceFile)


class ReferenceIndicator(Base):
    """One measure of an activity. Values are as written: {"value", "dimensions": [[name, value]], "comment"};
    a qualitative one has none.
    """

    __tablename__ = "reference_indicators"
    __table_args__ = (sa.Index(None, "activity_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(sa.ForeignKey(ReferenceActivity.id, ondelete="CASCADE"))
    position: Mapped[int]
    result_type: Mapped[str] = mapped_column(sa.String(2), default="")
    result: Mapped[str] = mapped_column(sa.Text, default="")
    measure: Mapped[str] = mapped_column(sa.String(2), default="")
    is_ascending: Mapped[bool] = mapped_column(default=True)
    title: Mapped[str] = mapped_column(sa.Text, default="")
    titles: Mapped[dict[str, Any]] = mapped_column(default=dict)
    sdgs: Mapped[list[Any]] = mapped_column(default=list)  # that its references or its activity's tags name
    baselines: Mapped[list[Any]] = mapped_column(default=list)  # values, with "year" and "day"
    periods: Mapped[list[Any]] = mapped_column(default=list)  # {"start", "end", "targets", "actuals"}

    activity: Mapped[ReferenceActivity] = relationship(ReferenceActivity)


class ReferenceLink(Base):
    """Somebody put an indicator of others beside one of a shared frame. To look at: nothing is added up."""

    __tablename__ = "reference_links"
    __table_args__ = (
        index_where(
            "ended_at IS NULL", "uq_reference_links_open", "indicator_id", "frame_indicator_id", unique=True
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator_id: Mapped[int] = mapped_column(sa.ForeignKey(ReferenceIndicator.id, ondelete="CASCADE"))
    frame_indicator_id: Mapped[int] = mapped_column(sa.ForeignKey(FrameIndicator.id), index=True)
    linked_at: Mapped[datetime]
    linked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))
    ended_at: Mapped[datetime | None]

    indicator: Mapped[ReferenceIndicator] = relationship(ReferenceIndicator)
    frame_indicator: Mapped[FrameIndicator] = relationship(FrameIndicator)
    linked_by: Mapped[User | None] = relationship(User)
