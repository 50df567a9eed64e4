"""The answer to a request for help, by mail. She asked: it waits for nothing."""

from datetime import datetime

from flask import current_app

from trainingapp.cases.models import LIVE, HelpCase
from trainingapp.db import db
from trainingapp.outbox import unsubscribe
from trainingapp.outbox.kinds import Message, register
from trainingapp.outbox.letters.rendering import render_email
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.plans.messages import PlanMessage, write
from trainingapp.plans.models import ActionPlan


@register
class HelpAnswered(PlanMessage):
    name = "help-answered"

    def render(self, email: OutgoingEmail) -> Message:
        case = db.session.get_one(HelpCase, email.facts["case"])
        enrolment = case.plan.enrolment
        return render_email(
            "cases/emails/answered",
            email.language,
            unsubscribe_url=unsubscribe.url(email),
            case=case,
            activity=case.activity,
            participant=enrolment.participant,
            cohort=enrolment.cohort,
            link=current_app.config["BASE_URL"] + "/cases/mine",
        )

    def plan_of(self, email: OutgoingEmail) -> ActionPlan | None:
        case = db.session.get(HelpCase, email.facts["case"])
        return case.plan if case else None

    def unwanted_because(self, email: OutgoingEmail) -> str | None:
        case = db.session.get(HelpCase, email.facts["case"])
        return "opened again" if case and case.state in LIVE else super().unwanted_because(email)


def write_answered(case: HelpCase, now: datetime) -> None:
    write(HelpAnswered, case.plan, f"{case.id}:{now:%Y%m%d%H%M%S}", now, case=case.id)
