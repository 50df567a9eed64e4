"""Sessions the server can end. The cookie holds a random token; the table holds its SHA-256.

The idle limit is a signed time in the cookie, so that looking at pages writes no row.
"""

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import LoginManager, login_user

from trainingapp import clock
from trainingapp.accounts.models import LoginSession, User
from trainingapp.db import db
from trainingapp.tokens import fingerprint

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)

login_manager = LoginManager()
login_manager.session_protection = None  # it compares addresses; phones change theirs on the way


@login_manager.user_loader
def user_of(token: str) -> User | None:
    """The person whose running session this token belongs to."""
    seen = session.get("seen", 0)
    now = clock.now()
    if not token or now.timestamp() - seen > IDLE.total_seconds():
        return None
    query = sa.select(LoginSession).where(
        LoginSession.token_hash == fingerprint(token), LoginSession.ends_at > now
    )
    found = db.session.scalar(query)
    if found is None or not found.user.is_enabled:
        return None
    session["seen"] = int(now.timestamp())
    found.user.login_token = token
    return found.user


@login_manager.unauthorized_handler
def show_the_door() -> ResponseReturnValue:
    """Back to the same page after signing in, if it was one that can be asked for again."""
    if session.pop("_user_id", None):
        flash(_("You were signed out. Sign in again, and you are back on the same page."), "warn")
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.sign_in", next=here if here != "/" else None))


def begin(user: User, now: datetime) -> LoginSession:
    """Signs the user in with a new id; whatever the browser carried before is dropped."""
    token = secrets.token_urlsafe(32)
    row = LoginSession(
        token_hash=fingerprint(token),
        user_id=user.id,
        began_at=now,
        ends_at=now + LONGEST,
        device=str(request.user_agent)[:200],
    )
    db.session.add(row)
    session.clear()
    session["seen"] = int(now.timestamp())
    user.login_token = token
    login_user(user)
    return row


def end(token: str) -> None:
    db.session.execute(sa.delete(LoginSession).where(LoginSession.token_hash == fingerprint(token)))


def end_all(user: User) -> None:
    """In the same transaction as whatever made the old sessions unfit."""
    db.session.execute(sa.delete(LoginSession).where(LoginSession.user_id == user.id))


def cookie_settings(is_https: bool) -> dict[str, object]:
    """`__Host-` needs Secure, which a plain-HTTP loopback cannot have in every browser."""
    return {
        "SESSION_COOKIE_NAME": "__Host-session" if is_https else "session",
        "SESSION_COOKIE_SECURE": is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "PERMANENT_SESSION_LIFETIME": LONGEST,
    }
