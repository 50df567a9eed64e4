"""Verbs: add a person, change them, reach them."""

from datetime import datetime
from typing import Any

import phonenumbers
import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp.accounts import audit
from trainingapp.db import db
from trainingapp.participants.models import ContactKind, ContactPoint, NameWord, Participant
from trainingapp.participants.names import latin, words
from trainingapp.refusals import Refusal


class AddressTaken(Refusal):
    """An e-mail address is one person's."""


def add(full_name: str, country: str, now: datetime, **facts: Any) -> Participant:
    """A new human. Look for them first (queries.search). `facts` are other columns of Participant."""
    person = Participant(full_name=full_name, country=country, created_at=now, sort_name="", **facts)
    person.sort_name = latin(full_name) or full_name.lower()
    db.session.add(person)
    db.session.flush()
    index(person)
    audit.record(person, "added", after=full_name)
    return person


def index(person: Participant) -> None:
    """Brings the search words in line with the names; call after a name changed."""
    db.session.execute(sa.delete(NameWord).where(NameWord.participant_id == person.id))
    named = words([person.full_name, person.local_name, person.passport_name, person.certificate_name])
    db.session.add_all(NameWord(word=word, participant_id=person.id) for word in sorted(named))


def normalise_email(text: str) -> str:
    """As compared: without a stray full stop or space at the end, in lower case. Raises Refusal."""
    try:
        found = validate_email(text.strip().rstrip(".,;"), check_deliverability=False)
    except EmailNotValidError as problem:
        raise Refusal(
            _("%(text)s is not an email address: %(why)s", text=text, why=str(problem))
        ) from problem
    return found.normalized.lower()


def normalise_phone(text: str, country: str) -> str:
    """E.164, such as +97715550100. Raises Refusal."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException as problem:
        raise Refusal(
            _("%(text)s is not a telephone number. Write it like +977 1 555 0100.", text=text)
        ) from problem
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def add_contact(person: Participant, kind: ContactKind, value: str) -> ContactPoint:
    """Appended as the last of its kind. Raises AddressTaken, or Refusal when it cannot be read."""
    if kind == ContactKind.EMAIL:
        normalised = normalise_email(value)
    elif kind == ContactKind.PHONE:
        normalised = normalise_phone(value, person.country)
    else:
        normalised = value.strip()
    last = sa.select(sa.func.max(ContactPoint.position)).where(
        ContactPoint.participant_id == person.id, ContactPoint.kind == kind
    )
    point = ContactPoint(
        participant_id=person.id,
        kind=kind,
        value=value.strip(),
        normalised=normalised,
        position=(db.session.scalar(last) or 0) + 1,
    )
    try:
        with db.session.begin_nested():
            db.session.add(point)
    except IntegrityError as taken:
        raise AddressTaken(
            _("%(address)s already belongs to someone else in the directory.", address=normalised), "email"
        ) from taken
    return point
