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
from trainingapp.followups.rescue.models import (
    Ending,
    Helper,
    HelperRole,
    RescueCause,
    RescueState,
    RescueTask,
)
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.participants.models import ContactKind, ContactPoint

PATIENCE = timedelta(days=21)  # from the invitation to the task of someone silent
ENDINGS = (Ending.ANSWERED, Ending.NEW_ADDRESS, Ending.GONE, Ending.REACHED, Ending.DECLINED, Ending.CLOSED)
MOVED = 4  # who told us of another post
HELPING = 3  # one in so many agreed to help to reach others


def make(rng: Random, asked: list[Asked], now: datetime) -> None:
    coordinator = db.session.scalars(sa.select(User).where(User.email == f"coordinator@{HOST}")).one()
    enrolments = _enrolments()
    people = {number: enrolment.participant for number, enrolment in enrolments.items()}
    latest = {people[one.invitation.enrolment_id].id: one for one in asked}  # in the order of time
    wanted = [one for one in latest.values() if people[one.invitation.enrolment_id].opted_out_at is None]
    live = [_task(one, cause, _opened_at(rng, one, now)) for one, cause in _missing(wanted)]
    tasks = [*live, *_over(wanted, {task.enrolment_id for task in live})]
    db.session.add_all(tasks)
    for number, task in enumerate(tasks):
        if task.ending is None and number % 4 == 1:
            task.state, task.due_on = RescueState.WAITING, (now + timedelta(days=1 + number % 5)).date()
        task.owner_id = coordinator.id if number % 2 else None
        db.session.add_all(_attempts(rng, task, number, coordinator, now))
        if task.ending is None:
            db.session.add(_handle(enrolments[task.enrolment_id]))
            db.session.add_all(_helpers(number, enrolments[task.enrolment_id], now))
    for number, enrolment in enumerate(enrolments.values()):
        if number % HELPING == 0 and enrolment.state == EnrolmentState.COMPLETED:
            enrolment.participant.agreed_to_help_on = enrolment.completed_on
    db.session.flush()


def _missing(latest: list[Asked]) -> Iterator[tuple[Asked, RescueCause]]:
    moved = silent = 0
    for one in reversed(latest):
        state, is_open = one.invitation.state, one.wave.state == WaveState.OPEN
        if state == InvitationState.NOT_DELIVERED:
            yield one, RescueCause.BOUNCED
        elif is_open and _is_unclear(one.invitation):
            yield one, RescueCause.UNCERTAIN
        elif is_open and state == InvitationState.SENT and silent == 0:
            one.invitation.state, silent = InvitationState.GONE, 1
            yield one, RescueCause.NOT_THEIRS
        elif not is_open and state == InvitationState.CLOSED and moved < MOVED:
            moved += 1
            yield one, RescueCause.MOVED


def _opened_at(rng: Random, one: Asked, now: datetime) -> datetime:
    """Within the last weeks, and not before the mail that did not arrive."""
    return max(now - timedelta(days=rng.randrange(1, 30)), one.invitation.due_at + timedelta(minutes=2))


def _enrolments() -> dict[int, Enrolment]:
    query = sa.select(Enrolment).join(Enrolment.participant).order_by(Enrolment.id)
    return {row.id: row for row in db.session.scalars(query.options(contains_eager(Enrolment.participant)))}


def _is_unclear(invitation: Invitation) -> bool:
    unclear = sa.select(OutgoingEmail.id).where(
        OutgoingEmail.about == f"invitation:{invitation.id}", OutgoingEmail.state == EmailState.UNCERTAIN
    )
    return invitation.state == InvitationState.SENT and db.session.scalar(unclear) is not None


def _task(one: Asked, cause: RescueCause, opened_at: datetime) -> RescueTask:
    return RescueTask(
        enrolment_id=one.invitation.enrolment_id,
        invitation_id=one.invitation.id,
        cause=cause,
        state=RescueState.OPEN,
        opened_at=opened_at,
        due_on=opened_at.date(),
    )


def _over(latest: list[Asked], taken: set[int]) -> Iterator[RescueTask]:
    """Of waves that are closed: half of them found again, half not."""
    closed = [
        one for one in reversed(latest) if one.wave.state == WaveState.CLOSED and one.invitation.reminders
    ]
    others = [one for one in closed if one.invitation.enrolment_id not in taken]
    for one, ending in zip(others, ENDINGS, strict=False):
        task = _task(one, RescueCause.SILENT, one.invitation.due_at + PATIENCE)
        task.ending, task.state, task.ended_at = ending, ending.state, task.opened_at + timedelta(days=3)
        yield task


def _attempts(
    rng: Random, task: RescueTask, number: int, by: User, now: datetime
) -> Iterator[ContactAttempt]:
    """None for a new task; more for one that waits or is over."""
    tries = 2 if task.state != RescueState.OPEN else 0 if number % 3 else 1
    for turn in range(tries):
        channel, outcome, note = facts.ATTEMPTS[(number * 2 + turn) % len(facts.ATTEMPTS)]
        yield ContactAttempt(
            enrolment_id=task.enrolment_id,
            invitation_id=task.invitation_id,
            by_id=by.id,
            at=min(task.opened_at + timedelta(days=turn, hours=rng.randrange(2, 9)), now),
            channel=Channel(channel),
            outcome=AttemptOutcome(outcome),
            note=note,
        )


def _handle(enrolment: Enrolment) -> ContactPoint:
    handle = f"@alumni_{enrolment.country.lower()}{enrolment.participant_id}"
    return ContactPoint(
        participant_id=enrolment.participant_id, kind=ContactKind.MESSAGING, value=handle, normalised=handle
    )


def _helpers(number: int, enrolment: Enrolment, now: datetime) -> Iterator[Helper]:
    """A supervisor who agreed, and an office that has not been asked yet; both invented."""
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
