"""The mails of a round. Each is rendered at the moment it goes, from the rows as they are then."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app

from trainingapp.db import db, lock
from trainingapp.followups import actions as followups
from trainingapp.followups import audience, calendar
from trainingapp.followups import queries as people
from trainingapp.followups.invitations.first_question import first_question
from trainingapp.outbox import unsubscribe
from trainingapp.outbox.kinds import Asks, Message, MessageKind, register
from trainingapp.outbox.letters.rendering import render_email
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.participants.models import ContactState
from trainingapp.surveys import queries as surveys
from trainingapp.voices import actions, asking, queries
from trainingapp.voices.host_kind import Hosts
from trainingapp.voices.kinds import kind_of
from trainingapp.voices.models import WAITS, Voice, VoiceState
from trainingapp.voices.supervisor_kind import Supervisors


class OfVoice(MessageKind):
    """About one voice; `template` is the folder and name of its three templates."""

    template: str

    def render(self, email: OutgoingEmail) -> Message:
        voice = _voice(email)
        return render_email(
            self.template, email.language, unsubscribe_url=unsubscribe.url(email), **facts(voice, email)
        )

    def unwanted_because(self, email: OutgoingEmail) -> str | None:
        voice = _voice(email)
        reasons = {
            "over": not queries.is_going_on(voice),
            voice.state.value: voice.state not in {*WAITS, VoiceState.NOT_DELIVERED},
            "the alumna does not know": bool(kind_of(voice.round).notice) and voice.told_at is None,
            "another address": email.address != voice.address,
        }
        return next((reason for reason, holds in reasons.items() if holds), None)

    def hold(self, email: OutgoingEmail) -> Voice | None:
        voice = queries.voice(email.facts.get("voice_id", 0))
        if voice:
            lock(voice)
        return voice

    def put_off(
        self, emails: Sequence[OutgoingEmail], turns: Mapping[int, datetime]
    ) -> Mapping[int, datetime]:
        """To their next good hour. What somebody is writing to just now is left out."""
        numbers = {email.facts["voice_id"]: email.id for email in emails}
        free = (
            sa.select(Voice).where(Voice.id.in_(numbers)).options(*queries.WITH_SUBJECT, *queries.WITH_ROUND)
        )
        free = free.with_for_update(of=Voice, skip_locked=True)
        moments = {}
        for voice in db.session.scalars(free, execution_options={"populate_existing": True}).all():
            number = numbers[voice.id]
            place, hours = kind_of(voice.round).place(voice), asking.hours(voice.round)
            moments[number] = calendar.next_instant(turns[number], place, hours)
            self.waits(voice, moments[number])
        return moments

    def waits(self, voice: Voice, moment: datetime) -> None:
        voice.due_at = moment

    def went(self, email: OutgoingEmail) -> None:
        actions.note_went(_voice(email), email.went_at)

    def bounced(self, email: OutgoingEmail) -> None:
        actions.note_bounced(_voice(email), email.last_text or "")

    def complained(self, email: OutgoingEmail, now: datetime) -> None:
        actions.decline(_voice(email), now)


@register
class SupervisorQuestions(OfVoice):
    name = "supervisor_questions"
    topic, topic_name = Supervisors.topic, Supervisors.topic_name
    asks = Asks.QUESTIONS
    template = "voices/emails/supervisor"


@register
class SupervisorReminder(SupervisorQuestions):
    name = "supervisor_reminder"
    asks = Asks.QUESTIONS_AGAIN


@register
class HostQuestions(OfVoice):
    name = "host_questions"
    topic, topic_name = Hosts.topic, Hosts.topic_name
    asks = Asks.QUESTIONS
    template = "voices/emails/host"


@register
class HostReminder(HostQuestions):
    name = "host_reminder"
    asks = Asks.QUESTIONS_AGAIN


@register
class AlumnaTold(OfVoice):
    """Before anybody is asked about her, she hears of it and may say no."""

    name = asking.TELL
    topic, topic_name = audience.TOPIC, audience.TOPIC_NAME
    asks = Asks.CONSENT
    template = "voices/emails/told"

    def unwanted_because(self, email: OutgoingEmail) -> str | None:
        voice = _voice(email)
        reasons = {
            "over": not queries.is_going_on(voice),
            voice.state.value: voice.state is not VoiceState.PLANNED,
            "told already": voice.told_at is not None,
        }
        return next((reason for reason, holds in reasons.items() if holds), None)

    def waits(self, voice: Voice, moment: datetime) -> None:
        """Nothing of the supervisor's is planned before she was told."""

    def went(self, email: OutgoingEmail) -> None:
        actions.note_told(_voice(email), email.went_at)

    def bounced(self, email: OutgoingEmail) -> None:
        """Her address is dead for all that we write to her; nobody is asked about her meanwhile."""
        voice = _voice(email)
        if voice.enrolment:
            for point in people.contacts_of(voice.enrolment.participant_id):
                if point.normalised == email.address.lower() and point.state is ContactState.WORKING:
                    point.state = ContactState.BOUNCED

    def complained(self, email: OutgoingEmail, now: datetime) -> None:
        voice = _voice(email)
        if voice.enrolment:
            followups.take_as_no(voice.enrolment.participant, now)


def facts(voice: Voice, email: OutgoingEmail) -> dict[str, Any]:
    """What the templates say. Links are derived here and stored nowhere."""
    of, base = voice.round, current_app.config["BASE_URL"]
    questions = surveys.questions_of(of.survey_version)
    cohort = of.schedule.cohort
    return {
        "voice": voice,
        "round": of,
        "cohort": cohort,
        "programme": cohort.theme.programme,
        "is_again": voice.sent_at is not None,
        "asked_from": queries.may_be_asked_at(of, voice, email.went_at + kind_of(of).notice),
        "first": first_question([], questions, email.language),
        "questions": len(questions),
        "minutes": surveys.minutes(questions),
        "link": f"{base}/voices/answer/{asking.token(voice)}",
        "told_link": f"{base}/voices/told/{asking.told_token(voice)}",
    }


def _voice(email: OutgoingEmail) -> Voice:
    found = queries.voice(email.facts["voice_id"])
    if found is None:
        raise LookupError(f"{email.about} of {email.dedupe_key} is gone")
    return found
