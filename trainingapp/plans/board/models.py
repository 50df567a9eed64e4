"""How each plan stands, in one narrow row: thousands are counted in a few milliseconds."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.models import User
from trainingapp.db import Base
from trainingapp.plans.models import ActionPlan, PlanState


class PlanStanding(Base):
    """Of a plan that was sent. All but the owner follows from other rows; standing.py keeps it true."""

    __tablename__ = "plan_standings"
    __table_args__ = (
        # Whatever is counted, without a look at the rows.
        sa.Index(
            "ix_plan_standings_counts",
            *("programme_id", "country", "cohort_id", "owner_id", "silent_since", "due_on"),
            *("unbegun_since", "lines_blocked", "lines_unverified", "open_cases"),
        ),
        sa.Index(None, "programme_id", "cohort_id", "country", "state"),  # a dashboard's count
        sa.Index(None, "heard_at", "plan_id"),
        sa.Index(None, "silent_since", "plan_id"),
        sa.Index(None, "due_on", "plan_id"),
        sa.Index(None, "unbegun_since", "plan_id"),
    )

    plan_id: Mapped[int] = mapped_column(sa.ForeignKey(ActionPlan.id, ondelete="CASCADE"), primary_key=True)
    programme_id: Mapped[int]
    cohort_id: Mapped[int]
    country: Mapped[str] = mapped_column(sa.String(2))  # of the enrolment
    state: Mapped[PlanState] = mapped_column(default=PlanState.SUBMITTED, server_default=PlanState.SUBMITTED)
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))  # who looks after it
    heard_at: Mapped[datetime]  # the latest report, else when it was sent
    silent_since: Mapped[datetime | None]  # the same, while activities are open; none: nothing to wait for
    due_on: Mapped[date | None]  # the earliest day of the activities that are open
    unbegun_since: Mapped[datetime | None]  # when it was approved, while no activity has begun
    lines: Mapped[int] = mapped_column(default=0)
    lines_done: Mapped[int] = mapped_column(default=0)
    lines_blocked: Mapped[int] = mapped_column(default=0)
    lines_unverified: Mapped[int] = mapped_column(default=0)  # done, and nobody has verified it
    open_cases: Mapped[int] = mapped_column(default=0, server_default="0")  # see cases/arrivals.py

    plan: Mapped[ActionPlan] = relationship(ActionPlan)
    owner: Mapped[User | None] = relationship(User)
