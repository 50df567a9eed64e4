"""Action plans in every state, with what was reported since."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from random import Random

import sqlalchemy as sa

from trainingapp.cohorts.models import CohortState, Enrolment, EnrolmentState
from trainingapp.db import db
from trainingapp.demo import facts
from trainingapp.demo.editions import MadeCohort
from trainingapp.plans import queries
from trainingapp.plans.models import (
    OVER,
    ActionPlan,
    Activity,
    ActivityState,
    Indicator,
    PlanState,
    PlanVersion,
    Problem,
)
from trainingapp.plans.versions.content import snapshot
from trainingapp.visits.models import SiteVisit

SUBMITTED = 0.9
CURRENCIES = {
    "NP": "NPR",
    "BD": "BDT",
    "BT": "BTN",
    "LA": "LAK",
    "MM": "MMK",
    "PK": "PKR",
    "LK": "LKR",
    "ID": "IDR",
    "IN": "INR",
    "VN": "VND",
    "MV": "MVR",
    "AF": "AFN",
    "PH": "PHP",
    "TH": "THB",
    "FJ": "FJD",
    "PG": "PGK",
}


@dataclass(frozen=True)
class WrittenPlan:
    plan: ActionPlan
    activities: list[Activity]
    indicator: Indicator


def make(
    rng: Random,
    cohorts: list[MadeCohort],
    crowd: dict[int, list[Enrolment]],
    visits: dict[int, list[SiteVisit]],
    now: datetime,
) -> dict[int, WrittenPlan]:
    """Enrolment id -> plan."""
    made: dict[int, WrittenPlan] = {}
    for cohort in cohorts:
        for number, enrolment in enumerate(crowd.get(cohort.row.id, [])):
            gone = enrolment.state in {EnrolmentState.WITHDRAWN, EnrolmentState.NO_SHOW}
            if gone or rng.random() > SUBMITTED:
                continue
            inspired = rng.choice(visits.get(cohort.row.id) or [None])
            made[enrolment.id] = _plan(rng, cohort, enrolment, inspired, number, now)
    return made


def _plan(
    rng: Random,
    cohort: MadeCohort,
    enrolment: Enrolment,
    inspired: SiteVisit | None,
    number: int,
    now: datetime,
) -> WrittenPlan:
    own = [fact for fact in facts.PLANS if fact.country == enrolment.country]
    fact = own[0] if own and number % 2 == 0 else rng.choice(facts.PLANS)
    state = _state(rng, cohort.row.state, number)
    sent = min(datetime.combine(cohort.row.ends_on, time(7), UTC), now - timedelta(hours=5))
    submitted = None if state == PlanState.DRAFT else sent
    agreed = state in {PlanState.APPROVED, PlanState.IN_PROGRESS, PlanState.DONE, PlanState.STOPPED}
    plan = ActionPlan(
        enrolment_id=enrolment.id,
        title=fact.title,
        problem_kind=Problem(fact.kind),
        problem=fact.problem,
        goal=fact.goal,
        inspired_by_id=inspired.id if inspired else None,
        state=state,
        state_reason=rng.choice(facts.STOP_REASONS) if state == PlanState.STOPPED else None,
        submitted_at=submitted,
        approved_at=sent + timedelta(hours=4) if agreed else None,
        saved_at=sent,
    )
    db.session.add(plan)
    db.session.flush()
    activities = []
    for position, (what, who, first_step) in enumerate(fact.activities):
        starts = cohort.row.ends_on + timedelta(days=20 + 50 * position)
        activities.append(
            Activity(
                plan_id=plan.id,
                position=position,
                what=what,
                who=who,
                first_step=first_step,
                starts_on=starts,
                due_on=starts + timedelta(days=rng.randrange(40, 120)),
                cost=Decimal(rng.randrange(0, 90) * 500),
                currency=CURRENCIES.get(enrolment.country, "USD"),
                state=ActivityState.NOT_STARTED,
            )
        )
    name, unit, baseline, target = fact.indicator
    indicator = Indicator(
        plan_id=plan.id, position=0, name=name, unit=unit, baseline=Decimal(baseline), target=Decimal(target)
    )
    db.session.add_all([*activities, indicator])
    db.session.flush()
    if submitted:
        db.session.add(
            PlanVersion(
                plan_id=plan.id, number=1, content=snapshot(plan, queries.lines_of(plan)), submitted_at=sent
            )
        )
    return WrittenPlan(plan, activities, indicator)


def _state(rng: Random, cohort: CohortState, number: int) -> PlanState:
    if cohort == CohortState.RUNNING:
        return (
            PlanState.DRAFT,
            PlanState.DRAFT,
            PlanState.SUBMITTED,
            PlanState.RETURNED,
            PlanState.APPROVED,
        )[number % 5]
    share = rng.random()
    for limit, state in ((0.25, PlanState.DONE), (0.65, PlanState.IN_PROGRESS), (0.85, PlanState.STOPPED)):
        if share < limit:
            return state
    return PlanState.APPROVED


def as_reported() -> None:
    """A plan is done when each of its activities is over: the others go on, whatever the dice said."""
    open_lines = sa.select(Activity.plan_id).where(
        Activity.state.not_in(OVER), Activity.removed_at.is_(None), Activity.what != ""
    )
    ended = sa.select(ActionPlan).where(ActionPlan.state == PlanState.DONE, ActionPlan.id.in_(open_lines))
    for plan in db.session.scalars(ended):
        plan.state = PlanState.IN_PROGRESS
    db.session.flush()
