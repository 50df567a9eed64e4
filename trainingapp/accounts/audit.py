"""Every change of state, written in the transaction that makes it."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import has_request_context
from flask_login import current_user

from trainingapp import clock
from trainingapp.accounts.models import AuditEntry
from trainingapp.db import Base, db


def record(
    subject: Base,
    verb: str,
    *,
    before: object = None,
    after: object = None,
    why: str | None = None,
    programme_id: int | None = None,
    facts: dict[str, Any] | None = None,
) -> None:
    """Adds one line to the trail. `subject` must have its id (flush first). Never put a secret in it.

    The actor is the signed-in user, or "personal link" in a request without one, or "system".
    """
    db.session.add(
        AuditEntry(
            **_when_and_who(),
            programme_id=programme_id,
            subject=subject.__tablename__,
            subject_id=getattr(subject, "id", None),
            verb=verb,
            before=None if before is None else str(before),
            after=None if after is None else str(after),
            why=why,
            facts=facts or {},
        )
    )


def record_each(
    table: type[Base], verb: str, afters: Mapping[int, str], *, programme_id: int | None = None
) -> None:
    """One line for each row of a table, by its id, in one statement: for thousands at once."""
    same = {**_when_and_who(), "programme_id": programme_id, "subject": table.__tablename__, "verb": verb}
    if afters:
        db.session.execute(
            sa.insert(AuditEntry),
            [{**same, "subject_id": number, "after": after, "facts": {}} for number, after in afters.items()],
        )


def _when_and_who() -> dict[str, Any]:
    user = current_user if has_request_context() and current_user.is_authenticated else None
    return {
        "at": clock.now(),
        "actor_id": user.id if user else None,
        "actor": user.name if user else ("personal link" if has_request_context() else "system"),
    }
