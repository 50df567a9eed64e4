"""The mail about activities that are due. Rendered at the moment it goes, from the rows as they are then."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l

from trainingapp import clock
from trainingapp.db import db, lock
from trainingapp.followups import actions, audience, calendar, queries
from trainingapp.followups.due import queries as due
from trainingapp.followups.due.models import DueLine, DueNotice
from trainingapp.outbox import unsubscribe
from trainingapp.outbox.kinds import Asks, Message, MessageKind, register
from trainingapp.outbox.letters.rendering import render_email
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.participants.models import ContactState
from trainingapp.plans.models import ENDED, OVER
from trainingapp.tokens import issue


@register
class DueActivities(MessageKind):
    name = due.KIND
    topic = due.TOPIC
    topic_name = _l("reminders of your activities")
    asks = Asks.PROGRESS

    def render(self, email: OutgoingEmail) -> Message:
        notice = _notice(email)
        cohort = notice.enrolment.cohort
        return render_email(
            "followups/emails/due",
            email.language,
            unsubscribe_url=unsubscribe.url(email),
            person=notice.enrolment.participant,
            cohort=cohort,
            programme=cohort.theme.programme,
            lines=_left(notice),
            link=_link(notice),
        )

    def unwanted_because(self, email: OutgoingEmail) -> str | None:
        notice = _notice(email)
        person, plan = notice.enrolment.participant, due.plan_of(notice)
        reasons = {
            **audience.silenced(person, notice.enrolment.state),
            "plan ended": plan is None or plan.state in ENDED,
            "nothing is due any more": not _left(notice),
            "address no longer theirs": not due.is_theirs(notice, email.address),
        }
        return next((reason for reason, holds in reasons.items() if holds), None)

    def hold(self, email: OutgoingEmail) -> DueNotice | None:
        notice = due.notice(email.facts.get("notice_id", 0))
        if notice:
            lock(notice)
        return notice

    def put_off(
        self, emails: Sequence[OutgoingEmail], turns: Mapping[int, datetime]
    ) -> Mapping[int, datetime]:
        numbers = {email.facts["notice_id"]: email.id for email in emails}
        free = sa.select(DueNotice).where(DueNotice.id.in_(numbers)).options(*due.WHOLE)
        moments = {}
        for notice in db.session.scalars(free.with_for_update(of=DueNotice, skip_locked=True)).all():
            place = audience.place_of(notice.enrolment.participant)
            notice.due_at = calendar.next_instant(turns[numbers[notice.id]], place, due.hours_of(notice))
            moments[numbers[notice.id]] = notice.due_at
        return moments

    def went(self, email: OutgoingEmail) -> None:
        _notice(email).sent_at = email.went_at

    def bounced(self, email: OutgoingEmail) -> None:
        for point in queries.contacts_of(_notice(email).enrolment.participant_id):
            if point.normalised == email.address.lower() and point.state is ContactState.WORKING:
                point.state = ContactState.BOUNCED

    def complained(self, email: OutgoingEmail, now: datetime) -> None:
        actions.take_as_no(_notice(email).enrolment.participant, now)


def _left(notice: DueNotice) -> list[DueLine]:
    return [line for line in due.lines_of(notice) if line.activity.state not in OVER]


def _link(notice: DueNotice) -> str:
    """The page of an open wave, which asks about the same; else one of its own."""
    base = current_app.config["BASE_URL"]
    asked = queries.open_invitation_of(notice.enrolment.participant_id, clock.now())
    if asked and asked.enrolment_id == notice.enrolment_id and asked.wave.survey_version.asks_progress:
        return f"{base}/r/{issue('invitation', asked.id, asked.link_number)}"
    return f"{base}/due/{due.token(notice)}"


def _notice(email: OutgoingEmail) -> DueNotice:
    found = due.notice(email.facts["notice_id"])
    if found is None:
        raise LookupError(f"{email.about} of {email.dedupe_key} is gone")
    return found
