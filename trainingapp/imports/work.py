"""The long steps of an import, taken up by a request when they are small, else by a worker."""

from datetime import datetime

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.exc import InterfaceError, OperationalError

from trainingapp.clock import TimeIsUp
from trainingapp.db import db, lock
from trainingapp.imports import actions, enrolling, people
from trainingapp.imports.models import ImportBatch, ImportFile, ImportState
from trainingapp.refusals import Refusal

AT_ONCE = 500 * 1024  # bytes of a file that a request reads itself
ROWS_AT_ONCE = 1_000  # rows that a request checks or writes itself


def proceed(batch: ImportBatch, now: datetime) -> None:
    """Does what the batch waits for: read, check or import."""
    if batch.state is ImportState.WAITING:
        actions.read(batch)
    elif batch.state is ImportState.CHECKING:
        actions.check(batch, now)
    elif batch.state is ImportState.IMPORTING:
        try:
            enrolling.import_rows(batch, now)
        except people.DirectoryChanged as changed:
            batch.state, batch.problem = ImportState.REVIEW, str(changed)
            db.session.flush()
            actions.check(batch, now)
        except Refusal as refusal:
            batch.state, batch.problem = ImportState.REVIEW, str(refusal)
    db.session.flush()


def read_waiting(now: datetime) -> int:
    """Takes the oldest batch that waits and does what it waits for; 0 when none does.

    Two workers never take the same one.
    """
    waiting = (ImportState.WAITING, ImportState.CHECKING, ImportState.IMPORTING)
    query = (
        sa.select(ImportBatch)
        .where(ImportBatch.state.in_(waiting))
        .order_by(ImportBatch.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    batch = db.session.scalar(query)
    if batch is None:
        return 0
    try:
        with db.session.begin_nested():
            proceed(batch, now)
    except (OperationalError, InterfaceError):  # the database is away or busy: the next tick tries again
        raise
    except TimeIsUp:  # the next turn would take as long, and those behind it wait
        db.session.rollback()
        lock(batch)
        with actions.in_language_of(batch.uploaded_by):
            why = _("This file takes longer than we have for one. Nothing of it was saved. Divide it in two.")
        _set_aside(batch, why)
    except Exception:  # this file alone is set aside: those behind it wait for their turn
        current_app.logger.exception("import %s cannot go on", batch.id)
        with actions.in_language_of(batch.uploaded_by):
            why = _("Something in this file broke the import on our side. Nothing of it was saved.")
        _set_aside(batch, why)
    return 1


def _set_aside(batch: ImportBatch, why: str) -> None:
    """What was reviewed stays to be seen; of a file that was not even read nothing is left."""
    if batch.state is ImportState.IMPORTING:
        batch.state, batch.problem = ImportState.REVIEW, why
    else:
        actions.refuse(batch, why)
    db.session.flush()


def is_small(batch: ImportBatch) -> bool:
    """Whether a request may do the next step itself, instead of leaving it to a worker."""
    if batch.state is ImportState.WAITING:
        size = db.session.scalar(
            sa.select(sa.func.length(ImportFile.content)).where(ImportFile.batch_id == batch.id)
        )
        return (size or 0) <= AT_ONCE
    return batch.rows_read <= ROWS_AT_ONCE
