"""Who looks after which plans: chosen on the board, given to a coordinator."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.db import db
from trainingapp.plans.board.models import PlanStanding
from trainingapp.programmes.roles import Permission, on


def these(numbers: Sequence[int]) -> Sequence[PlanStanding]:
    """Of the chosen, those that the reader may review, locked in one order."""
    mine = on(PlanStanding.programme_id, Permission.REVIEW_PLANS)
    query = sa.select(PlanStanding).where(PlanStanding.plan_id.in_(numbers), mine)
    locked = query.options(joinedload(PlanStanding.plan)).order_by(PlanStanding.plan_id)
    return db.session.scalars(locked.with_for_update(of=PlanStanding)).all()


def assign(chosen: Sequence[PlanStanding], owner: User | None) -> int:
    """To this person, or back to nobody; says how many changed."""
    changed = [standing for standing in chosen if standing.owner_id != (owner.id if owner else None)]
    for standing in changed:
        standing.owner_id = owner.id if owner else None
        after = owner.name if owner else None
        audit.record(standing.plan, "assigned", after=after, programme_id=standing.programme_id)
    return len(changed)
