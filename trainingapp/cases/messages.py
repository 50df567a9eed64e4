"""The answer to a request for help, by mail. She asked: it waits for nothing."""

from datetime import datetime

from flask import current_app
from flask_babel import lazy_gettext as _l

from trainingapp.cases.models import LIVE, HelpCase
from trainingapp.cohorts.models import HOLDS_A_PLACE
from trainingapp.db import db
from trainingapp.outbox import actions as outbox
from trainingapp.outbox import unsubscribe
from trainingapp.outbox.kinds import Message, MessageKind, register
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.outbox.rendering import render_email
from trainingapp.participants import queries as participants


@register
class HelpAnswered(MessageKind):
    name = "help-answered"
    topic = "plans"
    topic_name = _l("your action plan")

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

    def unwanted_because(self, email: OutgoingEmail) -> str | None:
        case = db.session.get(HelpCase, email.facts["case"])
        if case is None:
            return "case gone"
        if case.state in LIVE:
            return "opened again"
        enrolment = case.plan.enrolment
        if enrolment.state not in HOLDS_A_PLACE:
            return enrolment.state.value
        return None if participants.writable_address(enrolment.participant) else "nobody to write to"


def write_answered(case: HelpCase, now: datetime) -> None:
    participant = case.plan.enrolment.participant
    address = participants.writable_address(participant)
    if address is None:
        return
    outbox.enqueue(
        HelpAnswered.name,
        f"{HelpAnswered.name}:{case.id}:{now:%Y%m%d%H%M%S}",
        address.normalised,
        now=now,
        language=participant.language,
        about=f"help_cases:{case.id}",
        facts={"case": case.id},
    )
