"""The mails of a wave. Each is rendered at the moment it goes, from the rows as they are then."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from babel import Locale, UnknownLocaleError
from flask import current_app

from trainingapp.db import db
from trainingapp.followups import actions, calendar, queries
from trainingapp.followups.audience import TOPIC, TOPIC_NAME
from trainingapp.followups.invitations.first_question import FirstQuestion, first_question
from trainingapp.followups.models import AT_ONCE, Invitation
from trainingapp.followups.steps import Step, steps_of
from trainingapp.followups.waves import ticks
from trainingapp.outbox import senders, unsubscribe
from trainingapp.outbox.kinds import Asks, Message, MessageKind, register
from trainingapp.outbox.letters.rendering import render_email
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.surveys import queries as surveys
from trainingapp.surveys.models import Anonymity, Question
from trainingapp.tokens import issue

T = TypeVar("T")

MOST_STEPS = 7  # of a plan, named in a mail


class OfInvitation(MessageKind):
    """About one invitation; `template` is the folder and name of its three templates."""

    topic, topic_name = TOPIC, TOPIC_NAME
    template: str
    is_asked_for = False  # by its reader: what a coordinator holds back is something else
    lists_steps = True  # with their numbers, so that a reply can speak of them

    def render(self, email: OutgoingEmail) -> Message:
        return self.writer([email])(email)

    def writer(self, emails: Sequence[OutgoingEmail]) -> Callable[[OutgoingEmail], Message]:
        """A wave's rows are loaded for all of them, and its questions once."""
        invitations = queries.invitations({_number(email) for email in emails})
        steps = steps_of({invitation.enrolment_id for invitation in invitations.values()})
        questions = cache(surveys.questions_of)

        def write(email: OutgoingEmail) -> Message:
            invitation = _present(invitations, email)
            asked = questions(invitation.wave.survey_version)
            told = facts(invitation, steps[invitation.enrolment_id], asked, tone=email.facts.get("tone"))
            may_reply = self.lists_steps and bool(told["steps"]) and _takes_replies(email, invitation)
            written = render_email(
                self.template,
                email.language,
                unsubscribe_url=unsubscribe.url(email),
                may_reply=may_reply,
                **told,
            )
            return replace(written, may_be_answered=may_reply)

        return write

    def unwanted_because(self, email: OutgoingEmail) -> str | None:
        return self.unwanted_among([email]).get(email.id)

    def unwanted_among(self, emails: Sequence[OutgoingEmail]) -> Mapping[int, str]:
        known = queries.standing({_number(email) for email in emails})
        reasons = {}
        for email in emails:
            standing = _present(known, email)
            is_theirs = email.address.lower() in standing.addresses
            paused = None if self.is_asked_for else standing.paused
            other = None if is_theirs else "address no longer theirs"
            reasons[email.id] = standing.reason or paused or other
        return {number: reason for number, reason in reasons.items() if reason}

    def hold(self, email: OutgoingEmail) -> Invitation | None:
        return queries.hold(email.facts.get("invitation_id", 0))  # none, where it is gone: nothing to hold

    def put_off(
        self, emails: Sequence[OutgoingEmail], turns: Mapping[int, datetime]
    ) -> Mapping[int, datetime]:
        """To their readers' next good hour. What somebody is writing to just now is left out."""
        free = queries.hold_those_free({_number(email) for email in emails})
        moments = {}
        for email in emails:
            if invitation := free.get(_number(email)):
                hours = queries.hours(invitation.wave.schedule)
                moment = calendar.next_instant(turns[email.id], queries.place(invitation), hours)
                is_late = email.not_after is not None and moment >= email.not_after
                invitation.next_at = None if is_late else moment
                invitation.look_at = AT_ONCE if is_late else moment + ticks.LATER
                moments[email.id] = moment
        return moments

    def went(self, email: OutgoingEmail) -> None:
        invitation = db.session.get(Invitation, _number(email))
        if invitation:
            actions.note_went(invitation, email.went_at)

    def bounced(self, email: OutgoingEmail) -> None:
        invitation = _present(queries.invitations([_number(email)]), email)
        actions.note_bounced(invitation, email.address, email.last_text or "")

    def complained(self, email: OutgoingEmail, now: datetime) -> None:
        invitation = _present(queries.invitations([_number(email)]), email)
        actions.note_complained(invitation, now)


@register
class InvitationMessage(OfInvitation):
    name = "invitation"
    asks = Asks.QUESTIONS
    template = "followups/emails/invitation"


@register
class ReminderMessage(OfInvitation):
    """In other words for those who never opened the page, opened it, or began to answer."""

    name = "reminder"
    asks = Asks.QUESTIONS_AGAIN
    template = "followups/emails/reminder"


@register
class NewLinkMessage(OfInvitation):
    """Somebody asked for it, so it is no reminder and moves no date."""

    name = "new_link"
    is_asked_for = True
    lists_steps = False
    template = "followups/emails/link"

    def went(self, email: OutgoingEmail) -> None:
        """Changes nothing: the person asked us."""


def facts(
    invitation: Invitation,
    planned: Sequence[Step],
    questions: Sequence[Question],
    *,
    tone: str | None = None,
) -> dict[str, Any]:
    """What the templates say. The link is derived here and stored nowhere.

    `tone` is "asked" where she named the day of this reminder herself.
    """
    wave, person = invitation.wave, invitation.enrolment.participant
    steps = [step for step in planned if not step.is_over] if wave.survey_version.asks_progress else []
    token = issue("invitation", invitation.id, invitation.link_number)
    return {
        "person": person,
        "cohort": wave.schedule.cohort,
        "programme": wave.schedule.cohort.theme.programme,
        "wave": wave,
        "invitation": invitation,
        "state": tone or invitation.state.value,
        "first": _first(invitation, steps, questions),
        "steps": steps[:MOST_STEPS],
        "steps_in_all": len(steps),
        "questions": len(questions),
        "minutes": surveys.minutes(questions, len(steps)),
        "link": f"{current_app.config['BASE_URL']}/r/{token}",
        "others": _other_languages(wave.survey_version.languages, invitation.language),
    }


def _first(
    invitation: Invitation, steps: Sequence[Step], questions: Sequence[Question]
) -> FirstQuestion | None:
    """Nothing where answers are anonymous: her mailbox and logs hold an address that says the answer."""
    if invitation.started_at or _is_anonymous(invitation):
        return None
    return first_question(steps, questions, invitation.language)


def _takes_replies(email: OutgoingEmail, invitation: Invitation) -> bool:
    """Anonymous answers never come this way: a mail bears its sender's name."""
    has_address = bool(senders.of(current_app.config["SETTINGS"], email.sender).answers)
    return has_address and not _is_anonymous(invitation)


def _is_anonymous(invitation: Invitation) -> bool:
    return invitation.wave.survey_version.anonymity is Anonymity.ANONYMOUS


def _other_languages(codes: list[str], own: str) -> list[tuple[str, str, str]]:
    """Tag, direction, and the name by which its readers call it."""
    others = [code for code in codes if _plain(code) != _plain(own)]
    return [(code.replace("_", "-"), *_told(code)) for code in others]


def _plain(code: str) -> str:
    return code.replace("-", "_").partition("_")[0]


def _told(code: str) -> tuple[str, str]:
    """Direction and name: Dari, where the language alone would be Persian. In English where nothing is known
    of a language (Tetum), or the code itself: a form from elsewhere may be in any.
    """
    try:
        locale = Locale.parse(code.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return "ltr", Locale("en").languages.get(_plain(code), code)
    name = locale.languages.get(str(locale)) or locale.languages.get(locale.language)
    return locale.text_direction, name or code


def _number(email: OutgoingEmail) -> int:
    number: int = email.facts["invitation_id"]
    return number


def _present(known: Mapping[int, T], email: OutgoingEmail) -> T:
    found = known.get(_number(email))
    if found is None:
        raise LookupError(f"{email.about} of {email.dedupe_key} is gone")
    return found
