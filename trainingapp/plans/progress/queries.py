"""Questions about what was reported and how well it is shown. No writes."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp.cohorts.models import HOLDS_A_PLACE, Enrolment
from trainingapp.db import db
from trainingapp.plans.models import ActionPlan, Activity, Indicator
from trainingapp.plans.progress.ladder import Line
from trainingapp.plans.progress.models import (
    ActivityReport,
    Blocker,
    Evidence,
    EvidenceStep,
    IndicatorValue,
    ProgressUpdate,
)
from trainingapp.plans.progress.reading import LastValue


@dataclass(frozen=True)
class Examined:
    """One line of a report, with all there is to judge it by."""

    line: Line
    name: str  # as addresses say it: a-7 is a report on an activity, i-3 a value of an indicator
    about: Activity | Indicator
    update: ProgressUpdate
    evidence: Sequence[Evidence]
    steps: Sequence[EvidenceStep]


def last_values(plan: ActionPlan) -> dict[int, LastValue]:
    """Indicator id -> what was counted last."""
    query = (
        sa.select(IndicatorValue, ProgressUpdate.reported_at)
        .join(ProgressUpdate, ProgressUpdate.id == IndicatorValue.update_id)
        .where(ProgressUpdate.plan_id == plan.id, IndicatorValue.is_latest)
    )
    return {
        value.indicator_id: LastValue(value.value, when, value.evidence)
        for value, when in db.session.execute(query)
        if when
    }


def latest_reports(plan_ids: Sequence[int]) -> dict[int, ActivityReport]:
    """Activity id -> the latest report on it."""
    query = (
        sa.select(ActivityReport)
        .join(Activity, Activity.id == ActivityReport.activity_id)
        .where(Activity.plan_id.in_(plan_ids), ActivityReport.is_latest)
    )
    return {report.activity_id: report for report in db.session.scalars(query)}


@dataclass(frozen=True)
class Standing:
    """Of a plan now."""

    blockers: tuple[Blocker, ...] = ()
    wants_help: bool = False


NOTHING = Standing()


def standing(plan_ids: Sequence[int]) -> dict[int, Standing]:
    """Plan id -> what is in the way, and whether help is wished."""
    query = (
        sa.select(Activity.plan_id, ActivityReport.blocker, ActivityReport.wants_help)
        .join(ActivityReport, ActivityReport.activity_id == Activity.id)
        .where(
            Activity.plan_id.in_(plan_ids),
            Activity.removed_at.is_(None),
            ActivityReport.is_latest,
            sa.or_(ActivityReport.blocker.is_not(None), ActivityReport.wants_help),
        )
        .order_by(Activity.position, Activity.id)
    )
    found: dict[int, Standing] = {}
    for plan_id, blocker, wants_help in db.session.execute(query):
        was = found.get(plan_id, NOTHING)
        new = (blocker,) if blocker and blocker not in was.blockers else ()
        found[plan_id] = Standing(was.blockers + new, was.wants_help or wants_help)
    return found


def line(plan: ActionPlan, name: str) -> Examined | None:
    """One line of a report that was sent, by its name in an address."""
    kind, _dash, number = name.partition("-")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):  # noqa: PLR2004 - of a key's digits
        return None
    found: Line | None = None
    about: Activity | Indicator | None = None
    if kind == "a" and (found := db.session.get(ActivityReport, int(number))):
        about = db.session.get_one(Activity, found.activity_id)
    elif kind == "i" and (found := db.session.get(IndicatorValue, int(number))):
        about = db.session.get_one(Indicator, found.indicator_id)
    update = db.session.get(ProgressUpdate, found.update_id) if found else None
    if (
        found is None
        or about is None
        or update is None
        or update.plan_id != plan.id
        or not update.reported_at
    ):
        return None
    return Examined(found, name, about, update, _evidence(update, about), _steps(found))


def blockers_in(cohort_id: int) -> dict[Blocker, int]:
    """How many people of an edition something is in the way of, by what it is."""
    query = (
        sa.select(ActivityReport.blocker, sa.func.count(sa.distinct(ActionPlan.id)))
        .join(Activity, Activity.id == ActivityReport.activity_id)
        .join(ActionPlan, ActionPlan.id == Activity.plan_id)
        .join(Enrolment, Enrolment.id == ActionPlan.enrolment_id)
        .where(
            Enrolment.cohort_id == cohort_id,
            Enrolment.state.in_(HOLDS_A_PLACE),
            Activity.removed_at.is_(None),
            ActivityReport.is_latest,
            ActivityReport.blocker.is_not(None),
        )
        .group_by(ActivityReport.blocker)
    )
    return {blocker: count for blocker, count in db.session.execute(query) if blocker}


def stuck_by(blocker: Blocker) -> sa.ColumnElement[bool]:
    """A WHERE clause about ActionPlan: this is in the way of one of its activities now."""
    return sa.exists().where(
        Activity.plan_id == ActionPlan.id,
        Activity.removed_at.is_(None),
        ActivityReport.activity_id == Activity.id,
        ActivityReport.is_latest,
        ActivityReport.blocker == blocker,
    )


def _evidence(update: ProgressUpdate, about: Activity | Indicator) -> Sequence[Evidence]:
    of = Evidence.activity_id if isinstance(about, Activity) else Evidence.indicator_id
    query = (
        sa.select(Evidence)
        .where(Evidence.update_id == update.id, of == about.id)
        .options(joinedload(Evidence.file))
        .order_by(Evidence.id)
    )
    return db.session.scalars(query).all()


def _steps(found: Line) -> Sequence[EvidenceStep]:
    of = EvidenceStep.report_id if isinstance(found, ActivityReport) else EvidenceStep.value_id
    query = sa.select(EvidenceStep).where(of == found.id).options(joinedload(EvidenceStep.by))
    return db.session.scalars(query.order_by(EvidenceStep.id)).all()
