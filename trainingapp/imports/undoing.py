"""Taking an import back, as long as nobody has worked on what it made."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import ngettext

from trainingapp.accounts import audit
from trainingapp.accounts.models import AuditEntry
from trainingapp.cohorts import actions as cohort_actions
from trainingapp.cohorts.models import Enrolment, EnrolmentWord
from trainingapp.db import Base, db, lock, table
from trainingapp.imports.models import ImportBatch, ImportRow, ImportState
from trainingapp.participants import actions as participants
from trainingapp.participants.models import ContactPoint, NameWord, Participant
from trainingapp.refusals import Refusal

_CHUNK = 900
_SHOWN = 20
# Follow a person or an enrolment by themselves, and are no work of anybody's.
_NO_WORK = {NameWord.__tablename__, EnrolmentWord.__tablename__, ImportRow.__tablename__}


class WorkedOn(Refusal):
    """Someone has built on the imported rows."""


@dataclass(frozen=True)
class Blocker:
    """Why a row cannot be taken back."""

    number: int  # of the row in the file
    name: str
    table: str  # whose row refers to the person or the enrolment, or is what was changed
    who: str


def blockers(batch: ImportBatch) -> list[Blocker]:
    """The first ones; empty when the import can be undone."""
    rows = _rows(batch)
    by_enrolment = {row.enrolment_id: row for row in rows if row.enrolment_id}
    by_person = {row.participant_id: row for row in rows if row.made_participant}
    own = table(Enrolment).c.id, table(Participant).c.id
    found: list[tuple[Any, sa.Column[Any], int]] = []
    found += [(by_enrolment[row_id], own[0], row_id) for row_id in _changed(Enrolment, by_enrolment)]
    found += [(by_person[row_id], own[1], row_id) for row_id in _changed(Participant, by_person)]
    for column in _columns_that_refer_to(Enrolment):
        found += [(by_enrolment[row_id], column, row_id) for row_id in _referred(column, by_enrolment)]
    for column in _columns_that_refer_to(Participant):
        if column.table.name == Enrolment.__tablename__:
            ids = _referred(column, by_person, Enrolment.cohort_id != batch.cohort_id)
        elif column.table.name == ContactPoint.__tablename__:
            ids = _late_contacts(batch, by_person)
        else:
            ids = _referred(column, by_person)
        found += [(by_person[row_id], column, row_id) for row_id in ids]
    return [
        Blocker(row.number, row.values.get("full_name", ""), column.table.name, _who(column, row_id, batch))
        for row, column, row_id in found[:_SHOWN]
    ]


def undo(batch: ImportBatch, now: datetime) -> int:
    """How many enrolments were taken back. Raises WorkedOn."""
    lock(batch)
    if batch.state is not ImportState.IMPORTED:
        return 0
    lock(batch.cohort)
    found = blockers(batch)
    if found:
        raise WorkedOn(
            ngettext(
                "Row %(row)s has been worked on, so the import stays.",
                "%(num)d rows or more have been worked on, so the import stays.",
                len({blocker.number for blocker in found}),
                row=found[0].number,
            )
        )
    rows = _rows(batch)
    enrolments = [row.enrolment_id for row in rows if row.enrolment_id]
    people = [row.participant_id for row in rows if row.made_participant]
    _take_back_changes(rows)
    db.session.execute(
        sa.update(ImportRow)
        .where(ImportRow.batch_id == batch.id, ImportRow.enrolment_id.is_not(None))
        .values(enrolment_id=None)
    )
    for chunk in _chunks(people):
        db.session.execute(
            sa.update(ImportRow).where(ImportRow.participant_id.in_(chunk)).values(participant_id=None)
        )
    for chunk in _chunks(enrolments):
        db.session.execute(sa.delete(Enrolment).where(Enrolment.id.in_(chunk)))
    for chunk in _chunks(people):
        for theirs in (NameWord, ContactPoint):
            db.session.execute(sa.delete(theirs).where(theirs.participant_id.in_(chunk)))
        db.session.execute(sa.delete(Participant).where(Participant.id.in_(chunk)))
    names = {row.participant_id: row.values.get("full_name", "") for row in rows if row.made_participant}
    audit.record_each(Participant, "removed by undoing an import", names)
    facts = {"enrolments": len(enrolments), "people": len(people), "cohort": batch.cohort_id}
    audit.record(
        batch, "undone", before=batch.file_name, programme_id=batch.cohort.theme.programme_id, facts=facts
    )
    batch.state, batch.undone_at = ImportState.UNDONE, now
    db.session.flush()
    db.session.expire_all()
    return len(enrolments)


def _rows(batch: ImportBatch) -> Sequence[Any]:
    columns = (
        ImportRow.number,
        ImportRow.values,
        ImportRow.enrolment_id,
        ImportRow.participant_id,
        ImportRow.made_participant,
        ImportRow.changed,
    )
    query = sa.select(*columns).where(ImportRow.batch_id == batch.id, ImportRow.enrolment_id.is_not(None))
    return db.session.execute(query.order_by(ImportRow.number)).all()


def _columns_that_refer_to(model: type[Base]) -> list[sa.Column[Any]]:
    """Of every table of the house, also of packages that this one does not know."""
    target = model.__table__
    return [
        key.parent
        for table in db.metadata.sorted_tables
        if table.name not in _NO_WORK
        for key in table.foreign_keys
        if key.column.table is target and table is not target
    ]


def _referred(
    column: sa.Column[Any], ids: Iterable[int], less: sa.ColumnElement[bool] | None = None
) -> list[int]:
    found: list[int] = []
    for chunk in _chunks(ids):
        query = sa.select(column).where(column.in_(chunk)).distinct().limit(_SHOWN)
        found += db.session.scalars(query if less is None else query.where(less)).all()
    return found


def _late_contacts(batch: ImportBatch, ids: Iterable[int]) -> list[int]:
    """People who got another way to be reached after the import: the trail says so, the row cannot."""
    found: list[int] = []
    for chunk in _chunks(ids):
        query = (
            sa.select(AuditEntry.subject_id)
            .where(
                AuditEntry.subject == Participant.__tablename__,
                AuditEntry.subject_id.in_(chunk),
                AuditEntry.at > batch.imported_at,
                AuditEntry.verb != "added",
            )
            .distinct()
        )
        found += [number for number in db.session.scalars(query) if number is not None]
    return found


def _changed(model: type[Enrolment] | type[Participant], ids: Iterable[int]) -> list[int]:
    found: list[int] = []
    for chunk in _chunks(ids):
        found += db.session.scalars(sa.select(model.id).where(model.id.in_(chunk), model.version > 1))
    return found


def _who(column: sa.Column[Any], row_id: int, batch: ImportBatch) -> str:
    """Whoever the trail names last for the rows where the column says so; empty when it does not say.

    What became of a way to reach someone stands under the person.
    """
    query = sa.select(AuditEntry.actor).where(AuditEntry.at > batch.imported_at)
    if column.table.name == ContactPoint.__tablename__:
        query = query.where(AuditEntry.subject == Participant.__tablename__, AuditEntry.subject_id == row_id)
    elif "id" in column.table.c:
        those = sa.select(column.table.c.id).where(column == row_id)
        query = query.where(AuditEntry.subject == column.table.name, AuditEntry.subject_id.in_(those))
    else:
        return ""
    return db.session.scalar(query.order_by(AuditEntry.id.desc()).limit(1)) or ""


def _take_back_changes(rows: Sequence[Any]) -> None:
    """What the import filled in for people it knew, unless it was changed since."""
    given = {contact: row.values for row in rows for contact in (row.changed or {}).get("contacts", ())}
    for chunk in _chunks(given):
        query = sa.select(ContactPoint.id, ContactPoint.normalised).where(ContactPoint.id.in_(chunk))
        same = [number for number, text in db.session.execute(query) if text in _addresses(given[number])]
        db.session.execute(sa.delete(ContactPoint).where(ContactPoint.id.in_(same)))
    filled = {row.participant_id: row.changed["filled"] for row in rows if (row.changed or {}).get("filled")}
    for chunk in _chunks(filled):
        completed = db.session.scalars(sa.select(Participant).where(Participant.id.in_(chunk))).all()
        for person in completed:
            for field, text in filled[person.id].items():
                if str(getattr(person, field)) == text:
                    setattr(person, field, "unstated" if field == "sex" else None)
        db.session.flush()
        participants.index(*completed)
        cohort_actions.index(Enrolment.participant_id.in_(chunk))


def _addresses(values: dict[str, Any]) -> list[str]:
    return [*values.get("emails", ()), *values.get("phones", ()), values.get("messaging", "")]


def _chunks(values: Iterable[int]) -> Iterable[list[int]]:
    ordered = sorted(values)
    return (ordered[start : start + _CHUNK] for start in range(0, len(ordered), _CHUNK))
