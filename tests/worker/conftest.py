"""Real workers and beats, as processes of their own, on a broker of their own."""

import time
from pathlib import Path

import pytest
import servers
from clients import REAL
from relay import Relay
from stack import Stack

from trainingapp.db import db, reading


@pytest.fixture
def relay():
    server = Relay()
    yield server
    server.stop()


@pytest.fixture
def broker(tmp_path):
    server = servers.Redis(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def stack(app, relay, broker, tmp_path):
    environ = {
        **REAL,
        "DATABASE_URL": app.config["SETTINGS"].database_url,
        "REDIS_URL": broker.url,
        "SMTP_URL": relay.url,
        "PYTHONPATH": str(Path(__file__).parent),
    }
    running = Stack(tmp_path, environ, include="probe_kind,short_leases")
    yield running
    running.kill_all()


@pytest.fixture
def until():
    def wait(condition, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with reading():  # a look must not lock the workers out
                is_so = condition()
                db.session.rollback()
            if is_so:
                return
            time.sleep(0.1)
        raise AssertionError(f"not within {seconds} seconds")

    return wait
