"""Verbs: bring in what others reported, put an indicator of theirs beside one of a frame, take it away."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.db import db
from trainingapp.impact.frames.models import FrameIndicator
from trainingapp.impact.iati import opening, writing
from trainingapp.impact.iati.verdict import Verdict
from trainingapp.impact.references import gathering
from trainingapp.impact.references.models import (
    ReferenceActivity,
    ReferenceFile,
    ReferenceIndicator,
    ReferenceLink,
)
from trainingapp.refusals import Refusal

LONGEST_NAME = 200
BATCH = 200  # activities
Told = tuple[ReferenceActivity, list[ReferenceIndicator]]


class FileRefused(Refusal):
    """A place of it is broken, so that nothing comes in."""


class Meanwhile(Refusal):
    """Somebody brought in the same activity at the same moment."""


class AlreadyBeside(Refusal):
    """Two indicators stand beside each other once."""


def bring_in(file: BinaryIO, verdict: Verdict, name: str, by: User | None, now: datetime) -> ReferenceFile:
    """All activities of a file that was judged, each as a new version. Raises FileRefused, Meanwhile."""
    if not verdict.is_accepted:
        raise FileRefused(_("Nothing came in: a file comes in whole or not at all."), "file")
    kept = ReferenceFile(
        sha256=_hash(file),
        name=writing.plain(name)[-LONGEST_NAME:],
        warnings=[one.shown for one in verdict.warnings],
        read_at=now,
        read_by_id=by.id if by else None,
    )
    try:
        with db.session.begin_nested():
            db.session.add(kept)
            db.session.flush()
            for told in _batches(file):
                _keep(told, kept, now)
                kept.activities += len(told)
    except IntegrityError as raced:
        raise Meanwhile(_("Somebody is bringing in the same activities. Try again.")) from raced
    audit.record(kept, "brought in", after=kept.name, facts={"activities": kept.activities})
    return kept


def _hash(file: BinaryIO) -> str:
    found = hashlib.sha256()
    file.seek(0)
    for chunk in iter(lambda: file.read(opening.CHUNK), b""):
        found.update(chunk)
    return found.hexdigest()


def _batches(file: BinaryIO) -> Iterator[list[Told]]:
    """Some at a time: statements are few, and so is what is held of a large file."""
    batch: list[Told] = []
    for element in opening.parts(file):
        if element.tag == opening.ACTIVITY:
            batch.append((gathering.activity(element), gathering.indicators(element)))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _keep(told: list[Told], kept: ReferenceFile, now: datetime) -> None:
    query = sa.select(ReferenceActivity).where(
        ReferenceActivity.identifier.in_([made.identifier for made, _found in told]),
        ReferenceActivity.is_latest,
    )
    before = {one.identifier: one for one in db.session.scalars(query)}
    for made, found in told:
        earlier = before.get(made.identifier)
        made.file_id, made.version, made.indicators = kept.id, 1, len(found)
        if earlier:
            made.version, earlier.is_latest = earlier.version + 1, False
    db.session.add_all(made for made, _found in told)
    db.session.flush()
    for made, found in told:
        for one in found:
            one.activity_id = made.id
    db.session.add_all(one for _made, found in told for one in found)
    db.session.flush()
    for made, found in told:
        if made.identifier in before:
            _carry_over(before[made.identifier], found, now)
    rows = [row for made, found in told for row in (made, *found)]
    for row in (*rows, *before.values()):
        db.session.expunge(row)  # a file may hold a hundred thousand


def _carry_over(before: ReferenceActivity, found: list[ReferenceIndicator], now: datetime) -> None:
    """Links go on to the new version where it has an indicator of the same result and title."""
    same = {(one.result, one.title): one.id for one in found}
    query = (
        sa.select(ReferenceLink, ReferenceIndicator)
        .join(ReferenceLink.indicator)
        .where(ReferenceIndicator.activity_id == before.id, ReferenceLink.ended_at.is_(None))
    )
    for link, old in db.session.execute(query).all():
        number = same.get((old.result, old.title))
        if number:
            link.ended_at = now
            db.session.add(
                ReferenceLink(
                    indicator_id=number,
                    frame_indicator_id=link.frame_indicator_id,
                    linked_at=now,
                    linked_by_id=link.linked_by_id,
                )
            )
    db.session.flush()


def put_beside(indicator: ReferenceIndicator, to: FrameIndicator, by: User, now: datetime) -> ReferenceLink:
    """To be looked at together; neither figure changes. Raises AlreadyBeside."""
    made = ReferenceLink(
        indicator_id=indicator.id, frame_indicator_id=to.id, linked_at=now, linked_by_id=by.id
    )
    try:
        with db.session.begin_nested():
            db.session.add(made)
            db.session.flush()
    except IntegrityError as twice:
        raise AlreadyBeside(_("It stands beside this indicator already."), "to") from twice
    audit.record(made, "put beside", after=f"{to.frame.key}:{to.code}")
    return made


def take_away(link: ReferenceLink, now: datetime) -> None:
    if link.ended_at is None:
        link.ended_at = now
        audit.record(link, "taken away")
