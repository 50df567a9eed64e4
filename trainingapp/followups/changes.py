"""What changed since a mail was planned: its reader stopped, withdrew or moved."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from trainingapp.cohorts.models import Enrolment, EnrolmentState
from trainingapp.db import db
from trainingapp.followups import calendar, queries
from trainingapp.followups.audience import CHUNK
from trainingapp.followups.models import Invitation
from trainingapp.outbox import bulk
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.participants.models import Participant

ALIVE = (EmailState.QUEUED, EmailState.LEASED, EmailState.DOT, EmailState.HELD, EmailState.UNCERTAIN)
LATER = timedelta(hours=1)


def drop_unwanted(now: datetime) -> int:
    """Cancels what waits for people who withdrew, opted out, died or were erased since it was planned.

    Also forgets the hour of what the outbox let go meanwhile, after an unsubscribe for example.
    """
    alive = sa.exists().where(OutgoingEmail.about == queries.ABOUT, OutgoingEmail.state.in_(ALIVE))
    let_go = sa.update(Invitation).where(Invitation.next_at < now - LATER, sa.not_(alive))
    db.session.execute(let_go.values(next_at=None), execution_options={"synchronize_session": False})
    gone = (
        sa.select(Invitation)
        .join(Enrolment, Enrolment.id == Invitation.enrolment_id)
        .join(Participant, Participant.id == Enrolment.participant_id)
        .where(
            Invitation.next_at.is_not(None),
            sa.or_(
                Enrolment.state != EnrolmentState.COMPLETED,
                Participant.opted_out_at.is_not(None),
                Participant.deceased_on.is_not(None),
                Participant.erased_at.is_not(None),
            ),
        )
        .limit(CHUNK)
    )
    found = db.session.scalars(gone).all()
    for row in found:
        row.next_at = None
        bulk.cancel_all(sa.select(sa.literal(queries.about(row))), "no longer wanted")
    return len(found)


def follow_moves() -> int:
    """Gives what waits a new hour where its reader's time zone changed since it was planned."""
    moved = (
        sa.select(Invitation)
        .join(Invitation.enrolment)
        .join(Enrolment.participant)
        .options(*queries.WHOLE)
        .where(Invitation.next_at.is_not(None), Participant.time_zone != Invitation.time_zone)
        .limit(CHUNK)
    )
    found = db.session.scalars(moved).all()
    for row in found:
        place = queries.place(row)
        row.time_zone = place.zone
        row.next_at = calendar.next_instant(
            row.next_at or row.due_at, place, queries.hours(row.wave.schedule)
        )
        bulk.move(sa.select(sa.literal(queries.about(row))), row.next_at)
    return len(found)
