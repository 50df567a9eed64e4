"""Who else is asked, when, and what came of it. A voice is one supervisor about one alumna, or one host."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.cohorts.models import Enrolment
from trainingapp.db import Base, Versioned
from trainingapp.followups.models import Schedule
from trainingapp.responses.models import Response
from trainingapp.surveys.models import Audience, SurveyVersion
from trainingapp.visits.models import SiteVisit


class RoundState(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class VoiceRound(Versioned, Base):
    """One questionnaire for the supervisors, or the hosts, of one edition."""

    __tablename__ = "voice_rounds"
    __table_args__ = (
        sa.UniqueConstraint("schedule_id", "audience", "offset_months"),
        sa.Index(None, "state", "opens_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    schedule_id: Mapped[int] = mapped_column(sa.ForeignKey(Schedule.id, ondelete="CASCADE"))
    survey_version_id: Mapped[int] = mapped_column(sa.ForeignKey(SurveyVersion.id))
    audience: Mapped[Audience]
    offset_months: Mapped[int]  # from the cohort's last day; 0 for hosts, who are asked after their visit
    opens_on: Mapped[date]
    closes_on: Mapped[date]  # the last day on which an answer counts, everywhere on Earth
    state: Mapped[RoundState] = mapped_column(default=RoundState.PLANNED)
    reason: Mapped[str | None] = mapped_column(sa.Text)  # of a cancellation

    schedule: Mapped[Schedule] = relationship(Schedule)
    survey_version: Mapped[SurveyVersion] = relationship(SurveyVersion)


class VoiceState(StrEnum):
    PLANNED = "planned"
    SENT = "sent"
    ANSWERED = "answered"
    NOT_DELIVERED = "not_delivered"
    DECLINED = "declined"  # they do not want to be asked, now or later
    REFUSED = "refused"  # the alumna does not want her supervisor to be asked
    CLOSED = "closed"  # without an answer


MAY_ANSWER = (VoiceState.PLANNED, VoiceState.SENT, VoiceState.NOT_DELIVERED, VoiceState.DECLINED)
WAITS = (VoiceState.PLANNED, VoiceState.SENT)


class Voice(Base):
    __tablename__ = "voices"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "enrolment_id"),
        sa.UniqueConstraint("round_id", "visit_id"),
        sa.CheckConstraint("(enrolment_id IS NULL) <> (visit_id IS NULL)", name="of_one"),
        sa.Index(None, "look_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey(VoiceRound.id, ondelete="CASCADE"))
    # Whose supervisor, or after which visit: one of the two.
    enrolment_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey(Enrolment.id, ondelete="CASCADE"), index=True
    )
    visit_id: Mapped[int | None] = mapped_column(sa.ForeignKey(SiteVisit.id, ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    address: Mapped[str] = mapped_column(sa.String(320), index=True)
    language: Mapped[str] = mapped_column(sa.String(16))
    state: Mapped[VoiceState] = mapped_column(default=VoiceState.PLANNED)
    link_number: Mapped[int] = mapped_column(default=1)  # a new link replaces the old
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    told_hash: Mapped[str | None] = mapped_column(sa.String(64), unique=True)  # of the alumna's own link
    told_at: Mapped[datetime | None]  # when the alumna was told; nobody is asked about her before
    due_at: Mapped[datetime | None]  # when the mail that waits is due
    look_at: Mapped[datetime | None]  # when time may bring it something; none: nothing but an event will
    sent_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    reminders: Mapped[int] = mapped_column(default=0)  # the last one planned; skipped ones count
    answered_at: Mapped[datetime | None]
    response_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey(Response.id, ondelete="SET NULL"), unique=True
    )

    round: Mapped[VoiceRound] = relationship(VoiceRound)
    enrolment: Mapped[Enrolment | None] = relationship(Enrolment)
    visit: Mapped[SiteVisit | None] = relationship(SiteVisit)
