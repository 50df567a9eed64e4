"""A wave with very many answers in parts, so that only the parts that changed are counted while a page waits.

A part is a stretch of response ids. What was counted of it holds while as many of its responses are sent, and
the last of them at the same moment. A transaction under way could slip in below that moment, so a part is
counted ahead only when its last answer has lain for longer than any takes. Who people are is not in it: a
correction forgets the parts it touches (recounts.py).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from trainingapp.db import db
from trainingapp.feedback.models import CountedPart
from trainingapp.responses.models import Response, ResponseState

SIZE = 5_000  # ids; so many responses are counted in about a tenth of a second

NUMBER = Response.id // SIZE
_PART = (CountedPart.number, CountedPart.responses, CountedPart.changed_at)

# Which responses: nothing stands for all of them.
Which = tuple[sa.ColumnElement[bool], ...]


@dataclass(frozen=True)
class Part:
    """As long as these are the same, what was counted of it holds."""

    number: int
    responses: int  # that were sent
    changed_at: datetime  # when one was sent last


@dataclass(frozen=True)
class Kept:
    """What was counted ahead and still holds, and which responses are left to count."""

    counted: Sequence[dict[str, Any]]
    left: Which
    is_all: bool


def parts_of(wave_id: int) -> list[Part]:
    query = _sent(wave_id, NUMBER, sa.func.count(), sa.func.max(Response.saved_at)).group_by(NUMBER)
    return [Part(*row) for row in db.session.execute(query)]


def known(wave_id: int) -> set[Part]:
    """Those that were counted ahead, as they were then."""
    query = sa.select(*_PART).where(CountedPart.wave_id == wave_id)
    return {Part(*row) for row in db.session.execute(query)}


def kept(wave_id: int, what: InstrumentedAttribute[dict[str, Any]]) -> Kept:
    """`what` is a column of CountedPart."""
    query = sa.select(what, *_PART).where(CountedPart.wave_id == wave_id)
    counted = {Part(*part): found for found, *part in db.session.execute(query)}
    if not counted:
        return Kept([], (), is_all=False)
    whole = _sent(wave_id, sa.func.count(), sa.func.max(Response.saved_at))
    if tuple(db.session.execute(whole).one()) == (
        sum(part.responses for part in counted),
        max(part.changed_at for part in counted),
    ):
        return Kept(list(counted.values()), (), is_all=True)
    now = parts_of(wave_id)
    left = [part.number for part in now if part not in counted]
    return Kept([counted[part] for part in now if part in counted], within(left), is_all=not left)


def large(wave_ids: Collection[int]) -> set[int]:
    """Those of which something was counted ahead."""
    query = sa.select(CountedPart.wave_id).where(CountedPart.wave_id.in_(wave_ids)).distinct()
    return set(db.session.scalars(query))


def within(numbers: Collection[int]) -> Which:
    """As ranges, which an index can follow."""
    ranges = (Response.id.between(number * SIZE, (number + 1) * SIZE - 1) for number in numbers)
    return (sa.or_(sa.false(), *ranges),)


def _sent(wave_id: int, *columns: Any) -> sa.Select[Any]:
    return sa.select(*columns).where(Response.wave_id == wave_id, Response.state == ResponseState.SENT)
