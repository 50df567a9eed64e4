"""What people planned, numbered: a line has the same number in a mail, on paper and in a spreadsheet."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from trainingapp.db import db
from trainingapp.plans.models import ActionPlan, Activity, ActivityState, PlanState

ENDED = (ActivityState.DONE, ActivityState.DROPPED, ActivityState.HANDED_OVER)


@dataclass(frozen=True)
class Step:
    number: int  # from 1, ended ones counted
    id: int  # of the activity
    what: str
    is_over: bool


def steps_of(enrolments: Collection[int]) -> dict[int, list[Step]]:
    """By the id of the enrolment, in the order of the plan, which is that of the alumna's page."""
    query = (
        sa.select(ActionPlan.enrolment_id, Activity.id, Activity.what, Activity.state)
        .join(ActionPlan, ActionPlan.id == Activity.plan_id)
        .where(
            ActionPlan.enrolment_id.in_(enrolments),
            ActionPlan.state != PlanState.STOPPED,
            Activity.removed_at.is_(None),
            Activity.what != "",
        )
        .order_by(Activity.position, Activity.id)
    )
    steps = defaultdict[int, list[Step]](list)
    for enrolment_id, activity_id, what, state in db.session.execute(query):
        mine = steps[enrolment_id]
        mine.append(Step(len(mine) + 1, activity_id, what, state in ENDED))
    return steps
