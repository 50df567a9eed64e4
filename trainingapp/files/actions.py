"""Verbs: keep a file, forget it."""

import hashlib
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.db import db, insert
from trainingapp.files.kinds import FileRefused, Judged, judge
from trainingapp.files.models import FileContent, StoredFile

__all__ = ["FileRefused", "digest", "forget", "keep", "keep_judged"]

LONGEST_NAME = 120


def keep(data: bytes, name: str, now: datetime, by: User | None = None) -> StoredFile:
    """A file of its own, though its bytes may be stored already. Raises FileRefused."""
    return keep_judged(judge(data), name, now, by)


def keep_judged(judged: Judged, name: str, now: datetime, by: User | None = None) -> StoredFile:
    """As `keep`, of what a form judged before anything was written."""
    sha256 = digest(judged.data)
    db.session.execute(insert(FileContent).values(sha256=sha256, data=judged.data).on_conflict_do_nothing())
    stored = StoredFile(
        sha256=sha256,
        name=_plain(name, judged.ending),
        media_type=judged.media_type,
        size=len(judged.data),
        width=judged.width,
        height=judged.height,
        uploaded_at=now,
        uploaded_by_id=by.id if by else None,
    )
    db.session.add(stored)
    db.session.flush()
    audit.record(stored, "kept", facts={"media_type": stored.media_type, "size": stored.size})
    return stored


def digest(data: bytes) -> str:
    """What equal bytes share."""
    return hashlib.sha256(data).hexdigest()


def forget(files: Iterable[StoredFile]) -> None:
    """Erases them, and the bytes that nobody else gave too. Nothing may point to them any more."""
    known = set()
    for stored in files:
        known.add(stored.sha256)
        audit.record(stored, "forgotten")
        db.session.delete(stored)
    db.session.flush()
    for sha256 in sorted(known):
        others = sa.exists().where(StoredFile.sha256 == sha256)
        # Somebody may be adding the same bytes at this moment: then they stay.
        with suppress(IntegrityError), db.session.begin_nested():
            db.session.execute(sa.delete(FileContent).where(FileContent.sha256 == sha256, ~others))


def _plain(name: str, ending: str) -> str:
    """The last part of a path, without what cannot be seen, and with the ending of what it is."""
    last = name.replace("\\", "/").rpartition("/")[2]
    seen = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C").strip()
    stem = seen.rpartition(".")[0] or seen
    return (stem or "file")[: LONGEST_NAME - len(ending)] + ending
