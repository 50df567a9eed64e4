"""A task whose time is over ends there, whatever it was about to take for a fault of the data."""

from celery import Celery
from databases import on_sqlite_alone


@on_sqlite_alone  # about processes: the database makes no difference
def test_a_task_that_takes_too_long_does_not_go_on_to_the_next_piece(stack, broker, until):
    stack.include = "long_tasks"
    stack.worker(processes=1)
    with Celery(broker=broker.url) as celery:
        for _each in range(2):  # the process that was told lives on
            celery.send_task("dawdle", queue="ticks")
        until(lambda: stack.log("w1").count("SoftTimeLimitExceeded()") == 2)
    assert "went on" not in stack.log("w1")
    assert "WorkerLostError" not in stack.log("w1")
