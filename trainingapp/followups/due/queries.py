"""Questions about a notice of what is due, and the link in it. No writes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db
from trainingapp.followups import calendar, queries
from trainingapp.followups.due.models import DueLine, DueNotice
from trainingapp.participants.models import ContactKind, ContactPoint, ContactState
from trainingapp.plans.models import ActionPlan, Activity
from trainingapp.programmes.models import Theme
from trainingapp.tokens import fingerprint, issue

KIND = "due_activities"
TOPIC = "activities"
LIVES = timedelta(days=60)  # a link


def about(notice: DueNotice) -> str:
    return f"due_notices:{notice.id}"


def token(notice: DueNotice) -> str:
    return issue("due", notice.id)


WHOLE = (
    joinedload(DueNotice.enrolment).joinedload(Enrolment.participant),
    joinedload(DueNotice.enrolment)
    .joinedload(Enrolment.cohort)
    .joinedload(Cohort.theme)
    .joinedload(Theme.programme),
)


def notice(number: int) -> DueNotice | None:
    return db.session.scalar(sa.select(DueNotice).where(DueNotice.id == number).options(*WHOLE))


def notice_for(given: str, now: datetime) -> DueNotice | None:
    """What a link opens; nothing for a person who may not be asked any more."""
    query = sa.select(DueNotice).where(
        DueNotice.token_hash == fingerprint(given), DueNotice.due_at > now - LIVES
    )
    found = db.session.scalar(query.options(*WHOLE))
    person = found.enrolment.participant if found else None
    return found if person and not person.erased_at and not person.deceased_on else None


def lines_of(notice: DueNotice) -> Sequence[DueLine]:
    """What it named and is not over, or was told by its link; in the order of their days."""
    query = (
        sa.select(DueLine)
        .join(DueLine.activity)
        .where(DueLine.notice_id == notice.id, Activity.removed_at.is_(None))
        .options(joinedload(DueLine.activity))
        .order_by(DueLine.due_on, Activity.position)
    )
    return db.session.scalars(query).all()


def plan_of(notice: DueNotice) -> ActionPlan | None:
    return db.session.scalar(sa.select(ActionPlan).where(ActionPlan.enrolment_id == notice.enrolment_id))


def is_theirs(notice: DueNotice, address: str) -> bool:
    """Whether the working address is still hers."""
    mine = sa.exists().where(
        ContactPoint.participant_id == notice.enrolment.participant_id,
        ContactPoint.kind == ContactKind.EMAIL,
        ContactPoint.state == ContactState.WORKING,
        ContactPoint.normalised == address.lower(),
    )
    return bool(db.session.scalar(sa.select(mine)))


def hours_of(notice: DueNotice) -> calendar.Hours:
    schedule = queries.schedule_of(notice.enrolment.cohort_id)
    return queries.hours(schedule) if schedule else calendar.USUAL
