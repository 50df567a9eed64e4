"""A product that does not start leaves nothing behind for the tests that follow."""

import os
import sys

import psutil
import pytest
from product import running, runs

SILENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
child.wait()
"""


@pytest.mark.parametrize(
    ("script", "patience"), [(SILENT, 2), ("print('Port 5050 is in use.')", 60)], ids=["silent", "refused"]
)
def test_a_start_that_fails_ends_with_what_it_said_and_nothing_running(script, patience):
    before = set(psutil.Process().children(recursive=True))
    with (
        pytest.raises(AssertionError, match=r"did not start:\n(\d+|Port 5050 is in use.)") as failed,
        running([sys.executable, "-c", script], dict(os.environ), patience),
    ):
        pass
    said = str(failed.value).split()[-1]
    assert not (said.isdigit() and runs(int(said)))
    assert set(psutil.Process().children(recursive=True)) <= before
