"""Open answers under review (an answer without a row here is new), and answers counted ahead."""

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
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id), index=True)
    translation: Mapped[str] = mapped_column(sa.Text, default="", server_default="")  # beside the original
    translated_into: Mapped[str] = mapped_column(sa.String(16), default="", server_default="")
    changed_by_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id))
    changed_at: Mapped[datetime]

    answer: Mapped[Answer] = relationship(Answer)


class CommentChange(Base):
    """What somebody did to comments at one time, so that it can be undone as a whole."""

    __tablename__ = "comment_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id), index=True)
    made_at: Mapped[datetime]
    what: Mapped[str] = mapped_column(sa.String(20))  # a key of triage.VERBS
    to: Mapped[str] = mapped_column(sa.String(200), default="")  # the tag's or owner's name
    before: Mapped[list[Any]]  # [answer, version after, state, owner or None, tag that is new or None]
    left: Mapped[int] = mapped_column(default=0)  # comments that somebody else changed meanwhile
    undone_at: Mapped[datetime | None]


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


class _Counted:
    """What was counted of the responses that were sent by a moment."""

    figures: Mapped[dict[str, Any]] = mapped_column(deferred=True)  # figures.Figures
    cells: Mapped[dict[str, Any]] = mapped_column(deferred=True)  # figures.Cells


class CountedWave(_Counted, Base):
    """The sum of its parts (results/parts.py)."""

    __tablename__ = "counted_waves"

    wave_id: Mapped[int] = mapped_column(
        sa.ForeignKey(Wave.id, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    until: Mapped[datetime]  # for its parts too
    scheme: Mapped[int]  # figures.SCHEME at that time
    responses: Mapped[int | None]  # none: parts are being counted, and the sum does not hold


class CountedPart(_Counted, Base):
    __tablename__ = "counted_parts"

    wave_id: Mapped[int] = mapped_column(
        sa.ForeignKey(CountedWave.wave_id, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    responses: Mapped[int]


class CorrectedPart(Base):
    """Somebody in it is of another country, sex or kind than when it was counted."""

    __tablename__ = "corrected_parts"
    __table_args__ = (sa.Index(None, "wave_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int]  # no key: whoever corrects a person would wait for who holds the wave
    number: Mapped[int]
