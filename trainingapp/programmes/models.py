"""The lasting thing, its subject for a year, and who does what on it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.models import User
from trainingapp.db import Base, Versioned


class Programme(Versioned, Base):
    __tablename__ = "programmes"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(60), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    short_name: Mapped[str] = mapped_column(sa.String(80))
    description: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime]


class Theme(Versioned, Base):
    __tablename__ = "themes"
    __table_args__ = (sa.UniqueConstraint("programme_id", "year", "title"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey(Programme.id))
    year: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(300))
    description: Mapped[str] = mapped_column(sa.Text, default="")
    topics: Mapped[list[Any]] = mapped_column(default=list)  # short texts, in order

    programme: Mapped[Programme] = relationship(Programme)


class Role(StrEnum):
    """On one programme.

    An administrator is a flag on the user; participants and alumni are people with an account of
    their own (participants.Participant.user_id).
    """

    ORGANISER = "organiser"
    COORDINATOR = "coordinator"
    REVIEWER = "reviewer"
    FOCAL_POINT = "focal_point"
    VIEWER = "viewer"


class Membership(Base):
    __tablename__ = "memberships"
    __table_args__ = (sa.UniqueConstraint("user_id", "programme_id", "role", "country"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id, ondelete="CASCADE"), index=True)
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey(Programme.id), index=True)
    role: Mapped[Role]
    country: Mapped[str] = mapped_column(sa.String(2), default="")  # a focal point's own; else empty

    programme: Mapped[Programme] = relationship(Programme)
    user: Mapped[User] = relationship(User)
