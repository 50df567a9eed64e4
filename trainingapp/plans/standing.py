"""How each plan stands, in columns of its own: when we heard of it, what is due, what is done, what is stuck.

Followed in the transaction that writes an activity, a report or its evidence, by listening to the session.
`recount` does it for rows that were written past the session, thousands at once.
"""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlalchemy.orm.unitofwork import UOWTransaction
from sqlalchemy.orm.util import identity_key

from trainingapp.db import db, table
from trainingapp.plans.models import OVER, ActionPlan, Activity, ActivityState
from trainingapp.plans.progress_models import ActivityReport, EvidenceLevel, ProgressUpdate

_plans = table(ActionPlan)


def _count(*which: sa.ColumnElement[bool]) -> sa.ScalarSelect[Any]:
    return _of_lines(sa.func.count(), *which)


def _of_lines(what: Any, *which: sa.ColumnElement[bool]) -> sa.ScalarSelect[Any]:
    """Of the activities that are not struck and say something."""
    lines = sa.select(what).where(
        Activity.plan_id == _plans.c.id, Activity.removed_at.is_(None), Activity.what != "", *which
    )
    return lines.correlate(_plans).scalar_subquery()


_IS_OPEN = Activity.state.not_in(OVER)
_IS_DONE = Activity.state == ActivityState.DONE
_VERIFIED = (
    sa.exists()
    .where(
        ActivityReport.activity_id == Activity.id,
        ActivityReport.is_latest,
        ActivityReport.evidence == EvidenceLevel.VERIFIED,
    )
    .correlate(Activity)
)
_HEARD_AT = sa.func.coalesce(
    sa.select(sa.func.max(ProgressUpdate.reported_at))
    .where(ProgressUpdate.plan_id == _plans.c.id)
    .correlate(_plans)
    .scalar_subquery(),
    _plans.c.submitted_at,
)
TRUTH = {
    "heard_at": _HEARD_AT,
    "next_due_on": _of_lines(sa.func.min(Activity.due_on), _IS_OPEN),
    "lines": _count(),
    "lines_open": _count(_IS_OPEN),
    "lines_begun": _count(Activity.state != ActivityState.NOT_STARTED),
    "lines_done": _count(_IS_DONE),
    "lines_blocked": _count(Activity.state == ActivityState.BLOCKED),
    "lines_unverified": _count(_IS_DONE, ~_VERIFIED),
}


def recount(plan_ids: Collection[int] | None = None) -> None:
    """Of these plans; of all, where none are named."""
    change = sa.update(_plans).values(TRUTH)
    if plan_ids is not None:
        change = change.where(_plans.c.id.in_(sorted(plan_ids)))
    db.session.execute(change, execution_options={"synchronize_session": False})


@event.listens_for(db.session, "after_flush")
def _follow(session: Session, _context: UOWTransaction) -> None:
    touched = {
        number
        for row in (*session.new, *session.dirty, *session.deleted)
        for number in _plan_of(session, row)
    }
    if touched:
        recount(touched)
        session.info.setdefault("restated", set()).update(touched)


@event.listens_for(db.session, "after_flush_postexec")
def _forget(session: Session, _context: UOWTransaction) -> None:
    """What the session has read of them is old."""
    for number in session.info.pop("restated", ()):
        if (plan := session.identity_map.get(identity_key(ActionPlan, number))) is not None:
            session.expire(plan, list(TRUTH))


def _plan_of(session: Session, row: object) -> list[int]:
    match row:
        case ActionPlan():
            return [row.id]
        case Activity() | ProgressUpdate():
            return [row.plan_id]
        case ActivityReport():
            activity = session.get(Activity, row.activity_id) if row.is_latest else None
            return [activity.plan_id] if activity else []
    return []
