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
from trainingapp.feedback.figures import Cells, Figures
from trainingapp.feedback.models import CountedPart, CountedWave
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
    db.session.execute(sa.delete(CountedWave).where(CountedWave.wave_id.not_in(large)))
    return sum(_recount(wave_id, now - SETTLES_IN) for wave_id in large)


def _recount(wave_id: int, until: datetime) -> int:
    """The wave is held, so that a correction under way is either counted or forgets what was."""
    _hold([wave_id])
    whole = db.session.get(CountedWave, wave_id, populate_existing=True)
    ahead = parts.known(wave_id)
    now = parts.parts_of(wave_id, whole.until if whole else until, until)
    due = [one.number for one in now if one.since or one.before != ahead.get(one.number)]
    gone = ahead.keys() - {one.number for one in now}
    if due or gone or whole is None or whole.responses is None:
        old = sa.delete(CountedPart).where(CountedPart.wave_id == wave_id, CountedPart.number.in_(gone))
        db.session.execute(old)
        db.session.merge(CountedWave(wave_id=wave_id, until=until, responses=None, figures={}, cells={}))
        db.session.flush()
        _count(wave_id, until, due)
        _add_up(wave_id)
    return len(due)


def _count(wave_id: int, until: datetime, due: Iterable[int]) -> None:
    wave = db.session.get_one(Wave, wave_id)
    questions = surveys.questions_of(wave.survey_version)
    for number in due:
        which = (parts.within([number]), Response.saved_at <= until)
        figures = counting.count(wave, questions, *which)
        cells = counting.count_cells(wave, questions, *which)
        part = {"wave_id": wave_id, "number": number, "responses": figures.responses}
        db.session.merge(CountedPart(**part, figures=asdict(figures), cells=asdict(cells)))


def _add_up(wave_id: int) -> None:
    of_parts = sa.select(CountedPart.figures, CountedPart.cells).where(CountedPart.wave_id == wave_id)
    rows = db.session.execute(of_parts).all()
    figures = Figures.together([Figures(**figures) for figures, _cells in rows])
    cells = Cells.together([Cells(**cells) for _figures, cells in rows])
    whole = db.session.get_one(CountedWave, wave_id)
    whole.figures, whole.cells, whole.responses = asdict(figures), asdict(cells), figures.responses
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
        waves = {wave_id for wave_id, _number in touched}
        _hold(waves)
        each = sa.tuple_(CountedPart.wave_id, CountedPart.number)
        db.session.execute(sa.delete(CountedPart).where(each.in_(touched)))
        sums = sa.update(CountedWave).where(CountedWave.wave_id.in_(waves))
        db.session.execute(sums.values(responses=None))
