"""Verbs: bring in what others reported, put an indicator of theirs beside one of a frame, take it away."""

import hashlib
from datetime import datetime
from typing import BinaryIO

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.db import db
from trainingapp.impact.frame_models import FrameIndicator
from trainingapp.impact.iati import gathering, opening
from trainingapp.impact.iati.verdict import Verdict
from trainingapp.impact.reference_models import (
    ReferenceActivity,
    ReferenceFile,
    ReferenceIndicator,
    ReferenceLink,
)
from trainingapp.refusals import Refusal

LONGEST_NAME = 200


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
        name=name[-LONGEST_NAME:],
        warnings=[one.shown for one in verdict.warnings],
        read_at=now,
        read_by_id=by.id if by else None,
    )
    try:
        with db.session.begin_nested():
            db.session.add(kept)
            db.session.flush()
            for element in opening.parts(file):
                if element.tag == opening.ACTIVITY:
                    _keep(element, kept, now)
                    kept.activities += 1
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


def _keep(element: opening.Element, kept: ReferenceFile, now: datetime) -> None:
    made, found = gathering.activity(element), gathering.indicators(element)
    before = db.session.scalars(
        sa.select(ReferenceActivity).where(
            ReferenceActivity.identifier == made.identifier, ReferenceActivity.is_latest
        )
    ).first()
    made.file_id, made.version, made.indicators = kept.id, before.version + 1 if before else 1, len(found)
    if before:
        before.is_latest = False
    db.session.add(made)
    db.session.flush()
    for one in found:
        one.activity_id = made.id
    db.session.add_all(found)
    db.session.flush()
    if before:
        _carry_over(before, found, now)
    for row in (made, *found, *([before] if before else [])):
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
