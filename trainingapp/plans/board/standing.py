"""Keeps PlanStanding true, in the transaction that writes a plan, a report, its evidence or an enrolment.

It listens to the session, so that no verb has to remember it. `recount` does it for rows that were written
past the session, thousands at once.
"""

from collections.abc import Collection
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlalchemy.orm.unitofwork import UOWTransaction
from sqlalchemy.orm.util import identity_key

from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db, insert, table
from trainingapp.plans.board.models import PlanStanding
from trainingapp.plans.models import OVER, ActionPlan, Activity, ActivityState, PlanState
from trainingapp.plans.progress.models import ActivityReport, EvidenceLevel, ProgressUpdate
from trainingapp.programmes.models import Theme

GOING = (PlanState.APPROVED, PlanState.IN_PROGRESS)


def recount(plan_ids: Collection[int] | None = None) -> None:
    """Of these plans; of all, where none are named. What was never sent has no standing."""
    which = () if plan_ids is None else (_THESE,)
    keep = _kept_true(db.session.get_bind().dialect.name, *which)
    named = {"plan_ids": sorted(plan_ids or ())}
    db.session.execute(keep, named if which else {})


_THESE = ActionPlan.id.in_(sa.bindparam("plan_ids", expanding=True))


@cache
def _kept_true(_dialect: str, *which: sa.ColumnElement[bool]) -> Any:
    """Built once for each database: putting it together costs more than running it."""
    add = insert(table(PlanStanding)).from_select(list(_COLUMNS), _truth().where(*which))
    kept = {name: add.excluded[name] for name in _COLUMNS}
    return add.on_conflict_do_update(index_elements=["plan_id"], set_=kept)


def _truth() -> sa.Select[Any]:
    """A row a plan that was sent."""
    lines = _lines().subquery()
    heard = sa.func.coalesce(
        sa.select(sa.func.max(ProgressUpdate.reported_at))
        .where(ProgressUpdate.plan_id == ActionPlan.id)
        .correlate(ActionPlan)
        .scalar_subquery(),
        ActionPlan.submitted_at,
    )
    goes_on = sa.and_(ActionPlan.state.in_(GOING), lines.c.open > 0)
    values = {
        "plan_id": ActionPlan.id,
        "programme_id": Theme.programme_id,
        "cohort_id": Enrolment.cohort_id,
        "country": Enrolment.country,
        "state": ActionPlan.state,
        "heard_at": heard,
        "silent_since": sa.case((goes_on, heard)),
        "due_on": sa.case((goes_on, lines.c.due_on)),
        "unbegun_since": sa.case((sa.and_(goes_on, lines.c.begun == 0), ActionPlan.approved_at)),
        "lines": sa.func.coalesce(lines.c.every, 0),
        "lines_done": sa.func.coalesce(lines.c.done, 0),
        "lines_blocked": sa.case((goes_on, lines.c.blocked), else_=0),
        "lines_unverified": sa.case(
            (ActionPlan.state != PlanState.STOPPED, sa.func.coalesce(lines.c.unverified, 0)), else_=0
        ),
    }
    assert tuple(values) == _COLUMNS
    return (
        sa.select(*values.values())
        .join(Enrolment, Enrolment.id == ActionPlan.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(Theme, Theme.id == Cohort.theme_id)
        .outerjoin(lines, lines.c.plan_id == ActionPlan.id)
        .where(ActionPlan.submitted_at.is_not(None))
    )


_COLUMNS = (
    *("plan_id", "programme_id", "cohort_id", "country", "state", "heard_at", "silent_since", "due_on"),
    *("unbegun_since", "lines", "lines_done", "lines_blocked", "lines_unverified"),
)


def _lines() -> Any:
    """Of each plan the activities that are not struck and say something, counted."""
    is_open, is_done = Activity.state.not_in(OVER), Activity.state == ActivityState.DONE
    is_verified = sa.and_(ActivityReport.is_latest, ActivityReport.evidence == EvidenceLevel.VERIFIED)

    def count(which: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((which, 1), else_=0))

    return (
        sa.select(
            Activity.plan_id,
            sa.func.count().label("every"),
            count(is_open).label("open"),
            count(Activity.state != ActivityState.NOT_STARTED).label("begun"),
            count(is_done).label("done"),
            count(Activity.state == ActivityState.BLOCKED).label("blocked"),
            count(sa.and_(is_done, ActivityReport.id.is_(None))).label("unverified"),
            sa.func.min(sa.case((is_open, Activity.due_on))).label("due_on"),
        )
        .outerjoin(ActivityReport, sa.and_(ActivityReport.activity_id == Activity.id, is_verified))
        .where(Activity.removed_at.is_(None), Activity.what != "")
        .group_by(Activity.plan_id)
    )


@event.listens_for(db.session, "after_flush")
def _follow(session: Session, _context: UOWTransaction) -> None:
    rows = (*session.new, *session.dirty, *session.deleted)
    touched = {number for row in rows for number in _plans_of(session, row)}
    if touched:
        recount(touched)
        session.info.setdefault("restated", set()).update(touched)


@event.listens_for(db.session, "after_flush_postexec")
def _forget(session: Session, _context: UOWTransaction) -> None:
    """What the session has read of them is old."""
    for number in session.info.pop("restated", ()):
        if (known := session.identity_map.get(identity_key(PlanStanding, number))) is not None:
            session.expire(known)


def _plans_of(session: Session, row: object) -> list[int]:
    match row:
        case ActionPlan():
            return [row.id]
        case Activity():
            return [row.plan_id]
        case ProgressUpdate() if row.reported_at:
            return [row.plan_id]
        case ActivityReport() if row.is_latest:
            return [session.get_one(Activity, row.activity_id).plan_id]
        case Enrolment() if row not in session.new:
            return list(session.scalars(sa.select(ActionPlan.id).where(ActionPlan.enrolment_id == row.id)))
    return []
