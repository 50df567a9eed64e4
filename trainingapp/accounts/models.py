"""Who signs in, with what, and the trail of what everyone did."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask_login import UserMixin
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.append_only import guard
from trainingapp.db import Base


class UserState(StrEnum):
    ACTIVE = "active"
    INVITED = "invited"  # has not chosen a password yet
    DISABLED = "disabled"


class User(UserMixin, Base):
    __tablename__ = "users"
    __table_args__ = (sa.Index(None, "name", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(320), unique=True)  # lower case
    name: Mapped[str] = mapped_column(sa.String(200))
    password_hash: Mapped[str | None] = mapped_column(sa.String(255))  # none until the invitation is used
    is_administrator: Mapped[bool] = mapped_column(default=False)
    is_enabled: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str] = mapped_column(sa.String(16), default="en")
    time_zone: Mapped[str] = mapped_column(sa.String(64), default="Asia/Jakarta")
    created_at: Mapped[datetime]

    @property
    def state(self) -> UserState:
        if not self.is_enabled:
            return UserState.DISABLED
        return UserState.ACTIVE if self.password_hash else UserState.INVITED

    login_token = ""  # set while this request belongs to a session of theirs

    def get_id(self) -> str:
        """Flask-Login keeps this in the cookie: the session's token, so that a session can be ended."""
        return self.login_token


class LoginSession(Base):
    __tablename__ = "login_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id, ondelete="CASCADE"), index=True)
    began_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    device: Mapped[str] = mapped_column(sa.String(200))  # the browser's own words, for the person's list

    user: Mapped[User] = relationship(User, lazy="joined")


class LinkPurpose(StrEnum):
    INVITATION = "invitation"
    RESET = "reset"


class PasswordLink(Base):
    """Sets a password, once. The token itself is derived (trainingapp/tokens.py), never stored."""

    __tablename__ = "password_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id, ondelete="CASCADE"), index=True)
    purpose: Mapped[LinkPurpose]
    nonce: Mapped[str] = mapped_column(sa.String(32))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(User)


class FirstRun(Base):
    """A code on the server's own console; whoever can read it becomes the first administrator."""

    __tablename__ = "first_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    code_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AuditEntry(Base):
    """Who, when, from, to, why. The table only grows: the database refuses changes and deletions."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        sa.Index(None, "subject", "subject_id", "id", "verb", "at"),  # the last two: history.py asks no row
        sa.Index(None, "actor_id", "id"),
        sa.Index(None, "programme_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None]  # no key: the trail outlives the account
    actor: Mapped[str] = mapped_column(sa.String(200))  # a name, or "personal link", "system"
    programme_id: Mapped[int | None]
    subject: Mapped[str] = mapped_column(sa.String(40))  # a table's name
    subject_id: Mapped[int | None]
    verb: Mapped[str] = mapped_column(sa.String(60))
    before: Mapped[str | None] = mapped_column(sa.Text)
    after: Mapped[str | None] = mapped_column(sa.Text)
    why: Mapped[str | None] = mapped_column(sa.Text)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)


class AuditSeal(Base):
    """A chain over finished stretches of the trail: each digest covers the one before it."""

    __tablename__ = "audit_seals"

    id: Mapped[int] = mapped_column(primary_key=True)
    last_entry_id: Mapped[int] = mapped_column(unique=True)
    entries: Mapped[int]
    digest: Mapped[str] = mapped_column(sa.String(64))
    sealed_at: Mapped[datetime]


guard(AuditEntry.__table__)
guard(AuditSeal.__table__)
