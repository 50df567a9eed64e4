"""Visits and sessions that led to something: activities that grew out of them, and what became of those.

As of a day. An activity may have grown out of both, and then counts with both.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db
from trainingapp.impact.figures import Share
from trainingapp.impact.scope import Scope
from trainingapp.plans.models import ActionPlan, Activity, ActivityState
from trainingapp.plans.progress.models import ActivityReport, EvidenceLevel, EvidenceStep, ProgressUpdate
from trainingapp.programmes.models import Theme
from trainingapp.visits.models import Host, NoteCard, SiteVisit
from trainingapp.visits.session_models import AgendaSession

MOST = 200  # visits, and as many sessions


@dataclass(frozen=True)
class Grown:
    plans: int
    activities: Share  # done, and shown so well, of those that grew out of it


@dataclass(frozen=True)
class OfVisit(Grown):
    visit: SiteVisit
    host: Host


@dataclass(frozen=True)
class OfSession(Grown):
    session: AgendaSession


def of_visits(scope: Scope, level: EvidenceLevel) -> list[OfVisit]:
    """Most finished first. An activity grew out of the visit of its note, else of the one its plan names."""
    grown = _grown(scope, level, sa.func.coalesce(NoteCard.visit_id, ActionPlan.inspired_by_id))
    query = (
        sa.select(SiteVisit, Host, *_counts(grown))
        .join(grown, grown.c.origin_id == SiteVisit.id)
        .join(Host, Host.id == SiteVisit.host_id)
        .order_by(*_most_finished(grown), SiteVisit.visit_on.desc(), SiteVisit.id)
        .limit(MOST)
    )
    return [
        OfVisit(plans, Share(int(done), activities), visit, host)
        for visit, host, plans, done, activities in db.session.execute(query)
    ]


def of_sessions(scope: Scope, level: EvidenceLevel) -> list[OfSession]:
    """Most finished first. An activity grew out of the session that its plan names."""
    grown = _grown(scope, level, ActionPlan.session_id)
    query = (
        sa.select(AgendaSession, *_counts(grown))
        .join(grown, grown.c.origin_id == AgendaSession.id)
        .order_by(*_most_finished(grown), AgendaSession.held_on.desc(), AgendaSession.id)
        .limit(MOST)
    )
    return [
        OfSession(plans, Share(int(done), activities), session)
        for session, plans, done, activities in db.session.execute(query)
    ]


def _counts(grown: Any) -> list[Any]:
    return [grown.c.plans, grown.c.done, grown.c.activities]


def _most_finished(grown: Any) -> list[Any]:
    return [grown.c.done.desc(), grown.c.activities.desc()]


def _grown(scope: Scope, level: EvidenceLevel, origin: Any) -> Any:
    """What each of them led to: `origin` is the id of one, by activity."""
    reports = _reports(scope)
    done = sa.and_(
        reports.c.state == ActivityState.DONE.value,
        reports.c.evidence.in_([one.value for one in level.and_above]),
    )
    counts: list[Any] = [
        origin.label("origin_id"),
        sa.func.count(ActionPlan.id.distinct()).label("plans"),
        sa.func.count().label("activities"),
        sa.func.sum(sa.case((done, 1), else_=0)).label("done"),
    ]
    return (
        sa.select(*counts)
        .select_from(Activity)
        .join(ActionPlan, ActionPlan.id == Activity.plan_id)
        .join(Enrolment, Enrolment.id == ActionPlan.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(Theme, Theme.id == Cohort.theme_id)
        .outerjoin(NoteCard, NoteCard.id == Activity.note_card_id)
        .outerjoin(reports, reports.c.activity_id == Activity.id)
        .where(*scope.holds_people(), _agreed(scope), origin.is_not(None))
        .where(Activity.removed_at.is_(None), Activity.what != "")
        .group_by(origin)
        .subquery()
    )


def _agreed(scope: Scope) -> sa.ColumnElement[bool]:
    """From its approval on a plan keeps its lines."""
    if scope.until is None:
        return ActionPlan.approved_at.is_not(None)
    return ActionPlan.approved_at < scope.until


def _reports(scope: Scope) -> Any:
    """The latest report on every activity, with its level of evidence."""
    state = sa.cast(ActivityReport.state, sa.String(40)).label("state")
    if scope.until is None:
        shown = sa.cast(ActivityReport.evidence, sa.String(40)).label("evidence")
        now = sa.select(ActivityReport.activity_id, state, shown)
        return now.where(ActivityReport.is_latest).subquery()
    age = sa.func.row_number().over(
        partition_by=ActivityReport.activity_id,
        order_by=(ProgressUpdate.reported_at.desc(), ActivityReport.id.desc()),
    )
    then = (
        sa.select(ActivityReport.id, ActivityReport.activity_id, state, age.label("age"))
        .join(ProgressUpdate, ProgressUpdate.id == ActivityReport.update_id)
        .where(ProgressUpdate.reported_at < scope.until)
        .subquery()
    )
    step = (
        sa.select(EvidenceStep.level)
        .where(EvidenceStep.report_id == then.c.id, EvidenceStep.taken_at < scope.until)
        .order_by(EvidenceStep.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    level = sa.func.coalesce(sa.cast(step, sa.String(40)), EvidenceLevel.CLAIMED.value)
    return (
        sa.select(then.c.activity_id, then.c.state, level.label("evidence")).where(then.c.age == 1).subquery()
    )
