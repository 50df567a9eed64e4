"""Questions about plans. No writes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp.cohorts.models import HOLDS_A_PLACE, Cohort, Enrolment
from trainingapp.db import UTCDateTime, came_held, db
from trainingapp.numbers import whole
from trainingapp.paging import SIZE
from trainingapp.participants.models import Participant
from trainingapp.plans.models import (
    ENDED,
    ActionPlan,
    Activity,
    Indicator,
    PlanComment,
    PlanVersion,
)
from trainingapp.plans.progress import counting
from trainingapp.plans.progress import queries as progress
from trainingapp.plans.progress.models import (
    ActivityReport,
    Blocker,
    Evidence,
    EvidenceLevel,
    IndicatorValue,
    ProgressUpdate,
)
from trainingapp.plans.versions.content import KINDS, Lines
from trainingapp.programmes.models import Theme
from trainingapp.visits import sessions
from trainingapp.visits.models import SiteVisit
from trainingapp.visits.session_models import AgendaSession

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
NO_PLAN = "none"  # in place of a state

_HELD = (
    sa.select(ActionPlan)
    .where(ActionPlan.enrolment_id == sa.bindparam("enrolment_id"))
    .with_for_update(of=ActionPlan)
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True)
class Row:
    """One line of an edition's list."""

    enrolment: Enrolment
    plan: ActionPlan | None
    count: counting.Count
    standing: progress.Standing
    heard_at: datetime | None


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    after: str | None  # where the following page begins


def plan(plan_id: int) -> ActionPlan | None:
    """With its person, edition and programme, in one query."""
    return db.session.scalar(
        sa.select(ActionPlan)
        .where(ActionPlan.id == plan_id)
        .options(
            joinedload(ActionPlan.enrolment).joinedload(Enrolment.participant),
            joinedload(ActionPlan.enrolment)
            .joinedload(Enrolment.cohort)
            .joinedload(Cohort.theme)
            .joinedload(Theme.programme),
            joinedload(ActionPlan.inspired_by).joinedload(SiteVisit.host),
        )
    )


def plan_of(enrolment_id: int) -> ActionPlan | None:
    return db.session.scalar(sa.select(ActionPlan).where(ActionPlan.enrolment_id == enrolment_id))


def hold_of(enrolment_id: int) -> ActionPlan | None:
    """As plan_of, locked: for who is about to report on it."""
    found = db.session.scalar(_HELD, {"enrolment_id": enrolment_id})
    if found:
        came_held(found)
    return found


def activities_of(plan: ActionPlan) -> list[Activity]:
    """Those not struck, in their order."""
    return list(_lines_of(Activity, [plan.id]))


def indicators_of(plan: ActionPlan) -> list[Indicator]:
    return list(_lines_of(Indicator, [plan.id]))


def lines_of(plan: ActionPlan) -> Lines:
    """Every list of the plan, without what was struck."""
    return {of: list(_lines_of(kind, [plan.id])) for of, kind in KINDS.items()}


def versions_of(plan: ActionPlan) -> list[PlanVersion]:
    """The first one first."""
    query = sa.select(PlanVersion).where(PlanVersion.plan_id == plan.id).order_by(PlanVersion.number)
    return list(db.session.scalars(query))


def version_counts(plan_ids: Sequence[int]) -> dict[int, int]:
    """Plan id -> how often it was sent."""
    many = sa.func.count().label("many")
    query = sa.select(PlanVersion.plan_id, many).where(PlanVersion.plan_id.in_(plan_ids))
    return {row.plan_id: row.many for row in db.session.execute(query.group_by(PlanVersion.plan_id))}


def comments_of(plan: ActionPlan) -> list[PlanComment]:
    return comments_by_plan([plan.id]).get(plan.id, [])


def unanswered(plan: ActionPlan) -> list[PlanComment]:
    """What others said of it and she has not settled."""
    mine = plan.enrolment.participant.user_id
    return [comment for comment in comments_of(plan) if not comment.settled_at and comment.author_id != mine]


@dataclass(frozen=True)
class Inspirations:
    """What a plan may have grown out of."""

    visits: list[SiteVisit] = field(default_factory=list)
    sessions: list[AgendaSession] = field(default_factory=list)


def inspirations(cohort_id: int) -> Inspirations:
    query = sa.select(SiteVisit).where(SiteVisit.cohort_id == cohort_id).options(joinedload(SiteVisit.host))
    visits = db.session.scalars(query.order_by(SiteVisit.visit_on, SiteVisit.starts_at))
    return Inspirations(list(visits), sessions.of_cohort(cohort_id))


@dataclass(frozen=True)
class Told:
    """One update that was sent, with what it said."""

    update: ProgressUpdate
    activities: list[tuple[ActivityReport, Activity]]
    values: list[tuple[IndicatorValue, Indicator]]
    shown: list[Evidence]


def told(plan: ActionPlan) -> list[Told]:
    """Every update that was sent, the latest first."""
    return told_by_plan([plan.id]).get(plan.id, [])


def told_by_plan(plan_ids: Sequence[int]) -> dict[int, list[Told]]:
    updates = db.session.scalars(
        sa.select(ProgressUpdate)
        .where(ProgressUpdate.plan_id.in_(plan_ids), ProgressUpdate.reported_at.is_not(None))
        .options(joinedload(ProgressUpdate.recorded_by))
        .order_by(ProgressUpdate.reported_at.desc(), ProgressUpdate.id.desc())
    ).all()
    found = {update.id: Told(update, [], [], []) for update in updates}
    reports = (
        sa.select(ActivityReport, Activity)
        .join(Activity)
        .where(ActivityReport.update_id.in_(found))
        .order_by(Activity.position)
    )
    for report, activity in db.session.execute(reports):
        found[report.update_id].activities.append((report, activity))
    values = (
        sa.select(IndicatorValue, Indicator)
        .join(Indicator)
        .where(IndicatorValue.update_id.in_(found))
        .order_by(Indicator.position)
    )
    for value, indicator in db.session.execute(values):
        found[value.update_id].values.append((value, indicator))
    shown = sa.select(Evidence).where(Evidence.update_id.in_(found)).options(joinedload(Evidence.file))
    for one in db.session.scalars(shown.order_by(Evidence.id)):
        found[one.update_id].shown.append(one)
    return _grouped(found.values(), lambda one: one.update.plan_id)


def comments_by_plan(plan_ids: Sequence[int]) -> dict[int, list[PlanComment]]:
    query = (
        sa.select(PlanComment)
        .where(PlanComment.plan_id.in_(plan_ids))
        .options(joinedload(PlanComment.author))
        .order_by(PlanComment.written_at, PlanComment.id)
    )
    return _grouped(db.session.scalars(query), lambda comment: comment.plan_id)


def activities_by_plan(plan_ids: Sequence[int]) -> dict[int, list[Activity]]:
    return _grouped(_lines_of(Activity, plan_ids), lambda activity: activity.plan_id)


def enrolments_of(user_id: int) -> list[tuple[Enrolment, ActionPlan | None]]:
    """The user's own, the latest edition first, each with its plan."""
    query = (
        sa.select(Enrolment, ActionPlan)
        .outerjoin(ActionPlan, ActionPlan.enrolment_id == Enrolment.id)
        .join(Enrolment.participant)
        .join(Enrolment.cohort)
        .where(
            Participant.user_id == user_id,
            Enrolment.state.in_(HOLDS_A_PLACE),
        )
        .options(joinedload(Enrolment.cohort).joinedload(Cohort.theme), joinedload(Enrolment.participant))
        .order_by(Cohort.starts_on.desc(), Enrolment.id.desc())
    )
    return list(db.session.execute(query))


def of_cohort(
    cohort_id: int,
    state: str | None = None,
    after: str | None = None,
    *,
    blocker: Blocker | None = None,
    level: EvidenceLevel = EvidenceLevel.CLAIMED,
) -> Page:
    """Quietest first, so those without a plan lead; ended plans last. `state` may be NO_PLAN."""
    heard = sa.func.coalesce(
        sa.select(sa.func.max(ProgressUpdate.reported_at))
        .where(ProgressUpdate.plan_id == ActionPlan.id)
        .scalar_subquery(),
        ActionPlan.submitted_at,
        sa.literal(NEVER, UTCDateTime()),
    )
    rank = sa.case((ActionPlan.state.in_(ENDED), 1), else_=0)
    query = (
        sa.select(Enrolment, ActionPlan, rank, sa.type_coerce(heard, UTCDateTime()))
        .outerjoin(ActionPlan, ActionPlan.enrolment_id == Enrolment.id)
        .where(Enrolment.cohort_id == cohort_id, Enrolment.state.in_(HOLDS_A_PLACE))
        .options(joinedload(Enrolment.participant))
        .order_by(rank, heard, Enrolment.id)
        .limit(SIZE + 1)
    )
    if state is not None:
        query = query.where(ActionPlan.id.is_(None) if state == NO_PLAN else ActionPlan.state == state)
    if blocker is not None:
        query = query.where(progress.stuck_by(blocker))
    cursor = _cursor(after)
    if cursor:
        edge = (sa.literal(cursor[0]), sa.literal(cursor[1], UTCDateTime()), sa.literal(cursor[2]))
        query = query.where(sa.tuple_(rank, heard, Enrolment.id) > sa.tuple_(*edge))
    found = db.session.execute(query).all()
    ids = [plan.id for _enrolment, plan, _rank, _heard in found if plan]
    counts, standing = counting.of_plans(ids, level), progress.standing(ids)
    rows = [
        Row(
            enrolment,
            plan,
            counts.get(plan.id, counting.Count()) if plan else counting.Count(),
            standing.get(plan.id, progress.NOTHING) if plan else progress.NOTHING,
            when if when > NEVER else None,
        )
        for enrolment, plan, _rank, when in found[:SIZE]
    ]
    last = found[SIZE - 1] if len(found) > SIZE else None
    micro = timedelta(microseconds=1)
    return Page(rows, f"{last[2]}.{(last[3] - NEVER) // micro}.{last[0].id}" if last else None)


def states_in(cohort_id: int) -> dict[str, int]:
    """How many plans are in each state; NO_PLAN counts the people who have none."""
    query = (
        sa.select(ActionPlan.state, sa.func.count())
        .select_from(Enrolment)
        .outerjoin(ActionPlan, ActionPlan.enrolment_id == Enrolment.id)
        .where(Enrolment.cohort_id == cohort_id, Enrolment.state.in_(HOLDS_A_PLACE))
        .group_by(ActionPlan.state)
    )
    return {state.value if state else NO_PLAN: count for state, count in db.session.execute(query)}


def _lines_of(kind: Any, plan_ids: Sequence[int]) -> Any:
    query = sa.select(kind).where(kind.plan_id.in_(plan_ids), kind.removed_at.is_(None))
    return db.session.scalars(query.order_by(kind.plan_id, kind.position, kind.id))


def _cursor(text: str | None) -> tuple[int, datetime, int] | None:
    """None for nothing, and for what somebody made up."""
    try:
        rank, micros, number = (text or "").split(".")
        return whole(rank), NEVER + timedelta(microseconds=int(micros)), whole(number)
    except (ValueError, OverflowError):
        return None


def _grouped(rows: Any, key: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found
