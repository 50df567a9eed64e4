"""An IATI file out of fifty editions, in a process of its own, whose peak is the export's.

python -m bench.iati PROGRAMME   (its id; the database comes from the environment)
"""

import json
import os
import subprocess
import sys
import time

from lxml import etree

from bench.server import ROOT, peak
from bench.table import Measurements, Row
from trainingapp import clock, create_app
from trainingapp.db import db
from trainingapp.impact import asked
from trainingapp.impact.iati import details as iati_details
from trainingapp.impact.iati import exporting
from trainingapp.impact.scope import Scope
from trainingapp.programmes.models import Programme

REPORTER = {"organisation_ref": "XM-EXM-1", "organisation_name": "Bench", "sdgs": ["9", "9.3"]}


def measure(table: Measurements, environ: dict[str, str], programme: Programme, people: int) -> None:
    programme.description = "Weavers learn to keep cost records."
    iati_details.save(programme, None, REPORTER, {}, {}, clock.now())
    number = programme.id
    db.session.commit()
    done = subprocess.run(
        [sys.executable, "-m", "bench.iati", str(number)],
        env={**os.environ, **environ},
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    told = json.loads(done.stdout)
    table.add(Row("floor: the same XML, parsed and written", people, p50=told["bare"]))
    what = f"IATI file of {told['activities']} activities, judged"
    table.add(
        Row(what, people, p50=told["export"], floors=told["export"] / told["bare"], memory=told["peak"])
    )


def _export(programme_id: int) -> None:
    with create_app().app_context():
        programme = db.session.get_one(Programme, programme_id)
        began = time.perf_counter()
        made = exporting.export(programme, Scope(programme.id), asked.USUAL, clock.now())
        export = time.perf_counter() - began
    began = time.perf_counter()
    etree.tostring(etree.fromstring(made.xml))
    bare = time.perf_counter() - began
    told = {"export": export * 1000, "bare": bare * 1000, "peak": peak(os.getpid())}
    print(json.dumps({**told, "activities": made.verdict.activities}))


if __name__ == "__main__":
    _export(int(sys.argv[1]))
