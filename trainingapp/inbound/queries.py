"""Questions about returned mail; no writes."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp import paging
from trainingapp.db import db
from trainingapp.inbound.models import PROVEN, BounceEvent
from trainingapp.inbound.verdicts import Kind

BOUNCES = (Kind.HARD, Kind.SOFT, Kind.FULL, Kind.BLOCKED, Kind.COMPLAINT)


def _unmatched(query: sa.Select[BounceEvent]) -> sa.Select[BounceEvent]:
    return query.where(
        BounceEvent.matched_by.not_in(PROVEN),
        BounceEvent.dismissed_at.is_(None),
        BounceEvent.kind.in_(BOUNCES),
    )


def events(
    kind: Kind | None, *, only_unmatched: bool, after: str | None, before: str | None
) -> paging.Page[BounceEvent]:
    """The latest first, with the message each belongs to."""
    query = sa.select(BounceEvent).options(joinedload(BounceEvent.email))
    if kind:
        query = query.where(BounceEvent.kind == kind)
    if only_unmatched:
        query = _unmatched(query)
    keys = (BounceEvent.received_at, BounceEvent.id)
    return paging.page(query, keys, after=after, before=before, descending=True)


def count_unmatched() -> int:
    return paging.bounded_count(_unmatched(sa.select(BounceEvent)))


def of_email(email_id: int) -> Sequence[BounceEvent]:
    """What came back for one message, automatic replies included, oldest first."""
    return db.session.scalars(
        sa.select(BounceEvent)
        .where(BounceEvent.email_id == email_id, BounceEvent.matched_by.in_(PROVEN))
        .order_by(BounceEvent.received_at, BounceEvent.id)
    ).all()
