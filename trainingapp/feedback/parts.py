"""A wave with very many answers, counted ahead until some moment, so that a page counts only what came since.

What was counted holds while as many of its responses were sent by that moment: one that is sent again bears a
later time. A transaction under way could slip in below it, so the moment lies further back than any takes.
Where something changed below, all but the parts it lies in still hold; a part is a stretch of response ids.
Who people are is not in it: a correction forgets the parts it touches (recounts.py).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from trainingapp.db import db
from trainingapp.feedback.models import CountedPart, CountedWave
from trainingapp.responses.models import Response, ResponseState

SIZE = 5_000  # ids; so many responses are counted in about a tenth of a second

NUMBER = Response.id // SIZE

# Which responses: nothing stands for all of them.
Which = tuple[sa.ColumnElement[bool], ...]


@dataclass(frozen=True)
class Part:
    """How many of its responses were sent by a moment, and how many since."""

    number: int
    before: int
    since: int  # up to another, where it was asked for


@dataclass(frozen=True)
class Kept:
    """What was counted ahead and still holds, and which responses are left to count."""

    counted: Sequence[dict[str, Any]]
    left: Which
    is_all: bool


def parts_of(wave_id: int, moment: datetime, end: datetime | None = None) -> list[Part]:
    query = _sent(wave_id, NUMBER, *_before_and_since(moment)).group_by(NUMBER)
    if end:
        query = query.where(Response.saved_at <= end)
    return [Part(*row) for row in db.session.execute(query)]


def known(wave_id: int) -> dict[int, int]:
    """Part -> how many responses were counted."""
    query = sa.select(CountedPart).where(CountedPart.wave_id == wave_id)
    return {part.number: part.responses for part in db.session.scalars(query)}


def kept(wave_id: int, what: Literal["figures", "cells"]) -> Kept:
    query = sa.select(CountedWave.until, CountedWave.responses, getattr(CountedWave, what))
    for until, responses, whole in db.session.execute(query.where(CountedWave.wave_id == wave_id)):
        before, since = db.session.execute(_sent(wave_id, *_before_and_since(until))).one()
        if before == responses:
            return Kept([whole], (Response.saved_at > until,), is_all=not since)
        return _parts_kept(wave_id, until, getattr(CountedPart, what))
    return Kept([], (), is_all=False)


def _parts_kept(wave_id: int, until: datetime, what: Any) -> Kept:
    now = parts_of(wave_id, until)
    ahead = known(wave_id)
    held = [part.number for part in now if ahead.get(part.number) == part.before]
    left = [part.number for part in now if part.number not in held]
    counted = sa.select(what).where(CountedPart.wave_id == wave_id, CountedPart.number.in_(held))
    which = sa.or_(Response.saved_at > until, within(left))
    is_all = not left and not any(part.since for part in now)
    return Kept(db.session.scalars(counted).all(), (which,), is_all=is_all)


def large(wave_ids: Collection[int]) -> set[int]:
    """Those of which something was counted ahead."""
    query = sa.select(CountedWave.wave_id).where(CountedWave.wave_id.in_(wave_ids))
    return set(db.session.scalars(query))


def within(numbers: Iterable[int]) -> sa.ColumnElement[bool]:
    """As ranges, which an index can follow."""
    ranges = (Response.id.between(number * SIZE, (number + 1) * SIZE - 1) for number in numbers)
    return sa.or_(sa.false(), *ranges)


def _before_and_since(moment: datetime) -> Sequence[sa.ColumnElement[int]]:
    is_since = Response.saved_at > moment
    return sa.func.count().filter(~is_since), sa.func.count().filter(is_since)


def _sent(wave_id: int, *columns: Any) -> sa.Select[Any]:
    return sa.select(*columns).where(Response.wave_id == wave_id, Response.state == ResponseState.SENT)
