"""Counts ahead what no page could wait for, and marks what no longer holds."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlalchemy.orm.unitofwork import UOWTransaction

from trainingapp.cohorts.models import Enrolment
from trainingapp.db import db
from trainingapp.feedback.models import CorrectedPart, CountedPart, CountedWave
from trainingapp.feedback.results import counting, parts
from trainingapp.feedback.results.figures import SCHEME, Cells, Figures
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


def count_due(now: datetime, many: int = MANY) -> Iterator[int]:
    """Of waves with so many responses, what changed since it was counted. The caller commits after each
    yield; what is yielded sums up to the number of parts that were counted.
    """
    query = (
        sa.select(Response.wave_id)
        .where(Response.state == ResponseState.SENT)
        .group_by(Response.wave_id)
        .having(sa.func.count() >= many)
        .order_by(Response.wave_id)
    )
    large = [wave_id for wave_id in db.session.scalars(query) if wave_id]
    for kind in (CountedWave, CorrectedPart):
        db.session.execute(sa.delete(kind).where(kind.wave_id.not_in(large)))
    yield 0
    for wave_id in large:
        yield from _recount(wave_id, now - SETTLES_IN)


def _recount(wave_id: int, until: datetime) -> Iterator[int]:
    """First what no longer holds goes, with the marks that were seen: one that is made meanwhile stays."""
    whole = db.session.get(CountedWave, wave_id, populate_existing=True)
    if whole and whole.scheme != SCHEME:
        db.session.delete(whole)
        db.session.flush()
        whole = None
    due = _due(wave_id, whole.until if whole else until, until)
    if not due and whole and whole.responses is not None:
        return
    db.session.execute(
        sa.delete(CountedPart).where(CountedPart.wave_id == wave_id, CountedPart.number.in_(due))
    )
    facts = {"wave_id": wave_id, "until": until, "scheme": SCHEME, "responses": None}
    db.session.merge(CountedWave(**facts, figures={}, cells={}))
    db.session.flush()
    yield 0
    wave = db.session.get_one(Wave, wave_id)
    questions = surveys.questions_of(wave.survey_version)
    for number in due:
        which = (parts.within([number]), Response.saved_at <= until)
        figures = counting.count(wave, questions, *which)
        if figures.responses:
            cells = counting.count_cells(wave, questions, *which)
            part = {"wave_id": wave_id, "number": number, "responses": figures.responses}
            db.session.add(CountedPart(**part, figures=asdict(figures), cells=asdict(cells)))
            db.session.flush()
            yield 1
    _add_up(wave_id)
    yield 0


def _due(wave_id: int, before: datetime, until: datetime) -> list[int]:
    """Parts that changed between the two moments or were corrected, and those that are gone."""
    marks = db.session.execute(
        sa.delete(CorrectedPart).where(CorrectedPart.wave_id == wave_id).returning(CorrectedPart.number)
    )
    corrected = set(marks.scalars())
    counted = sa.select(CountedPart).where(CountedPart.wave_id == wave_id)
    ahead = {part.number: part.responses for part in db.session.scalars(counted)}
    now = parts.parts_of(wave_id, before, until)
    changed = {one.number for one in now if one.since or one.before != ahead.get(one.number)}
    return sorted(changed | corrected | (ahead.keys() - {one.number for one in now}))


def _add_up(wave_id: int) -> None:
    of_parts = sa.select(CountedPart.figures, CountedPart.cells).where(CountedPart.wave_id == wave_id)
    rows = db.session.execute(of_parts).all()
    figures = Figures.together([Figures(**figures) for figures, _cells in rows])
    cells = Cells.together([Cells(**cells) for _figures, cells in rows])
    whole = db.session.get_one(CountedWave, wave_id)
    whole.figures, whole.cells, whole.responses = asdict(figures), asdict(cells), figures.responses
    db.session.flush()


@event.listens_for(db.session, "after_flush")
def _notice(session: Session, _context: UOWTransaction) -> None:
    """Who answered is of another country, sex or kind than when it was counted."""
    enrolments = {row.id for row in session.dirty if isinstance(row, Enrolment) and _is_corrected(row)}
    people = {row.id for row in session.dirty if isinstance(row, Participant) and _is_corrected(row)}
    if enrolments or people:
        _mark(sa.or_(Enrolment.id.in_(enrolments), Enrolment.participant_id.in_(people)))


def _is_corrected(row: object) -> bool:
    attributes = sa.inspect(row).attrs
    return any(attributes[name].history.has_changes() for name in _WHO_THEY_ARE[type(row)])


def _mark(whose: sa.ColumnElement[bool]) -> None:
    """The parts in which they answered."""
    theirs = (
        sa.select(Response.wave_id, parts.NUMBER)
        .join(Invitation, Invitation.id == Response.invitation_id)
        .join(Enrolment, Enrolment.id == Invitation.enrolment_id)
        .where(whose, Response.state == ResponseState.SENT, Response.wave_id.is_not(None))
        .distinct()
    )
    db.session.execute(sa.insert(CorrectedPart).from_select(["wave_id", "number"], theirs))
