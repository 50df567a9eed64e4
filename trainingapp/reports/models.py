"""Reports: what is asked for, the words beside its figures, and what was frozen when it was published."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Cohort
from trainingapp.db import Base, Versioned
from trainingapp.plans.progress.models import EvidenceLevel
from trainingapp.programmes.models import Programme
from trainingapp.responses.models import Answer


class ReportState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    REPLACED = "replaced"  # by a correction that was published
    WITHDRAWN = "withdrawn"


class Report(Versioned, Base):
    """One version. A correction is a report of its own that names the one it replaces."""

    __tablename__ = "reports"
    __table_args__ = (sa.Index(None, "programme_id", "published_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))  # a key of kinds.KINDS
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey(Programme.id))
    cohort_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Cohort.id), index=True)  # of an edition's
    first_year: Mapped[int | None]  # of one over several years
    last_year: Mapped[int | None]
    title: Mapped[str] = mapped_column(sa.String(200))
    language: Mapped[str] = mapped_column(sa.String(16))
    as_of: Mapped[date]  # figures stand as at the end of this day, in UTC
    level: Mapped[EvidenceLevel]  # results count from here up
    state: Mapped[ReportState] = mapped_column(default=ReportState.DRAFT)
    number: Mapped[int] = mapped_column(default=1)  # of the version
    replaces_id: Mapped[int | None] = mapped_column(sa.ForeignKey("reports.id"), unique=True)
    corrects: Mapped[str] = mapped_column(sa.Text, default="")  # what was wrong before, for its readers
    begun_at: Mapped[datetime]
    begun_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_because: Mapped[str] = mapped_column(sa.Text, default="")
    frozen: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)  # the whole document, composing.py
    form_id: Mapped[str | None] = mapped_column(sa.String(22), unique=True)  # a second press makes no second

    programme: Mapped[Programme] = relationship(Programme)
    cohort: Mapped[Cohort | None] = relationship(Cohort)
    published_by: Mapped[User | None] = relationship(User, foreign_keys=[published_by_id])
    replaces: Mapped["Report | None"] = relationship(remote_side="Report.id")


class ReportSection(Base):
    """A section's place in a report, and whether it is told."""

    __tablename__ = "report_sections"
    __table_args__ = (sa.UniqueConstraint("report_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey(Report.id, ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(sa.String(40))  # of sections.SECTIONS
    position: Mapped[int]
    is_told: Mapped[bool] = mapped_column(default=True)

    report: Mapped[Report] = relationship(Report)


class ReportText(Versioned, Base):
    """The coordinator's words in a section."""

    __tablename__ = "report_texts"

    section_id: Mapped[int] = mapped_column(
        sa.ForeignKey(ReportSection.id, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    text: Mapped[str] = mapped_column(sa.Text, default="")
    written_at: Mapped[datetime]
    written_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))

    section: Mapped[ReportSection] = relationship(ReportSection)
    written_by: Mapped[User | None] = relationship(User)


class EarlierText(Base):
    """What stood in a section before somebody else, or a later hour, changed it."""

    __tablename__ = "earlier_report_texts"

    id: Mapped[int] = mapped_column(primary_key=True)
    section_id: Mapped[int] = mapped_column(sa.ForeignKey(ReportSection.id, ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(sa.Text)
    written_at: Mapped[datetime]
    written_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))

    written_by: Mapped[User | None] = relationship(User)


class ReportQuote(Base):
    """A comment that a report quotes, without a name."""

    __tablename__ = "report_quotes"

    report_id: Mapped[int] = mapped_column(sa.ForeignKey(Report.id, ondelete="CASCADE"), primary_key=True)
    answer_id: Mapped[int] = mapped_column(
        sa.ForeignKey(Answer.id, ondelete="CASCADE"), primary_key=True, index=True
    )
    chosen_at: Mapped[datetime]
