"""The one place where rows of a file become people and enrolments: whole, or not at all."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp import countries
from trainingapp.accounts import audit
from trainingapp.cohorts import actions as cohort_actions
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
from trainingapp.imports import checking, people
from trainingapp.imports.models import Decision, ImportBatch, ImportFile, ImportRow, ImportState, Verdict
from trainingapp.imports.people import Row
from trainingapp.participants.models import Participant
from trainingapp.participants.names import sorted_as
from trainingapp.refusals import Refusal

_FACTS = ("organisation", "post", "nominating_body", "supervisor_name", "supervisor_email")


class NoPlaceForAll(Refusal):
    """The edition, or a country's share of it, has fewer places than there are rows."""


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
            added = people.add([row for row in rows if row.participant_id is None], now)
            changes = people.complete([row for row in rows if row.participant_id is not None])
            enrolments = _enrol(cohort, rows, added, now)
            _index(enrolments.values(), people.renamed(changes))
            _mark(rows, added, changes, enrolments)
    except IntegrityError as clash:
        raise people.DirectoryChanged(
            _("Someone was added by somebody else at this moment. The rows were checked again.")
        ) from clash
    programme_id = cohort.theme.programme_id
    audit.record_each(
        Participant, "added", {added[row.id]: row.values["full_name"] for row in rows if row.id in added}
    )
    audit.record_each(
        Participant,
        "completed from a spreadsheet",
        {number: ", ".join(found["filled"]) for number, found in changes.items() if found["filled"]},
    )
    facts = {"enrolled": len(enrolments), "new people": len(added), "cohort": cohort.id}
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
            raise people.DirectoryChanged(
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
                "There is room for %(left)s in this edition, and the rows to import come to %(rows)s. "
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
                    "There is room for %(left)s from %(country)s in this edition, and the rows come to "
                    "%(rows)s. Change its share, or leave some of them out.",
                    country=countries.name_of(country),
                    left=max(places - held.get(country, 0), 0),
                    rows=count,
                )
            )


def _enrol(cohort: Cohort, rows: Sequence[Row], added: dict[int, int], now: datetime) -> dict[int, int]:
    """Import row id -> enrolment id."""
    if not rows:
        return {}
    known = {row.participant_id for row in rows if row.participant_id}
    sort_names: dict[int, str] = {}
    for chunk in people.chunks(known):
        query = sa.select(Participant.id, Participant.sort_name).where(Participant.id.in_(chunk))
        sort_names |= dict(db.session.execute(query).all())
    made = [
        {
            "participant_id": added.get(row.id, row.participant_id),
            "cohort_id": cohort.id,
            "country": row.values["country"],
            "sort_name": sort_names.get(row.participant_id) or sorted_as(row.values["full_name"]),
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


def _index(enrolments: Iterable[int], renamed: Iterable[int]) -> None:
    """Those renamed are found by their new names in their earlier editions too."""
    for chunk in people.chunks(enrolments):
        cohort_actions.index(Enrolment.id.in_(chunk))
    for chunk in people.chunks(renamed):
        cohort_actions.index(Enrolment.participant_id.in_(chunk))


def _mark(
    rows: Sequence[Row],
    added: dict[int, int],
    changes: dict[int, dict[str, Any]],
    enrolments: dict[int, int],
) -> None:
    marks = [
        {
            "id": row.id,
            "enrolment_id": enrolments[row.id],
            "participant_id": added.get(row.id, row.participant_id),
            "made_participant": row.id in added,
            "changed": changes.get(row.participant_id, {}),
        }
        for row in rows
    ]
    if marks:
        db.session.execute(sa.update(ImportRow), marks)
