"""Verbs: put a message in the outbox, take it back."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import current_app

from trainingapp.db import db
from trainingapp.outbox.kinds import KINDS
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.tokens import issue


def enqueue(
    kind: str,
    dedupe_key: str,
    address: str,
    *,
    now: datetime,
    language: str,
    about: str,
    facts: dict[str, Any],
    send_at: datetime | None = None,
    not_after: datetime | None = None,
) -> OutgoingEmail:
    """One message, once: a second call with the same key returns the first row, whatever became of it.

    `about` is "table:id" of the row whose history it belongs to. `facts` hold no secret.
    """
    found = db.session.scalar(sa.select(OutgoingEmail).where(OutgoingEmail.dedupe_key == dedupe_key))
    if found:
        return found
    row = OutgoingEmail(
        dedupe_key=dedupe_key,
        message_id=message_id(dedupe_key),
        kind=kind,
        topic=KINDS[kind].topic,
        about=about,
        address=address,
        domain=address.rpartition("@")[2].lower(),
        language=language,
        facts=facts,
        next_attempt_at=send_at or now,
        not_after=not_after,
        created_at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row


def message_id(dedupe_key: str) -> str:
    """The same on every attempt, so that a second copy can be recognised by whoever gets it."""
    host = urlsplit(current_app.config["BASE_URL"]).hostname
    return f"<{issue('message-id', dedupe_key)[:32]}@{host}>"


def cancel(about: str, reason: str) -> int:
    """Whatever waits for `about` is not sent; call in the transaction that records the reason."""
    waiting = (EmailState.QUEUED, EmailState.HELD)
    change = (
        sa.update(OutgoingEmail)
        .where(OutgoingEmail.about == about, OutgoingEmail.state.in_(waiting))
        .values(state=EmailState.CANCELLED, last_text=reason)
    )
    return len(db.session.scalars(change.returning(OutgoingEmail.id)).all())
