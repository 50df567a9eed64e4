"""What an edition teaches: a lecture, a workshop, a clinic. Plans grow out of them as out of visits."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.cohorts.models import Cohort
from trainingapp.db import Base, Versioned


class AgendaSession(Versioned, Base):
    __tablename__ = "agenda_sessions"
    __table_args__ = (sa.UniqueConstraint("cohort_id", "held_on", "title"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey(Cohort.id))
    title: Mapped[str] = mapped_column(sa.String(200))
    held_on: Mapped[date]
    speaker: Mapped[str] = mapped_column(sa.String(200), default="")  # several, as one line

    cohort: Mapped[Cohort] = relationship(Cohort)
