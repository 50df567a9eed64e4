"""Open answers under review (an answer without a row here is new), and large waves counted ahead."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.models import User
from trainingapp.db import Base, Versioned
from trainingapp.followups.models import Wave
from trainingapp.programmes.models import Programme
from trainingapp.responses.models import Answer


class CommentState(StrEnum):
    NEW = "new"
    READ = "read"
    FLAGGED = "flagged"
    DONE = "done"


class CommentReview(Versioned, Base):
    __tablename__ = "comment_reviews"

    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int] = mapped_column(sa.ForeignKey(Answer.id, ondelete="CASCADE"), unique=True)
    state: Mapped[CommentState] = mapped_column(default=CommentState.READ, index=True)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    changed_by_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id))
    changed_at: Mapped[datetime]

    answer: Mapped[Answer] = relationship(Answer)


class Tag(Base):
    __tablename__ = "tags"
    __table_args__ = (sa.UniqueConstraint("programme_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey(Programme.id))
    name: Mapped[str] = mapped_column(sa.String(60))


class CommentTag(Base):
    __tablename__ = "comment_tags"

    review_id: Mapped[int] = mapped_column(
        sa.ForeignKey(CommentReview.id, ondelete="CASCADE"), primary_key=True
    )
    tag_id: Mapped[int] = mapped_column(
        sa.ForeignKey(Tag.id, ondelete="CASCADE"), primary_key=True, index=True
    )


class CountedWave(Base):
    """What was counted of a wave with very many answers, at that moment (recounts.py)."""

    __tablename__ = "counted_waves"

    wave_id: Mapped[int] = mapped_column(
        sa.ForeignKey(Wave.id, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    stamp: Mapped[str] = mapped_column(sa.String(60))  # changes whenever an answer does
    counted_at: Mapped[datetime]
    outcomes: Mapped[dict[str, Any]]  # code of followups/outcomes.py -> people
    figures: Mapped[dict[str, Any]] = mapped_column(deferred=True)  # figures.Figures
    cells: Mapped[dict[str, Any]] = mapped_column(deferred=True)  # figures.Cells
