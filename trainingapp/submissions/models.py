"""A text for somebody else's platform, field by field."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.models import User
from trainingapp.db import Base, Versioned
from trainingapp.programmes.models import Programme


class SubmissionState(StrEnum):
    DRAFT = "draft"
    HANDED_IN = "handed_in"  # its text changes no more
    DISCARDED = "discarded"


class Submission(Versioned, Base):
    __tablename__ = "submissions"
    __table_args__ = (sa.Index(None, "programme_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey(Programme.id))
    kind: Mapped[str] = mapped_column(sa.String(40))  # a key of kinds.KINDS
    language: Mapped[str] = mapped_column(sa.String(10))  # in which texts are proposed
    as_of: Mapped[date | None]  # figures as they stood at the end of that day; none: as they stand now
    texts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # field -> what was typed (fields.Value)
    languages: Mapped[dict[str, Any]] = mapped_column(default=dict)  # field -> code
    labels: Mapped[dict[str, Any]] = mapped_column(default=dict)  # field -> language of its published label
    proposed: Mapped[list[Any]] = mapped_column(default=list)  # fields whose text nobody took as theirs yet
    unplaced: Mapped[str] = mapped_column(sa.Text, default="")  # what was pasted and fits no field
    state: Mapped[SubmissionState] = mapped_column(default=SubmissionState.DRAFT)
    form_id: Mapped[str | None] = mapped_column(sa.String(40), unique=True)
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))
    handed_in_on: Mapped[date | None]
    handed_in_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))
    address: Mapped[str] = mapped_column(sa.String(500), default="")  # where it is published
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)  # ours when it was handed in (held.Held)

    programme: Mapped[Programme] = relationship(Programme)
    changed_by: Mapped[User | None] = relationship(User, foreign_keys=changed_by_id)
    handed_in_by: Mapped[User | None] = relationship(User, foreign_keys=handed_in_by_id)

    @property
    def title(self) -> str:
        return str(self.texts.get("title", ""))
