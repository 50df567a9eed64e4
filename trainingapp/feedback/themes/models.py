"""Themes that were proposed from the words of an edition's comments, and what people make of them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Cohort
from trainingapp.db import Base, Versioned
from trainingapp.feedback.models import Tag
from trainingapp.responses.models import Answer


class ProposalState(StrEnum):
    WAITING = "waiting"
    READING = "reading"  # a worker groups the words
    READY = "ready"
    TOO_FEW = "too_few"
    FAILED = "failed"


class ThemeProposal(Base):
    """One reading of all comments of an edition."""

    __tablename__ = "theme_proposals"

    id: Mapped[int] = mapped_column(primary_key=True)
    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey(Cohort.id, ondelete="CASCADE"), index=True)
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id))
    asked_at: Mapped[datetime]
    state: Mapped[ProposalState] = mapped_column(default=ProposalState.WAITING, index=True)
    comments: Mapped[int] = mapped_column(default=0)  # that were read

    cohort: Mapped[Cohort] = relationship(Cohort)


class ThemeState(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class ProposedTheme(Versioned, Base):
    __tablename__ = "proposed_themes"

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey(ThemeProposal.id, ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    words: Mapped[list[Any]] = mapped_column(default=list)  # that its comments share, as they were written
    state: Mapped[ThemeState] = mapped_column(default=ThemeState.PROPOSED)
    tag_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Tag.id, ondelete="SET NULL"))

    proposal: Mapped[ThemeProposal] = relationship(ThemeProposal)


class ThemeQuote(Base):
    """A comment under a theme."""

    __tablename__ = "theme_quotes"

    theme_id: Mapped[int] = mapped_column(
        sa.ForeignKey(ProposedTheme.id, ondelete="CASCADE"), primary_key=True
    )
    answer_id: Mapped[int] = mapped_column(
        sa.ForeignKey(Answer.id, ondelete="CASCADE"), primary_key=True, index=True
    )
    position: Mapped[int] = mapped_column(default=0)  # the clearest first
