"""How rows stood on a past day, worked out from the audit trail, which only grows.

The state on a day is what the last change up to it led to; where the trail begins later, what its first
change led away from; where it says nothing, what the row says now. So nothing that comes later changes it.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

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
    """Of one table, before a moment. Join `before` and `after` by outer joins; `is_dated` says of which rows
    a change up to then was written down.
    """

    def __init__(self, of: type[Enrolment] | type[ActionPlan], until: datetime) -> None:
        self._of = of
        verbs = _CHANGES[of]
        self.last = _found(of, verbs, AuditEntry.at < until, sa.func.max(AuditEntry.id)).subquery()
        self.next = _found(of, verbs, AuditEntry.at >= until, sa.func.min(AuditEntry.id)).subquery()

    def join(self, query: sa.Select[Any]) -> sa.Select[Any]:
        return query.outerjoin(self.last, self.last.c.subject_id == self._of.id).outerjoin(
            self.next, self.next.c.subject_id == self._of.id
        )

    @property
    def is_dated(self) -> sa.ColumnElement[bool]:
        return self.last.c.subject_id.is_not(None)

    @property
    def state(self) -> sa.ColumnElement[str]:
        now = sa.cast(self._of.state, sa.String(40))
        return sa.func.coalesce(self.last.c.after, self.next.c.before, now)


def _found(
    of: type[Base], verbs: Collection[str], when: sa.ColumnElement[bool], which: sa.ColumnElement[int]
) -> sa.Select[Any]:
    each = (
        sa.select(which.label("id"))
        .where(AuditEntry.subject == of.__tablename__, AuditEntry.verb.in_(sorted(verbs)), when)
        .group_by(AuditEntry.subject_id)
        .subquery()
    )
    columns: list[Any] = [AuditEntry.subject_id, AuditEntry.before, AuditEntry.after]
    return sa.select(*columns).join(each, each.c.id == AuditEntry.id)


def enrolment_state(states: States, until: datetime, ends_on: Any) -> sa.ColumnElement[str]:
    """Nobody has completed before the day that says so, whenever that was written down."""
    completed_on = sa.func.coalesce(Enrolment.completed_on, ends_on)
    too_early = sa.and_(
        ~states.is_dated,
        states.state == EnrolmentState.COMPLETED.value,
        completed_on >= until.date(),
    )
    return sa.case((too_early, EnrolmentState.JOINED.value), else_=states.state)
