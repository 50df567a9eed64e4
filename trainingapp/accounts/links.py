"""Links that set a password once: 14 days for an invitation, 30 minutes for a forgotten password."""

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app

from trainingapp.accounts.models import LinkPurpose, PasswordLink, User
from trainingapp.db import db
from trainingapp.outbox import actions as outbox
from trainingapp.tokens import fingerprint, issue

LASTS = {LinkPurpose.INVITATION: timedelta(days=14), LinkPurpose.RESET: timedelta(minutes=30)}


def send(user: User, purpose: LinkPurpose, now: datetime) -> PasswordLink:
    """A new link by mail; every older one of this person closes."""
    close(user, now)
    nonce = secrets.token_hex(16)
    link = PasswordLink(
        user_id=user.id,
        purpose=purpose,
        nonce=nonce,
        token_hash=fingerprint(_token(purpose, nonce)),
        expires_at=now + LASTS[purpose],
    )
    db.session.add(link)
    db.session.flush()
    outbox.enqueue(
        f"account-{purpose}",
        f"password-link:{link.id}",
        user.email,
        now=now,
        language=user.language,
        about=f"users:{user.id}",
        facts={"link": link.id},
        not_after=link.expires_at,
    )
    return link


def close(user: User, now: datetime) -> None:
    """No link of this person opens anything any more."""
    db.session.execute(
        sa.update(PasswordLink)
        .where(PasswordLink.user_id == user.id, PasswordLink.used_at.is_(None), PasswordLink.expires_at > now)
        .values(expires_at=now)
    )


def usable(token: str, now: datetime) -> PasswordLink | None:
    """The link this token opens, unless it is wrong, used, expired or its person's account is closed."""
    query = (
        sa.select(PasswordLink)
        .join(PasswordLink.user)
        .where(
            PasswordLink.token_hash == fingerprint(token),
            PasswordLink.used_at.is_(None),
            PasswordLink.expires_at > now,
            User.is_enabled,
        )
    )
    return db.session.scalar(query)


def address(link: PasswordLink) -> str:
    """Derived afresh whenever it is written into a mail; it is stored nowhere."""
    return f"{current_app.config['BASE_URL']}/accounts/password/{_token(link.purpose, link.nonce)}"


def _token(purpose: LinkPurpose, nonce: str) -> str:
    return issue("password", purpose.value, nonce)
