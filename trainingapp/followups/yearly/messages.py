"""The yearly mail: is what we know of her still right? Rendered at the moment it goes."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from flask import current_app

from trainingapp import clock
from trainingapp.db import lock
from trainingapp.followups import actions, queries
from trainingapp.followups.audience import TOPIC, TOPIC_NAME, silenced
from trainingapp.followups.models import ContactCheck
from trainingapp.followups.yearly import actions as yearly
from trainingapp.followups.yearly import queries as yearly_queries
from trainingapp.outbox import unsubscribe
from trainingapp.outbox.kinds import Asks, Message, MessageKind, register
from trainingapp.outbox.letters.rendering import render_email
from trainingapp.outbox.models import OutgoingEmail


@register
class StillYouMessage(MessageKind):
    name = "still_you"
    topic, topic_name = TOPIC, TOPIC_NAME
    asks = Asks.ADDRESS

    def render(self, email: OutgoingEmail) -> Message:
        check = _check(email)
        cohort = check.enrolment.cohort
        return render_email(
            "followups/emails/still_you",
            email.language,
            unsubscribe_url=unsubscribe.url(email),
            person=check.participant,
            cohort=cohort,
            programme=cohort.theme.programme,
            known=queries.works_at(check.enrolment),
            masked=yearly_queries.masked(check.address),
            link=f"{current_app.config['BASE_URL']}/still-you/{yearly_queries.token(check)}",
        )

    def unwanted_because(self, email: OutgoingEmail) -> str | None:
        check = _check(email)
        person = check.participant
        reasons = {
            **silenced(person, check.enrolment.state),
            "answered": check.answered_at is not None,
            "address no longer theirs": yearly_queries.point_of(person.id, email.address) is None,
        }
        return next((reason for reason, holds in reasons.items() if holds), None)

    def hold(self, email: OutgoingEmail) -> ContactCheck | None:
        check = yearly_queries.check(email.facts.get("check_id", 0))
        if check:
            lock(check)
        return check

    def put_off(
        self, emails: Sequence[OutgoingEmail], turns: Mapping[int, datetime]
    ) -> Mapping[int, datetime]:
        numbers = {email.facts["check_id"]: email.id for email in emails}
        return {
            numbers[check.id]: yearly.put_off(check, turns[numbers[check.id]])
            for check in yearly.hold_those_free(numbers)
        }

    def went(self, email: OutgoingEmail) -> None:
        yearly.note_went(_check(email), email.went_at)

    def bounced(self, email: OutgoingEmail) -> None:
        yearly.note_bounced(_check(email), clock.now())

    def complained(self, email: OutgoingEmail, now: datetime) -> None:
        actions.take_as_no(_check(email).participant, now)


def _check(email: OutgoingEmail) -> ContactCheck:
    found = yearly_queries.check(email.facts["check_id"])
    if found is None:
        raise LookupError(f"{email.about} of {email.dedupe_key} is gone")
    return found
