"""What an import writes about people: those it adds, and what it learns of those who are known."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, cast

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp.db import db
from trainingapp.imports.models import Decision
from trainingapp.participants.models import ContactKind, ContactPoint, NameWord, Participant, Sex
from trainingapp.participants.names import sorted_as, words
from trainingapp.refusals import Refusal

_CHUNK = 900  # numbers in one IN list
_NAMES = ("passport_name", "certificate_name", "local_name")
_FILLED = (*_NAMES, "born_on", "sex")
Row = Any  # id, number, values, participant_id, decision


class DirectoryChanged(Refusal):
    """Someone else added these people, or used their address, since the rows were checked."""


def add(rows: Sequence[Row], now: datetime) -> dict[int, int]:
    """Import row id -> id of the person made of it."""
    if not rows:
        return {}
    taken = _owners(email for row in rows for email in row.values.get("emails", ()))
    for row in rows:
        clash = [email for email in row.values.get("emails", ()) if email in taken]
        if clash and row.decision is not Decision.NEW:
            raise DirectoryChanged(
                _(
                    "%(email)s of row %(row)s was given to someone meanwhile. The rows were checked again.",
                    email=clash[0],
                    row=row.number,
                )
            )
    query = sa.insert(Participant).returning(Participant.id, sort_by_parameter_order=True)
    ids = list(db.session.scalars(query, [_person(row.values, now) for row in rows]))
    named = [
        {"word": word, "participant_id": number}
        for row, number in zip(rows, ids, strict=True)
        for word in sorted(_words(row.values))
    ]
    db.session.execute(sa.insert(NameWord), named)
    contacts = [
        contact
        for row, number in zip(rows, ids, strict=True)
        for contact in _contacts(number, row.values, taken=set(taken), position=1, step=1)
    ]
    if contacts:
        db.session.execute(sa.insert(ContactPoint), contacts)
    return {row.id: number for row, number in zip(rows, ids, strict=True)}


def _person(values: dict[str, Any], now: datetime) -> dict[str, Any]:
    name = values["full_name"]
    return {
        "full_name": name,
        "sort_name": sorted_as(name),
        "country": values["country"],
        "created_at": now,
        **{field: _typed(values).get(field) for field in _FILLED if field != "sex"},
        "sex": Sex(values.get("sex", Sex.UNSTATED)),
        "version": 1,
    }


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    """With Python's own dates and enumerations."""
    born = values.get("born_on")
    sex = values.get("sex")
    return {**values, "born_on": date.fromisoformat(born) if born else None, "sex": Sex(sex) if sex else None}


def _words(values: dict[str, Any]) -> set[str]:
    names = ("full_name", "local_name", "passport_name", "certificate_name")
    return words(values.get(name) for name in names)


def _contacts(
    number: int, values: dict[str, Any], *, taken: set[str], position: int, step: int
) -> list[dict[str, Any]]:
    """Emails that are nobody else's, telephones, a messenger; the lowest position is written to first."""
    ways = [(ContactKind.EMAIL, email) for email in values.get("emails", ()) if email not in taken]
    ways += [(ContactKind.PHONE, phone) for phone in values.get("phones", ())]
    ways += [(ContactKind.MESSAGING, values["messaging"])] if values.get("messaging") else []
    return [
        {
            "participant_id": number,
            "kind": kind,
            "value": text,
            "normalised": text,
            "position": position + step * at,
        }
        for at, (kind, text) in enumerate(ways)
    ]


def _owners(emails: Iterable[str]) -> dict[str, int]:
    owners: dict[str, int] = {}
    for chunk in chunks(set(emails)):
        query = sa.select(ContactPoint.normalised, ContactPoint.participant_id).where(
            ContactPoint.kind == ContactKind.EMAIL, ContactPoint.normalised.in_(chunk)
        )
        owners |= dict(db.session.execute(query).all())
    return owners


def chunks(values: Iterable[Any]) -> Iterable[list[Any]]:
    ordered = sorted(values)
    return (ordered[start : start + _CHUNK] for start in range(0, len(ordered), _CHUNK))


def complete(rows: Sequence[Row]) -> dict[int, dict[str, Any]]:
    """Fills what the directory does not know and adds ways to reach people; changes nothing it knows.

    Participant id -> {"filled": {field: text}, "contacts": [ids]}, from which an undo takes it back.
    """
    changes: dict[int, dict[str, Any]] = {}
    by_person = {row.participant_id: _typed(row.values) for row in rows}
    updates: list[dict[str, Any]] = []
    named: list[dict[str, Any]] = []
    for chunk in chunks(by_person):
        columns = (getattr(Participant, name) for name in ("id", "version", *_FILLED))
        query = sa.select(*columns).where(Participant.id.in_(chunk)).order_by(Participant.id)
        # Held: what somebody corrects at this moment would be written over.
        for person in db.session.execute(query.with_for_update(key_share=True)):
            values = by_person[person.id]
            empty = {"", None, Sex.UNSTATED}
            filled = {
                field: values[field]
                for field in _FILLED
                if getattr(person, field) in empty and values.get(field) not in empty
            }
            changes[person.id] = {
                "filled": {key: str(value) for key, value in filled.items()},
                "contacts": [],
            }
            if filled:
                now_known = {field: filled.get(field, getattr(person, field)) for field in _FILLED}
                updates.append({"id": person.id, "version": person.version + 1, **now_known})
                new_words = words(str(filled[name]) for name in _NAMES if name in filled)
                named += [{"word": word, "participant_id": person.id} for word in new_words]
    if updates:
        table = cast("sa.Table", Participant.__table__)
        parameters = [{f"to_{key}": value for key, value in update.items()} for update in updates]
        setting = {key: sa.bindparam(f"to_{key}", type_=table.c[key].type) for key in ("version", *_FILLED)}
        db.session.connection().execute(
            table.update().where(table.c.id == sa.bindparam("to_id")).values(setting), parameters
        )
    _add_words(named)
    _add_contacts(by_person, changes)
    return changes


def renamed(changes: dict[int, dict[str, Any]]) -> list[int]:
    """Of what `complete` returned: whose names are now more than they were."""
    return [number for number, found in changes.items() if not found["filled"].keys().isdisjoint(_NAMES)]


def _add_words(named: list[dict[str, Any]]) -> None:
    ids = {word["participant_id"] for word in named}
    known: set[tuple[str, int]] = set()
    for chunk in chunks(ids):
        query = sa.select(NameWord.word, NameWord.participant_id).where(NameWord.participant_id.in_(chunk))
        known |= set(db.session.execute(query).all())
    new = [word for word in named if (word["word"], word["participant_id"]) not in known]
    if new:
        db.session.execute(sa.insert(NameWord), new)


def _add_contacts(by_person: dict[int, dict[str, Any]], changes: dict[int, dict[str, Any]]) -> None:
    """A new address comes before the old ones: it is what the person, or their office, wrote last."""
    taken = set(_owners(email for values in by_person.values() for email in values.get("emails", ())))
    has: dict[int, set[str]] = defaultdict(set)
    first: dict[int, int] = {}
    for chunk in chunks(by_person):
        query = sa.select(ContactPoint.participant_id, ContactPoint.normalised, ContactPoint.position).where(
            ContactPoint.participant_id.in_(chunk)
        )
        for number, normalised, position in db.session.execute(query):
            has[number].add(normalised)
            first[number] = min(position, first.get(number, position))
    contacts = [
        contact
        for number, values in by_person.items()
        for contact in _contacts(number, values, taken=taken, position=first.get(number, 1) - 1, step=-1)
        if contact["normalised"] not in has[number]
    ]
    if contacts:
        query_ids = sa.insert(ContactPoint).returning(
            ContactPoint.id, ContactPoint.participant_id, sort_by_parameter_order=True
        )
        for contact_id, number in db.session.execute(query_ids, contacts):
            changes[number]["contacts"].append(contact_id)
