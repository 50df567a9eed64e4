"""Which screens of the demo show the product best, and where they are."""

from dataclasses import dataclass

import sqlalchemy as sa

from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Cohort, CohortState, Enrolment
from trainingapp.db import db
from trainingapp.demo import sign_ins
from trainingapp.followups.models import Invitation, InvitationState, Schedule, Wave, WaveState
from trainingapp.participants.models import Participant
from trainingapp.plans.models import ActionPlan, PlanState
from trainingapp.reports.models import Report, ReportState
from trainingapp.surveys.models import Question, SurveyVersion
from trainingapp.tokens import issue
from trainingapp.visits.models import SiteVisit

MONTHS = 6  # the wave that is open in the demo
WAITING = (InvitationState.SENT, InvitationState.OPENED, InvitationState.STARTED)
MOVING = (PlanState.APPROVED, PlanState.IN_PROGRESS)  # only these are asked about, an activity at a time


@dataclass(frozen=True)
class Screen:
    name: str
    path: str
    role: str | None = None
    on_phone: bool = False


def screens() -> list[Screen]:
    open_wave = asking()
    edition = db.session.get_one(Cohort, db.session.get_one(Schedule, open_wave.schedule_id).cohort_id)
    programme = edition.theme.programme
    running = db.session.scalars(
        sa.select(Cohort).where(Cohort.state == CohortState.RUNNING).order_by(Cohort.id).limit(1)
    ).one()
    plan = db.session.scalars(
        sa.select(ActionPlan)
        .join(Enrolment)
        .where(Enrolment.cohort_id == edition.id, ActionPlan.state == PlanState.IN_PROGRESS)
        .limit(1)
    ).one()
    visit = db.session.scalars(sa.select(SiteVisit).where(SiteVisit.cohort_id == running.id).limit(1)).one()
    link = links(open_wave)[0]
    own = {role: _plan_of(role, state) for role, _enrolled, state in sign_ins.ALUMNI}
    drafted = db.session.scalars(
        sa.select(Question)
        .join(SurveyVersion)
        .where(SurveyVersion.published_at.is_(None), Question.key == "used_by")
    ).one()
    written = db.session.scalars(sa.select(Report).where(Report.state == ReportState.DRAFT).limit(1)).one()
    return [
        Screen("overview", f"/cohorts/{edition.id}", "coordinator"),
        Screen("enrolment", f"/cohorts/{edition.id}/enrolments", "organiser"),
        Screen("day-sheet", f"/visits/cohorts/{running.id}/days/{visit.visit_on}", "organiser"),
        Screen("plan", f"/plans/{plan.id}", "coordinator"),
        Screen("ledger", f"/followups/waves/{open_wave.id}", "coordinator"),
        Screen("schedule", f"/followups/cohorts/{edition.id}", "coordinator"),
        Screen("rescue", "/followups/rescue", "coordinator"),
        Screen("results", f"/feedback/waves/{open_wave.id}", "coordinator"),
        Screen("inbox", "/feedback/", "coordinator"),
        Screen("editor", f"/plans/{own['participant']}/edit", "participant"),
        Screen("board", "/plans/board", "coordinator"),
        Screen("builder", f"/surveys/versions/{drafted.version_id}/build?q={drafted.id}", "coordinator"),
        Screen("years", f"/feedback/programmes/{programme.id}/years/relevance", "coordinator"),
        Screen("impact", f"/impact/programmes/{programme.id}", "coordinator"),
        Screen("report", f"/reports/{written.id}/edit", "coordinator"),
        Screen("answer", link, on_phone=True),
        Screen("donors", f"/impact/public/{programme.slug}"),
        Screen("progress", f"/plans/{own['alumna']}/progress", "alumna", on_phone=True),
        Screen("overview", f"/cohorts/{edition.id}", "coordinator", on_phone=True),
    ]


def _plan_of(role: str, state: PlanState) -> int:
    """Of the one who signs in with this role."""
    hers = (
        sa.select(ActionPlan.id).join(Enrolment).join(Participant).join(User, User.id == Participant.user_id)
    )
    named = User.email == f"{role}@{sign_ins.HOST}"
    return db.session.scalars(hers.where(named, ActionPlan.state == state).limit(1)).one()


def asking() -> Wave:
    """The wave that is open in the demo."""
    return db.session.scalars(
        sa.select(Wave)
        .where(Wave.state == WaveState.OPEN, Wave.offset_months == MONTHS)
        .order_by(Wave.id)  # the demo's own comes first, whatever was tried since
        .limit(1)
    ).one()


def links(wave: Wave) -> list[str]:
    """Of those who are asked about a plan that moves and have not answered, the emptiest pages first."""
    waiting = db.session.scalars(
        sa.select(Invitation)
        .join(Enrolment, Enrolment.id == Invitation.enrolment_id)
        .where(
            Invitation.wave_id == wave.id,
            Invitation.state.in_(WAITING),
            sa.exists().where(ActionPlan.enrolment_id == Enrolment.id, ActionPlan.state.in_(MOVING)),
        )
        .order_by(
            sa.case({InvitationState.SENT: 0, InvitationState.OPENED: 1}, value=Invitation.state, else_=2),
            Invitation.id,
        )
    )
    return [f"/r/{issue('invitation', each.id, each.link_number)}" for each in waiting]
