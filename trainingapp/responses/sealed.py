"""Anonymous answers: put into a sealed box, and taken out all at once when the wave has closed.

Whoever holds a copy of the database learns from the invitations who has answered, and from the box what
was said, and nothing ties the one to the other. Fewer slips than may be read stay in the box for good.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from random import SystemRandom
from typing import Any

import sqlalchemy as sa

from trainingapp.accounts import audit
from trainingapp.db import db, insert, lock, table
from trainingapp.followups.models import Wave, WaveState
from trainingapp.responses.models import Answer, Response, ResponseState, SealedBox, SealedDrawer
from trainingapp.statistics import SMALLEST_GROUP
from trainingapp.surveys.question_types import AnswerValue

NO_LANGUAGE = "und"  # BCP 47: undetermined. The only French answer of a wave would be a name.
AT_ONCE = 1000  # answers written by one statement
FULL = 100  # slips: the more in a drawer, the less its last writer says, and the longer it takes to write

_random = SystemRandom()


def put_in(wave: Wave, answers: Mapping[int, Sequence[AnswerValue]]) -> None:
    """At a random place: the box remembers nothing of who came when."""
    box = _locked(wave.id)
    drawer = _any_drawer(box)
    slip = [
        [question_id, *dataclasses.astuple(value)]
        for question_id, values in answers.items()
        for value in values
    ]
    slips = list(drawer.slips)
    slips.insert(_random.randint(0, len(slips)), slip)
    if len(slips) == FULL:  # dealt into two, so that no drawer but the first begins with a single slip
        _random.shuffle(slips)
        db.session.add(SealedDrawer(wave_id=box.wave_id, slips=slips[FULL // 2 :]))
        del slips[FULL // 2 :]
    drawer.slips = slips
    box.count += 1


def _any_drawer(box: SealedBox) -> SealedDrawer:
    numbers = db.session.scalars(sa.select(SealedDrawer.id).where(SealedDrawer.wave_id == box.wave_id)).all()
    if numbers:
        return db.session.get_one(SealedDrawer, _random.choice(numbers))
    first = SealedDrawer(wave_id=box.wave_id, slips=[])
    db.session.add(first)
    return first


def _locked(wave_id: int) -> SealedBox:
    empty = insert(SealedBox).values(wave_id=wave_id, count=0).on_conflict_do_nothing()
    db.session.execute(empty)
    box = db.session.get_one(SealedBox, wave_id)
    lock(box)
    return box


def open_due(now: datetime) -> Iterator[int]:
    """Of waves that have closed, each box in one piece; says how many slips came out.

    The caller commits after each: a box that does not open closes no other again.
    """
    due = (
        sa.select(SealedBox.wave_id)
        .join(Wave, Wave.id == SealedBox.wave_id)
        .where(Wave.state == WaveState.CLOSED, SealedBox.count >= SMALLEST_GROUP)
        .order_by(SealedBox.wave_id)
    )
    for wave_id in db.session.scalars(due).all():
        box = _locked(wave_id)
        yield _open(box, now) if box.count else 0  # another worker was first


def _open(box: SealedBox, now: datetime) -> int:
    drawers = db.session.scalars(sa.select(SealedDrawer).where(SealedDrawer.wave_id == box.wave_id)).all()
    slips = [slip for drawer in drawers for slip in drawer.slips]
    _random.shuffle(slips)
    bare = {"wave_id": box.wave_id, "state": ResponseState.SENT, "language": NO_LANGUAGE}
    rows = [{**bare, "saved_at": now, "sent_at": now} for _slip in slips]
    numbers = db.session.scalars(sa.insert(Response).returning(Response.id), rows).all()
    answers = [(number, value) for number, slip in zip(numbers, slips, strict=True) for value in slip]
    _random.shuffle(answers)  # comments are known by the numbers of answers: neighbours are not one person's
    for start in range(0, len(answers), AT_ONCE):
        some = answers[start : start + AT_ONCE]
        db.session.execute(sa.insert(table(Answer)), [_row(number, *value) for number, value in some])
    for drawer in drawers:
        db.session.delete(drawer)
    box.count, box.opened_on = 0, now.date()
    programme_id = box.wave.schedule.cohort.theme.programme_id
    audit.record(box.wave, "sealed box opened", after=len(slips), programme_id=programme_id)
    db.session.flush()
    return len(slips)


def _row(response_id: int, question_id: int, *value: Any) -> dict[str, Any]:
    return {
        "response_id": response_id,
        "question_id": question_id,
        **dataclasses.asdict(AnswerValue(*value)),
    }


def sealed_in(wave_id: int) -> int:
    """How many have answered whose slips nobody has seen."""
    count = sa.select(SealedBox.count).where(SealedBox.wave_id == wave_id)
    return db.session.scalar(count) or 0
