"""Real workers and beats, as processes of their own, on a broker of their own."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
import servers
from relay import Relay

from trainingapp.db import db, reading

ROOT = Path(__file__).resolve().parent.parent.parent


class Stack:
    def __init__(self, folder, settings, smtp_url):
        self.folder = folder
        self.broker = servers.Redis(folder)
        self.processes = {}
        self.environ = {
            **os.environ,
            "SECRET_KEY": settings.secret_key,
            "DATABASE_URL": settings.database_url,
            "BASE_URL": "http://localhost",
            "REDIS_URL": self.broker.url,
            "SMTP_URL": smtp_url,
            "VAR_DIR": str(folder),
            "PYTHONPATH": str(Path(__file__).parent),
        }

    def start(self, name, *arguments):
        command = [sys.executable, "-m", "celery", "-A", "worker.app", *arguments, "-l", "INFO"]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, cwd=ROOT, env=self.environ, stdout=log, stderr=log, start_new_session=True
            )

    def worker(self, name="w1", processes=2):
        self.start(
            name, "worker", "-n", f"{name}@test", "-c", str(processes), "-I", "probe_kind,short_leases"
        )

    def beat(self, name="beat"):
        self.start(name, "beat")

    def kill(self, name):
        """As the kernel does when memory runs out: no goodbye, children included."""
        process = self.processes.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def restart_broker(self):
        self.broker.stop()
        time.sleep(1)
        self.broker.start()

    def stop(self):
        for name in list(self.processes):
            self.kill(name)
        self.broker.stop()

    def log(self, name):
        return (self.folder / f"{name}.log").read_text()


@pytest.fixture
def relay():
    server = Relay()
    yield server
    server.stop()


@pytest.fixture
def stack(app, relay, tmp_path):
    running = Stack(tmp_path, app.config["SETTINGS"], relay.url)
    yield running
    running.stop()


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
