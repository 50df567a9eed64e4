"""Who is asked, and why not. In chunks: a cohort of ten thousand needs no more memory than one of fifty."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Bundle

from trainingapp.cohorts.models import Enrolment, EnrolmentState
from trainingapp.countries import weekend_of, zone_of
from trainingapp.db import db
from trainingapp.followups.calendar import Place
from trainingapp.followups.models import LeftOutReason
from trainingapp.outbox.addresses import digest
from trainingapp.outbox.models import Suppression
from trainingapp.outbox.sending import fatigue
from trainingapp.participants import queries as participants
from trainingapp.participants.models import ContactKind, ContactPoint, ContactState, Participant

CHUNK = 1000
TOPIC = "surveys"  # what an unsubscribe from our mails is about
TOPIC_NAME = _l("how your work goes on after the course")

_BY_STATE = {
    EnrolmentState.WITHDRAWN: LeftOutReason.WITHDRAWN,
    EnrolmentState.NO_SHOW: LeftOutReason.NO_SHOW,
    EnrolmentState.LEFT_EARLY: LeftOutReason.LEFT_EARLY,
    EnrolmentState.ENROLLED: LeftOutReason.NOT_COMPLETED,
    EnrolmentState.JOINED: LeftOutReason.NOT_COMPLETED,
}


@dataclass(frozen=True)
class Person:
    """One enrolment as a wave sees it. `last_contact` is the latest mail of any wave, sent or planned."""

    enrolment_id: int
    participant_id: int
    name: str
    country: str
    place: Place
    language: str
    address: str | None
    reason: LeftOutReason | None
    last_contact: datetime | None


def reason_left_out(
    state: EnrolmentState,
    *,
    erased_at: datetime | None,
    deceased_on: date | None,
    has_opted_out: bool,
    contact_lost_at: datetime | None,
    has_address: bool,
) -> LeftOutReason | None:
    if erased_at:
        return LeftOutReason.ERASED
    if deceased_on:
        return LeftOutReason.DECEASED
    if state in _BY_STATE:
        return _BY_STATE[state]
    if has_opted_out:
        return LeftOutReason.OPTED_OUT
    if contact_lost_at:
        return LeftOutReason.CONTACT_LOST
    return None if has_address else LeftOutReason.NO_ADDRESS


def silenced(person: Any, state: EnrolmentState) -> dict[str, bool]:
    """Why nobody is written to unbidden. `person` is a Participant or a row that says as much of one."""
    return {
        "erased": person.erased_at is not None,
        "deceased": person.deceased_on is not None,
        "withdrawn": state is not EnrolmentState.COMPLETED,
        "opted out": person.opted_out_at is not None,
    }


def place_of(participant: Participant) -> Place:
    return place(participant.time_zone, participant.country)


def place(time_zone: str | None, country: str) -> Place:
    return Place(time_zone or zone_of(country), weekend_of(country))


def of_cohort(cohort_id: int, *, expected: bool = False) -> Iterator[list[Person]]:
    """Everyone enrolled, in chunks. `expected` takes those still on the way as if they had completed."""
    last = 0
    while chunk := _rows(Enrolment.cohort_id == cohort_id, Enrolment.id > last):
        yield _people(chunk, expected=expected)
        last = chunk[-1][0].id


def chunk(cohort_id: int, after: int, to: int) -> list[Person]:
    """The next of those whose enrolment is numbered beyond `after`, up to `to`."""
    return _people(
        _rows(Enrolment.cohort_id == cohort_id, Enrolment.id > after, Enrolment.id <= to), expected=False
    )


def of_enrolment(enrolment_id: int) -> Person:
    return _people(_rows(Enrolment.id == enrolment_id), expected=False)[0]


def _rows(*where: sa.ColumnElement[bool]) -> Sequence[Any]:
    query: Any = (
        sa.select(
            Bundle("enrolment", Enrolment.id, Enrolment.state),
            Bundle(
                "participant",
                Participant.id,
                Participant.full_name,
                Participant.country,
                Participant.time_zone,
                Participant.language,
                Participant.erased_at,
                Participant.deceased_on,
                Participant.opted_out_at,
                Participant.contact_lost_at,
            ),
        )
        .join(Participant, Participant.id == Enrolment.participant_id)
        .where(*where)
        .order_by(Enrolment.id)
        .limit(CHUNK)
    )
    return db.session.execute(query).all()


def _people(rows: Sequence[Any], *, expected: bool) -> list[Person]:
    numbers = [participant.id for _enrolment, participant in rows]
    reached = reach(numbers)
    contacts = last_contacts(numbers)
    people = []
    for enrolment, participant in rows:
        state = enrolment.state
        if expected and _BY_STATE.get(state) is LeftOutReason.NOT_COMPLETED:
            state = EnrolmentState.COMPLETED
        known = reached.get(participant.id)
        people.append(
            Person(
                enrolment_id=enrolment.id,
                participant_id=participant.id,
                name=participant.full_name,
                country=participant.country,
                place=place(participant.time_zone, participant.country),
                language=participant.language,
                address=known.address if known else None,
                reason=reason_left_out(
                    state,
                    erased_at=participant.erased_at,
                    deceased_on=participant.deceased_on,
                    has_opted_out=bool(participant.opted_out_at or (known and known.is_stopped)),
                    contact_lost_at=participant.contact_lost_at,
                    has_address=known is not None,
                ),
                last_contact=contacts.get(participant.id),
            )
        )
    return people


@dataclass(frozen=True)
class Reach:
    """The working e-mail address that stands first, and whether its owner stopped mail like ours by it."""

    address: str
    is_stopped: bool


def reach(participant_ids: Sequence[int], topic: str = TOPIC) -> dict[int, Reach]:
    """Participant -> how to write to them about this; nothing for those without an address that works."""
    query = (
        sa.select(ContactPoint.participant_id, ContactPoint.normalised)
        .where(
            ContactPoint.participant_id.in_(participant_ids),
            ContactPoint.kind == ContactKind.EMAIL,
            ContactPoint.state == ContactState.WORKING,
        )
        .order_by(ContactPoint.position.desc(), ContactPoint.id.desc())
    )
    points = [(owner, address, digest(address)) for owner, address in db.session.execute(query)]
    suppressed = sa.select(Suppression.address_hmac, Suppression.scope).where(
        Suppression.address_hmac.in_([hmac for _owner, _address, hmac in points]),
        Suppression.scope.in_(["all", topic]),
    )
    scopes: dict[str, set[str]] = {}
    for hmac, scope in db.session.execute(suppressed):
        scopes.setdefault(hmac, set()).add(scope)
    return {
        owner: Reach(address, topic in scopes.get(hmac, ()))
        for owner, address, hmac in points
        if "all" not in scopes.get(hmac, ())
    }


def last_contacts(participant_ids: Sequence[int]) -> dict[int, datetime]:
    """Participant -> the latest mail that asked something of them, of any edition: sent, or waiting."""
    readers = {participants.reader(number): number for number in participant_ids}
    return {readers[name]: moment for name, moment in fatigue.latest(readers).items()}
