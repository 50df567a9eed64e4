"""The table of what happens when, against the tasks there are."""

import ast
import os
from datetime import timedelta
from pathlib import Path

import pytest
from clients import REAL

from worker.schedule import LINES

ROOT = Path(__file__).resolve().parent.parent.parent
TASKS = ast.parse((ROOT / "worker" / "tasks.py").read_text())


@pytest.fixture(scope="module")
def celery():
    """Imported as the worker process does."""
    os.environ |= {
        **REAL,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "DATABASE_URL": "sqlite:///:memory:",
    }
    from worker.app import app

    app.loader.import_default_modules()
    return app


def test_every_line_names_a_task_and_says_why(celery):
    for line in LINES:
        assert line.task in celery.tasks
        assert line.why
        assert timedelta(seconds=5) <= line.every <= timedelta(days=1)


def test_every_ring_expires_before_it_could_pile_up(celery):
    for line in LINES:
        entry = celery.conf.beat_schedule[line.task]
        assert entry["options"]["expires"] <= 2 * line.every.total_seconds()


def test_every_queue_that_is_used_is_served(celery):
    routes = celery.conf.task_routes
    assert {route["queue"] for route in routes.values()} <= set(celery.conf.task_queues)
    assert celery.conf.task_default_queue in celery.conf.task_queues
    assert set(routes) <= set(celery.tasks)


def test_nothing_that_matters_waits_in_the_broker():
    """No eta, countdown or retry: time lives in columns."""
    for path in (ROOT / "worker").glob("*.py"):
        text = path.read_text()
        for word in ("eta=", "countdown=", ".retry(", "acks_late=True"):
            assert word not in text


def test_a_task_is_short_and_commits_at_most_once():
    for node in TASKS.body:
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            assert node.end_lineno - node.lineno < 13, node.name
            assert ast.unparse(node).count("session.commit()") <= 1, node.name
