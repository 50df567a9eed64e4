"""Questions about what supervisors are asked, and what they said. No writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp import tokens
from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db
from trainingapp.plans.models import ActionPlan, Activity, ActivityState, Indicator
from trainingapp.plans.progress.ladder import Line
from trainingapp.plans.progress.models import (
    ActivityReport,
    Confirmation,
    EvidenceLevel,
    IndicatorValue,
    SupervisorAnswer,
    SupervisorCheck,
)
from trainingapp.programmes.models import Theme

MOST_LINES = 7  # as many as a telephone shows on two screens
KIND = "supervisor-check"


@dataclass(frozen=True)
class Claim:
    """One line of a check: what she says, and what the supervisor said of it."""

    answer: SupervisorAnswer
    about: Activity | Indicator
    line: Line


def claims_of(plan: ActionPlan) -> list[Line]:
    """What she says was done, or is going on, and what was counted: the latest, below "confirmed"."""
    below = [level for level in EvidenceLevel if level.rank < EvidenceLevel.CONFIRMED.rank]
    said = (ActivityState.DONE, ActivityState.ON_TRACK, ActivityState.HANDED_OVER)
    reports = (
        sa.select(ActivityReport)
        .join(Activity, Activity.id == ActivityReport.activity_id)
        .where(
            Activity.plan_id == plan.id,
            Activity.removed_at.is_(None),
            ActivityReport.is_latest,
            ActivityReport.state.in_(said),
            ActivityReport.evidence.in_(below),
        )
        .order_by(ActivityReport.state != ActivityState.DONE, Activity.position)
    )
    values = (
        sa.select(IndicatorValue)
        .join(Indicator, Indicator.id == IndicatorValue.indicator_id)
        .where(
            Indicator.plan_id == plan.id,
            Indicator.removed_at.is_(None),
            IndicatorValue.is_latest,
            IndicatorValue.evidence.in_(below),
        )
        .order_by(Indicator.position)
    )
    return [*db.session.scalars(reports), *db.session.scalars(values)][:MOST_LINES]


def claims_in(check: SupervisorCheck) -> list[Claim]:
    """In the order they were asked."""
    reports = (
        sa.select(SupervisorAnswer, Activity, ActivityReport)
        .join(ActivityReport, ActivityReport.id == SupervisorAnswer.report_id)
        .join(Activity, Activity.id == ActivityReport.activity_id)
        .where(SupervisorAnswer.check_id == check.id)
    )
    values = (
        sa.select(SupervisorAnswer, Indicator, IndicatorValue)
        .join(IndicatorValue, IndicatorValue.id == SupervisorAnswer.value_id)
        .join(Indicator, Indicator.id == IndicatorValue.indicator_id)
        .where(SupervisorAnswer.check_id == check.id)
    )
    found = [Claim(*row) for row in [*db.session.execute(reports), *db.session.execute(values)]]
    return sorted(found, key=lambda claim: claim.answer.id)


def token(check: SupervisorCheck) -> str:
    return tokens.issue(KIND, check.id)


def check_for(given: str, now: datetime) -> SupervisorCheck | None:
    """What a link opens, as long as it lives and the person is there."""
    query = (
        sa.select(SupervisorCheck)
        .where(SupervisorCheck.token_hash == tokens.fingerprint(given), SupervisorCheck.expires_at > now)
        .options(
            joinedload(SupervisorCheck.plan)
            .joinedload(ActionPlan.enrolment)
            .options(
                joinedload(Enrolment.participant),
                joinedload(Enrolment.cohort).joinedload(Cohort.theme).joinedload(Theme.programme),
            )
        )
    )
    found = db.session.scalar(query)
    return None if found is None or found.plan.enrolment.participant.erased_at else found


def supervisor_of(plan: ActionPlan) -> dict[str, str]:
    """Name and address, as last asked or as nominated."""
    last = next(iter(checks_of(plan)), None)
    if last:
        return {"name": last.name, "email": last.email}
    return {"name": plan.enrolment.supervisor_name, "email": plan.enrolment.supervisor_email}


def checks_of(plan: ActionPlan) -> Sequence[SupervisorCheck]:
    """The latest first."""
    query = sa.select(SupervisorCheck).where(SupervisorCheck.plan_id == plan.id)
    return db.session.scalars(query.order_by(SupervisorCheck.id.desc())).all()


def said_of(plan: ActionPlan) -> dict[tuple[str, int], tuple[SupervisorCheck, Confirmation]]:
    """("a", report's number) or ("i", value's number) -> what the supervisor said of it last."""
    query = (
        sa.select(SupervisorCheck, SupervisorAnswer)
        .join(SupervisorAnswer, SupervisorAnswer.check_id == SupervisorCheck.id)
        .where(SupervisorCheck.plan_id == plan.id, SupervisorAnswer.said.is_not(None))
        .order_by(SupervisorCheck.id)
    )
    found: dict[tuple[str, int], tuple[SupervisorCheck, Confirmation]] = {}
    for check, one in db.session.execute(query):
        key = ("a", one.report_id) if one.report_id else ("i", one.value_id or 0)
        if one.said:
            found[key] = (check, one.said)
    return found
