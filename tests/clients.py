"""A browser for tests, and the settings its server runs with."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from trainingapp import clock, config
from trainingapp.accounts import sessions
from trainingapp.accounts.models import LoginSession, User
from trainingapp.accounts.sessions import LONGEST
from trainingapp.db import db
from trainingapp.tokens import fingerprint

# What no server starts without, but for its database.
REAL = {
    "SECRET_KEY": "only for tests, and long enough to be accepted",
    "BASE_URL": "http://localhost",
    "SMTP_URL": "smtp://127.0.0.1:2525",
    "MAIL_FROM": "Lanjut <followup@lanjut.example>",
}


@contextmanager
def counting() -> Iterator[list[Any]]:
    """The statements asked inside; one for many rows counts once, as it does on PostgreSQL's line."""
    asked: list[Any] = []

    def note(_connection: Any, statement: Any, *_rest: Any) -> None:
        asked.append(statement)

    sa.event.listen(db.engine, "before_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(db.engine, "before_execute", note)


class Browser(FlaskClient):
    """A client that sends the CSRF token as our pages do. `without_csrf` tries without."""

    without_csrf = False

    def open(self, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("method", "GET") in {"POST", "PUT", "PATCH", "DELETE"} and not self.without_csrf:
            with self.session_transaction() as carried:
                raw = carried.setdefault("csrf_token", "0" * 40)
            secret = self.application.config["SECRET_KEY"]
            token = URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(raw)
            kwargs["headers"] = {**dict(kwargs.get("headers") or {}), "X-CSRFToken": token}
        db.session.commit()
        with self.application.app_context():  # its own g and session, as in production
            return super().open(*args, **{"buffered": True, **kwargs})

    def statements(self, address: str, method: str = "GET") -> int:
        """How often a page asks the database."""
        with counting() as asked:
            assert self.open(address, method=method).status_code == 200
        return len(asked)

    @contextmanager
    def session_transaction(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        with self.application.app_context(), super().session_transaction(*args, **kwargs) as carried:
            yield carried

    def sign_in(self, user: User) -> None:
        """As the sign-in page does, without the password's deliberate slowness."""
        token = f"session of user {user.id}"
        now = clock.now()
        sessions.end(token)
        db.session.add(
            LoginSession(
                token_hash=fingerprint(token),
                user_id=user.id,
                began_at=now,
                ends_at=now + LONGEST,
                device="test",
            )
        )
        db.session.commit()
        with self.session_transaction() as carried:
            carried["_user_id"] = token
            carried["_fresh"] = True
            carried["seen"] = int(now.timestamp())


def settings(database_url: str, **more: Any) -> config.Config:
    return config.load({**REAL, "DATABASE_URL": database_url, **more})
