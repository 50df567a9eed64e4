"""Verbs: take a file in, match its columns, check and correct its rows. Nothing here enrols anyone."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _

from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.cohorts import queries as cohorts
from trainingapp.cohorts.models import Cohort, EnrolmentKind
from trainingapp.db import db, lock
from trainingapp.imports import checking, fields, queries
from trainingapp.imports.checking import Checked, Line
from trainingapp.imports.models import (
    Decision,
    ImportBatch,
    ImportFile,
    ImportRow,
    ImportState,
    KnownHeading,
    Verdict,
)
from trainingapp.programmes.roles import Permission
from trainingapp.refusals import Refusal
from trainingapp.spreadsheets import reading

LONGEST_CORRECTION = 1_000


class ColumnsMissing(Refusal):
    """A name and a country are needed for every row."""


class NotNow(Refusal):
    """The import has moved on since the page was opened."""


def upload(cohort: Cohort, file_name: str, content: bytes, user: User | None, now: datetime) -> ImportBatch:
    """Stored whole; nothing of it is read yet."""
    batch = ImportBatch(
        cohort_id=cohort.id,
        uploaded_by_id=user.id if user else None,
        uploaded_at=now,
        file_name=file_name.replace("\0", "")[-255:],
        headings=[],
        mapping={},
        assumed={},
        sheets=[],
    )
    db.session.add(batch)
    db.session.flush()
    db.session.add(ImportFile(batch_id=batch.id, content=content))
    audit.record(batch, "uploaded", after=batch.file_name, programme_id=cohort.theme.programme_id)
    return batch


def read(batch: ImportBatch, sheet: str | None = None, heading_row: int | None = None) -> None:
    """Stages the rows and guesses the columns. A file that cannot be read is refused, with the reason."""
    lock(batch)
    if batch.state not in {ImportState.WAITING, ImportState.MAPPING, ImportState.REVIEW}:
        return
    content = db.session.scalar(sa.select(ImportFile.content).where(ImportFile.batch_id == batch.id))
    try:
        sheets = reading.read(content or b"")
    except reading.Unreadable as refusal:
        refuse(batch, str(refusal))
        return
    chosen = next((found for found in sheets if found.name == sheet), None) or best_sheet(sheets)
    index = (heading_row or fields.heading_row(chosen.rows) + 1) - 1
    index = min(max(index, 0), max(len(chosen.rows) - 1, 0))
    batch.sheet, batch.sheets = chosen.name, [found.name for found in sheets]
    batch.heading_row = index + 1
    batch.headings, rows = heading_and_rows(chosen, index)
    batch.mapping = fields.guess(batch.headings, rows, queries.remembered(batch.cohort.theme.programme_id))
    _stage(batch, rows, first_number=index + 2)
    batch.state = ImportState.MAPPING
    batch.problem = None
    db.session.flush()


def refuse(batch: ImportBatch, why: str) -> None:
    batch.state = ImportState.REFUSED
    batch.problem = why
    db.session.execute(sa.delete(ImportFile).where(ImportFile.batch_id == batch.id))
    audit.record(batch, "refused", why=why, programme_id=batch.cohort.theme.programme_id)


def best_sheet(sheets: Sequence[reading.Sheet]) -> reading.Sheet:
    """The one with the most headings we understand; of equals, the first."""

    def understood(sheet: reading.Sheet) -> int:
        index = fields.heading_row(sheet.rows)
        return len(fields.guess(fields.headings_at(sheet.rows, index), sheet.rows[index + 1 :], {}))

    return max(sheets, key=understood)


def heading_and_rows(sheet: reading.Sheet, index: int) -> tuple[list[str], list[list[str]]]:
    """In a CSV a row longer than the headings is a mistake; in a workbook columns may lack a heading."""
    above = sheet.rows if sheet.name else sheet.rows[: index + 1]
    return fields.headings_at(above, index), sheet.rows[index + 1 :]


def _stage(batch: ImportBatch, rows: Sequence[Sequence[str]], first_number: int) -> None:
    db.session.execute(sa.delete(ImportRow).where(ImportRow.batch_id == batch.id))
    staged = [
        {"batch_id": batch.id, "number": number, "cells": cells}
        for number, cells in enumerate(rows, first_number)
        if any(cells)
    ]
    if staged:
        db.session.execute(sa.insert(ImportRow), staged)
    batch.rows_read = len(staged)


def match_columns(batch: ImportBatch, mapping: Mapping[str, str], assumed: Mapping[str, Any]) -> None:
    """Says what each column means, remembers it for the programme, and leaves the rows to be checked."""
    lock(batch)
    if batch.state not in {ImportState.MAPPING, ImportState.REVIEW}:
        raise NotNow(_("This file is already past this step. Reload the page to see where it is."))
    twice = [name for name in set(mapping.values()) if list(mapping.values()).count(name) > 1]
    if twice:
        raise ColumnsMissing(
            _("Two columns are said to be “%(field)s”. Leave one of them out.", field=fields.LABELS[twice[0]])
        )
    lacking = checking.missing(mapping, assumed)
    if lacking:
        raise ColumnsMissing(lacking_columns(lacking, batch.headings))
    _remember(batch, mapping)
    batch.mapping = dict(mapping)
    batch.assumed = {"kind": EnrolmentKind.OFFICIAL.value, "mode": batch.cohort.mode.value, **assumed}
    batch.state = ImportState.CHECKING
    batch.problem = None
    db.session.flush()


def lacking_columns(lacking: Sequence[str], headings: Sequence[str]) -> str:
    """Which needed columns the file lacks, beside those that it has."""
    needed = _(" and ").join(str(fields.LABELS[name]) for name in lacking)
    named = ", ".join(f"“{heading}”" for heading in headings[:12] if heading)
    if not named:
        return _("No column is matched to: %(needed)s. The file has no headings.", needed=needed)
    return _("No column is matched to: %(needed)s. The file has %(headings)s.", needed=needed, headings=named)


def _remember(batch: ImportBatch, mapping: Mapping[str, str]) -> None:
    said = {fields.normalise(heading): mapping.get(str(at), "") for at, heading in enumerate(batch.headings)}
    said.pop("", None)
    programme_id = batch.cohort.theme.programme_id
    lock(batch.cohort.theme.programme)  # two at once would each write the same heading
    db.session.execute(
        sa.delete(KnownHeading).where(
            KnownHeading.programme_id == programme_id, KnownHeading.heading.in_(said)
        )
    )
    told = [
        {"programme_id": programme_id, "heading": heading, "field": field}
        for heading, field in said.items()
        if field and field != fields.field_of(heading)
    ]
    if told:
        db.session.execute(sa.insert(KnownHeading), told)


def check(batch: ImportBatch, now: datetime) -> None:
    """All rows, against each other and the directory."""
    lock(batch)
    if batch.state not in {ImportState.CHECKING, ImportState.REVIEW}:
        return
    rows, lines = _lines(batch)
    if batch.assumed.get("dates") in {"day", "month"}:
        is_day_first: bool | None = batch.assumed["dates"] == "day"
    else:
        is_day_first = checking.day_first(lines, batch.mapping)
    batch.assumed = {**batch.assumed, "day_first": is_day_first}
    _save(rows, _checked(batch, lines, now))
    batch.state = ImportState.REVIEW
    db.session.flush()


def _checked(batch: ImportBatch, lines: Sequence[Line], now: datetime) -> list[Checked]:
    with in_language_of(batch.uploaded_by):
        return checking.check(
            batch.cohort_id,
            lines,
            batch.headings,
            batch.mapping,
            assumed=batch.assumed,
            today=now.date(),
            allowed=cohorts.reach_of(batch.uploaded_by, Permission.SEE_PEOPLE),
        )


def in_language_of(user: User | None) -> Any:
    """Reasons are stored as sentences, in the language of whoever will read them."""
    return force_locale(user.language) if user else nullcontext()


def _lines(batch: ImportBatch) -> tuple[dict[int, Any], list[Line]]:
    """The rows by number, as they were until now, and what is checked of them."""
    columns = ("id", "number", "cells", "typed", "participant_id", "decision")
    query = sa.select(*(getattr(ImportRow, name) for name in columns)).order_by(ImportRow.number)
    rows = db.session.execute(query.where(ImportRow.batch_id == batch.id)).all()
    return {row.number: row for row in rows}, [Line(row.number, row.cells, row.typed) for row in rows]


def _save(before: Mapping[int, Any], checked: Iterable[Checked]) -> None:
    """What was decided holds for the person it was decided about, and for nobody who is found instead."""
    changes = [
        {
            "id": before[row.number].id,
            "values": row.values,
            "reasons": row.reasons,
            "verdict": row.verdict,
            "participant_id": row.participant_id,
            "is_notable": row.is_notable,
            "decision": before[row.number].decision
            if row.participant_id == before[row.number].participant_id
            else Decision.OPEN,
        }
        for row in checked
    ]
    if changes:
        db.session.execute(sa.update(ImportRow), changes)
        db.session.expire_all()


def correct(batch: ImportBatch, typed: Mapping[int, Mapping[str, str]], now: datetime) -> int:
    """Row id -> field -> text, as typed over the file; then all rows are checked again.

    How many rows were changed.
    """
    _must_be_in_review(batch)
    changed = 0
    rows = db.session.scalars(
        sa.select(ImportRow).where(ImportRow.batch_id == batch.id, ImportRow.id.in_(typed))
    )
    for row in rows:
        before = checking.raw(Line(row.number, row.cells, row.typed), batch.mapping)
        new = {
            field: text[:LONGEST_CORRECTION]
            for field, text in typed[row.id].items()
            if field in fields.LABELS and text != before.get(field, "")
        }
        if new:
            row.typed = {**row.typed, **new}
            row.decision = Decision.OPEN
            changed += 1
    db.session.flush()
    if changed:
        check(batch, now)
    return changed


def decide(batch: ImportBatch, number: int, decision: Decision) -> None:
    """For a row that may be someone we know; SKIP also leaves a wrong row out for good."""
    _must_be_in_review(batch)
    row = db.session.scalar(
        sa.select(ImportRow).where(ImportRow.batch_id == batch.id, ImportRow.number == number)
    )
    if row is None or row.verdict is not Verdict.MAYBE:
        raise NotNow(_("There is nothing to decide about row %(row)s any more.", row=number))
    if decision is Decision.SAME and row.participant_id is None:
        raise NotNow(_("Row %(row)s has nobody in the directory to be the same as.", row=number))
    row.decision = decision
    db.session.flush()


def _must_be_in_review(batch: ImportBatch) -> None:
    lock(batch)
    if batch.state is not ImportState.REVIEW:
        raise NotNow(
            _("These rows are not open for changes any more. Reload the page to see what became of them.")
        )


def give_up(batch: ImportBatch) -> None:
    """Forgets a file of which nothing was imported."""
    lock(batch)
    if batch.state in {ImportState.IMPORTED, ImportState.UNDONE}:
        raise NotNow(_("These rows were imported. Undo the import instead."))
    audit.record(batch, "given up", before=batch.file_name, programme_id=batch.cohort.theme.programme_id)
    db.session.execute(sa.delete(ImportRow).where(ImportRow.batch_id == batch.id))
    db.session.execute(sa.delete(ImportFile).where(ImportFile.batch_id == batch.id))
    db.session.delete(batch)
    db.session.flush()


def confirm(batch: ImportBatch) -> None:
    """Says yes once; a second yes changes nothing."""
    lock(batch)
    if batch.state in {ImportState.IMPORTING, ImportState.IMPORTED}:
        return
    _must_be_in_review(batch)
    batch.state = ImportState.IMPORTING
    batch.problem = None
    db.session.flush()
