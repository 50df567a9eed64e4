"""How rows stood on a past day, worked out from the audit trail, which only grows.

The state on a day is what the last change up to it led to; where the trail begins later, what its first
change led away from; where it says nothing, what the row says now. So nothing that comes later changes it.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from trainingapp.accounts.models import AuditEntry
from trainingapp.cohorts.actions import Verb
from trainingapp.cohorts.models import Enrolment, EnrolmentState
from trainingapp.db import Base
from trainingapp.plans.models import ActionPlan

_CHANGES: dict[type[Base], frozenset[str]] = {
    Enrolment: frozenset({"enrolled", *Verb}),
    ActionPlan: frozenset(
        {"began", "submitted", "returned", "approved", "began work", "finished", "stopped"}
    ),
}


class States:
    """Of one table, before a moment. `join` adds what `state` and `is_dated` read; the latter says of which
    rows a change up to then was written down.
    """

    def __init__(self, of: type[Enrolment] | type[ActionPlan], until: datetime) -> None:
        self._of = of
        self._each = _last_and_next(of, until).cte()
        self._last, self._next = orm.aliased(AuditEntry), orm.aliased(AuditEntry)

    def join(self, query: sa.Select[Any]) -> sa.Select[Any]:
        each = self._each.c
        return (
            query.outerjoin(self._each, each.subject_id == self._of.id)
            .outerjoin(self._last, self._last.id == each.last)
            .outerjoin(self._next, self._next.id == each.next)
        )

    @property
    def is_dated(self) -> sa.ColumnElement[bool]:
        return self._last.id.is_not(None)

    @property
    def state(self) -> sa.ColumnElement[str]:
        now = sa.cast(self._of.state, sa.String(40))
        return sa.func.coalesce(self._last.after, self._next.before, now)


def _last_and_next(of: type[Base], until: datetime) -> sa.Select[Any]:
    """The last change before the moment and the first one from it on, of each row, in one pass."""
    columns: list[Any] = [
        AuditEntry.subject_id,
        sa.func.max(sa.case((AuditEntry.at < until, AuditEntry.id))).label("last"),
        sa.func.min(sa.case((AuditEntry.at >= until, AuditEntry.id))).label("next"),
    ]
    return (
        sa.select(*columns)
        .where(AuditEntry.subject == of.__tablename__, AuditEntry.verb.in_(sorted(_CHANGES[of])))
        .group_by(AuditEntry.subject_id)
    )


def enrolment_state(states: States, until: datetime, ends_on: Any) -> sa.ColumnElement[str]:
    """Nobody has completed before the day that says so, whenever that was written down."""
    completed_on = sa.func.coalesce(Enrolment.completed_on, ends_on)
    too_early = sa.and_(
        ~states.is_dated,
        states.state == EnrolmentState.COMPLETED.value,
        completed_on >= until.date(),
    )
    return sa.case((too_early, EnrolmentState.JOINED.value), else_=states.state)
