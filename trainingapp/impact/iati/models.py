"""What a programme says of itself in IATI files."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.db import Base, Versioned
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
