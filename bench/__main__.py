"""`make bench`, or `python -m bench --people 1000 --answers 10000` for a quick look."""

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
import sqlalchemy as sa
from sqlalchemy import event

from bench import data, floor, imports, mails
from bench.server import Request, load, served
from bench.table import Row, heading, show
from tests.servers import Missing, PostgreSQL
from trainingapp import clock, config, create_app
from trainingapp.cohorts.models import Cohort
from trainingapp.db import db
from trainingapp.followups.models import Wave
from trainingapp.tokens import issue

SECRET = "only for measuring, and long enough to be accepted"  # noqa: S105


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m bench")
    asked.add_argument("--people", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    asked.add_argument("--answers", type=int, default=100_000)
    asked.add_argument("--rows", type=int, nargs="*", default=[1_000, 10_000])
    asked.add_argument("--mails", type=int, default=2_000)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="lanjut-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        bare = _floor(folder)
        measure(f"sqlite:///{folder / 'bench-{}.sqlite3'}", "SQLite", bare, options, folder)
        try:
            place = folder / "postgresql"
            place.mkdir()
            server = PostgreSQL(place, durable=True)
        except Missing as missing:
            print(f"PostgreSQL is left out: apt-get install {missing}")
            return
        try:
            measure(server.url("bench_{}"), "PostgreSQL", bare, options, folder)
        finally:
            server.stop()


def _floor(folder: Path) -> Row:
    path = str(folder / "floor.sqlite3")
    floor.fill(path)
    heading("The floor: a bare Flask view, one indexed SELECT, a small template")
    with served("bench.floor:create_app()", {"FLOOR_DATABASE": path}) as server:
        bare = load(
            server, "floor", lambda number: ("GET", f"/{number % floor.ROWS + 1}", None, {}), times=1000
        )
    show(bare)
    return bare


def measure(url: str, title: str, bare: Row, options: argparse.Namespace, folder: Path) -> None:
    heading(title)
    for size in options.people:
        with database(url.format(f"people_{size}"), folder) as environ:
            cohort = data.people(data.programme(), size)
            _lists(environ, cohort, size, bare)
    for size in (0, options.answers):
        with database(url.format(f"answers_{size}"), folder) as environ:
            _answering(environ, size, bare, options)
    for size in options.rows:
        for row in imports.measure(url.format(f"rows_{size}"), size, folder):
            show(row)
    show(mails.measure(url.format("mails"), options.mails, folder))


@contextmanager
def database(url: str, folder: Path) -> Iterator[dict[str, str]]:
    """A fresh database with every table, inside an application context."""
    environ = environment(url, folder)
    _create(url)
    app = create_app(config.load(environ))
    with app.app_context():
        flask_migrate.upgrade()
        yield environ
        db.session.remove()
        db.engine.dispose()


def environment(url: str, folder: Path) -> dict[str, str]:
    return {
        "SECRET_KEY": SECRET,
        "DATABASE_URL": url,
        "BASE_URL": "http://127.0.0.1",
        "VAR_DIR": str(folder),
    }


def _create(url: str) -> None:
    if url.startswith("sqlite"):
        return
    server, _, name = url.rpartition("/")
    engine = sa.create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()


def _lists(environ: dict[str, str], cohort: Cohort, size: int, bare: Row) -> None:
    headers = {"Cookie": _cookie(), "Host": "127.0.0.1"}
    pages = {
        "people, first page": "/participants/",
        "people, found by name": "/participants/?q=kari",
        "enrolment list": f"/cohorts/{cohort.id}/enrolments",
        "enrolment list, one country": f"/cohorts/{cohort.id}/enrolments?country=NP",
    }
    with served("trainingapp:create_app()", environ) as server:
        for what, path in pages.items():
            row = load(server, what, _get(path, headers), size=f"{size:,}")
            show(_counted(row, path), bare)


def _answering(environ: dict[str, str], answers: int, bare: Row, options: argparse.Namespace) -> None:
    """The results page, the alumna's page and her answer, beside that many stored answers."""
    programme = data.programme()
    cohort = data.people(programme, min(options.people) + answers // 7 + 1000)
    wave = data.wave(programme, cohort, asked=answers // 7 + 1000, answered=answers // 7)
    size = f"{answers:,}"
    with served("trainingapp:create_app()", environ) as server:
        path = f"/feedback/waves/{wave.id}"
        headers = {"Cookie": _cookie(), "Host": "127.0.0.1"}
        show(
            _counted(load(server, "results of a wave", _get(path, headers), size=size, times=50), path), bare
        )
        for row in _alumna(server, wave, size):
            show(row, bare)


def _alumna(server: "data.Any", wave: Wave, size: str) -> Iterator[Row]:
    from bench import answering  # noqa: PLC0415

    yield from answering.measure(server, wave, size)


def _get(path: str, headers: dict[str, str]) -> Request:
    return lambda _number: ("GET", path, None, headers)


def _cookie() -> str:
    """As the sign-in page would set it for the user of data.programme()."""
    app = db.get_app() if hasattr(db, "get_app") else __import__("flask").current_app
    interface = app.session_interface.get_signing_serializer(app)
    carried = {"_user_id": data.TOKEN, "_fresh": True, "seen": int(clock.now().timestamp())}
    return f"{app.config['SESSION_COOKIE_NAME']}={interface.dumps(carried)}"


def _counted(row: Row, path: str) -> Row:
    """Adds how many statements the page sends to the database."""
    from dataclasses import replace  # noqa: PLC0415

    from flask import current_app  # noqa: PLC0415

    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    client = current_app.test_client()
    client.get(path, headers={"Cookie": _cookie(), "Host": "127.0.0.1"})
    return replace(row, queries=len(statements))


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    main()
