"""Questions about feeds: what is linked, and which indicators of plans wait for it."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db
from trainingapp.impact.frames.models import FrameIndicator
from trainingapp.impact.models import Feed
from trainingapp.plans.models import ActionPlan, Indicator
from trainingapp.programmes.models import Theme


def unlinked(programme_id: int) -> sa.Select[Indicator]:
    """For a page, in the order of their ids."""
    linked = sa.exists().where(Feed.indicator_id == Indicator.id, Feed.ended_at.is_(None))
    return (
        sa.select(Indicator)
        .join(ActionPlan, ActionPlan.id == Indicator.plan_id)
        .join(Enrolment, Enrolment.id == ActionPlan.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(Theme, Theme.id == Cohort.theme_id)
        .where(
            Theme.programme_id == programme_id,
            ActionPlan.approved_at.is_not(None),
            Indicator.removed_at.is_(None),
            Indicator.name != "",
            ~linked,
        )
    )


def plans_of(indicators: Sequence[Indicator]) -> dict[int, ActionPlan]:
    enrolment = joinedload(ActionPlan.enrolment)
    query = (
        sa.select(ActionPlan)
        .where(ActionPlan.id.in_({one.plan_id for one in indicators}))
        .options(
            enrolment.joinedload(Enrolment.participant),
            enrolment.joinedload(Enrolment.cohort).joinedload(Cohort.theme),
        )
    )
    return {plan.id: plan for plan in db.session.scalars(query)}


def count(programme_id: int) -> int:
    """Links that hold."""
    query = sa.select(sa.func.count()).where(Feed.programme_id == programme_id, Feed.ended_at.is_(None))
    return db.session.scalar(query) or 0


def of_indicator(indicator: Indicator) -> Sequence[Feed]:
    """Those that hold first; ended ones stay to be seen."""
    query = (
        sa.select(Feed)
        .where(Feed.indicator_id == indicator.id)
        .options(
            joinedload(Feed.frame_indicator).joinedload(FrameIndicator.frame), joinedload(Feed.linked_by)
        )
        .order_by(Feed.ended_at.is_not(None), Feed.id)
    )
    return db.session.scalars(query).all()
