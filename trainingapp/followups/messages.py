"""The mails of a wave. Each is rendered at the moment it goes, from the rows as they are then."""

from typing import Any

import sqlalchemy as sa
from babel import Locale
from flask import current_app
from flask_babel import lazy_gettext as _l

from trainingapp import clock
from trainingapp.cohorts.models import EnrolmentState
from trainingapp.db import db
from trainingapp.followups import actions, queries, yearly
from trainingapp.followups.audience import TOPIC
from trainingapp.followups.first_question import first_question
from trainingapp.followups.models import ContactCheck, Invitation
from trainingapp.outbox import unsubscribe
from trainingapp.outbox.kinds import Message, MessageKind, register
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.outbox.rendering import render_email
from trainingapp.plans.models import ActionPlan, Activity, ActivityState
from trainingapp.surveys import queries as surveys
from trainingapp.tokens import issue

TOPIC_NAME = _l("how your work goes on after the course")
MOST_STEPS = 5  # of a plan, named in a mail
ENDED = (ActivityState.DONE, ActivityState.DROPPED, ActivityState.HANDED_OVER)


class OfInvitation(MessageKind):
    """About one invitation; `template` is the folder and name of its three templates."""

    topic, topic_name = TOPIC, TOPIC_NAME
    template: str

    def render(self, email: OutgoingEmail) -> Message:
        return render_email(
            self.template,
            email.language,
            unsubscribe_url=unsubscribe.url(email),
            **facts(_invitation(email), is_asked_for=email.facts.get("asked", False)),
        )

    def unwanted_because(self, email: OutgoingEmail) -> str | None:
        invitation = _invitation(email)
        if reason := queries.unwanted_because(invitation):
            return reason
        owner = invitation.enrolment.participant_id
        return None if yearly.point_of(owner, email.address) else "address no longer theirs"

    def went(self, email: OutgoingEmail) -> None:
        actions.note_went(_invitation(email), email.sent_at or email.dot_at or email.next_attempt_at)

    def bounced(self, email: OutgoingEmail) -> None:
        actions.note_bounced(_invitation(email), email.address, email.last_text or "")


@register
class InvitationMessage(OfInvitation):
    name = "invitation"
    template = "followups/emails/invitation"


@register
class ReminderMessage(OfInvitation):
    """In other words for those who never opened the page, opened it, or began to answer."""

    name = "reminder"
    template = "followups/emails/reminder"


@register
class NewLinkMessage(OfInvitation):
    """Somebody asked for it, so it is no reminder and moves no date."""

    name = "new_link"
    template = "followups/emails/link"

    def went(self, email: OutgoingEmail) -> None:
        """Changes nothing: the person asked us."""


@register
class StillYouMessage(MessageKind):
    """Once a year: whether what we know of her is still right."""

    name = "still_you"
    topic, topic_name = TOPIC, TOPIC_NAME

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
            masked=yearly.masked(check.address),
            link=f"{current_app.config['BASE_URL']}/still-you/{yearly.token(check)}",
        )

    def unwanted_because(self, email: OutgoingEmail) -> str | None:
        check = _check(email)
        person = check.participant
        reasons = {
            "erased": person.erased_at is not None,
            "deceased": person.deceased_on is not None,
            "withdrawn": check.enrolment.state is not EnrolmentState.COMPLETED,
            "opted out": person.opted_out_at is not None,
            "answered": check.answered_at is not None,
            "address no longer theirs": yearly.point_of(person.id, email.address) is None,
        }
        return next((reason for reason, holds in reasons.items() if holds), None)

    def went(self, email: OutgoingEmail) -> None:
        yearly.note_went(_check(email), email.sent_at or email.dot_at or email.next_attempt_at)

    def bounced(self, email: OutgoingEmail) -> None:
        yearly.note_bounced(_check(email), clock.now())


def _check(email: OutgoingEmail) -> ContactCheck:
    found = yearly.check(email.facts["check_id"])
    if found is None:
        raise LookupError(f"{email.about} of {email.dedupe_key} is gone")
    return found


def facts(invitation: Invitation, *, is_asked_for: bool = False) -> dict[str, Any]:
    """What the templates say. The link is derived here and stored nowhere.

    `is_asked_for`: she named the day on which she wanted to be reminded.
    """
    wave, person = invitation.wave, invitation.enrolment.participant
    steps = steps_of(invitation.enrolment_id) if wave.survey_version.asks_progress else []
    questions = surveys.questions_of(wave.survey_version)
    token = issue("invitation", invitation.id, invitation.link_number)
    return {
        "person": person,
        "cohort": wave.schedule.cohort,
        "programme": wave.schedule.cohort.theme.programme,
        "wave": wave,
        "invitation": invitation,
        "state": "asked" if is_asked_for and invitation.sent_at else invitation.state.value,
        "first": None if invitation.started_at else first_question(steps, questions, invitation.language),
        "steps": steps[:MOST_STEPS],
        "steps_in_all": len(steps),
        "questions": len(questions),
        "minutes": surveys.minutes(questions, len(steps)),
        "link": f"{current_app.config['BASE_URL']}/r/{token}",
        "others": _other_languages(wave.survey_version.languages, invitation.language),
    }


def steps_of(enrolment_id: int) -> list[Activity]:
    """What the person planned and has not ended, in its order."""
    query = (
        sa.select(Activity)
        .join(ActionPlan, ActionPlan.id == Activity.plan_id)
        .where(
            ActionPlan.enrolment_id == enrolment_id,
            Activity.removed_at.is_(None),
            Activity.what != "",
            Activity.state.not_in(ENDED),
        )
        .order_by(Activity.position, Activity.id)
    )
    return list(db.session.scalars(query))


def _other_languages(codes: list[str], own: str) -> list[tuple[str, str, str]]:
    """Tag, direction, and the name by which its readers call it."""
    own_locale = Locale.parse(own.replace("-", "_"))
    others = [locale for locale in map(Locale.parse, codes) if locale.language != own_locale.language]
    return [(str(other).replace("_", "-"), other.text_direction, _own_name(other)) for other in others]


def _own_name(locale: Locale) -> str:
    """Dari, where the language alone would be Persian."""
    return locale.languages.get(str(locale)) or locale.languages.get(locale.language) or str(locale)


def _invitation(email: OutgoingEmail) -> Invitation:
    found = queries.invitation(email.facts["invitation_id"])
    if found is None:
        raise LookupError(f"{email.about} of {email.dedupe_key} is gone")
    return found
