"""Questions about files and their rows; no writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db
from trainingapp.imports.enrolling import importable
from trainingapp.imports.models import Decision, ImportBatch, ImportRow, KnownHeading, Verdict
from trainingapp.paging import SIZE
from trainingapp.participants.models import ContactKind, ContactPoint, Participant
from trainingapp.programmes.models import Programme, Theme

FIRST_WRONG = 8  # listed above the rows


@dataclass(frozen=True)
class Counts:
    every: int
    new: int
    known: int
    there: int  # known, and already enrolled
    maybe: int
    undecided: int
    wrong: int
    notable: int
    skipped: int  # left out on purpose
    ready: int  # would be enrolled by an import now

    @property
    def behind(self) -> int:
        return self.wrong + self.undecided


def counts(batch: ImportBatch) -> Counts:
    def number(*conditions: sa.ColumnExpressionArgument[bool]) -> sa.ColumnElement[int]:
        return sa.func.coalesce(sa.func.sum(sa.case((sa.and_(*conditions), 1), else_=0)), 0)

    there = ImportRow.values["enrolled"].as_boolean()
    is_there = sa.func.coalesce(there, sa.false())
    maybe = ImportRow.verdict == Verdict.MAYBE
    query = sa.select(
        number(ImportRow.verdict.is_not(None)).label("every"),
        number(ImportRow.verdict == Verdict.NEW).label("new"),
        number(ImportRow.verdict == Verdict.KNOWN).label("known"),
        number(ImportRow.verdict == Verdict.KNOWN, is_there).label("there"),
        number(maybe).label("maybe"),
        number(maybe, ImportRow.decision == Decision.OPEN).label("undecided"),
        number(ImportRow.verdict == Verdict.WRONG).label("wrong"),
        number(ImportRow.is_notable).label("notable"),
        number(maybe, ImportRow.decision == Decision.SKIP).label("skipped"),
        number(importable(), sa.not_(is_there)).label("ready"),
    ).where(ImportRow.batch_id == batch.id)
    return Counts(**db.session.execute(query).mappings().one())


def made(batch: ImportBatch) -> tuple[int, int]:
    """How many enrolments the import made, and how many new people."""
    query = sa.select(
        sa.func.count(ImportRow.enrolment_id),
        sa.func.coalesce(sa.func.sum(sa.case((ImportRow.made_participant, 1), else_=0)), 0),
    ).where(ImportRow.batch_id == batch.id)
    enrolments, people = db.session.execute(query).one()
    return enrolments, people


VIEWS: dict[str, sa.ColumnExpressionArgument[bool]] = {
    "all": ImportRow.verdict.is_not(None),
    "look": ImportRow.is_notable,
    "fix": ImportRow.verdict == Verdict.WRONG,
}


def rows(batch: ImportBatch, view: str, after: int = 0) -> Sequence[ImportRow]:
    """One page and one row more, from the row after a number."""
    query = (
        sa.select(ImportRow)
        .where(ImportRow.batch_id == batch.id, VIEWS[view], ImportRow.number > after)
        .order_by(ImportRow.number)
        .limit(SIZE + 1)
    )
    return db.session.scalars(query).all()


def first_wrong(batch: ImportBatch) -> Sequence[ImportRow]:
    query = sa.select(ImportRow).where(ImportRow.batch_id == batch.id, VIEWS["fix"])
    return db.session.scalars(query.order_by(ImportRow.number).limit(FIRST_WRONG)).all()


def to_decide(batch: ImportBatch, number: int | None = None) -> ImportRow | None:
    """The row asked for, or the first that nobody has decided about."""
    query = sa.select(ImportRow).where(ImportRow.batch_id == batch.id, ImportRow.verdict == Verdict.MAYBE)
    if number is not None:
        found = db.session.scalar(query.where(ImportRow.number == number))
        if found:
            return found
    open_ones = query.where(ImportRow.decision == Decision.OPEN)
    return db.session.scalar(open_ones.order_by(ImportRow.number).limit(1))


def left_behind(batch: ImportBatch) -> Sequence[ImportRow]:
    """Rows that an import does not take: wrong, undecided, or left out on purpose."""
    query = sa.select(ImportRow).where(
        ImportRow.batch_id == batch.id, ImportRow.verdict.is_not(None), sa.not_(importable())
    )
    return db.session.scalars(query.order_by(ImportRow.number)).all()


def of_cohort(cohort: Cohort) -> Sequence[ImportBatch]:
    query = (
        sa.select(ImportBatch)
        .where(ImportBatch.cohort_id == cohort.id)
        .options(joinedload(ImportBatch.uploaded_by))
        .order_by(ImportBatch.id.desc())
        .limit(20)
    )
    return db.session.scalars(query).all()


def remembered(programme_id: int) -> dict[str, str]:
    """Heading -> field, as organisers of the programme said before."""
    query = sa.select(KnownHeading.heading, KnownHeading.field).where(
        KnownHeading.programme_id == programme_id
    )
    return dict(db.session.execute(query).all())


def samples(batch: ImportBatch) -> list[str]:
    """For each column, the first cells that hold something."""
    query = sa.select(ImportRow.cells).where(ImportRow.batch_id == batch.id)
    first = db.session.scalars(query.order_by(ImportRow.number).limit(25)).all()
    return [
        " · ".join([cells[at] for cells in first if at < len(cells) and cells[at]][:3])
        for at in range(len(batch.headings))
    ]


@dataclass(frozen=True)
class Person:
    """Someone in the directory, as shown beside a row."""

    id: int
    full_name: str
    born_on: Any
    country: str
    emails: str
    organisation: str
    editions: tuple[tuple[int, int], ...]  # cohort id, year


def person(participant_id: int) -> Person | None:
    found = db.session.get(Participant, participant_id)
    if found is None:
        return None
    emails = db.session.scalars(
        sa.select(ContactPoint.value)
        .where(ContactPoint.participant_id == found.id, ContactPoint.kind == ContactKind.EMAIL)
        .order_by(ContactPoint.position)
    ).all()
    history = db.session.execute(
        sa.select(Enrolment.organisation, Cohort.id, Theme.year)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .join(Theme, Cohort.theme_id == Theme.id)
        .where(Enrolment.participant_id == found.id)
        .order_by(Cohort.starts_on.desc())
    ).all()
    return Person(
        found.id,
        found.full_name,
        found.born_on,
        found.country,
        ", ".join(emails),
        next((row[0] for row in history if row[0]), ""),
        tuple((row[1], row[2]) for row in history),
    )


def by_name(name: str, slug: str | None = None) -> Sequence[Cohort]:
    """Editions of that name, over all programmes or one."""
    query = (
        sa.select(Cohort)
        .join(Theme)
        .join(Programme)
        .where(sa.func.lower(Cohort.name) == name.strip().lower())
    )
    return db.session.scalars(query.where(Programme.slug == slug) if slug else query).all()
