"""What a programme says of itself in IATI files, and what was read from files of others.

What others reported is beside our figures, never added to them. An activity that is read again is a new
version: the older ones stay as they were.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.models import User
from trainingapp.db import Base, Versioned, index_where
from trainingapp.impact.frame_models import FrameIndicator
from trainingapp.programmes.models import Programme


class IatiDetails(Versioned, Base):
    """Of one programme. Codes are of the standard's lists, which come with the product."""

    __tablename__ = "iati_details"

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey(Programme.id), unique=True)
    organisation_ref: Mapped[str] = mapped_column(sa.String(100))  # who reports
    organisation_name: Mapped[str] = mapped_column(sa.String(200))
    organisation_type: Mapped[str] = mapped_column(sa.String(2))
    sector: Mapped[str] = mapped_column(sa.String(5))
    aid_type: Mapped[str] = mapped_column(sa.String(3))
    collaboration: Mapped[str] = mapped_column(sa.String(1))
    flow: Mapped[str] = mapped_column(sa.String(2))
    finance: Mapped[str] = mapped_column(sa.String(4))
    tied: Mapped[str] = mapped_column(sa.String(1))
    language: Mapped[str] = mapped_column(sa.String(2))  # of names and texts
    currency: Mapped[str] = mapped_column(sa.String(3))
    sdgs: Mapped[list[Any]]  # goals and targets: "9", "9.3"
    contact_name: Mapped[str] = mapped_column(sa.String(200))  # an office rather than a person
    contact_email: Mapped[str] = mapped_column(sa.String(320))
    website: Mapped[str] = mapped_column(sa.String(300))
    changed_at: Mapped[datetime]

    programme: Mapped[Programme] = relationship(Programme)

    @classmethod
    def usual(cls) -> "IatiDetails":
        """Before anybody filled them: as fits a triangular course for small firms, given by a government."""
        codes = {"organisation_type": "10", "sector": "32130", "aid_type": "D02", "collaboration": "8"}
        codes |= {"flow": "10", "finance": "110", "tied": "5", "language": "en", "currency": "USD"}
        words = ("organisation_ref", "organisation_name", "contact_name", "contact_email", "website")
        return cls(**codes, **dict.fromkeys(words, ""), sdgs=[])


class PartnerIdentity(Base):
    """Who a partner of the editions is, to readers of IATI files; known by the name that editions use."""

    __tablename__ = "partner_identities"
    __table_args__ = (sa.UniqueConstraint("programme_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey(Programme.id))
    name: Mapped[str] = mapped_column(sa.String(200))
    ref: Mapped[str] = mapped_column(sa.String(100), default="")
    type: Mapped[str] = mapped_column(sa.String(2), default="")


class YearBudget(Base):
    """What a programme may spend in a calendar year, in the currency of its details."""

    __tablename__ = "year_budgets"
    __table_args__ = (sa.UniqueConstraint("programme_id", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey(Programme.id))
    year: Mapped[int]
    amount: Mapped[Decimal] = mapped_column(sa.Numeric(16, 2))
    is_committed: Mapped[bool] = mapped_column(default=False)  # else an estimate


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
