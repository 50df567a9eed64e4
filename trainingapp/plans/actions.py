"""Verbs: begin a plan, save it, send it, review it, end it. Reports on it are in progress/actions.py."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp import once
from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.cohorts.models import HOLDS_A_PLACE, Enrolment
from trainingapp.db import db, lock
from trainingapp.plans import messages, queries
from trainingapp.plans.board import standing
from trainingapp.plans.models import (
    EDITABLE,
    ENDED,
    OVER,
    ActionPlan,
    PlanComment,
    PlanState,
    PlanVersion,
)
from trainingapp.plans.progress.actions import (
    begin_update,
    count,
    counted_in,
    must_be_open,
    report,
    report_activity,
    report_indicator,
    said_in,
    say,
    send_update,
    show,
)
from trainingapp.plans.versions.content import KINDS, PLAN_FIELDS, Document, places, snapshot
from trainingapp.plans.writing import drafts, readiness
from trainingapp.refusals import Refusal

__all__ = [
    "begin_update",
    "count",
    "counted_in",
    "must_be_open",
    "report",
    "report_activity",
    "report_indicator",
    "said_in",
    "say",
    "send_update",
    "show",
    "standing",  # it listens, and need only be there
]

LINES_TO_BEGIN_WITH = {"objectives": 2, "activities": 3, "indicators": 1, "risks": 1}

FIRST_MONTH = timedelta(days=30)
COMMENTED = {
    "objectives": "objective_id",
    "activities": "activity_id",
    "indicators": "indicator_id",
    "risks": "risk_id",
}


class NotEditable(Refusal):
    """It was sent; what was sent is not changed."""


class NotReady(Refusal):
    """Something on the list before sending is missing."""


class NotForReview(Refusal):
    """It is not waiting for a review: somebody was quicker."""


class NothingToChange(Refusal):
    """A plan is not sent back without saying why."""


class StillOpen(Refusal):
    """An activity is neither done, dropped nor handed over."""


class AlreadyEnded(Refusal):
    """Done or stopped."""


class NoPlace(Refusal):
    """Whoever withdrew or did not come has no plan."""


def begin(enrolment: Enrolment, now: datetime) -> ActionPlan:
    """The enrolment's plan, with empty lines; the one that is there, if there is one."""
    if enrolment.state not in HOLDS_A_PLACE:
        raise NoPlace(_("An action plan belongs to someone who takes part in the edition."))
    try:
        with db.session.begin_nested():
            plan = ActionPlan(enrolment_id=enrolment.id, saved_at=now)
            db.session.add(plan)
    except IntegrityError:
        return db.session.scalars(sa.select(ActionPlan).where(ActionPlan.enrolment_id == enrolment.id)).one()
    for of, many in LINES_TO_BEGIN_WITH.items():
        db.session.add_all(KINDS[of](plan_id=plan.id, position=n) for n in range(1, many + 1))
    _became(plan, "began", None, PlanState.DRAFT)
    return plan


def save(plan: ActionPlan, typed: Document, now: datetime, replies: dict[str, str] | None = None) -> None:
    """As typed, whether it can be understood or not. Lock the plan first. Raises NotEditable."""
    if plan.state not in EDITABLE:
        raise NotEditable(_("This plan was already sent, so it can no longer be changed here."))
    drafts.write(plan, typed, now, replies)


def submit(plan: ActionPlan, now: datetime) -> PlanVersion:
    """Sends what is saved to the coordinator. Raises NotEditable, NotReady."""
    lock(plan)
    if plan.state not in EDITABLE:
        raise NotEditable(_("This plan was already sent, so it can no longer be changed here."))
    typed = drafts.typed(plan, queries.lines_of(plan))
    if not readiness.is_ready(readiness.checks(typed, queries.unanswered(plan), begin_by(plan, now))):
        raise NotReady(_("The plan was saved, but not sent: see the list “Before you send”."))
    drafts.write(plan, drafts.without_blanks(typed), now)
    content = snapshot(plan, queries.lines_of(plan))
    number = len(queries.versions_of(plan)) + 1
    version = PlanVersion(plan_id=plan.id, number=number, content=content, submitted_at=now)
    db.session.add(version)
    plan.submitted_at = now
    _became(plan, "submitted", plan.state, PlanState.SUBMITTED)
    return version


def send_back(plan: ActionPlan, by: User, text: str, now: datetime) -> None:
    """With a comment, now or while it was read. Raises NotForReview, NothingToChange."""
    _take_up(plan)
    if not text and not queries.unanswered(plan):
        raise NothingToChange(_("Say what should be changed."), "changes")
    if text:
        db.session.add(PlanComment(plan_id=plan.id, author_id=by.id, text=text, written_at=now))
    _became(plan, "returned", plan.state, PlanState.RETURNED, why=text or None)
    messages.write_returned(plan, now)


def approve(plan: ActionPlan, now: datetime) -> None:
    """Raises NotForReview."""
    _take_up(plan)
    plan.approved_at = now
    _became(plan, "approved", plan.state, PlanState.APPROVED)
    messages.write_approved(plan, now)


def comment(
    plan: ActionPlan,
    by: User,
    text: str,
    now: datetime,
    place: str = "",
    form_id: str | None = None,
) -> PlanComment:
    """On the plan, a field of it or one of its lines: `place` is as PlanComment.place. The participant
    gets a mail, but not for each remark of a review: those go with its decision. Raises once.Twice.
    """
    made = PlanComment(
        plan_id=plan.id,
        **_about(plan, place),
        author_id=by.id,
        text=text,
        written_at=now,
        form_id=form_id,
    )
    once.keep(made)
    if plan.state != PlanState.SUBMITTED and by.id != plan.enrolment.participant.user_id:
        messages.write_commented(plan, made, now)
    return made


def reply(plan: ActionPlan, by: User, place: str, text: str, now: datetime) -> None:
    """The participant's answer, which settles what others asked there. Lock the plan first."""
    if not text:
        raise Refusal(_("Write your answer first."), f"{drafts.REPLY}{place}")
    comment(plan, by, text, now, place)
    lines = places(snapshot(plan, queries.lines_of(plan)))
    for asked in queries.unanswered(plan):
        if asked.stands_at(lines) == place:
            settle(plan, asked.id, now)


def settle(plan: ActionPlan, comment_id: int, now: datetime) -> None:
    """It needs no answer any more: she changed the line, or whoever asked says so."""
    found = db.session.get(PlanComment, comment_id)
    if found and found.plan_id == plan.id and found.settled_at is None:
        found.settled_at = now
        audit.record(found, "settled", programme_id=plan.enrolment.cohort.theme.programme_id)


def finish(plan: ActionPlan, now: datetime) -> None:
    """Raises AlreadyEnded, StillOpen."""
    lock(plan)
    _must_go_on(plan)
    left = [activity for activity in queries.activities_of(plan) if activity.state not in OVER]
    if left or plan.state not in {PlanState.APPROVED, PlanState.IN_PROGRESS}:
        raise StillOpen(_("Report first how each activity ended: done, dropped or handed over."))
    plan.saved_at = now
    _became(plan, "finished", plan.state, PlanState.DONE)


def stop(plan: ActionPlan, why: str, now: datetime) -> None:
    """Raises AlreadyEnded, or Refusal without a reason."""
    lock(plan)
    _must_go_on(plan)
    if not why:
        raise Refusal(_("Say why: it helps the next participants."), "why")
    plan.state_reason = why
    plan.saved_at = now
    _became(plan, "stopped", plan.state, PlanState.STOPPED, why=why)


def begin_by(plan: ActionPlan, now: datetime) -> date:
    """The first step is small enough for the first month at home, or for the next, when it is late."""
    cohort = plan.enrolment.cohort
    return max(cohort.ends_on, now.astimezone(ZoneInfo(cohort.time_zone)).date()) + FIRST_MONTH


def _about(plan: ActionPlan, place: str) -> dict[str, Any]:
    """The columns of a comment; one on a line that is not there is about the whole plan."""
    of, _dash, number = place.partition("-")
    if of in COMMENTED and any(str(row.id) == number for row in queries.lines_of(plan)[of]):
        return {COMMENTED[of]: int(number)}
    return {"field": place} if place in PLAN_FIELDS else {}


def _take_up(plan: ActionPlan) -> None:
    lock(plan)
    if plan.state != PlanState.SUBMITTED:
        raise NotForReview(_("This plan no longer waits for a review. Look at its page again."))


def _must_go_on(plan: ActionPlan) -> None:
    if plan.state in ENDED:
        raise AlreadyEnded(_("This plan has already ended."))


def _became(
    plan: ActionPlan, verb: str, before: PlanState | None, after: PlanState, why: str | None = None
) -> None:
    plan.state = after
    db.session.flush()
    programme_id = plan.enrolment.cohort.theme.programme_id
    audit.record(plan, verb, before=before, after=after, why=why, programme_id=programme_id)
