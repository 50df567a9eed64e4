"""One sending process against a relay in another: python -m bench.mails (all else from the environment)."""

import json
import os
import subprocess
import sys
import time

from bench import data
from bench.databases import Place
from bench.server import ROOT, peak, wait
from bench.table import Measurements, Row
from tests.servers import free_port
from trainingapp import create_app
from trainingapp.db import commit_durably, db
from trainingapp.outbox import sender

LONGEST = 600.0  # seconds


def measure(place: Place, table: Measurements, mails: int) -> None:
    port = free_port()
    relay = subprocess.Popen([sys.executable, "-m", "bench.sink", str(port)], cwd=ROOT)
    try:
        wait(port)
        with place.database(f"mails_{mails}", SMTP_URL=f"smtp://127.0.0.1:{port}") as (_app, environ):
            programme = data.programme()
            cohort = data.edition(programme, 2019, capacity=mails)
            data.people(cohort, mails)
            data.wave(programme, cohort, asked=mails, answered=0)
            data.mails(mails)
            data.settle()
            db.session.rollback()  # SQLite has one writer, and it is not this process
            told = _send(environ, mails)
    finally:
        relay.terminate()
        relay.wait(10)
    cpu, rate = told["cpu"] / mails, mails / told["seconds"]
    table.add(Row("mails from one process", mails, cpu=cpu, rate=rate, memory=told["peak"]))


def _send(environ: dict[str, str], mails: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.mails"],
        env={**os.environ, **environ},
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    told: dict[str, float] = json.loads(done.stdout)
    if told["sent"] != mails:
        raise SystemExit(f"{told['sent']} of {mails} mails were sent")
    return told


def run() -> dict[str, float]:
    """As the worker sends: every step of every message is committed so that a power cut loses none."""
    with create_app().app_context():
        commit_durably(db.engine)
        began, used = time.perf_counter(), time.process_time()
        tally = sender.drain("bench", LONGEST)
        return {
            "seconds": time.perf_counter() - began,
            "cpu": (time.process_time() - used) * 1000,
            "sent": tally["sent"],
            "peak": peak(os.getpid()),
        }


if __name__ == "__main__":
    print(json.dumps(run()))
