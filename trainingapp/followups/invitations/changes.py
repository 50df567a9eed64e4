"""What is written about a reader is followed: they stopped, withdrew, moved, got another address or language.

Noticed in the transaction that writes it, by listening to the session: the packages that write it come
before this one and may not know it. Nothing hangs on it but the hour: the sender asks again before each mail.
"""

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import History
from sqlalchemy.orm.unitofwork import UOWTransaction

from trainingapp.cohorts.models import Enrolment
from trainingapp.db import db
from trainingapp.followups.models import Invitation
from trainingapp.followups.schedules import actions as scheduling
from trainingapp.participants.models import ContactPoint, Participant

_WATCHED: dict[type[object], tuple[str, ...]] = {
    Participant: (
        *("country", "language", "time_zone"),
        *("opted_out_at", "deceased_on", "erased_at", "contact_lost_at"),
    ),
    Enrolment: ("state", "participant_id"),
    ContactPoint: ("state", "position", "normalised", "participant_id"),
}


@event.listens_for(db.session, "after_flush")
def _notice(session: Session, _context: UOWTransaction) -> None:
    """An address that is new counts, a person who is new has no mail waiting."""
    rows = [row for row in session.dirty if _is_changed(row)]
    rows += [row for row in session.new if isinstance(row, ContactPoint)]
    enrolments = {row.id for row in rows if isinstance(row, Enrolment)}
    people = {row.id for row in rows if isinstance(row, Participant)}
    people |= {row.participant_id for row in rows if isinstance(row, ContactPoint)}
    if people:
        theirs = sa.select(Enrolment.id).where(Enrolment.participant_id.in_(people))
        scheduling.look_again(Invitation.enrolment_id.in_(theirs))
    if enrolments:
        scheduling.look_again(Invitation.enrolment_id.in_(enrolments))


def _is_changed(row: object) -> bool:
    state = sa.inspect(row)
    histories = (state.attrs[name].history for name in _WATCHED.get(type(row), ()))
    return any(map(History.has_changes, histories))
