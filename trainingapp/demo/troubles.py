"""What goes wrong in a real programme, so that every screen has it to show."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from trainingapp.accounts.models import User
from trainingapp.db import db
from trainingapp.demo.plans import WrittenPlan
from trainingapp.demo.sign_ins import HOST
from trainingapp.demo.waves import Asked
from trainingapp.followups.models import InvitationState, WaveState
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.participants.models import Participant
from trainingapp.plans.models import PlanComment, PlanState

SAID_ON_A_LINE = "Who checks that this happened, and how? A number would help."
SAID_ON_THE_PLAN = "A clear goal. Two lines need a first step within a month; then it can go."


def make(asked: list[Asked], plans: dict[int, WrittenPlan], now: datetime) -> None:
    coordinator = db.session.scalars(sa.select(User).where(User.email == f"coordinator@{HOST}")).one()
    for written in plans.values():
        if written.plan.state == PlanState.RETURNED:
            _comment(written, coordinator, now)
    open_now = [one for one in asked if one.wave.state == WaveState.OPEN]
    silent = [one for one in open_now if one.invitation.state == InvitationState.SENT]
    unsure, stopped = silent[:2]
    _mail_of(unsure).state = EmailState.UNCERTAIN
    _mail_of(unsure).last_text = "The connection was lost after the last dot."
    _opt_out(stopped, now)
    db.session.flush()


def _comment(written: WrittenPlan, coordinator: User, now: datetime) -> None:
    for activity_id, text in ((None, SAID_ON_THE_PLAN), (written.activities[1].id, SAID_ON_A_LINE)):
        db.session.add(
            PlanComment(
                plan_id=written.plan.id,
                activity_id=activity_id,
                author_id=coordinator.id,
                text=text,
                written_at=now - timedelta(hours=3),
            )
        )


def _mail_of(one: Asked) -> OutgoingEmail:
    key = f"invitation:{one.invitation.id}:invite"
    return db.session.scalars(sa.select(OutgoingEmail).where(OutgoingEmail.dedupe_key == key)).one()


def _opt_out(one: Asked, now: datetime) -> None:
    person = db.session.scalars(
        sa.select(Participant).where(Participant.id == one.invitation.enrolment.participant_id)
    ).one()
    person.opted_out_at = now - timedelta(days=3)
    one.invitation.state = InvitationState.DECLINED
