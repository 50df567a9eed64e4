"""A wave with very many answers, counted ahead until some moment, so that a page counts only what came since.

What was counted holds while as many of its responses were sent by that moment: one that is sent again bears a
later time. A transaction under way could slip in below it, so the moment lies further back than any takes.
Where something changed below, all but the parts it lies in still hold; a part is a stretch of response ids.
Who people are is not in it: a correction marks the parts it touches (recounts.py). Nothing is ever locked:
each statement reads at one moment what was counted and which marks there are.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from trainingapp.db import db
from trainingapp.feedback.models import CorrectedPart, CountedPart, CountedWave
from trainingapp.feedback.results.figures import SCHEME
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
    since: int


@dataclass(frozen=True)
class Look:
    """At a wave of which something was counted ahead."""

    wave_id: int
    until: datetime
    before: int  # responses that were sent by then
    since: int
    is_whole: bool  # the sum of all parts holds


@dataclass(frozen=True)
class Kept:
    """What was counted ahead and still holds, and which responses are left to count."""

    counted: Sequence[dict[str, Any]]
    left: Which
    is_all: bool


NOTHING = Kept([], (), is_all=False)


def parts_of(wave_id: int, moment: datetime, end: datetime | None = None) -> list[Part]:
    """Of those sent up to `end`."""
    query = _sent(wave_id, NUMBER, *_before_and_since(moment)).group_by(NUMBER)
    if end:
        query = query.where(Response.saved_at <= end)
    return [Part(*row) for row in db.session.execute(query)]


def look(wave_id: int) -> Look | None:
    """None: nothing of it was counted ahead."""
    corrected = sa.exists().where(CorrectedPart.wave_id == CountedWave.wave_id)
    ahead = _ahead(wave_id, CountedWave.until, CountedWave.responses, corrected)
    for until, responses, is_corrected in db.session.execute(ahead):
        before, since = db.session.execute(_sent(wave_id, *_before_and_since(until))).one()
        return Look(wave_id, until, before, since, is_whole=before == responses and not is_corrected)
    return None


def kept(found: Look, what: Literal["figures", "cells"]) -> Kept:
    if not found.is_whole:
        return _parts_kept(found.wave_id, getattr(CountedPart, what))
    whole = _ahead(found.wave_id, getattr(CountedWave, what)).where(
        CountedWave.until == found.until, CountedWave.responses == found.before
    )
    counted = db.session.scalars(whole).all()
    which = (Response.saved_at > found.until,)
    return (
        Kept(counted, which, is_all=not found.since) if counted else NOTHING
    )  # a worker was there meanwhile


def _parts_kept(wave_id: int, what: Any) -> Kept:
    is_corrected = sa.exists().where(
        CorrectedPart.wave_id == CountedPart.wave_id, CorrectedPart.number == CountedPart.number
    )
    query = _ahead(wave_id, CountedWave.until, CountedPart.number, CountedPart.responses, what)
    ahead = db.session.execute(query.join(CountedPart).where(~is_corrected)).all()
    if not ahead:
        return NOTHING
    until = ahead[0].until
    now = parts_of(wave_id, until)
    sent = {part.number: part.before for part in now}
    held = {number: found for _until, number, responses, found in ahead if sent.get(number) == responses}
    left = [number for number in sent if number not in held]
    which = sa.or_(Response.saved_at > until, within(left))
    return Kept(list(held.values()), (which,), is_all=not left and not any(part.since for part in now))


def large(wave_ids: Collection[int]) -> set[int]:
    """Those of which something was counted ahead."""
    query = sa.select(CountedWave.wave_id).where(CountedWave.wave_id.in_(wave_ids))
    return set(db.session.scalars(query))


def within(numbers: Iterable[int]) -> sa.ColumnElement[bool]:
    """As ranges, which an index can follow."""
    ranges = (Response.id.between(number * SIZE, (number + 1) * SIZE - 1) for number in numbers)
    return sa.or_(sa.false(), *ranges)


def _ahead(wave_id: int, *columns: Any) -> sa.Select[Any]:
    return sa.select(*columns).where(CountedWave.wave_id == wave_id, CountedWave.scheme == SCHEME)


def _before_and_since(moment: datetime) -> Sequence[sa.ColumnElement[int]]:
    is_since = Response.saved_at > moment
    return sa.func.count().filter(~is_since), sa.func.count().filter(is_since)


def _sent(wave_id: int, *columns: Any) -> sa.Select[Any]:
    return sa.select(*columns).where(Response.wave_id == wave_id, Response.state == ResponseState.SENT)
