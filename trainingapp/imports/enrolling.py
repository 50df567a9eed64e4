"""The one place where rows of a file become people and enrolments: whole, or not at all."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, cast

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp import countries
from trainingapp.accounts import audit
from trainingapp.cohorts import queries as cohorts
from trainingapp.cohorts.models import (
    Cohort,
    CohortState,
    Enrolment,
    EnrolmentKind,
    Funding,
    Mode,
)
from trainingapp.db import db, lock
from trainingapp.imports import checking
from trainingapp.imports.models import Decision, ImportBatch, ImportFile, ImportRow, ImportState, Verdict
from trainingapp.participants.models import ContactKind, ContactPoint, NameWord, Participant, Sex
from trainingapp.participants.names import latin, words
from trainingapp.refusals import Refusal

_CHUNK = 900
_FACTS = ("organisation", "post", "nominating_body", "supervisor_name", "supervisor_email")
_FILLED = ("passport_name", "certificate_name", "local_name", "born_on", "sex")
Row = Any  # id, number, values, participant_id, decision


class NoPlaceForAll(Refusal):
    """The edition, or a country's share of it, has fewer places than there are rows."""


class DirectoryChanged(Refusal):
    """Someone else added these people, or used their address, since the rows were checked."""


def importable() -> sa.ColumnElement[bool]:
    """Rows that an import would take: new, known, and those decided about."""
    decided = sa.and_(
        ImportRow.verdict == Verdict.MAYBE, ImportRow.decision.in_([Decision.SAME, Decision.NEW])
    )
    return sa.or_(ImportRow.verdict.in_([Verdict.NEW, Verdict.KNOWN]), decided)


def import_rows(batch: ImportBatch, now: datetime) -> int:
    """How many were enrolled. All in the caller's transaction; a refusal leaves nothing behind.

    Raises NoPlaceForAll, DirectoryChanged.
    """
    lock(batch)
    if batch.state is ImportState.IMPORTED:
        return 0
    cohort = batch.cohort
    lock(cohort)
    try:
        with db.session.begin_nested():
            rows = _rows(batch)
            _refuse_twice(rows)
            _check_places(cohort, rows)
            people = _add_people([row for row in rows if row.participant_id is None], now)
            changes = _complete_people([row for row in rows if row.participant_id is not None])
            enrolments = _enrol(cohort, rows, people, now)
            _mark(rows, people, changes, enrolments)
    except IntegrityError as clash:
        raise DirectoryChanged(
            _("Someone was added by somebody else at this moment. The rows were checked again.")
        ) from clash
    programme_id = cohort.theme.programme_id
    audit.record_each(
        Participant, "added", {people[row.id]: row.values["full_name"] for row in rows if row.id in people}
    )
    audit.record_each(
        Participant,
        "completed from a spreadsheet",
        {number: ", ".join(found["filled"]) for number, found in changes.items() if found["filled"]},
    )
    facts = {"enrolled": len(enrolments), "new people": len(people), "cohort": cohort.id}
    audit.record(batch, "imported", after=batch.file_name, programme_id=programme_id, facts=facts)
    db.session.execute(sa.delete(ImportFile).where(ImportFile.batch_id == batch.id))
    batch.state, batch.imported_at, batch.problem = ImportState.IMPORTED, now, None
    db.session.flush()
    return len(enrolments)


def _rows(batch: ImportBatch) -> list[Row]:
    """Those to enrol: without people who already are. Someone decided to be new has no participant yet."""
    one = sa.case((ImportRow.decision == Decision.NEW, None), else_=ImportRow.participant_id)
    query = (
        sa.select(
            ImportRow.id, ImportRow.number, ImportRow.values, one.label("participant_id"), ImportRow.decision
        )
        .where(ImportRow.batch_id == batch.id, importable())
        .order_by(ImportRow.number)
    )
    rows = db.session.execute(query).all()
    there = checking.enrolled(batch.cohort_id, {row.participant_id for row in rows if row.participant_id})
    return [row for row in rows if row.participant_id not in there]


def _refuse_twice(rows: Sequence[Row]) -> None:
    seen: dict[int, int] = {}
    for row in rows:
        if row.participant_id in seen:
            raise DirectoryChanged(
                _(
                    "Rows %(one)s and %(other)s are the same person. Leave one of them out.",
                    one=seen[row.participant_id],
                    other=row.number,
                )
            )
        if row.participant_id is not None:
            seen[row.participant_id] = row.number


def _check_places(cohort: Cohort, rows: Sequence[Row]) -> None:
    """Call while the cohort is locked."""
    if cohort.state is CohortState.CANCELLED:
        raise NoPlaceForAll(_("This edition is cancelled. Change its state before you enrol anyone."))
    held = cohorts.taken(cohort)
    left = max(cohort.capacity - sum(held.values()), 0)
    if len(rows) > left:
        raise NoPlaceForAll(
            _(
                "This edition has %(left)s places left and these are %(rows)s people. "
                "Raise its capacity, or leave out %(over)s.",
                left=left,
                rows=len(rows),
                over=len(rows) - left,
            )
        )
    quotas = {quota.country: quota.places for quota in cohorts.quotas(cohort)}
    coming: dict[str, int] = defaultdict(int)
    for row in rows:
        coming[row.values["country"]] += 1
    for country, count in sorted(coming.items()):
        places = quotas.get(country, cohort.places_per_country)
        if places is not None and held.get(country, 0) + count > places:
            raise NoPlaceForAll(
                _(
                    "%(country)s has %(left)s places left in this edition and %(rows)s rows. "
                    "Change its share, or leave some of them out.",
                    country=countries.name_of(country),
                    left=max(places - held.get(country, 0), 0),
                    rows=count,
                )
            )


def _add_people(rows: Sequence[Row], now: datetime) -> dict[int, int]:
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
        "sort_name": latin(name) or name.lower(),
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
    for chunk in _chunks(set(emails)):
        query = sa.select(ContactPoint.normalised, ContactPoint.participant_id).where(
            ContactPoint.kind == ContactKind.EMAIL, ContactPoint.normalised.in_(chunk)
        )
        owners |= dict(db.session.execute(query).all())
    return owners


def _chunks(values: Iterable[Any]) -> Iterable[list[Any]]:
    ordered = sorted(values)
    return (ordered[start : start + _CHUNK] for start in range(0, len(ordered), _CHUNK))


def _complete_people(rows: Sequence[Row]) -> dict[int, dict[str, Any]]:
    """Fills what the directory does not know and adds ways to reach people; changes nothing it knows.

    Participant id -> {"filled": {field: text}, "contacts": [ids]}, from which an undo takes it back.
    """
    changes: dict[int, dict[str, Any]] = {}
    by_person = {row.participant_id: _typed(row.values) for row in rows}
    updates: list[dict[str, Any]] = []
    named: list[dict[str, Any]] = []
    for chunk in _chunks(by_person):
        columns = (getattr(Participant, name) for name in ("id", "version", *_FILLED))
        for person in db.session.execute(sa.select(*columns).where(Participant.id.in_(chunk))):
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
                new_words = words(
                    str(filled[name])
                    for name in ("passport_name", "certificate_name", "local_name")
                    if name in filled
                )
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


def _add_words(named: list[dict[str, Any]]) -> None:
    ids = {word["participant_id"] for word in named}
    known: set[tuple[str, int]] = set()
    for chunk in _chunks(ids):
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
    for chunk in _chunks(by_person):
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


def _enrol(cohort: Cohort, rows: Sequence[Row], people: dict[int, int], now: datetime) -> dict[int, int]:
    """Import row id -> enrolment id."""
    if not rows:
        return {}
    known = {row.participant_id for row in rows if row.participant_id}
    sort_names: dict[int, str] = {}
    for chunk in _chunks(known):
        query = sa.select(Participant.id, Participant.sort_name).where(Participant.id.in_(chunk))
        sort_names |= dict(db.session.execute(query).all())
    made = [
        {
            "participant_id": people.get(row.id, row.participant_id),
            "cohort_id": cohort.id,
            "country": row.values["country"],
            "sort_name": sort_names.get(row.participant_id)
            or latin(row.values["full_name"])
            or row.values["full_name"].lower(),
            "kind": EnrolmentKind(row.values.get("kind", EnrolmentKind.OFFICIAL)),
            "mode": Mode(row.values.get("mode", cohort.mode)),
            "funding": Funding(row.values.get("funding", Funding.FULL)),
            **{fact: row.values.get(fact, "") for fact in _FACTS},
            "enrolled_at": now,
            "changed_at": now,
            "version": 1,
        }
        for row in rows
    ]
    query_ids = sa.insert(Enrolment).returning(Enrolment.id, sort_by_parameter_order=True)
    ids = db.session.scalars(query_ids, made)
    return {row.id: number for row, number in zip(rows, ids, strict=True)}


def _mark(
    rows: Sequence[Row],
    people: dict[int, int],
    changes: dict[int, dict[str, Any]],
    enrolments: dict[int, int],
) -> None:
    marks = [
        {
            "id": row.id,
            "enrolment_id": enrolments[row.id],
            "participant_id": people.get(row.id, row.participant_id),
            "made_participant": row.id in people,
            "changed": changes.get(row.participant_id, {}),
        }
        for row in rows
    ]
    if marks:
        db.session.execute(sa.update(ImportRow), marks)
