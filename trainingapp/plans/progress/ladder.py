"""The ladder that each line of a report climbs.

claimed → explained (words) → documented (a file, photo or link) → confirmed (by the supervisor) → verified
(by a coordinator, who says how). The report itself is the claim; every further step, up or back, is a row.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.db import db, lock
from trainingapp.plans.models import OVER
from trainingapp.plans.progress.models import (
    ActivityReport,
    EvidenceLevel,
    EvidenceStep,
    IndicatorValue,
    ProgressUpdate,
    Source,
)
from trainingapp.refusals import Refusal

Line = ActivityReport | IndicatorValue

WAYS_TO_VERIFY = (Source.VISIT, Source.PHONE, Source.DOCUMENT)


class StepNotOpen(Refusal):
    """The line is at this step or above it, or lacks what the step needs."""


def begin(update: ProgressUpdate, line: Line, now: datetime, *, is_shown: bool) -> None:
    """What the report shows by itself, when it is sent. `is_shown`: with a file, photo or link."""
    words = line.note or (isinstance(line, ActivityReport) and line.help_text)
    if words:
        _take(line, EvidenceLevel.EXPLAINED, update.source, now, by_id=update.recorded_by_id)
    if is_shown:
        _take(line, EvidenceLevel.DOCUMENTED, update.source, now, by_id=update.recorded_by_id)


def carry_on(earlier: ActivityReport, report: ActivityReport) -> None:
    """What is over and is said again stays as well shown as it was: with the same steps."""
    for step in standing(steps_of(earlier)):
        if step.level.rank > report.evidence.rank:
            _take(
                report,
                step.level,
                step.how,
                step.taken_at,
                by_id=step.by_id,
                by_name=step.by_name,
                note=step.note,
            )


def confirm(line: Line, name: str, words: str, now: datetime) -> bool:
    """By the supervisor. False when it stands there or higher already."""
    lock(line)
    if line.evidence.rank >= EvidenceLevel.CONFIRMED.rank:
        return False
    before = line.evidence
    _take(line, EvidenceLevel.CONFIRMED, Source.SUPERVISOR, now, by_name=name, note=words)
    _note(line, "confirmed", before)
    return True


def said_again(line: Line) -> ActivityReport | None:
    """The latest report on the activity, where each since this one says that it is over in the same way."""
    if not isinstance(line, ActivityReport) or line.is_latest or line.state not in OVER:
        return None
    later = db.session.scalars(
        sa.select(ActivityReport)
        .join(ProgressUpdate, ProgressUpdate.id == ActivityReport.update_id)
        .where(
            ActivityReport.activity_id == line.activity_id,
            ActivityReport.id != line.id,
            ProgressUpdate.reported_at >= line.update.reported_at,
        )
    ).all()
    is_same = all(one.state == line.state for one in later)
    return next((one for one in later if one.is_latest), None) if is_same else None


def verify(line: Line, by: User, how: Source, note: str, now: datetime) -> None:
    """By a coordinator who saw it, heard it or read it. Raises StepNotOpen."""
    lock(line)
    if line.evidence is EvidenceLevel.VERIFIED:
        raise StepNotOpen(_("This was verified already."))
    if how not in WAYS_TO_VERIFY or not note:
        raise StepNotOpen(_("Say how you verified it, and what you saw, heard or read."), "note")
    before = line.evidence
    _take(line, EvidenceLevel.VERIFIED, how, now, by_id=by.id, note=note)
    _note(line, "verified", before, note)


def undo(line: Line, by: User, note: str, now: datetime) -> None:
    """Takes the last step back, by a further row. Raises StepNotOpen."""
    lock(line)
    if line.evidence.rank < EvidenceLevel.DOCUMENTED.rank:
        raise StepNotOpen(_("There is no step to take back: what was reported stays as it was said."))
    if not note:
        raise StepNotOpen(_("Say why the step is taken back."), "note")
    left = standing(steps_of(line))[:-1]
    before, level = line.evidence, left[-1].level if left else EvidenceLevel.CLAIMED
    _take(line, level, Source.SELF, now, by_id=by.id, note=note, is_undo=True)
    _note(line, "step taken back", before, note)


def steps_of(line: Line) -> Sequence[EvidenceStep]:
    """All that were ever taken, the first one first."""
    return db.session.scalars(sa.select(EvidenceStep).where(_belongs(line)).order_by(EvidenceStep.id)).all()


def standing(steps: Sequence[EvidenceStep]) -> list[EvidenceStep]:
    """Those that were not taken back."""
    left: list[EvidenceStep] = []
    for step in steps:
        if step.is_undo:
            left.pop()
        else:
            left.append(step)
    return left


def _take(
    line: Line,
    level: EvidenceLevel,
    how: Source,
    now: datetime,
    *,
    by_id: int | None = None,
    by_name: str = "",
    note: str = "",
    is_undo: bool = False,
) -> None:
    step = EvidenceStep(
        report=line if isinstance(line, ActivityReport) else None,
        value=line if isinstance(line, IndicatorValue) else None,
        level=level,
        is_undo=is_undo,
        how=how,
        by_id=by_id,
        by_name=by_name,
        note=note,
        taken_at=now,
    )
    line.evidence = level
    db.session.add(step)


def _belongs(line: Line) -> sa.ColumnElement[bool]:
    if isinstance(line, ActivityReport):
        return EvidenceStep.report_id == line.id
    return EvidenceStep.value_id == line.id


def _note(line: Line, verb: str, before: EvidenceLevel, why: str | None = None) -> None:
    db.session.flush()
    update = db.session.get_one(ProgressUpdate, line.update_id)
    programme_id = update.plan.enrolment.cohort.theme.programme_id
    audit.record(line, verb, before=before, after=line.evidence, why=why, programme_id=programme_id)
