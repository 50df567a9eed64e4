"""A report that asks for help becomes a case, whichever way it came: page, telephone, e-mail, file.

Noticed in the transaction that sends the report, by listening to the session: plans come before this package
and may not know it. Also keeps PlanStanding.open_cases true.
"""

from collections.abc import Collection
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlalchemy.orm.unitofwork import UOWTransaction

from trainingapp.accounts import audit
from trainingapp.cases.models import LIVE, CaseState, HelpCase
from trainingapp.db import db, insert
from trainingapp.plans.board import standing
from trainingapp.plans.board.models import PlanStanding
from trainingapp.plans.models import ActionPlan, Activity
from trainingapp.plans.progress.models import ActivityReport, ProgressUpdate

TO_ANSWER = timedelta(days=10)
# `standing` listens first: it is there when a plan's cases are counted.
__all__ = ["TO_ANSWER", "open_from", "standing"]


@event.listens_for(db.session, "after_flush")
def _notice(session: Session, _context: UOWTransaction) -> None:
    rows = (*session.new, *session.dirty, *session.deleted)
    for report in rows:
        if isinstance(report, ActivityReport) and report.wants_help and _became_latest(report):
            open_from(report)
    changed = {row.plan_id for row in rows if isinstance(row, HelpCase)}
    if changed:
        _count(changed)


def _became_latest(report: ActivityReport) -> bool:
    return report.is_latest and sa.inspect(report).attrs.is_latest.history.has_changes()


def open_from(report: ActivityReport) -> None:
    """Nothing happens where the activity has a case that is not over, or this report has had its own."""
    about = (
        sa.select(Activity.plan_id, ProgressUpdate.reported_at, PlanStanding.owner_id)
        .join(ProgressUpdate, ProgressUpdate.plan_id == Activity.plan_id)
        .outerjoin(PlanStanding, PlanStanding.plan_id == Activity.plan_id)
        .where(Activity.id == report.activity_id, ProgressUpdate.id == report.update_id)
    )
    plan_id, now, owner_id = db.session.execute(about).one()
    assert now is not None, "what is the latest was sent"
    row = {
        "plan_id": plan_id,
        "activity_id": report.activity_id,
        "report_id": report.id,
        "blocker": report.blocker,
        "wish": report.help_text or report.note,
        "state": CaseState.OPEN,
        "owner_id": owner_id,
        "due_on": (now + TO_ANSWER).date(),
        "opened_at": now,
        "version": 1,
    }
    made = db.session.scalar(insert(HelpCase).on_conflict_do_nothing().values(row).returning(HelpCase.id))
    if made:
        plan = db.session.get_one(ActionPlan, plan_id)
        programme_id = plan.enrolment.cohort.theme.programme_id
        audit.record_each(HelpCase, "opened", {made: "asked for help"}, programme_id=programme_id)
        _count([plan_id])


def _count(plan_ids: Collection[int]) -> None:
    number = sa.select(sa.func.count()).where(
        HelpCase.plan_id == PlanStanding.plan_id, HelpCase.state.in_(LIVE)
    )
    db.session.execute(
        sa.update(PlanStanding)
        .where(PlanStanding.plan_id.in_(sorted(plan_ids)))
        .values(open_cases=number.correlate(PlanStanding).scalar_subquery()),
        execution_options={"synchronize_session": False},
    )
    db.session.info.setdefault("restated", set()).update(plan_ids)
