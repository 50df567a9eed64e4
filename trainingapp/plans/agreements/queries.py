"""Questions about what supervisors were asked. No writes."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp.accounts.models import User
from trainingapp.cohorts.models import HOLDS_A_PLACE, Cohort, Enrolment
from trainingapp.db import db
from trainingapp.participants.models import ContactKind, ContactPoint
from trainingapp.plans.agreements.models import SupervisorAgreement
from trainingapp.plans.models import ENDED, ActionPlan
from trainingapp.programmes.models import Theme
from trainingapp.tokens import fingerprint, issue


def of_plan(plan: ActionPlan) -> list[SupervisorAgreement]:
    """The latest first."""
    return of_plans([plan.id]).get(plan.id, [])


def of_plans(plan_ids: Sequence[int]) -> dict[int, list[SupervisorAgreement]]:
    query = (
        sa.select(SupervisorAgreement)
        .where(SupervisorAgreement.plan_id.in_(plan_ids))
        .options(joinedload(SupervisorAgreement.plan_version))
        .order_by(SupervisorAgreement.id.desc())
    )
    grouped: dict[int, list[SupervisorAgreement]] = {}
    for asked in db.session.scalars(query):
        grouped.setdefault(asked.plan_id, []).append(asked)
    return grouped


def own_addresses(plan: ActionPlan) -> set[str]:
    """Under which the participant herself reads mail."""
    person = plan.enrolment.participant
    points = sa.select(ContactPoint.normalised).where(
        ContactPoint.participant_id == person.id, ContactPoint.kind == ContactKind.EMAIL
    )
    user = db.session.get(User, person.user_id) if person.user_id else None
    return {*db.session.scalars(points), *([user.email.lower()] if user else [])}


def is_open(asked: SupervisorAgreement, now: datetime) -> bool:
    return (
        asked.answer is None
        and asked.withdrawn_at is None
        and now < asked.expires_at
        and asked.plan.state not in ENDED
        and asked.plan.enrolment.state in HOLDS_A_PLACE
    )


def token(asked: SupervisorAgreement) -> str:
    """Derived afresh whenever it is written into a mail; only its digest is stored."""
    return issue("agreement", asked.id, asked.email, int(asked.asked_at.timestamp()))


def found(token_text: str) -> SupervisorAgreement | None:
    """What the link is about, open or not, with its plan and programme."""
    return db.session.scalar(
        sa.select(SupervisorAgreement)
        .where(SupervisorAgreement.token_hash == fingerprint(token_text))
        .options(
            joinedload(SupervisorAgreement.plan)
            .joinedload(ActionPlan.enrolment)
            .options(
                joinedload(Enrolment.participant),
                joinedload(Enrolment.cohort).joinedload(Cohort.theme).joinedload(Theme.programme),
            )
        )
    )
