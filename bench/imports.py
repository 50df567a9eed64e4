"""A spreadsheet from file to enrolments, in a process of its own, whose peak is the import's.

python -m bench.imports FILE COHORT   (the database comes from the environment)
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

import sqlalchemy as sa
import xlsxwriter

from bench import data
from bench.databases import Place
from bench.server import ROOT, peak
from bench.table import Measurements, Row
from trainingapp import clock, create_app
from trainingapp.cohorts.models import Cohort
from trainingapp.db import db
from trainingapp.imports import actions, work
from trainingapp.imports.models import ImportState
from trainingapp.participants.models import Participant

HEADINGS = ("Full name", "Country", "Email", "Phone", "Sex", "Date of birth", "Organisation", "Post")
KNOWN = 4  # every fourth row is someone of an earlier edition


def measure(place: Place, table: Measurements, rows: int) -> None:
    with place.database(f"rows_{rows}") as (_app, environ):
        programme = data.programme()
        data.people(data.edition(programme, 2018, capacity=rows), rows)
        data.settle()
        cohort = data.edition(programme, 2026, capacity=rows)
        file = place.folder / f"{rows}.xlsx"
        names = db.session.scalars(sa.select(Participant.full_name).order_by(Participant.id)).all()
        _write(file, rows, names)
        command = [sys.executable, "-m", "bench.imports", str(file), str(cohort.id)]
        db.session.rollback()  # SQLite has one writer, and it is not this process
        done = subprocess.run(
            command,
            env={**os.environ, **environ},
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        told = json.loads(done.stdout)
    for what in ("reviewed", "written"):
        seconds = told[what]
        table.add(
            Row(f"rows of an XLSX, {what} in {seconds:.1f} s", rows, rate=rows / seconds, memory=told["peak"])
        )


def _write(file: Path, rows: int, known: Sequence[str]) -> None:
    rng = Random(rows)
    book = xlsxwriter.Workbook(str(file), {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADINGS)
    for number in range(1, rows + 1):
        is_known = number % KNOWN == 0
        name = known[number - 1] if is_known else data.name(rng)
        address = data.email_of(number) if is_known else f"new{number}@example.org"
        born = f"{rng.randint(1965, 1999)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        facts = (name, rng.choice(data.COUNTRIES), address, f"+97798{number:08}", "F", born)
        sheet.write_row(number, 0, (*facts, data.ORGANISATION, data.POST))
    book.close()


def run(file: Path, cohort_id: int) -> dict[str, float]:
    """Seconds until the review screen, seconds until everyone is enrolled, and the peak in MB."""
    with create_app().app_context():
        began = time.perf_counter()
        batch = actions.upload(
            db.session.get_one(Cohort, cohort_id), file.name, file.read_bytes(), None, clock.now()
        )
        actions.read(batch)
        actions.match_columns(batch, batch.mapping, {})
        actions.check(batch, clock.now())
        db.session.commit()
        reviewed = time.perf_counter()
        actions.confirm(batch)
        work.proceed(batch, clock.now())
        db.session.commit()
        written = time.perf_counter()
        if batch.state is not ImportState.IMPORTED:
            raise SystemExit(f"the import ended as {batch.state}: {batch.problem}")
    return {"reviewed": reviewed - began, "written": written - reviewed, "peak": peak(os.getpid())}


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), int(sys.argv[2]))))
