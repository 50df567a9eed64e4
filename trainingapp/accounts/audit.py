"""Every change of state, written in the transaction that makes it, and seals that show if one was touched."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import has_request_context
from flask_login import current_user

from trainingapp import clock
from trainingapp.accounts.models import AuditEntry, AuditSeal
from trainingapp.db import Base, db
from trainingapp.db import table as db_table

SETTLES_IN = timedelta(minutes=10)  # longer than any transaction that still holds a lower number
_COLUMNS = tuple(column.key for column in sa.inspect(AuditEntry).column_attrs)
_TRAIL = db_table(AuditEntry)
_A_FEW = 1000


def record(
    subject: Base,
    verb: str,
    *,
    before: object = None,
    after: object = None,
    why: str | None = None,
    programme_id: int | None = None,
    facts: dict[str, Any] | None = None,
    by: str | None = None,
) -> None:
    """Adds one line to the trail. `subject` must have its id (flush first). Never put a secret in it.

    The actor is the signed-in user, else `by`, else "personal link" in a request, else "system".
    """
    db.session.add(
        AuditEntry(
            **_when_and_who(by),
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
    table: type[Base],
    verb: str,
    afters: Mapping[int, str],
    *,
    befores: Mapping[int, str] | None = None,
    programme_id: int | None = None,
) -> None:
    """One line for each row of a table, by its id, in one statement: for thousands at once."""
    same = {**_when_and_who(), "programme_id": programme_id, "subject": table.__tablename__, "verb": verb}
    known = befores or {}
    lines = [
        {**same, "subject_id": number, "before": known.get(number), "after": after, "facts": {}}
        for number, after in afters.items()
    ]
    if lines:
        db.session.execute(sa.insert(_TRAIL), lines)


def _when_and_who(by: str | None = None) -> dict[str, Any]:
    user = current_user if has_request_context() and current_user.is_authenticated else None
    nobody = by or ("personal link" if has_request_context() else "system")
    return {
        "at": clock.now(),
        "actor_id": user.id if user else None,
        "actor": user.name if user else nobody,
    }


@dataclass(frozen=True)
class Verification:
    seals: int
    entries: int
    head: str  # the last digest: written down elsewhere, it fixes everything before it
    broken: AuditSeal | None  # the first that does not fit


def seal(now: datetime) -> AuditSeal | None:
    """Adds a seal over what has settled since the last one; None when nothing has."""
    last = db.session.scalar(sa.select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1))
    begin = last.last_entry_id if last else 0
    young = sa.select(sa.func.min(AuditEntry.id)).where(
        AuditEntry.id > begin, AuditEntry.at > now - SETTLES_IN
    )
    settled = sa.select(sa.func.max(AuditEntry.id)).where(AuditEntry.id > begin)
    first_young = db.session.scalar(young)
    if first_young is not None:
        settled = settled.where(AuditEntry.id < first_young)
    end = db.session.scalar(settled)
    if end is None:
        return None
    count, digest = _digest(last.digest if last else "", begin, end)
    made = AuditSeal(last_entry_id=end, entries=count, digest=digest, sealed_at=now)
    db.session.add(made)
    db.session.flush()
    return made


def verify() -> Verification:
    """Reads the whole trail again, stretch by stretch, and stops at the first seal that does not fit."""
    begin, head, entries, good = 0, "", 0, 0
    for each in db.session.scalars(sa.select(AuditSeal).order_by(AuditSeal.id)).all():
        count, digest = _digest(head, begin, each.last_entry_id)
        if (count, digest) != (each.entries, each.digest):
            return Verification(good, entries, head, each)
        begin, head = each.last_entry_id, digest
        entries, good = entries + count, good + 1
    return Verification(good, entries, head, None)


def _digest(previous: str, after: int, until: int) -> tuple[int, str]:
    """SHA-256 over the digest before and one line of canonical JSON an entry."""
    query = (
        sa.select(*(getattr(AuditEntry, name) for name in _COLUMNS))
        .where(AuditEntry.id > after, AuditEntry.id <= until)
        .order_by(AuditEntry.id)
        .execution_options(yield_per=_A_FEW)
    )
    return _chain(previous, (dict(zip(_COLUMNS, row, strict=True)) for row in db.session.execute(query)))


def _chain(previous: str, entries: Iterable[dict[str, Any]]) -> tuple[int, str]:
    digest, count = hashlib.sha256(previous.encode()), 0
    for entry in entries:
        entry["at"] = entry["at"].isoformat()
        digest.update(b"\n" + json.dumps(entry, sort_keys=True, separators=(",", ":")).encode())
        count += 1
    return count, digest.hexdigest()
