"""Each test that asks for `app` runs on SQLite and on PostgreSQL, on a database without a row."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import databases
import factories
import pytest
import servers
from clients import settings
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import sync_playwright

from trainingapp import create_app
from trainingapp.db import db

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# A test makes many objects and drops them all: fewer looks for cycles save a sixth of the time.
gc.set_threshold(100_000, 20, 50)

IN_CI = os.environ.get("CI") == "true"

_running: list[Any] = []
_left_out: list[str] = []


@pytest.hookimpl(optionalhook=True)  # without pytest-xdist everything is in one process
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from sharing import Sharing

    return Sharing(config, log)


def pytest_configure(config: pytest.Config) -> None:
    """The servers start once, in the process that starts the workers."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    folder = Path(tempfile.mkdtemp(prefix="lanjut-test-"))
    config.stash[_FOLDER] = folder
    for kind, variable in ((servers.PostgreSQL, "TEST_POSTGRESQL"), (servers.Redis, "TEST_REDIS")):
        if variable in os.environ:
            continue
        place = folder / kind.__name__.lower()
        place.mkdir()
        try:
            server = kind(place)
        except servers.Missing as missing:
            _left_out.append(str(missing))
            continue
        _running.append(server)
        os.environ[variable] = str(server.port)
    if servers.CHROMIUM is None:
        _left_out.append("chromium")
    if servers.DOVECOT is None:
        _left_out.append("dovecot-imapd")
    os.environ["TEST_LEFT_OUT"] = ",".join(_left_out)


_FOLDER = pytest.StashKey[Path]()


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    for server in _running:
        server.stop()
    if _FOLDER in config.stash:
        shutil.rmtree(config.stash[_FOLDER], ignore_errors=True)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    missing = os.environ.get("TEST_LEFT_OUT")
    if missing:
        terminalreporter.write_line(
            f"Left out: tests that need {missing}. As root: apt-get install {missing.replace(',', ' ')}",
            red=True,
        )


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if IN_CI and os.environ.get("TEST_LEFT_OUT"):
        session.exitstatus = 1


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with every table and no row, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "empty.sqlite3"
    app = create_app(settings(f"sqlite:///{path}"))
    with app.app_context():
        db.create_all()
        db.engine.dispose()
    return path


@pytest.fixture(scope="session")
def on_sqlite(empty_sqlite: Path) -> Iterator[databases.Sqlite]:
    with closing(databases.Sqlite(empty_sqlite)) as database:
        yield database


@pytest.fixture(scope="session")
def on_postgresql(worker_id: str) -> Iterator[databases.Postgresql]:
    port = os.environ.get("TEST_POSTGRESQL")
    if port is None:
        pytest.skip("PostgreSQL is not installed here; the summary says how, and in CI the run fails")
    with closing(databases.Postgresql(int(port), f"test_{worker_id}")) as database:
        yield database


@pytest.fixture(params=["sqlite", databases.ON_POSTGRESQL])
def database(request: pytest.FixtureRequest) -> databases.Database:
    found: databases.Database = request.getfixturevalue(f"on_{request.param}")
    return found


@pytest.fixture
def app(database: databases.Database, tmp_path: Path) -> Iterator[Flask]:
    with database.as_new(tmp_path) as app:
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def make(app: Flask) -> Any:
    """Rows to begin a test with: make.user(), make.cohort(), …"""
    return factories


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """One browser a process: Playwright runs only once in each."""
    if servers.CHROMIUM is None:
        pytest.skip("Chromium is not installed here; the summary says how, and in CI the run fails")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=servers.CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
