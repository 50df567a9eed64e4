"""Loaded into the test's worker processes only: a task that does not end in its time."""

import time
from contextlib import suppress

from worker.app import app


@app.task(name="dawdle", soft_time_limit=1, time_limit=30)
def dawdle() -> None:
    with suppress(Exception):  # as whoever sets aside what is broken
        time.sleep(20)
    print("went on", flush=True)  # noqa: T201 - the test reads the log
