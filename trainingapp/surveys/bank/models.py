"""The question bank: what a key means for years, and how it was worded from when on."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.models import User
from trainingapp.db import Base, Versioned
from trainingapp.programmes.models import Programme
from trainingapp.surveys.models import Level


class BankQuestion(Versioned, Base):
    """Its key and kind never change; it is retired, not deleted."""

    __tablename__ = "bank_questions"
    __table_args__ = (sa.UniqueConstraint("programme_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey(Programme.id))
    key: Mapped[str] = mapped_column(sa.String(60))
    kind: Mapped[str] = mapped_column(sa.String(30))
    level: Mapped[Level]
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]  # offered no more; what was answered stays

    programme: Mapped[Programme] = relationship(Programme)


class BankWording(Base):
    __tablename__ = "bank_wordings"
    __table_args__ = (sa.UniqueConstraint("question_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(sa.ForeignKey(BankQuestion.id, ondelete="CASCADE"))
    number: Mapped[int]
    wording: Mapped[dict[str, Any]]  # language -> text
    hint: Mapped[dict[str, Any]] = mapped_column(default=dict)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    why: Mapped[str] = mapped_column(sa.Text, default="")
    written_at: Mapped[datetime]
    written_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey(User.id)
    )  # none: it came with the product

    question: Mapped[BankQuestion] = relationship(BankQuestion)
    written_by: Mapped[User | None] = relationship(User)
