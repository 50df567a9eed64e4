"""What the supervisor at home says to a plan, by a personal link."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.db import Base
from trainingapp.plans.models import ActionPlan, PlanVersion


class SupervisorWord(StrEnum):
    AGREED = "agreed"
    NOT_YET = "not_yet"


class SupervisorAgreement(Base):
    """One question to one supervisor about one version of a plan. Another version is asked about anew."""

    __tablename__ = "supervisor_agreements"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey(ActionPlan.id, ondelete="CASCADE"), index=True)
    plan_version_id: Mapped[int] = mapped_column(sa.ForeignKey(PlanVersion.id, ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(200))
    email: Mapped[str] = mapped_column(sa.String(320))
    language: Mapped[str] = mapped_column(sa.String(20))
    token_hash: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]  # by the participant, or by a newer question
    is_undelivered: Mapped[bool] = mapped_column(default=False)  # the mail came back
    answer: Mapped[SupervisorWord | None]
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    answered_at: Mapped[datetime | None]
    form_id: Mapped[str | None] = mapped_column(sa.String(22), unique=True)  # a second press changes nothing

    plan: Mapped[ActionPlan] = relationship(ActionPlan)
    plan_version: Mapped[PlanVersion] = relationship(PlanVersion)
