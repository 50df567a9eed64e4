"""How rows stood on a past day, worked out from the audit trail, which only grows.

The state on a day is what the first change after it led away from; where none came after, or it led away from
nothing, what the row says now. Every change of state is written down, so this is what the last change up to
the day led to, and only what came later is read. A row's own times would not do: they may be told afterwards.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from trainingapp.accounts.models import AuditEntry
from trainingapp.cohorts.actions import Verb
from trainingapp.cohorts.models import Cohort, Enrolment, EnrolmentState
from trainingapp.db import Base
from trainingapp.plans.models import ActionPlan

_CHANGES: dict[type[Base], frozenset[str]] = {
    Enrolment: frozenset({"enrolled", *Verb}),
    ActionPlan: frozenset(
        {"began", "submitted", "returned", "approved", "began work", "finished", "stopped"}
    ),
    Cohort: frozenset({"moved on"}),
}


class States:
    """Of one table, before a moment. `join` adds what `state` reads; `is_dated` says of which rows a change
    up to then was written down.
    """

    def __init__(self, of: type[Cohort] | type[Enrolment] | type[ActionPlan], until: datetime) -> None:
        self._of = of
        self._until = until
        self._first = _first_from(of, until).cte()
        self._next = orm.aliased(AuditEntry)

    def join(self, query: sa.Select[Any]) -> sa.Select[Any]:
        first = self._first.c
        return query.outerjoin(self._first, first.subject_id == self._of.id).outerjoin(
            self._next, self._next.id == first.id
        )

    @property
    def is_dated(self) -> sa.ColumnElement[bool]:
        line = orm.aliased(AuditEntry)
        is_one = (*_is_change(line, self._of), line.subject_id == self._of.id, line.at < self._until)
        return sa.exists(sa.select(line.id).where(*is_one).correlate(self._of))

    @property
    def state(self) -> sa.ColumnElement[str]:
        return sa.func.coalesce(self._next.before, sa.cast(self._of.state, sa.String(40)))


def _first_from(of: type[Base], moment: datetime) -> sa.Select[Any]:
    """The first change of each row from the moment on."""
    columns: list[Any] = [AuditEntry.subject_id, sa.func.min(AuditEntry.id).label("id")]
    is_later = (*_is_change(AuditEntry, of), AuditEntry.at >= moment)
    return sa.select(*columns).where(*is_later).group_by(AuditEntry.subject_id)


def _is_change(line: Any, of: type[Base]) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return line.subject == of.__tablename__, line.verb.in_(sorted(_CHANGES[of]))


def enrolment_state(states: States, until: datetime, ends_on: Any) -> sa.ColumnElement[str]:
    """Nobody has completed before the day that says so, whenever that was written down."""
    completed_on = sa.func.coalesce(Enrolment.completed_on, ends_on)
    too_early = sa.and_(
        states.state == EnrolmentState.COMPLETED.value,
        completed_on >= until.date(),
        ~states.is_dated,
    )
    return sa.case((too_early, EnrolmentState.JOINED.value), else_=states.state)
