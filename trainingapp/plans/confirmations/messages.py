"""The mail that asks a supervisor."""

from flask import current_app
from flask_babel import lazy_gettext as _l

from trainingapp.cohorts.models import HOLDS_A_PLACE
from trainingapp.db import db
from trainingapp.outbox import unsubscribe
from trainingapp.outbox.kinds import Asks, Message, MessageKind, register
from trainingapp.outbox.letters.rendering import render_email
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.plans.confirmations import queries
from trainingapp.plans.progress.models import SupervisorCheck


@register
class SupervisorAsked(MessageKind):
    name = queries.KIND
    topic = "supervisor"
    topic_name = _l("questions about what your staff report")
    asks = Asks.CONFIRMATION

    def render(self, email: OutgoingEmail) -> Message:
        check = db.session.get_one(SupervisorCheck, email.facts["check"])
        enrolment = check.plan.enrolment
        return render_email(
            "plans/emails/confirmation",
            email.language,
            unsubscribe_url=unsubscribe.url(email),
            check=check,
            participant=enrolment.participant,
            cohort=enrolment.cohort,
            claims=queries.claims_in(check),
            link=f"{current_app.config['BASE_URL']}/plans/confirm/{queries.token(check)}",
        )

    def unwanted_because(self, email: OutgoingEmail) -> str | None:
        check = db.session.get(SupervisorCheck, email.facts["check"])
        if check is None:
            return "check gone"
        if check.answered_at:
            return "answered"
        enrolment = check.plan.enrolment
        if enrolment.participant.erased_at:
            return "erased"
        return None if enrolment.state in HOLDS_A_PLACE else enrolment.state.value
