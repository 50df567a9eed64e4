"""Questions about a yearly check, the link in it, and what came of it. No writes."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db
from trainingapp.followups.models import CheckState, ContactCheck
from trainingapp.participants.models import ContactKind, ContactPoint, ContactState
from trainingapp.programmes.models import Theme
from trainingapp.tokens import fingerprint, issue

LIVES = timedelta(days=400)  # a link, which the next year's replaces


def about(check: ContactCheck) -> str:
    return f"contact_check:{check.id}"


def token(check: ContactCheck) -> str:
    return issue("still-you", check.id)


def check_for(given: str, now: datetime) -> ContactCheck | None:
    """What a link opens; nothing for a person who may not be asked any more."""
    query = (
        sa.select(ContactCheck)
        .where(ContactCheck.token_hash == fingerprint(given), ContactCheck.due_at > now - LIVES)
        .options(*WHOLE)
    )
    found = db.session.scalar(query)
    return None if found is None or found.participant.erased_at or found.participant.deceased_on else found


WHOLE = (
    joinedload(ContactCheck.participant),
    joinedload(ContactCheck.enrolment)
    .joinedload(Enrolment.cohort)
    .joinedload(Cohort.theme)
    .joinedload(Theme.programme),
)


def check(number: int) -> ContactCheck | None:
    return db.session.scalar(sa.select(ContactCheck).where(ContactCheck.id == number).options(*WHOLE))


def masked(address: str) -> str:
    """s…@example.org: enough for its owner to know it."""
    local, _at, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def point_of(participant_id: int, address: str) -> ContactPoint | None:
    """The working address, if it is still theirs."""
    query = sa.select(ContactPoint).where(
        ContactPoint.participant_id == participant_id,
        ContactPoint.kind == ContactKind.EMAIL,
        ContactPoint.state == ContactState.WORKING,
        ContactPoint.normalised == address.lower(),
    )
    return db.session.scalar(query)


def figures(allowed: sa.ColumnElement[bool], year: int) -> dict[CheckState, int]:
    """How many of a year's questions stand where; `allowed` is about Theme."""
    query = (
        sa.select(ContactCheck.state, sa.func.count())
        .join(Enrolment, Enrolment.id == ContactCheck.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(Theme, Theme.id == Cohort.theme_id)
        .where(ContactCheck.year == year, allowed)
        .group_by(ContactCheck.state)
    )
    return dict(db.session.execute(query).all())
