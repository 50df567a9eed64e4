"""`make chaos`, small: the same harness, the same faults, some hundred people."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SMALL = "--invitations 150 --reminders 1 --kills 6 --flushes 1 --broker-restarts 1 --database-restarts 1"
FEWER = "--relay-restarts 1 --freezes 1 --jumps 1 --late 0.03 --minutes 8"

pytestmark = pytest.mark.timeout(600)  # each is eight processes

DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


def chaos(*arguments):
    """What it printed, and how it ended. If the test is stopped, it stops all it has started."""
    command = [sys.executable, "-m", "tests.chaos", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as run:
        try:
            said, _ = run.communicate(timeout=500)
        finally:
            run.terminate()
    return said, run.returncode


@pytest.mark.parametrize("database", DATABASES)
def test_nobody_is_lost_and_nobody_is_written_to_twice(database, request):
    if database == "postgresql":
        request.getfixturevalue("on_postgresql")
    said, code = chaos("--on", database, *SMALL.split(), *FEWER.split())
    assert code == 0, said
    assert re.fullmatch(
        r"chaos: 150 invitations, 6 kills, lost 0, sent twice 0, uncertain \d+", said.splitlines()[-1]
    )


def test_the_same_harness_sees_what_a_naive_sender_does():
    said, code = chaos("--on", "sqlite", "--naive", "--invitations", "100", "--kills", "2")
    assert code == 0, said
    assert re.search(r"lost \d+, sent twice [1-9]", said), said
