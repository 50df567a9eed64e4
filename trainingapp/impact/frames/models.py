"""What shared frames measure: indicators, who leads what, and values by country. Others keep these lists.

A list without a word for something leaves it empty; pages say that it is not known. Values are added, never
overwritten: the latest of a round, an indicator and a country holds.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.models import User
from trainingapp.db import Base
from trainingapp.programmes.frame_models import FrameItem, ReferenceFrame


class Rank(StrEnum):
    """How an indicator stands in its frame."""

    MAIN = "main"
    OPERATIONAL = "operational"


class FrameIndicator(Base):
    """Measured by countries in `unit`; what plans add is counted in `counted_in`, which may be another:
    no plan moves a country's percentage.
    """

    __tablename__ = "frame_indicators"
    __table_args__ = (sa.UniqueConstraint("frame_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    frame_id: Mapped[int] = mapped_column(sa.ForeignKey(ReferenceFrame.id, ondelete="CASCADE"))
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey(FrameItem.id, ondelete="SET NULL"))
    code: Mapped[str] = mapped_column(sa.String(20))
    rank: Mapped[Rank] = mapped_column(default=Rank.MAIN)
    name: Mapped[str] = mapped_column(sa.String(300))
    unit: Mapped[str] = mapped_column(sa.String(60), default="")
    numerator: Mapped[str] = mapped_column(sa.String(300), default="")
    denominator: Mapped[str] = mapped_column(sa.String(300), default="")
    counted_in: Mapped[str] = mapped_column(sa.String(60), default="")  # "money": each currency by itself
    also_called: Mapped[list[Any]] = mapped_column(default=list)  # other words for counted_in
    source: Mapped[str] = mapped_column(sa.Text, default="")
    frequency: Mapped[str] = mapped_column(sa.String(60), default="")
    gap: Mapped[str] = mapped_column(sa.Text, default="")  # what is known to be missing
    as_of: Mapped[date | None]
    position: Mapped[int]
    is_offered: Mapped[bool] = mapped_column(default=True)  # feeds still name what a later file left out

    frame: Mapped[ReferenceFrame] = relationship(ReferenceFrame)
    item: Mapped[FrameItem | None] = relationship(FrameItem)


class FrameLine(Base):
    """An action line: what is done under a goal, which country leads it, and who pays."""

    __tablename__ = "frame_lines"
    __table_args__ = (sa.UniqueConstraint("frame_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    frame_id: Mapped[int] = mapped_column(sa.ForeignKey(ReferenceFrame.id, ondelete="CASCADE"))
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey(FrameItem.id, ondelete="SET NULL"))
    indicator_id: Mapped[int | None] = mapped_column(sa.ForeignKey(FrameIndicator.id, ondelete="SET NULL"))
    code: Mapped[str] = mapped_column(sa.String(20))
    text: Mapped[str] = mapped_column(sa.String(300))
    champion: Mapped[str] = mapped_column(sa.String(2), default="")  # the country that leads it
    partners: Mapped[str] = mapped_column(sa.String(300), default="")  # dialogue partners
    status: Mapped[str] = mapped_column(sa.String(60), default="")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    reported_on: Mapped[date | None]
    report_due_on: Mapped[date | None]
    position: Mapped[int]
    is_offered: Mapped[bool] = mapped_column(default=True)

    item: Mapped[FrameItem | None] = relationship(FrameItem)
    indicator: Mapped[FrameIndicator | None] = relationship(FrameIndicator)


class MonitoringRound(Base):
    """One time at which every country is asked for its values."""

    __tablename__ = "monitoring_rounds"
    __table_args__ = (sa.UniqueConstraint("frame_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    frame_id: Mapped[int] = mapped_column(sa.ForeignKey(ReferenceFrame.id, ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(120))
    due_on: Mapped[date]
    added_at: Mapped[datetime]

    frame: Mapped[ReferenceFrame] = relationship(ReferenceFrame)


class FrameValue(Base):
    """What a country gave in a round, or that it could not (`value` none is a gap)."""

    __tablename__ = "frame_values"
    __table_args__ = (sa.Index(None, "round_id", "indicator_id", "country", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey(MonitoringRound.id, ondelete="CASCADE"))
    indicator_id: Mapped[int] = mapped_column(sa.ForeignKey(FrameIndicator.id, ondelete="CASCADE"))
    country: Mapped[str] = mapped_column(sa.String(2))
    value: Mapped[Decimal | None] = mapped_column(sa.Numeric(18, 4))
    year: Mapped[int | None]  # that the value is of
    definition: Mapped[str] = mapped_column(sa.String(300), default="")  # of a small firm, as used there
    source: Mapped[str] = mapped_column(sa.String(300), default="")
    comparability: Mapped[str] = mapped_column(sa.Text, default="")
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))

    indicator: Mapped[FrameIndicator] = relationship(FrameIndicator)

    @property
    def is_gap(self) -> bool:
        return self.value is None


class CountryGroup(StrEnum):
    LDC = "ldc"  # least developed, as the United Nations list them
    COLOMBO_PLAN = "colombo_plan"


class CountryStanding(Base):
    """That a country belongs to a group, from its first to its last day; none: not known, or no end."""

    __tablename__ = "country_standings"
    __table_args__ = (sa.UniqueConstraint("group", "country", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group: Mapped[CountryGroup]
    country: Mapped[str] = mapped_column(sa.String(2))
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    source: Mapped[str] = mapped_column(sa.Text)
    note: Mapped[str] = mapped_column(sa.Text, default="")
