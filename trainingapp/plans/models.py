"""What a participant will do at home. What became of it is in progress/models.py."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Enrolment
from trainingapp.db import Base, Versioned
from trainingapp.visits.models import NoteCard, SiteVisit
from trainingapp.visits.session_models import AgendaSession


class Problem(StrEnum):
    FINANCE = "finance"
    TECHNOLOGY = "technology"
    MARKETS = "markets"
    SKILLS = "skills"
    STANDARDS = "standards"
    MATERIALS = "materials"
    POLICY = "policy"
    DATA = "data"
    ENVIRONMENT = "environment"
    OTHER = "other"


class PlanState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    STOPPED = "stopped"


EDITABLE = (PlanState.DRAFT, PlanState.RETURNED)
ENDED = (PlanState.DONE, PlanState.STOPPED)


class ActionPlan(Versioned, Base):
    __tablename__ = "action_plans"
    __table_args__ = (sa.Index(None, "state", "submitted_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(sa.ForeignKey(Enrolment.id), unique=True)
    title: Mapped[str] = mapped_column(sa.String(200), default="")
    problem_kind: Mapped[Problem | None]
    problem: Mapped[str] = mapped_column(sa.Text, default="")
    goal: Mapped[str] = mapped_column(sa.Text, default="")
    inspired_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(SiteVisit.id))
    session_id: Mapped[int | None] = mapped_column(sa.ForeignKey(AgendaSession.id), index=True)
    beneficiaries: Mapped[str] = mapped_column(sa.Text, default="")  # who gains, and how many
    support_wanted: Mapped[str] = mapped_column(sa.Text, default="")  # from the host country
    sdg_targets: Mapped[list[Any]] = mapped_column(default=list)  # "9.3"
    frame_goals: Mapped[list[Any]] = mapped_column(default=list)  # "sap-smed:B-2", as ReferenceFrame says
    state: Mapped[PlanState] = mapped_column(default=PlanState.DRAFT)
    state_reason: Mapped[str | None] = mapped_column(sa.Text)  # of a stop
    # As typed, where it could not be understood ("activities-12-due_on": "31/02"): kept until it can.
    unread: Mapped[dict[str, Any]] = mapped_column(default=dict)
    submitted_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    saved_at: Mapped[datetime]

    enrolment: Mapped[Enrolment] = relationship(Enrolment)
    inspired_by: Mapped[SiteVisit | None] = relationship(SiteVisit)


class Objective(Base):
    __tablename__ = "objectives"
    __table_args__ = (sa.Index(None, "plan_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey(ActionPlan.id, ondelete="CASCADE"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(sa.Text, default="")
    removed_at: Mapped[datetime | None]


class ActivityState(StrEnum):
    NOT_STARTED = "not_started"
    ON_TRACK = "on_track"
    DELAYED = "delayed"
    BLOCKED = "blocked"
    DONE = "done"
    DROPPED = "dropped"
    HANDED_OVER = "handed_over"


OVER = (ActivityState.DONE, ActivityState.DROPPED, ActivityState.HANDED_OVER)


class Activity(Base):
    __tablename__ = "activities"
    __table_args__ = (sa.Index(None, "plan_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey(ActionPlan.id, ondelete="CASCADE"))
    position: Mapped[int]
    objective_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Objective.id, ondelete="SET NULL"))
    note_card_id: Mapped[int | None] = mapped_column(sa.ForeignKey(NoteCard.id, ondelete="SET NULL"))
    what: Mapped[str] = mapped_column(sa.Text, default="")
    who: Mapped[str] = mapped_column(sa.String(200), default="")
    partners: Mapped[str] = mapped_column(sa.String(300), default="")
    first_step: Mapped[str] = mapped_column(sa.Text, default="")
    starts_on: Mapped[date | None]
    due_on: Mapped[date | None] = mapped_column(index=True)
    cost: Mapped[Decimal | None] = mapped_column(sa.Numeric(14, 2))
    currency: Mapped[str] = mapped_column(sa.String(3), default="")  # ISO 4217; nothing is converted
    payer: Mapped[str] = mapped_column(sa.String(200), default="")  # who pays
    state: Mapped[ActivityState] = mapped_column(default=ActivityState.NOT_STARTED)  # as last reported
    removed_at: Mapped[datetime | None]  # a line with reports is struck, not deleted


class Disaggregation(StrEnum):
    """By what a count is told apart."""

    NONE = "none"
    SEX = "sex"
    FIRM_KIND = "firm_kind"
    AGE = "age"


# The parts of each, as keys of IndicatorValue.parts. What they leave over is not known: they need not sum up.
PARTS: dict[Disaggregation, tuple[str, ...]] = {
    Disaggregation.NONE: (),
    Disaggregation.SEX: ("women", "men"),
    Disaggregation.FIRM_KIND: ("micro", "small", "medium", "cooperative"),
    Disaggregation.AGE: ("youth", "older"),
}


class Indicator(Base):
    __tablename__ = "indicators"
    __table_args__ = (sa.Index(None, "plan_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey(ActionPlan.id, ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    unit: Mapped[str] = mapped_column(sa.String(60), default="")
    baseline: Mapped[Decimal | None] = mapped_column(sa.Numeric(18, 4))
    target: Mapped[Decimal | None] = mapped_column(sa.Numeric(18, 4))
    disaggregation: Mapped[Disaggregation] = mapped_column(default=Disaggregation.NONE)
    counted_on: Mapped[date | None]  # the day by which the target is meant
    evidence: Mapped[str] = mapped_column(sa.Text, default="")  # what will show it: a register, a photo
    removed_at: Mapped[datetime | None]

    @property
    def parts(self) -> tuple[str, ...]:
        return PARTS[self.disaggregation or Disaggregation.NONE]


class Risk(Base):
    __tablename__ = "risks"
    __table_args__ = (sa.Index(None, "plan_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey(ActionPlan.id, ondelete="CASCADE"))
    position: Mapped[int]
    risk: Mapped[str] = mapped_column(sa.Text, default="")
    response: Mapped[str] = mapped_column(sa.Text, default="")
    removed_at: Mapped[datetime | None]


class PlanVersion(Base):
    """The plan as it was sent, each time it was sent."""

    __tablename__ = "plan_versions"
    __table_args__ = (sa.UniqueConstraint("plan_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey(ActionPlan.id, ondelete="CASCADE"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    submitted_at: Mapped[datetime]


class PlanComment(Base):
    """On the plan, or on one line of it. The participant sees it."""

    __tablename__ = "plan_comments"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey(ActionPlan.id, ondelete="CASCADE"), index=True)
    activity_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Activity.id, ondelete="SET NULL"))
    indicator_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Indicator.id, ondelete="SET NULL"))
    objective_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Objective.id, ondelete="SET NULL"))
    risk_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Risk.id, ondelete="SET NULL"))
    field: Mapped[str] = mapped_column(sa.String(40), default="")  # of the plan itself: "goal"
    author_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id))
    text: Mapped[str] = mapped_column(sa.Text)
    written_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]  # the participant says: answered
    form_id: Mapped[str | None] = mapped_column(sa.String(22), unique=True)  # a second press changes nothing

    author: Mapped[User] = relationship(User)

    @property
    def place(self) -> str:
        """What it is about: "activities-12", "goal", or "" for the whole plan."""
        lines = {
            "objectives": self.objective_id,
            "activities": self.activity_id,
            "indicators": self.indicator_id,
            "risks": self.risk_id,
        }
        return next((f"{of}-{number}" for of, number in lines.items() if number), self.field or "")

    def stands_at(self, lines: Collection[str]) -> str:
        """Its place; the whole plan where its line is not among these any more ("activities-12")."""
        return self.place if self.field or self.place in lines else ""
