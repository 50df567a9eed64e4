"""Waves with so many answers that a page could not wait for them are counted ahead."""

from dataclasses import asdict
from datetime import datetime, timedelta

import sqlalchemy as sa

from trainingapp.db import db
from trainingapp.feedback import counting
from trainingapp.feedback.models import CountedWave
from trainingapp.followups.models import Wave
from trainingapp.followups.outcomes import counts
from trainingapp.responses.models import Response, ResponseState
from trainingapp.surveys import queries as surveys

MANY = 5_000  # responses; fewer are counted while the page waits, in less than a tenth of a second
AT_LEAST = timedelta(days=1)  # who is of which country or sex may be corrected without a new answer


def count_due(now: datetime, many: int = MANY) -> int:
    """Of every wave with so many responses that changed since it was counted; says how many."""
    changed = sa.func.max(Response.saved_at)
    query = (
        sa.select(Response.wave_id, sa.func.count(), changed)
        .where(Response.wave_id.is_not(None), Response.state == ResponseState.SENT)
        .group_by(Response.wave_id)
        .having(sa.func.count() >= many)
    )
    counted = 0
    for wave_id, responses, at in db.session.execute(query).all():
        kept = db.session.get(CountedWave, wave_id)
        stamp = f"{responses} {at.isoformat()}"
        if kept is None or kept.stamp != stamp or kept.counted_at < now - AT_LEAST:
            _count(db.session.get_one(Wave, wave_id), stamp, now)
            counted += 1
    _forget_small(many)
    return counted


def _count(wave: Wave, stamp: str, now: datetime) -> None:
    questions = surveys.questions_of(wave.survey_version)
    db.session.merge(
        CountedWave(
            wave_id=wave.id,
            stamp=stamp,
            counted_at=now,
            outcomes=dict(counts(wave)),
            figures=asdict(counting.count(wave, questions)),
            cells=asdict(counting.count_cells(wave, questions)),
        )
    )
    db.session.flush()


def _forget_small(many: int) -> None:
    """Of a wave whose answers were erased: it is counted while the page waits again."""
    sent = (
        sa.select(sa.func.count())
        .where(Response.wave_id == CountedWave.wave_id, Response.state == ResponseState.SENT)
        .correlate(CountedWave)
        .scalar_subquery()
    )
    db.session.execute(sa.delete(CountedWave).where(sent < many))
