"""Mails about a plan: sent back, approved, commented. Each goes at once and brings her to her own pages."""

from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l

from trainingapp.cohorts.models import HOLDS_A_PLACE
from trainingapp.db import db
from trainingapp.outbox import actions as outbox
from trainingapp.outbox import unsubscribe
from trainingapp.outbox.kinds import Message, MessageKind, register
from trainingapp.outbox.letters.rendering import render_email
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.participants import queries as participants
from trainingapp.plans import queries
from trainingapp.plans.models import ActionPlan, PlanComment


class PlanMessage(MessageKind):
    topic = "plans"
    topic_name = _l("your action plan")

    def render(self, email: OutgoingEmail) -> Message:
        plan = db.session.get_one(ActionPlan, email.facts["plan"])
        comments = [db.session.get_one(PlanComment, number) for number in email.facts.get("comments", [])]
        return render_email(
            f"plans/emails/{self.name.removeprefix('plan-')}",
            email.language,
            unsubscribe_url=unsubscribe.url(email),
            plan=plan,
            participant=plan.enrolment.participant,
            cohort=plan.enrolment.cohort,
            comments=comments,
            link=current_app.config["BASE_URL"] + email.facts["path"],
        )

    def plan_of(self, email: OutgoingEmail) -> ActionPlan | None:
        return db.session.get(ActionPlan, email.facts["plan"])

    def unwanted_because(self, email: OutgoingEmail) -> str | None:
        plan = self.plan_of(email)
        if plan is None:
            return "plan gone"
        if plan.enrolment.state not in HOLDS_A_PLACE:
            return plan.enrolment.state.value
        return None if participants.writable_address(plan.enrolment.participant) else "nobody to write to"


@register
class PlanReturned(PlanMessage):
    name = "plan-returned"


@register
class PlanApproved(PlanMessage):
    name = "plan-approved"


@register
class PlanCommented(PlanMessage):
    name = "plan-commented"


def write_returned(plan: ActionPlan, now: datetime) -> None:
    comments = [comment.id for comment in queries.unanswered(plan)]
    write(PlanReturned, plan, _sent(plan), now, path=f"/plans/{plan.id}/edit", comments=comments)


def write_approved(plan: ActionPlan, now: datetime) -> None:
    comments = [comment.id for comment in queries.unanswered(plan)]
    write(PlanApproved, plan, _sent(plan), now, path="/plans/mine", comments=comments)


def write_commented(plan: ActionPlan, comment: PlanComment, now: datetime) -> None:
    write(PlanCommented, plan, str(comment.id), now, path="/plans/mine", comments=[comment.id])


def _sent(plan: ActionPlan) -> str:
    """The number of the version that was reviewed: each is decided once."""
    return str(len(queries.versions_of(plan)))


def write(kind: type[PlanMessage], plan: ActionPlan, of: str, now: datetime, **facts: Any) -> None:
    """To the participant, where there is an address; once for each `of`."""
    participant = plan.enrolment.participant
    address = participants.writable_address(participant)
    if address is None:
        return
    outbox.enqueue(
        kind.name,
        f"{kind.name}:{plan.id}:{of}",
        address.normalised,
        now=now,
        language=participant.language,
        about=f"action_plans:{plan.id}",
        facts={"plan": plan.id, **facts},
    )
