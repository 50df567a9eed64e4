"""Verbs: add a person, change them, reach them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import phonenumbers
import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp.accounts import actions as accounts
from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.db import db
from trainingapp.participants import queries
from trainingapp.participants.models import ContactKind, ContactPoint, ContactState, NameWord, Participant
from trainingapp.participants.names import sorted_as, words
from trainingapp.refusals import Refusal


class AddressTaken(Refusal):
    """An e-mail address is one person's."""


class NothingToWriteTo(Refusal):
    """An invitation needs an address that works."""


def add(full_name: str, country: str, now: datetime, **facts: Any) -> Participant:
    """A new human. Look for them first (queries.search). `facts` are other columns of Participant."""
    person = Participant(full_name=full_name, country=country, created_at=now, sort_name="", **facts)
    person.sort_name = sorted_as(full_name)
    db.session.add(person)
    db.session.flush()
    index(person)
    audit.record(person, "added", after=full_name)
    return person


def edit(person: Participant, now: datetime, *, opted_out: bool, **facts: Any) -> None:
    """`facts` are columns of Participant. The trail gets what changed, from and to."""
    facts["opted_out_at"] = (person.opted_out_at or now) if opted_out else None
    before = {name: getattr(person, name) for name in facts}
    changed = {name: value for name, value in facts.items() if before[name] != value}
    if not changed:
        return
    for name, value in changed.items():
        setattr(person, name, value)
    person.sort_name = sorted_as(person.full_name)
    db.session.flush()
    index(person)
    audit.record(person, "changed", before=_said(before, changed), after=_said(changed, changed))


def _said(values: dict[str, Any], names: Iterable[str]) -> str:
    return "; ".join(f"{name}: {values[name]}" for name in names)


def index(*people: Participant) -> None:
    """Brings the search words in line with the names; call after a name changed."""
    numbers = [person.id for person in people]
    db.session.execute(sa.delete(NameWord).where(NameWord.participant_id.in_(numbers)))
    for person in people:
        named = words([person.full_name, person.local_name, person.passport_name, person.certificate_name])
        db.session.add_all(NameWord(word=word, participant_id=person.id) for word in sorted(named))


def normalise_email(text: str) -> str:
    """As compared: without a stray full stop or space at the end, in lower case. Raises Refusal."""
    try:
        found = validate_email(text.strip().rstrip(".,;"), check_deliverability=False)
    except EmailNotValidError as problem:
        raise Refusal(
            _("%(text)s is not an email address: %(why)s", text=text, why=str(problem)), "email"
        ) from problem
    return found.normalized.lower()


def normalise_phone(text: str, country: str) -> str:
    """E.164, such as +97715550100. Raises Refusal."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise Refusal(
            _("%(text)s is not a telephone number. Write it like +977 1 555 0100.", text=text), "phone"
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _normalise(person: Participant, kind: ContactKind, value: str) -> str:
    """Raises Refusal when it cannot be read."""
    if kind == ContactKind.EMAIL:
        return normalise_email(value)
    if kind == ContactKind.PHONE:
        return normalise_phone(value, person.country)
    return value.strip()


def add_contact(person: Participant, kind: ContactKind, value: str) -> ContactPoint:
    """Appended as the last of its kind. Raises AddressTaken, or Refusal when it cannot be read."""
    normalised = _normalise(person, kind, value)
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
    _keep(point)
    audit.record(person, "contact added", after=point.value)
    return point


def add_contacts(person: Participant, email: str, phone: str) -> None:
    """Those that are not empty. Raises what add_contact does, with the field it is about."""
    for kind, value in ((ContactKind.EMAIL, email), (ContactKind.PHONE, phone)):
        if value:
            add_contact(person, kind, value)


def edit_contact(point: ContactPoint, value: str, state: ContactState) -> None:
    """Raises AddressTaken, or Refusal when it cannot be read."""
    normalised = _normalise(point.participant, point.kind, value)
    before = f"{point.value} ({point.state})"
    _keep(point, value=value.strip(), normalised=normalised, state=state)
    audit.record(point.participant, "contact changed", before=before, after=f"{point.value} ({state})")


def _keep(point: ContactPoint, **changes: Any) -> None:
    """Changes are made inside the savepoint: what is dirty before it would be written before it."""
    address, owner = changes.get("normalised", point.normalised), point.participant_id
    try:
        with db.session.begin_nested():
            for name, value in changes.items():
                setattr(point, name, value)
            db.session.add(point)
            db.session.flush()
    except IntegrityError as taken:
        theirs = sa.select(ContactPoint.id).where(
            ContactPoint.participant_id == owner, ContactPoint.normalised == address
        )
        if db.session.scalar(theirs.limit(1)):
            text = _("%(address)s is among this person's addresses already.", address=address)
        else:
            text = _("%(address)s already belongs to someone else in the directory.", address=address)
        raise AddressTaken(text, "email") from taken


def prefer(point: ContactPoint) -> None:
    """Becomes the first of its kind."""
    same_kind = sa.select(ContactPoint).where(
        ContactPoint.participant_id == point.participant_id,
        ContactPoint.kind == point.kind,
        ContactPoint.id != point.id,
    )
    others = db.session.scalars(same_kind.order_by(ContactPoint.position, ContactPoint.id))
    for position, each in enumerate([point, *others], 1):
        each.position = position
    audit.record(point.participant, "contact preferred", after=point.value)


def invite(person: Participant, now: datetime) -> User:
    """Sends them the invitation to an account of their own; a second call sends it again.

    Raises NothingToWriteTo, and what accounts refuses: an address that has an account already.
    """
    point = queries.writable_address(person)
    if point is None:
        raise NothingToWriteTo(_("%(name)s has no address that we may write to.", name=person.full_name))
    user = db.session.get(User, person.user_id) if person.user_id else None
    if user:
        accounts.invite_again(user, now)
    else:
        user = accounts.invite(point.normalised, person.full_name, now, person.language)
        person.user_id = user.id
    audit.record(person, "invited", after=point.normalised)
    return user
