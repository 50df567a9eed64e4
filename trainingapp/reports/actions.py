"""Verbs: begin a report, write in it, arrange it, choose quotes, publish, correct, withdraw."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp import once
from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Cohort
from trainingapp.db import db, lock
from trainingapp.programmes.models import Programme
from trainingapp.refusals import Refusal, Stale
from trainingapp.reports import composing, queries, quotable
from trainingapp.reports.kinds import KINDS, ReportKind
from trainingapp.reports.models import (
    EarlierText,
    Report,
    ReportQuote,
    ReportSection,
    ReportState,
    ReportText,
)

A_SITTING = timedelta(minutes=10)  # what one writer saves within it is one entry of the history


class NotADraft(Refusal):
    """What was published stays as it is; a correction is a new version."""


class DayNotOver(Refusal):
    """Figures of a day that is not over would change."""


class NotToBeQuoted(Refusal):
    """Too few answered, or its writer did not agree."""


class CorrectionBegun(Refusal):
    """A version is corrected once; a later correction is one of the correction."""


class ReasonMissing(Refusal):
    """Readers of the old version are told why it changed."""


class NotPublished(Refusal):
    """Only what is out can be corrected or withdrawn."""


def begin(
    programme: Programme,
    cohort: Cohort | None,
    asked: Mapping[str, Any],
    by: User,
    now: datetime,
    *,
    form_id: str | None = None,
) -> Report:
    """`asked`: title, language, as_of, level and, without an edition, first_year and last_year.

    Raises DayNotOver, or once.Twice.
    """
    kind = KINDS["edition" if cohort else "years"]
    _check_day(asked["as_of"], now)
    made = Report(
        kind=kind.key,
        programme_id=programme.id,
        cohort_id=cohort.id if cohort else None,
        begun_at=now,
        begun_by_id=by.id,
        form_id=form_id,
        **asked,
    )
    once.keep(made)
    _place(made, kind)
    audit.record(made, "begun", after=made.title, programme_id=programme.id)
    return made


def _place(report: Report, kind: ReportKind) -> None:
    db.session.add_all(
        ReportSection(report_id=report.id, key=key, position=position)
        for position, key in enumerate(kind.sections, 1)
    )
    db.session.flush()


def ask(report: Report, asked: Mapping[str, Any], now: datetime) -> None:
    """Another title, language, day or level. Raises NotADraft or DayNotOver."""
    _hold(report)
    _check_day(asked["as_of"], now)
    for name, value in asked.items():
        setattr(report, name, value)
    db.session.flush()
    audit.record(report, "changed", after=report.title, programme_id=report.programme_id)


def write(section: ReportSection, text: str, version: int, by: User, now: datetime) -> ReportText:
    """`version` is the one that was read, 0 where nothing stood. Raises NotADraft or Stale."""
    report = section.report
    _hold(report)
    found = db.session.get(ReportText, section.id)
    if found is not None and found.text == text:
        return found
    if (found.version if found else 0) != version:
        raise Stale(
            _("Somebody else wrote here after you opened it. Nothing was lost: both texts stand below.")
        )
    if found is None:
        found = ReportText(section_id=section.id, text="", written_at=now)
        db.session.add(found)
    elif found.written_by_id != by.id or now - found.written_at > A_SITTING:
        _remember(found)
    found.text, found.written_at, found.written_by_id = text, now, by.id
    db.session.flush()
    return found


def _remember(text: ReportText) -> None:
    db.session.add(
        EarlierText(
            section_id=text.section_id,
            text=text.text,
            written_at=text.written_at,
            written_by_id=text.written_by_id,
        )
    )


def move(section: ReportSection, step: int) -> None:
    """Before the one above it (-1) or after the one below (1). Raises NotADraft."""
    _hold(section.report)
    order = list(queries.sections(section.report))
    place = order.index(section)
    if 0 <= place + step < len(order):
        order[place], order[place + step] = order[place + step], order[place]
    for position, one in enumerate(order, 1):
        one.position = position


def tell(section: ReportSection, *, is_told: bool) -> None:
    """Leaves it out, or takes it in again; what is written there stays. Raises NotADraft."""
    _hold(section.report)
    section.is_told = is_told


def choose(report: Report, answer_id: int, now: datetime) -> None:
    """Raises NotADraft or NotToBeQuoted."""
    _hold(report)
    if answer_id in queries.quoted(report):
        return
    if not quotable.these(KINDS[report.kind].scope(report), [answer_id]):
        raise NotToBeQuoted(
            _("This comment may not be quoted: too few answered with it, or its writer did not agree.")
        )
    db.session.add(ReportQuote(report_id=report.id, answer_id=answer_id, chosen_at=now))


def leave(report: Report, answer_id: int) -> None:
    """Raises NotADraft."""
    _hold(report)
    mine = ReportQuote.report_id == report.id
    db.session.execute(sa.delete(ReportQuote).where(mine, ReportQuote.answer_id == answer_id))


def publish(report: Report, by: User, now: datetime) -> None:
    """Freezes every figure and text. Raises NotADraft."""
    _hold(report)
    report.state, report.published_at, report.published_by = ReportState.PUBLISHED, now, by
    report.frozen = composing.document(report)
    if report.replaces:
        lock(report.replaces)
        if report.replaces.state is ReportState.PUBLISHED:
            report.replaces.state = ReportState.REPLACED
    db.session.flush()
    audit.record(report, "published", after=report.title, programme_id=report.programme_id)


def correct(report: Report, what: str, by: User, now: datetime) -> Report:
    """A draft with the same texts and quotes. Raises NotPublished, ReasonMissing or CorrectionBegun."""
    if report.state is not ReportState.PUBLISHED:
        raise NotPublished(_("Only a report that is out can be corrected."))
    if not what:
        raise ReasonMissing(_("Say what was wrong: readers of the old version see it."), "what")
    same = (
        "kind",
        "programme_id",
        "cohort_id",
        "first_year",
        "last_year",
        "title",
        "language",
        "as_of",
        "level",
    )
    made = Report(
        **{name: getattr(report, name) for name in same},
        number=report.number + 1,
        replaces_id=report.id,
        corrects=what,
        begun_at=now,
        begun_by_id=by.id,
    )
    try:
        with db.session.begin_nested():
            db.session.add(made)
            db.session.flush()
    except IntegrityError as twice:
        raise CorrectionBegun(_("A correction of it is being written already.")) from twice
    _copy(report, made)
    audit.record(made, "correction begun", after=what, programme_id=made.programme_id)
    return made


def _copy(report: Report, made: Report) -> None:
    texts = queries.texts(report)
    for old in queries.sections(report):
        new = ReportSection(report_id=made.id, key=old.key, position=old.position, is_told=old.is_told)
        db.session.add(new)
        db.session.flush()
        if text := texts.get(old.id):
            facts = {"text": text.text, "written_at": text.written_at, "written_by_id": text.written_by_id}
            db.session.add(ReportText(section_id=new.id, **facts))
    for place, answer_id in enumerate(queries.quoted(report)):
        chosen = made.begun_at + timedelta(microseconds=place)
        db.session.add(ReportQuote(report_id=made.id, answer_id=answer_id, chosen_at=chosen))
    db.session.flush()


def withdraw(report: Report, why: str, now: datetime) -> None:
    """Its address says so from now on. Raises NotPublished or ReasonMissing."""
    lock(report)
    if report.state is not ReportState.PUBLISHED:
        raise NotPublished(_("Only a report that is out can be withdrawn."))
    if not why:
        raise ReasonMissing(_("Say why: whoever kept the address reads it there."), "why")
    report.state, report.withdrawn_at, report.withdrawn_because = ReportState.WITHDRAWN, now, why
    db.session.flush()
    audit.record(report, "withdrawn", after=report.title, why=why, programme_id=report.programme_id)


def discard(report: Report) -> None:
    """Raises NotADraft."""
    _hold(report)
    audit.record(report, "discarded", after=report.title, programme_id=report.programme_id)
    db.session.delete(report)
    db.session.flush()


def _hold(report: Report) -> None:
    """Raises NotADraft."""
    lock(report)
    if report.state is not ReportState.DRAFT:
        raise NotADraft(_("This report is published and stays as it is. To change it, write a correction."))


def _check_day(day: date, now: datetime) -> None:
    if day >= now.date():
        raise DayNotOver(_("Choose a day before today: figures of today may still change."), "as_of")
