"""You said, we did: what people said, what is promised or done about it, by whom and until when."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Cohort
from trainingapp.db import Base, Versioned
from trainingapp.feedback.models import Tag
from trainingapp.responses.models import Answer


class PromiseState(StrEnum):
    PROMISED = "promised"
    KEPT = "kept"
    DROPPED = "dropped"


class Promise(Versioned, Base):
    __tablename__ = "promises"

    id: Mapped[int] = mapped_column(primary_key=True)
    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey(Cohort.id, ondelete="CASCADE"), index=True)
    tag_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Tag.id, ondelete="SET NULL"))  # the theme
    answer_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey(Answer.id, ondelete="SET NULL"), index=True
    )  # the comment it answers
    said: Mapped[dict[str, Any]]  # language -> text, in the team's words
    did: Mapped[dict[str, Any]]
    shows_quote: Mapped[bool] = mapped_column(default=False)  # the reviewer's choice, never a name
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))
    due_on: Mapped[date | None]
    state: Mapped[PromiseState] = mapped_column(default=PromiseState.PROMISED, index=True)
    reason: Mapped[str] = mapped_column(sa.Text, default="")  # why it was dropped
    shown_at: Mapped[datetime | None]  # since when participants see it; none: only the team
    written_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    form_id: Mapped[str | None] = mapped_column(sa.String(22), unique=True)  # a second press changes nothing

    cohort: Mapped[Cohort] = relationship(Cohort)
    tag: Mapped[Tag | None] = relationship(Tag)
    answer: Mapped[Answer | None] = relationship(Answer)
    owner: Mapped[User | None] = relationship(User)
