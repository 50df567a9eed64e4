"""Questions about reports; nothing here writes."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp.cohorts.models import Cohort
from trainingapp.db import db
from trainingapp.programmes.models import Programme
from trainingapp.reports.models import (
    EarlierText,
    Report,
    ReportQuote,
    ReportSection,
    ReportState,
    ReportText,
)

LISTED = 200
KEPT = 50  # earlier texts of one section that a page shows

_WHOLE = (
    joinedload(Report.programme),
    joinedload(Report.cohort).joinedload(Cohort.theme),
    joinedload(Report.published_by),
)


def report(report_id: int) -> Report | None:
    return db.session.scalar(sa.select(Report).where(Report.id == report_id).options(*_WHOLE))


def of_programme(programme: Programme, *, drafts: bool) -> Sequence[Report]:
    """Drafts first, then what was published last. What was replaced is found from what replaced it, and what
    was withdrawn only by who may see drafts, or by its address.
    """
    return _listed(Report.programme_id == programme.id, drafts=drafts)


def of_cohort(cohort: Cohort, *, drafts: bool) -> Sequence[Report]:
    """As of_programme."""
    return _listed(Report.cohort_id == cohort.id, drafts=drafts)


def _listed(which: sa.ColumnElement[bool], *, drafts: bool) -> Sequence[Report]:
    states = [ReportState.PUBLISHED, *([ReportState.DRAFT, ReportState.WITHDRAWN] if drafts else [])]
    query = sa.select(Report).where(which, Report.state.in_(states))
    order = (Report.published_at.is_not(None), Report.published_at.desc(), Report.begun_at.desc())
    return db.session.scalars(query.options(*_WHOLE).order_by(*order).limit(LISTED)).all()


def begun_by(form_id: str) -> Report:
    """What the first press of that form's button made."""
    return db.session.scalars(sa.select(Report).where(Report.form_id == form_id)).one()


def correction_of(report: Report) -> Report | None:
    """Begun, or published."""
    return db.session.scalar(sa.select(Report).where(Report.replaces_id == report.id))


def earlier(report: Report) -> list[Report]:
    """The versions before it, the latest first."""
    found: list[Report] = []
    one = report.replaces
    while one:
        found.append(one)
        one = one.replaces
    return found


def sections(report: Report) -> Sequence[ReportSection]:
    query = sa.select(ReportSection).where(ReportSection.report_id == report.id)
    return db.session.scalars(query.order_by(ReportSection.position, ReportSection.id)).all()


def section(report: Report, key: str) -> ReportSection | None:
    return db.session.scalar(
        sa.select(ReportSection).where(ReportSection.report_id == report.id, ReportSection.key == key)
    )


def texts(report: Report) -> dict[int, ReportText]:
    """Section id -> what is written there."""
    query = (
        sa.select(ReportText)
        .join(ReportSection, ReportSection.id == ReportText.section_id)
        .where(ReportSection.report_id == report.id)
        .options(joinedload(ReportText.written_by))
    )
    return {text.section_id: text for text in db.session.scalars(query)}


def history(section: ReportSection) -> Sequence[EarlierText]:
    """The latest first."""
    query = sa.select(EarlierText).where(EarlierText.section_id == section.id)
    order = (EarlierText.written_at.desc(), EarlierText.id.desc())
    return db.session.scalars(
        query.options(joinedload(EarlierText.written_by)).order_by(*order).limit(KEPT)
    ).all()


def quoted(report: Report) -> Sequence[int]:
    """Answers, in the order in which they were chosen."""
    query = sa.select(ReportQuote.answer_id).where(ReportQuote.report_id == report.id)
    return db.session.scalars(query.order_by(ReportQuote.chosen_at, ReportQuote.answer_id)).all()
