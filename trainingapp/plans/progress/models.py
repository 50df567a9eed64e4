"""What became of a plan: reports, figures, what shows that they are true, and who looked at it.

Rows are added, never overwritten. Two columns follow from other rows, so that thousands of plans can be
counted at once: `is_latest` (no later report on the line was sent) and `evidence` (what the last step says).
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.models import User
from trainingapp.db import Base, index_where
from trainingapp.files.models import StoredFile
from trainingapp.plans.models import ActionPlan, Activity, ActivityState, Indicator


class Source(StrEnum):
    """How something reached us."""

    SELF = "self"
    PHONE = "phone"
    EMAIL = "email"
    FILE = "file"
    SUPERVISOR = "supervisor"
    DOCUMENT = "document"
    VISIT = "visit"


class Blocker(StrEnum):
    """Why it does not go on."""

    FINANCE = "finance"
    TECHNOLOGY = "technology"
    MARKET = "market"
    SKILLS = "skills"
    AUTHORITY = "authority"
    STAFF = "staff"
    POLICY = "policy"
    SUPPLIES = "supplies"
    ENVIRONMENT = "environment"
    SECURITY = "security"
    JOB_CHANGE = "job_change"
    OTHER = "other"


class EvidenceLevel(StrEnum):
    """How well something is shown to be true, the weakest first."""

    CLAIMED = "claimed"
    EXPLAINED = "explained"
    DOCUMENTED = "documented"
    CONFIRMED = "confirmed"
    VERIFIED = "verified"

    @property
    def rank(self) -> int:
        """From 1."""
        return list(EvidenceLevel).index(self) + 1

    @property
    def and_above(self) -> list["EvidenceLevel"]:
        return list(EvidenceLevel)[self.rank - 1 :]


class ProgressUpdate(Base):
    """One report at one moment. Once sent it is never overwritten; a later one stands beside it."""

    __tablename__ = "progress_updates"
    __table_args__ = (sa.Index(None, "plan_id", "reported_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey(ActionPlan.id, ondelete="CASCADE"))
    source: Mapped[Source]
    recorded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))  # who typed it for them
    text: Mapped[str] = mapped_column(sa.Text, default="")
    started_at: Mapped[datetime]
    reported_at: Mapped[datetime | None]  # none while it is a draft
    form_id: Mapped[str | None] = mapped_column(sa.String(22), unique=True)  # a second press changes nothing
    # She said it again, better: what is not said here stands as it was said there.
    corrects_id: Mapped[int | None] = mapped_column(sa.ForeignKey("progress_updates.id"))

    plan: Mapped[ActionPlan] = relationship(ActionPlan)
    recorded_by: Mapped[User | None] = relationship(User)
    # Its lines and what is shown with them, read at once. The database deletes them with it.
    reports: Mapped[list["ActivityReport"]] = relationship(
        back_populates="update", order_by="ActivityReport.id", passive_deletes="all"
    )
    values: Mapped[list["IndicatorValue"]] = relationship(
        back_populates="update", order_by="IndicatorValue.id", passive_deletes="all"
    )
    shown: Mapped[list["Evidence"]] = relationship(
        back_populates="update", order_by="Evidence.id", passive_deletes="all"
    )


class ActivityReport(Base):
    __tablename__ = "activity_reports"
    __table_args__ = (
        sa.UniqueConstraint("update_id", "activity_id"),
        index_where("is_latest", "uq_activity_reports_latest", "activity_id", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    update_id: Mapped[int] = mapped_column(sa.ForeignKey(ProgressUpdate.id, ondelete="CASCADE"))
    activity_id: Mapped[int] = mapped_column(sa.ForeignKey(Activity.id, ondelete="CASCADE"), index=True)
    state: Mapped[ActivityState]
    note: Mapped[str] = mapped_column(sa.Text, default="")
    percent: Mapped[int | None]  # of the work, 0 to 100; nobody has to say it
    blocker: Mapped[Blocker | None]
    wants_help: Mapped[bool] = mapped_column(default=False)
    help_text: Mapped[str] = mapped_column(sa.Text, default="")
    evidence: Mapped[EvidenceLevel] = mapped_column(default=EvidenceLevel.CLAIMED)
    is_latest: Mapped[bool] = mapped_column(default=False)

    update: Mapped[ProgressUpdate] = relationship(ProgressUpdate, back_populates="reports")


class IndicatorValue(Base):
    __tablename__ = "indicator_values"
    __table_args__ = (
        sa.UniqueConstraint("update_id", "indicator_id"),
        index_where("is_latest", "uq_indicator_values_latest", "indicator_id", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    update_id: Mapped[int] = mapped_column(sa.ForeignKey(ProgressUpdate.id, ondelete="CASCADE"))
    indicator_id: Mapped[int] = mapped_column(sa.ForeignKey(Indicator.id, ondelete="CASCADE"), index=True)
    value: Mapped[Decimal] = mapped_column(sa.Numeric(18, 4))
    parts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # part's key -> number as text ("12.5")
    note: Mapped[str] = mapped_column(sa.Text, default="")
    evidence: Mapped[EvidenceLevel] = mapped_column(default=EvidenceLevel.CLAIMED)
    is_latest: Mapped[bool] = mapped_column(default=False)

    update: Mapped[ProgressUpdate] = relationship(ProgressUpdate, back_populates="values")


class EvidenceKind(StrEnum):
    PHOTO = "photo"
    FILE = "file"
    LINK = "link"


class Evidence(Base):
    """What was shown with a report: of one of its lines, or of the whole."""

    __tablename__ = "evidence"

    id: Mapped[int] = mapped_column(primary_key=True)
    update_id: Mapped[int] = mapped_column(sa.ForeignKey(ProgressUpdate.id, ondelete="CASCADE"), index=True)
    activity_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Activity.id, ondelete="CASCADE"))
    indicator_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Indicator.id, ondelete="CASCADE"))
    kind: Mapped[EvidenceKind]
    file_id: Mapped[int | None] = mapped_column(sa.ForeignKey(StoredFile.id))  # none: a link, or erased
    url: Mapped[str] = mapped_column(sa.String(2000), default="")
    caption: Mapped[str] = mapped_column(sa.String(300), default="")
    added_at: Mapped[datetime]

    update: Mapped[ProgressUpdate] = relationship(ProgressUpdate, back_populates="shown")
    file: Mapped[StoredFile | None] = relationship(StoredFile)


class EvidenceStep(Base):
    """One step on the ladder, up or (`is_undo`) back: who took it, when and how."""

    __tablename__ = "evidence_steps"
    __table_args__ = (sa.CheckConstraint("(report_id IS NULL) <> (value_id IS NULL)", name="one_line"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey(ActivityReport.id, ondelete="CASCADE"), index=True
    )
    value_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey(IndicatorValue.id, ondelete="CASCADE"), index=True
    )
    level: Mapped[EvidenceLevel]  # where it stands after the step
    is_undo: Mapped[bool] = mapped_column(default=False)
    how: Mapped[Source]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))
    by_name: Mapped[str] = mapped_column(sa.String(200), default="")  # of who has no account: a supervisor
    note: Mapped[str] = mapped_column(sa.Text, default="")
    taken_at: Mapped[datetime]

    report: Mapped[ActivityReport | None] = relationship(ActivityReport)
    value: Mapped[IndicatorValue | None] = relationship(IndicatorValue)
    by: Mapped[User | None] = relationship(User)


class Confirmation(StrEnum):
    """What a supervisor says of one line."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    UNKNOWN = "unknown"


class SupervisorCheck(Base):
    """Two questions to the supervisor, by a link of its own: is it so, and what do you see of it?"""

    __tablename__ = "supervisor_checks"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey(ActionPlan.id, ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    email: Mapped[str] = mapped_column(sa.String(320))
    language: Mapped[str] = mapped_column(sa.String(16))
    token_hash: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))  # herself, or a coordinator
    answered_at: Mapped[datetime | None]
    words: Mapped[str] = mapped_column(sa.Text, default="")
    form_id: Mapped[str | None] = mapped_column(sa.String(22), unique=True)  # a second press changes nothing

    plan: Mapped[ActionPlan] = relationship(ActionPlan)
    asked_by: Mapped[User | None] = relationship(User)


class SupervisorAnswer(Base):
    """What a check asks about one line of a report, and what the supervisor said."""

    __tablename__ = "supervisor_answers"
    __table_args__ = (sa.CheckConstraint("(report_id IS NULL) <> (value_id IS NULL)", name="one_line"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    check_id: Mapped[int] = mapped_column(sa.ForeignKey(SupervisorCheck.id, ondelete="CASCADE"), index=True)
    report_id: Mapped[int | None] = mapped_column(sa.ForeignKey(ActivityReport.id, ondelete="CASCADE"))
    value_id: Mapped[int | None] = mapped_column(sa.ForeignKey(IndicatorValue.id, ondelete="CASCADE"))
    said: Mapped[Confirmation | None]
