"""Sending processes against a relay in another: python -m bench.mails (all else from the environment)."""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import sqlalchemy as sa

from bench import bare_mails, data
from bench.databases import Place
from bench.server import ROOT, peak, wait
from bench.table import Measurements, Row
from tests.servers import free_port
from trainingapp import clock, create_app
from trainingapp.db import commit_durably, db
from trainingapp.outbox import actions, queries
from trainingapp.outbox.models import DeliveryAttempt, EmailState, OutgoingEmail
from trainingapp.outbox.sending import ledger, sender

LONGEST = 600.0  # seconds
A_WHILE = 5.0  # seconds, in which memory would grow if it did
INVITED = 1000
TICKS = {"due (ring)": "ring", "claim of nothing": "claim", "sweep of nothing": "sweep"}

Told = dict[str, float]


def measure(place: Place, table: Measurements, mails: int) -> None:
    with _relay() as url, place.database(f"mails_{mails}", SMTP_URL=url) as (_app, environ):
        _people(mails)
        data.mails(mails)
        floor = mails / bare_mails.seconds()
        table.add(Row("floor: SMTP and three commits", mails, rate=floor))
        one = _sent(environ, mails, processes=1)
        table.add(_row("mails from one process, of the floor", mails, one, floor))
        if not environ["DATABASE_URL"].startswith("sqlite"):  # it has one writer
            two = _sent(environ, mails, processes=2)
            table.add(_row("mails from two processes, of one", mails, two, mails / one["seconds"]))


def measure_many(place: Place, table: Measurements, rows: int, times: int) -> None:
    """What a tick costs over so many sleeping rows; and then, when all are due, what a process weighs."""
    with _relay() as url, place.database(f"sleeping_{rows}", SMTP_URL=url) as (_app, environ):
        invited = min(rows, INVITED)
        _people(invited)
        data.sleeping_mails(rows, invited)
        data.settle()
        for what, job in TICKS.items():
            took = sorted(_ticked(job, data.NOW - timedelta(days=1), times))
            p50, p95 = took[len(took) // 2], took[len(took) * 95 // 100]
            table.add(Row(f"{what}, all asleep", rows, p50=p50, p95=p95))
        db.session.rollback()
        weighed = _drained(environ, A_WHILE)
        table.add(Row("sending process, all due", rows, memory=weighed["peak"]))


@contextmanager
def _relay() -> Iterator[str]:
    port = free_port()
    relay = subprocess.Popen([sys.executable, "-m", "bench.sink", str(port)], cwd=ROOT)
    try:
        wait(port)
        yield f"smtp://127.0.0.1:{port}"
    finally:
        relay.terminate()
        relay.wait(10)


def _people(number: int) -> None:
    """All invited in one wave."""
    programme = data.programme()
    cohort = data.edition(programme, 2019, capacity=number)
    data.people(cohort, number)
    data.wave(programme, cohort, asked=number, answered=0)


def _row(what: str, mails: int, told: Told, of: float) -> Row:
    rate = mails / told["seconds"]
    return Row(what, mails, cpu=told["cpu"] / mails, rate=rate, share=rate / of, memory=told["peak"])


def _sent(environ: dict[str, str], mails: int, processes: int) -> Told:
    """All of them, by so many processes at a time."""
    db.session.execute(sa.delete(DeliveryAttempt))
    db.session.execute(sa.update(OutgoingEmail).values(state=EmailState.QUEUED, attempts=0))
    db.session.commit()
    data.settle()
    db.session.rollback()  # SQLite has one writer, and it is not this process
    told = [_finished(running) for running in [_started(environ, LONGEST) for _ in range(processes)]]
    if sum(each["sent"] for each in told) != mails:
        raise SystemExit(f"{told} of {mails} mails were sent")
    return {
        "seconds": max(each["ended"] for each in told) - min(each["began"] for each in told),
        "cpu": sum(each["cpu"] for each in told),
        "peak": max(each["peak"] for each in told),
    }


def _drained(environ: dict[str, str], seconds: float) -> Told:
    return _finished(_started(environ, seconds))


def _started(environ: dict[str, str], seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench.mails", "--seconds", str(seconds)]
    return subprocess.Popen(
        command, env={**os.environ, **environ}, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def _finished(running: subprocess.Popen[str]) -> Told:
    out, _ = running.communicate()
    if running.returncode:
        raise SystemExit(f"a sending process ended with {running.returncode}")
    told: Told = json.loads(out)
    return told


def _ticked(job: str, now: datetime, times: int) -> Iterator[float]:
    """Milliseconds, each time as a worker does it, commit included."""
    for number in range(times):
        began = time.perf_counter()
        if job == "ring":
            actions.take_tick("ring", now + number * timedelta(seconds=5), timedelta(seconds=5))
            queries.due(now, at_most=101)
        elif job == "claim":
            ledger.claim("bench", sender.BATCH, now)
        else:
            ledger.sweep(now)
        db.session.commit()
        yield (time.perf_counter() - began) * 1000


def run(seconds: float) -> Told:
    """As the worker sends: every step of every message is committed so that a power cut loses none."""
    with create_app().app_context():
        commit_durably(db.engine)
        began, used = time.time(), time.process_time()
        tally = sender.drain("bench", seconds, clock.now)
        return {
            "began": began,
            "ended": time.time(),
            "cpu": (time.process_time() - used) * 1000,
            "sent": tally["sent"],
            "peak": peak(os.getpid()),
        }


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("--seconds", type=float, default=LONGEST)
    print(json.dumps(run(asked.parse_args().seconds)))
