"""What beat rings and what the doorbells do: open a context, call an action, commit."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from time import monotonic

from celery import current_task
from celery.signals import worker_ready

from trainingapp.accounts import audit
from trainingapp.db import db
from trainingapp.feedback.results import recounts
from trainingapp.feedback.themes import actions as theming
from trainingapp.followups import actions as followups
from trainingapp.followups.due import actions as due_activities
from trainingapp.followups.rescue import actions as contact_rescue
from trainingapp.followups.rescue import silence
from trainingapp.followups.yearly import actions as yearly
from trainingapp.imports import work as imports
from trainingapp.inbound import actions as inbound
from trainingapp.inbound import intake
from trainingapp.outbox import actions, evidence, queries, senders
from trainingapp.outbox.sending import ledger, rates, sender
from trainingapp.replies import actions as replies
from trainingapp.responses import sealed
from trainingapp.voices import ticks as other_voices
from worker.app import app, flask_app
from worker.schedule import EVERY
from worker.stopping import until_told

ONE_CAN = 100  # messages worth a second sending process
SENDING_SECONDS = 4.5  # a little less than the next ring: senders follow each other and do not pile up

FOLLOWING_SECONDS = 40  # well within a task's time


@contextmanager
def turn(job: str) -> Iterator[datetime | None]:
    """The moment if this ring is ours; None when another beat's ring was first."""
    with flask_app.app_context():
        now = queries.database_time()
        yield now if actions.take_tick(job, now, EVERY[job]) else None


def piecewise(pieces: Iterator[int]) -> None:
    """Commits after each, for which they are cut. What is left after a while is the next tick's."""
    db.session.commit()  # the turn is taken
    ends = monotonic() + FOLLOWING_SECONDS
    for _piece in pieces:
        db.session.commit()
        if monotonic() > ends:
            break


@worker_ready.connect
def first_beat(sender: object, **_signal: object) -> None:
    """A worker that has just come up need not wait for the next ring to be seen."""
    with flask_app.app_context():
        actions.beat(getattr(sender, "hostname", "worker"), queries.database_time())
        actions.adopt(senders.all(flask_app.config["SETTINGS"]))
        db.session.commit()


@app.task(name="heartbeat")
def heartbeat() -> None:
    with turn("heartbeat") as now:
        if now:
            actions.beat(current_task.request.hostname, now)
            db.session.commit()


@app.task(name="sweep")
def sweep() -> None:
    with turn("sweep") as now:
        if now:
            ledger.sweep(now)
            evidence.from_folders(flask_app.config["SETTINGS"], now)
            rates.forget(now)
            db.session.commit()


@app.task(name="follow_up")
def follow_up() -> None:
    with turn("follow_up") as now:
        if now:
            piecewise(followups.follow_up(now))


@app.task(name="unseal")
def unseal() -> None:
    with turn("unseal") as now:
        if now:
            piecewise(sealed.open_due(now))


@app.task(name="count")
def count() -> None:
    with turn("count") as now:
        if now:
            piecewise(recounts.count_due(now))


@app.task(name="still_you")
def still_you() -> None:
    with turn("still_you") as now:
        if now:
            piecewise(yearly.ask_due(now))


@app.task(name="due")
def due() -> None:
    with turn("due") as now:
        if now:
            piecewise(due_activities.remind_due(now))


@app.task(name="voices")
def voices() -> None:
    with turn("voices") as now:
        if now:
            piecewise(other_voices.follow(now))


@app.task(name="rescue")
def rescue() -> None:
    with turn("rescue") as now:
        if now:
            contact_rescue.wake(now.date())
            silence.open_due(now)
            silence.open_uncertain(now)
            contact_rescue.end_moot(now)
            db.session.commit()


@app.task(name="themes")
def propose_themes() -> None:
    with turn("themes") as now:
        if now:
            for _state in theming.read_waiting():
                db.session.commit()


@app.task(name="imports")
def read_imports() -> None:
    with turn("imports") as now:
        if now:
            imports.read_waiting(now)
            db.session.commit()


# A turn stops by itself after 45 seconds; the limits are for an IMAP server that hangs on every answer.
@app.task(name="inbound", soft_time_limit=180, time_limit=240)
def read_inbox() -> None:
    with turn("inbound") as now:
        db.session.commit()
        if now:
            intake.read_now(flask_app.config["SETTINGS"], queries.database_time)


@app.task(name="forget")
def forget() -> None:
    with turn("forget") as now:
        if now:
            inbound.forget(now)
            replies.forget(now)
            db.session.commit()
            intake.forget(flask_app.config["SETTINGS"], now - inbound.KEPT)


@app.task(name="seal")
def seal() -> None:
    with turn("seal") as now:
        if now:
            audit.seal(now)
            db.session.commit()


@app.task(name="ring")
def ring() -> None:
    with turn("ring") as now:
        if now:
            most = sending_processes()
            waiting = queries.due(now, at_most=(most - 1) * ONE_CAN + 1)
            db.session.commit()
            for nth in range(min(most, -(-waiting // ONE_CAN))):
                send.apply_async((nth,), expires=EVERY["ring"].total_seconds())


def sending_processes() -> int:
    """SQLite has one writer. Elsewhere each process has one line to every relay that takes so many."""
    if db.engine.dialect.name == "sqlite":
        return 1
    return max(sender.connections for sender in senders.all(flask_app.config["SETTINGS"]).values())


# A relay that hangs on every answer is dropped after two messages; that takes at most six minutes.
@app.task(name="send", soft_time_limit=360, time_limit=420)
def send(nth: int = 0) -> None:
    with flask_app.app_context(), until_told() as is_told:
        worker = f"{current_task.request.hostname}:{os.getpid()}"
        sender.drain(worker, SENDING_SECONDS, queries.database_time, is_told, nth)
