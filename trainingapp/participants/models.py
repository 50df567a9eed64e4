"""People: one row a human over all years, and the ways to reach them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.models import User
from trainingapp.db import Base, Versioned, index_where
from trainingapp.participants.names import LONGEST_SORTED


def ordered_text(length: int) -> sa.String:
    """Compared byte by byte on both databases, so that order and prefixes are the same everywhere."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNSTATED = "unstated"


class Participant(Versioned, Base):
    """Names are shown as the person writes them and are never split (one word or six)."""

    __tablename__ = "participants"
    __table_args__ = (sa.Index(None, "sort_name", "id"), sa.Index(None, "country", "sort_name", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id, ondelete="SET NULL"), unique=True)
    full_name: Mapped[str] = mapped_column(sa.String(200))
    local_name: Mapped[str | None] = mapped_column(sa.String(200))  # in the person's own script
    local_language: Mapped[str | None] = mapped_column(sa.String(16))  # of local_name, for fonts and readers
    passport_name: Mapped[str | None] = mapped_column(sa.String(200))
    certificate_name: Mapped[str | None] = mapped_column(sa.String(200))
    sort_name: Mapped[str] = mapped_column(
        ordered_text(LONGEST_SORTED)
    )  # Latin letters, lower case; for order only
    country: Mapped[str] = mapped_column(sa.String(2))  # ISO 3166-1 alpha-2
    sex: Mapped[Sex] = mapped_column(default=Sex.UNSTATED)
    born_on: Mapped[date | None]
    language: Mapped[str] = mapped_column(sa.String(16), default="en")  # in which we write to them
    time_zone: Mapped[str | None] = mapped_column(sa.String(64))  # else the country's
    opted_out_at: Mapped[datetime | None]  # from follow-up mail
    deceased_on: Mapped[date | None]
    erased_at: Mapped[datetime | None]
    contact_lost_at: Mapped[datetime | None]
    agreed_to_help_on: Mapped[date | None]  # to be asked where others of their edition are
    created_at: Mapped[datetime]


class ContactKind(StrEnum):
    EMAIL = "email"
    PHONE = "phone"
    MESSAGING = "messaging"


class ContactState(StrEnum):
    WORKING = "working"
    BOUNCED = "bounced"
    UNREACHABLE = "unreachable"
    OPTED_OUT = "opted_out"


class ContactPoint(Base):
    __tablename__ = "contact_points"
    __table_args__ = (
        # An e-mail address is one person's; a telephone may ring for two.
        index_where("kind = 'email'", "uq_contact_points_email", "normalised", unique=True),
        sa.Index(None, "participant_id", "kind", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    participant_id: Mapped[int] = mapped_column(sa.ForeignKey(Participant.id, ondelete="CASCADE"))
    kind: Mapped[ContactKind]
    value: Mapped[str] = mapped_column(sa.String(320))  # as the person wrote it
    normalised: Mapped[str] = mapped_column(ordered_text(320))  # e-mail in lower case, phone as E.164
    state: Mapped[ContactState] = mapped_column(default=ContactState.WORKING)
    position: Mapped[int] = mapped_column(default=0)  # the lowest working one is written to first
    confirmed_at: Mapped[datetime | None]  # when its owner last said that it is right

    participant: Mapped[Participant] = relationship(Participant)


class NameWord(Base):
    """One Latin, lower-case word of any of a person's names, organisation-free: the search index."""

    __tablename__ = "name_words"
    __table_args__ = (sa.Index(None, "participant_id", "word"),)

    word: Mapped[str] = mapped_column(ordered_text(60), primary_key=True)
    participant_id: Mapped[int] = mapped_column(
        sa.ForeignKey(Participant.id, ondelete="CASCADE"), primary_key=True
    )


class Employment(Base):
    """Where someone works, in their own words; the latest row holds now. An enrolment keeps its time's."""

    __tablename__ = "employments"
    __table_args__ = (sa.Index(None, "participant_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    participant_id: Mapped[int] = mapped_column(sa.ForeignKey(Participant.id, ondelete="CASCADE"))
    organisation: Mapped[str] = mapped_column(sa.String(200))
    post: Mapped[str] = mapped_column(sa.String(200))
    country: Mapped[str] = mapped_column(sa.String(2))
    email: Mapped[str] = mapped_column(
        sa.String(320), default=""
    )  # as written; a person looks if it is taken
    told_at: Mapped[datetime]
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what taking it back restores

    participant: Mapped[Participant] = relationship(Participant)
