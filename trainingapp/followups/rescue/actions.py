"""The life of a contact-rescue task: opened once, taken, put off, ended."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Cohort, Enrolment, EnrolmentState
from trainingapp.db import db, insert, lock
from trainingapp.followups import audience, queries
from trainingapp.followups.audience import CHUNK, TOPIC
from trainingapp.followups.models import Invitation, InvitationState
from trainingapp.followups.rescue.models import LIVE, Ending, RescueCause, RescueState, RescueTask
from trainingapp.outbox.models import OutgoingEmail, Suppression
from trainingapp.participants.models import Participant
from trainingapp.programmes.models import Theme
from trainingapp.programmes.roles import Permission, programmes_of
from trainingapp.refusals import Refusal

KEEP_LOOKING = timedelta(hours=1)  # how far back `end_moot` reads unsubscribes; it runs far more often
_LIVE_TASK = sa.select(RescueTask).where(
    RescueTask.enrolment_id == sa.bindparam("enrolment_id"), RescueTask.state.in_(LIVE)
)
WITH_EDITION = (
    joinedload(RescueTask.enrolment)
    .joinedload(Enrolment.cohort)
    .joinedload(Cohort.theme)
    .joinedload(Theme.programme),
    joinedload(RescueTask.enrolment).joinedload(Enrolment.participant),
)
WEIGHT = {cause: number for number, cause in enumerate(RescueCause)}


class NotTheirs(Refusal):
    """The person who should take it may not run follow-ups there."""


class Ended(Refusal):
    """The task is over."""


Missing = tuple[Invitation, RescueCause]


def open_each(missing: Sequence[Missing], now: datetime) -> int:
    """Three statements and a line in the trail each; those with a live task keep it."""
    if not missing:
        return 0
    rows = [_row(one.enrolment_id, one.id, cause, now) for one, cause in missing]
    made = db.session.execute(_insert().returning(RescueTask.id, RescueTask.enrolment_id), rows).all()
    by_enrolment = {one.enrolment_id: (one, cause) for one, cause in missing}
    by_programme: dict[int, dict[int, str]] = {}
    for task_id, enrolment_id in made:
        one, cause = by_enrolment.pop(enrolment_id)
        programme_id = one.wave.schedule.cohort.theme.programme_id
        by_programme.setdefault(programme_id, {})[task_id] = cause.value
    for programme_id, causes in by_programme.items():
        audit.record_each(RescueTask, "opened", causes, programme_id=programme_id)
    for one, cause in by_enrolment.values():
        open_task(one, cause, now)
    return len(made)


def _row(
    enrolment_id: int, invitation_id: int | None, cause: RescueCause, now: datetime
) -> dict[str, object]:
    return {
        "enrolment_id": enrolment_id,
        "invitation_id": invitation_id,
        "cause": cause,
        "state": RescueState.OPEN,
        "opened_at": now,
        "due_on": now.date(),
    }


def _insert() -> Any:
    """Nothing happens where the unique key finds a live task."""
    return insert(RescueTask).on_conflict_do_nothing(
        index_elements=["enrolment_id"], index_where=sa.text("state IN ('open', 'waiting')")
    )


def open_task(about: Invitation | Enrolment, cause: RescueCause, now: datetime) -> RescueTask | None:
    """The person's live task in this edition, made if there is none; a weightier cause replaces a lighter.

    None for whom nobody may look: who answered, stopped our mails, withdrew, died or was erased.
    """
    invitation = about if isinstance(about, Invitation) else queries.latest_invitation(about.id)
    enrolment = about.enrolment if isinstance(about, Invitation) else about
    if _is_moot(enrolment, about if isinstance(about, Invitation) else None):
        return None
    number = invitation.id if invitation else None
    made = db.session.scalar(
        _insert().returning(RescueTask.id).values(_row(enrolment.id, number, cause, now))
    )
    task = live_task(enrolment.id)
    if task is None:  # ended by somebody in between: it has been seen to
        return None
    if made:
        _note(task, "opened", after=cause)
    elif WEIGHT[cause] < WEIGHT[task.cause] or (number and number != task.invitation_id):
        before = task.cause
        task.cause, task.invitation_id = min(cause, before, key=WEIGHT.__getitem__), number
        task.state, task.due_on = RescueState.OPEN, now.date()
        _note(task, "another cause", before=before, after=cause)
    return task


def _is_moot(enrolment: Enrolment, invitation: Invitation | None) -> bool:
    person = enrolment.participant
    reach = audience.reach([person.id]).get(person.id)
    return (
        enrolment.state is not EnrolmentState.COMPLETED
        or any((person.opted_out_at, person.deceased_on, person.erased_at))
        or (reach is not None and reach.is_stopped)
        or (
            invitation is not None
            and invitation.state in {InvitationState.ANSWERED, InvitationState.DECLINED}
        )
    )


def live_task(enrolment_id: int) -> RescueTask | None:
    return db.session.scalar(_LIVE_TASK, {"enrolment_id": enrolment_id})


def end(enrolment_id: int, ending: Ending, now: datetime, why: str | None = None) -> None:
    """Whatever is live for this person in this edition is over. Does nothing where nothing is."""
    task = live_task(enrolment_id)
    if task:
        lock(task)
        if task.state in LIVE:
            _end(task, ending, now, why)


def _end(task: RescueTask, ending: Ending, now: datetime, why: str | None = None) -> None:
    before = task.state
    task.state, task.ending, task.ended_at = ending.state, ending, now
    _note(task, "ended", before=before, after=ending, why=why)


def wait(task: RescueTask, until: date) -> None:
    """Nobody tries before this day."""
    lock(task)
    if task.state in LIVE:
        task.state, task.due_on = RescueState.WAITING, until
        _note(task, "waits", after=until)


def assign(tasks: Iterable[RescueTask], owner: User | None) -> int:
    """To this person, or back to nobody; says how many changed. Raises NotTheirs."""
    may = None if owner is None or owner.is_administrator else programmes_of(owner, Permission.RUN_FOLLOWUPS)
    changed = 0
    for task in tasks:
        if owner and may is not None and task.enrolment.cohort.theme.programme_id not in may:
            raise NotTheirs(_("%(name)s does not run follow-ups of this programme.", name=owner.name))
        if task.state in LIVE and task.owner_id != (owner.id if owner else None):
            task.owner_id = owner.id if owner else None
            _note(task, "assigned", after=owner.name if owner else None)
            changed += 1
    return changed


def finish(task: RescueTask, ending: Ending, why: str, now: datetime) -> None:
    """By hand. Raises Ended."""
    lock(task)
    if task.state not in LIVE:
        raise Ended(_("This task is over already. Nothing was changed."))
    _end(task, ending, now, why or None)


def _note(task: RescueTask, verb: str, **facts: object) -> None:
    programme_id = task.enrolment.cohort.theme.programme_id
    audit.record(task, verb, programme_id=programme_id, **facts)  # type: ignore[arg-type]


def wake(today: date) -> int:
    """Those that waited until today are open again."""
    due = sa.update(RescueTask).where(RescueTask.state == RescueState.WAITING, RescueTask.due_on <= today)
    woken = db.session.scalars(due.values(state=RescueState.OPEN).returning(RescueTask.id)).all()
    return len(woken)


def end_moot(now: datetime) -> int:
    """Ends what nobody may look for any more, or need not; says how many. Reads the live tasks once."""
    person = sa.or_(
        Participant.opted_out_at.is_not(None),
        Participant.deceased_on.is_not(None),
        Participant.erased_at.is_not(None),
        Enrolment.state != EnrolmentState.COMPLETED,
        RescueTask.invitation_id.in_(_unsubscribed(now)),
    )
    over = sa.and_(
        Invitation.state == InvitationState.CLOSED,
        RescueTask.cause.in_([RescueCause.SILENT, RescueCause.UNCERTAIN, RescueCause.NOT_SENT]),
    )
    ending = sa.case(
        (Participant.deceased_on.is_not(None), Ending.DECEASED.value),
        (person, Ending.STOPPED.value),
        (Invitation.state == InvitationState.ANSWERED, Ending.ANSWERED.value),
        (Invitation.state == InvitationState.DECLINED, Ending.DECLINED.value),
        else_=Ending.CLOSED.value,
    )
    ended = (InvitationState.ANSWERED, InvitationState.DECLINED)
    query = (
        sa.select(RescueTask, ending)
        .join(RescueTask.enrolment)
        .join(Enrolment.participant)
        .outerjoin(RescueTask.invitation)
        .where(RescueTask.state.in_(LIVE), sa.or_(person, over, Invitation.state.in_(ended)))
        .limit(CHUNK)
        .options(*WITH_EDITION)
    )
    found = db.session.execute(query).all()
    for task, name in found:
        _end(task, Ending(name), now)
    return len(found)


def _unsubscribed(now: datetime) -> list[int]:
    """The invitations of those who stopped our mails a moment ago by the link at their foot."""
    lately = sa.select(Suppression.address_hmac).where(
        Suppression.scope == TOPIC, Suppression.since > now - KEEP_LOOKING
    )
    theirs = sa.select(OutgoingEmail.facts).where(
        OutgoingEmail.address_hmac.in_(lately), OutgoingEmail.topic == TOPIC
    )
    return [facts["invitation_id"] for facts in db.session.scalars(theirs) if "invitation_id" in facts]
