"""Mails about the supervisor's word on a plan: the question to him or her, the answer to the participant."""

from datetime import datetime

from flask import current_app
from flask_babel import lazy_gettext as _l

from trainingapp import clock
from trainingapp.db import db
from trainingapp.outbox import actions as outbox
from trainingapp.outbox import unsubscribe
from trainingapp.outbox.kinds import Message, MessageKind, register
from trainingapp.outbox.letters.rendering import render_email
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.plans.agreements.models import SupervisorAgreement
from trainingapp.plans.agreements.queries import is_open, token
from trainingapp.plans.messages import PlanMessage, write


@register
class SupervisorAsked(MessageKind):
    name = "plan-supervisor"
    topic = "agreements"
    topic_name = _l("action plans of your staff")

    def render(self, email: OutgoingEmail) -> Message:
        asked = _asked(email)
        return render_email(
            "plans/emails/supervisor",
            email.language,
            unsubscribe_url=unsubscribe.url(email),
            asked=asked,
            plan=asked.plan,
            participant=asked.plan.enrolment.participant,
            cohort=asked.plan.enrolment.cohort,
            link=f"{current_app.config['BASE_URL']}/plans/agree/{token(asked)}",
        )

    def unwanted_because(self, email: OutgoingEmail) -> str | None:
        return None if is_open(_asked(email), clock.now()) else "closed"

    def bounced(self, email: OutgoingEmail) -> None:
        _asked(email).is_undelivered = True


@register
class SupervisorAnswered(PlanMessage):
    name = "plan-answered"

    def render(self, email: OutgoingEmail) -> Message:
        asked = _asked(email)
        return render_email(
            "plans/emails/answered",
            email.language,
            unsubscribe_url=unsubscribe.url(email),
            asked=asked,
            participant=asked.plan.enrolment.participant,
            cohort=asked.plan.enrolment.cohort,
            link=f"{current_app.config['BASE_URL']}/plans/{asked.plan_id}/supervisor",
        )


def write_asked(asked: SupervisorAgreement, now: datetime) -> None:
    outbox.enqueue(
        SupervisorAsked.name,
        f"{SupervisorAsked.name}:{asked.id}",
        asked.email,
        now=now,
        language=asked.language,
        about=f"action_plans:{asked.plan_id}",
        facts={"agreement": asked.id},
        not_after=asked.expires_at,
    )


def write_answered(asked: SupervisorAgreement, now: datetime) -> None:
    write(SupervisorAnswered, asked.plan, str(asked.id), now, agreement=asked.id)


def _asked(email: OutgoingEmail) -> SupervisorAgreement:
    return db.session.get_one(SupervisorAgreement, email.facts["agreement"])
