"""Counts ahead what no page could wait for, and forgets what no longer holds."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlalchemy.orm.unitofwork import UOWTransaction

from trainingapp.cohorts.models import Enrolment
from trainingapp.db import db
from trainingapp.feedback import counting, parts
from trainingapp.feedback.models import CountedPart
from trainingapp.feedback.parts import Part
from trainingapp.followups.models import Invitation, Wave
from trainingapp.participants.models import Participant
from trainingapp.responses.models import Response, ResponseState
from trainingapp.surveys import queries as surveys

MANY = 5_000  # responses; fewer are counted while the page waits, in about a tenth of a second
SETTLES_IN = timedelta(minutes=10)  # longer than any transaction that still holds an earlier answer

_WHO_THEY_ARE: dict[type[object], tuple[str, ...]] = {
    Enrolment: ("country", "kind", "participant_id"),
    Participant: ("sex",),
}


def count_due(now: datetime, many: int = MANY) -> int:
    """Of waves with so many responses, the parts that changed since they were counted; says how many."""
    query = (
        sa.select(Response.wave_id)
        .where(Response.state == ResponseState.SENT)
        .group_by(Response.wave_id)
        .having(sa.func.count() >= many)
        .order_by(Response.wave_id)
    )
    large = [wave_id for wave_id in db.session.scalars(query) if wave_id]
    counted = 0
    for wave_id in large:
        known = parts.known(wave_id)
        due = [
            one for one in parts.parts_of(wave_id) if one not in known and one.changed_at < now - SETTLES_IN
        ]
        if due:
            _count(wave_id, due)
            counted += len(due)
    db.session.execute(sa.delete(CountedPart).where(CountedPart.wave_id.not_in(large)))
    return counted


def _count(wave_id: int, some: Iterable[Part]) -> None:
    """The wave is held, so that a correction under way is either counted or forgets what was."""
    _hold([wave_id])
    wave = db.session.get_one(Wave, wave_id)
    questions = surveys.questions_of(wave.survey_version)
    for one in some:
        which = parts.within([one.number])
        db.session.merge(
            CountedPart(
                wave_id=wave_id,
                **vars(one),
                figures=asdict(counting.count(wave, questions, *which)),
                cells=asdict(counting.count_cells(wave, questions, *which)),
            )
        )
    db.session.flush()


def _hold(wave_ids: Iterable[int]) -> None:
    """Answers go on arriving."""
    waves = sa.select(Wave.id).where(Wave.id.in_(wave_ids)).order_by(Wave.id)
    db.session.execute(waves.with_for_update(key_share=True)).all()


@event.listens_for(db.session, "after_flush")
def _notice(session: Session, _context: UOWTransaction) -> None:
    """Who answered is of another country, sex or kind than when it was counted."""
    enrolments = {row.id for row in session.dirty if isinstance(row, Enrolment) and _is_corrected(row)}
    people = {row.id for row in session.dirty if isinstance(row, Participant) and _is_corrected(row)}
    if enrolments or people:
        _forget(sa.or_(Enrolment.id.in_(enrolments), Enrolment.participant_id.in_(people)))


def _is_corrected(row: object) -> bool:
    attributes = sa.inspect(row).attrs
    return any(attributes[name].history.has_changes() for name in _WHO_THEY_ARE[type(row)])


def _forget(whose: sa.ColumnElement[bool]) -> None:
    """What was counted of their answers."""
    theirs = (
        sa.select(Response.wave_id, parts.NUMBER)
        .join(Invitation, Invitation.id == Response.invitation_id)
        .join(Enrolment, Enrolment.id == Invitation.enrolment_id)
        .where(whose)
    )
    touched = [(wave_id, number) for wave_id, number in db.session.execute(theirs) if wave_id]
    if touched:
        _hold({wave_id for wave_id, _number in touched})
        each = sa.tuple_(CountedPart.wave_id, CountedPart.number)
        db.session.execute(sa.delete(CountedPart).where(each.in_(touched)))
