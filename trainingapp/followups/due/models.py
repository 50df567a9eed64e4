"""Reminders of activities that are due: one mail may name several, each is named once for its day."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.cohorts.models import Enrolment
from trainingapp.db import Base
from trainingapp.plans.models import Activity


class DueNotice(Base):
    __tablename__ = "due_notices"

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(sa.ForeignKey(Enrolment.id, ondelete="CASCADE"), index=True)
    address: Mapped[str] = mapped_column(sa.String(320))
    language: Mapped[str] = mapped_column(sa.String(16))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    due_at: Mapped[datetime]  # when the mail goes
    sent_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]  # she reported by its link

    enrolment: Mapped[Enrolment] = relationship(Enrolment)


class DueWhat(StrEnum):
    ACTIVITY = "activity"
    FIRST_STEP = "first_step"


class DueLine(Base):
    __tablename__ = "due_lines"
    __table_args__ = (sa.UniqueConstraint("activity_id", "what", "due_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(sa.ForeignKey(DueNotice.id, ondelete="CASCADE"), index=True)
    activity_id: Mapped[int] = mapped_column(sa.ForeignKey(Activity.id, ondelete="CASCADE"))
    what: Mapped[DueWhat]
    due_on: Mapped[date]

    activity: Mapped[Activity] = relationship(Activity)
