"""Loaded into every process of a run: days pass when the harness says so, and minutes last seconds.

Workers load it with `celery worker -I tests.chaos.clockwork`; nothing of the product knows it.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from trainingapp import clock
from trainingapp.db import db
from trainingapp.outbox import actions, queries
from trainingapp.outbox.sending import ledger, sender

VARIABLE = "CHAOS_CLOCK"  # a file with the seconds by which everybody's clock is ahead


def ahead() -> timedelta:
    return timedelta(seconds=float(_file().read_text()))


def set_ahead(by: timedelta) -> None:
    """For everybody at once."""
    new = _file().with_suffix(".new")
    new.write_text(str(by.total_seconds()))
    new.replace(_file())


def _file() -> Path:
    return Path(os.environ[VARIABLE])


def now() -> datetime:
    return datetime.now(UTC) + ahead()


def database_time() -> datetime:
    if db.engine.dialect.name == "sqlite":
        return now()
    told: datetime = db.session.scalars(select(func.clock_timestamp())).one()
    return told + ahead()


def seconds(*numbers: float) -> tuple[timedelta, ...]:
    return tuple(timedelta(seconds=number) for number in numbers)


clock.now = now
queries.database_time = database_time
ledger.LEASE, ledger.MARGIN, ledger.GRACE = seconds(6, 1, 8)
ledger.WAITS = seconds(1, 1, 2, 2, 3)
actions.RESTS = seconds(0.5, 1, 2, 2)
sender.STALE_FENCE = 2.0
