"""Whom mail did not reach, and what coordinators did about it: tasks to do, waiting, solved and given up."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Enrolment, EnrolmentState
from trainingapp.db import db
from trainingapp.demo import facts
from trainingapp.demo.sign_ins import HOST
from trainingapp.demo.waves import Asked
from trainingapp.followups.models import (
    AttemptOutcome,
    Channel,
    ContactAttempt,
    Invitation,
    InvitationState,
    WaveState,
)
from trainingapp.followups.rescue_models import (
    LIVE,
    Ending,
    Helper,
    HelperRole,
    RescueCause,
    RescueState,
    RescueTask,
)
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.participants.models import ContactKind, ContactPoint

SILENT_AFTER = timedelta(days=21)  # of an open wave
SOLVED = 6  # of earlier waves, shown with how it ended
HELPING = 3  # one in so many agreed to help to reach others
TAKEN = 2  # one task in so many


def make(rng: Random, asked: list[Asked], now: datetime) -> None:
    coordinator = db.session.scalars(sa.select(User).where(User.email == f"coordinator@{HOST}")).one()
    enrolments = _enrolments()
    tasks = []
    for one in asked:
        enrolment, cause = enrolments[one.invitation.enrolment_id], _cause(one, now)
        if cause and enrolment.participant.opted_out_at is None:
            tasks.append(_task(one.invitation, cause, now - timedelta(days=rng.randrange(1, 9))))
    tasks += _older(asked, {task.enrolment_id for task in tasks})
    db.session.add_all(tasks)
    for number, task in enumerate(tasks):
        _live(task, number, coordinator, now)
        db.session.add_all(_attempts(rng, task, number, coordinator, now))
        db.session.add_all(_helpers(task, number, enrolments[task.enrolment_id], now))
    for number, enrolment in enumerate(enrolments.values()):
        if number % HELPING == 0 and enrolment.state == EnrolmentState.COMPLETED:
            enrolment.participant.agreed_to_help_on = enrolment.completed_on
    db.session.flush()


def _enrolments() -> dict[int, Enrolment]:
    query = sa.select(Enrolment).join(Enrolment.participant).order_by(Enrolment.id)
    return {row.id: row for row in db.session.scalars(query.options(contains_eager(Enrolment.participant)))}


def _cause(one: Asked, now: datetime) -> RescueCause | None:
    invitation = one.invitation
    if one.wave.state != WaveState.OPEN:
        return None
    if invitation.state == InvitationState.NOT_DELIVERED:
        return RescueCause.BOUNCED
    if invitation.state == InvitationState.SENT and now - invitation.due_at > SILENT_AFTER:
        return RescueCause.SILENT
    return RescueCause.UNCERTAIN if _is_unclear(invitation) else None


def _is_unclear(invitation: Invitation) -> bool:
    unclear = sa.select(OutgoingEmail.id).where(
        OutgoingEmail.about == f"invitation:{invitation.id}", OutgoingEmail.state == EmailState.UNCERTAIN
    )
    return invitation.state == InvitationState.SENT and db.session.scalar(unclear) is not None


def _task(invitation: Invitation, cause: RescueCause, opened_at: datetime) -> RescueTask:
    return RescueTask(
        enrolment_id=invitation.enrolment_id,
        invitation_id=invitation.id,
        cause=cause,
        state=RescueState.OPEN,
        opened_at=opened_at,
        due_on=opened_at.date(),
    )


def _older(asked: list[Asked], taken: set[int]) -> Iterator[RescueTask]:
    """Of waves that are over: half of them found again, half not."""
    endings = (
        Ending.ANSWERED,
        Ending.NEW_ADDRESS,
        Ending.GONE,
        Ending.REACHED,
        Ending.DECLINED,
        Ending.CLOSED,
    )
    closed = [one for one in asked if one.wave.state == WaveState.CLOSED and one.invitation.reminders]
    seen: set[int] = set(taken)
    for one in reversed(closed):
        invitation = one.invitation
        if invitation.enrolment_id in seen or invitation.state == InvitationState.ANSWERED:
            continue
        seen.add(invitation.enrolment_id)
        number = len(seen) - len(taken) - 1
        if number == SOLVED:
            return
        task = _task(invitation, RescueCause.SILENT, invitation.due_at + SILENT_AFTER)
        task.ending, task.ended_at = endings[number], task.opened_at + timedelta(days=3)
        task.state = endings[number].state
        yield task


def _live(task: RescueTask, number: int, coordinator: User, now: datetime) -> None:
    if number % TAKEN == 0:
        task.owner_id = coordinator.id
    if task.state in LIVE and number % 4 == 1:
        task.state, task.due_on = RescueState.WAITING, (now + timedelta(days=2)).date()


def _attempts(
    rng: Random, task: RescueTask, number: int, by: User, now: datetime
) -> Iterator[ContactAttempt]:
    """None for a new task; more for one that waits or is over."""
    waits = task.state == RescueState.WAITING
    tries = 0 if task.state == RescueState.OPEN and number % 3 else 2 if waits or task.ended_at else 1
    began = max(task.opened_at, now - timedelta(days=60)) if task.ended_at is None else task.opened_at
    for turn in range(tries):
        channel, outcome, note = facts.ATTEMPTS[(number * 2 + turn) % len(facts.ATTEMPTS)]
        yield ContactAttempt(
            enrolment_id=task.enrolment_id,
            invitation_id=task.invitation_id,
            by_id=by.id,
            at=min(began + timedelta(days=turn, hours=rng.randrange(2, 9)), now),
            channel=Channel(channel),
            outcome=AttemptOutcome(outcome),
            note=note,
        )


def _helpers(task: RescueTask, number: int, enrolment: Enrolment, now: datetime) -> Iterator[Helper]:
    """A supervisor who agreed, and an office that has not been asked yet; both invented."""
    if task.ended_at:
        return
    if number % 2 == 0:
        yield Helper(
            enrolment_id=enrolment.id,
            role=HelperRole.SUPERVISOR,
            name=facts.SUPERVISORS[number % len(facts.SUPERVISORS)],
            email=f"head.of.division{number}@example.org",
            phone=f"+6281155500{number % 100:02d}",
            agreed_on=(now - timedelta(days=200)).date(),
        )
    if number % 3 == 0:
        yield Helper(
            enrolment_id=enrolment.id,
            role=HelperRole.FOCAL_POINT,
            name=enrolment.nominating_body,
            email=f"nominations.{enrolment.country.lower()}@example.org",
        )
    db.session.add(
        ContactPoint(
            participant_id=enrolment.participant_id,
            kind=ContactKind.MESSAGING,
            value=f"@alumni_{enrolment.country.lower()}{enrolment.participant_id}",
            normalised=f"@alumni_{enrolment.country.lower()}{enrolment.participant_id}",
        )
    )
