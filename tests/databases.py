"""One app and one database of each kind for all tests of a process; each test finds both as new.

To make an app, and to compile its templates and statements again, takes longer than most tests.
"""

import shutil
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from clients import Browser, settings
from flask import Flask

from trainingapp import create_app, demo
from trainingapp.db import db
from trainingapp.demo import SignIn
from trainingapp.web import limiter

ON_POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgresql)
on_postgresql_alone = pytest.mark.parametrize("database", [ON_POSTGRESQL], indirect=True)
on_sqlite_alone = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

DAY_OF_THE_DEMO = "2026-11-21 10:00:00+00:00"


class Database(ABC):
    put_back: Callable[[], None]  # every table as it was made, without a row

    def __init__(self, url: str) -> None:
        self.app = create_app(settings(url))
        self.app.testing = True
        self.app.test_client_class = Browser
        self.config = dict(self.app.config)
        self.limits = dict(vars(limiter))  # of the app that was made last
        self.demo: tuple[Callable[[], None], list[SignIn]] | None = None

    @contextmanager
    def as_new(self, folder: Path) -> Iterator[Flask]:
        """What a test before this one changed is forgotten; files go to `folder`."""
        self.app.config.clear()
        self.app.config.update(self.config, SETTINGS=replace(self.config["SETTINGS"], var=folder))
        vars(limiter).update(self.limits)
        limiter.reset()
        with self.app.app_context():
            self.empty()
            yield self.app
            db.session.remove()

    @abstractmethod
    def empty(self) -> None:
        """Leaves every table and no row; numbers begin at 1."""

    @abstractmethod
    def keep(self, name: str) -> Callable[[], None]:
        """What puts every table and row back as they are now."""

    def bare(self) -> None:
        """Leaves no table."""
        db.session.remove()
        db.metadata.drop_all(db.engine)
        with db.engine.begin() as connection:
            connection.execute(sa.text("DROP TABLE IF EXISTS alembic_version"))

    def with_demo(self) -> list[SignIn]:
        """On a certain day. Loading takes long, so it is done once."""
        if self.demo is None:
            with time_machine.travel(DAY_OF_THE_DEMO, tick=False):
                made = demo.load()
            db.session.remove()
            self.demo = self.keep("demo"), made
        else:
            self.demo[0]()
        return self.demo[1]

    def close(self) -> None:
        with self.app.app_context():
            db.engine.dispose()


class Sqlite(Database):
    def __init__(self, empty: Path) -> None:
        live = empty.with_name("live.sqlite3")
        shutil.copy(empty, live)
        super().__init__(f"sqlite:///{live}")
        self.kept: list[sqlite3.Connection] = []
        with self.app.app_context():
            sa.event.listen(db.engine, "connect", self.turn_round)
            self.put_back = self.keep("empty")

    @staticmethod
    def turn_round(raw: sqlite3.Connection, _record: object) -> None:
        """Rows come last first where nobody asked for an order: who leans on one is found here."""
        raw.execute("PRAGMA reverse_unordered_selects=ON")

    def empty(self) -> None:
        self.put_back()

    def keep(self, name: str) -> Callable[[], None]:  # noqa: ARG002 - PostgreSQL names all it has
        kept = sqlite3.connect(":memory:")
        self.kept.append(kept)
        with self._raw() as live:
            live.backup(kept)

        def put_back() -> None:
            with self._raw() as live:
                kept.backup(live)

        return put_back

    @contextmanager
    def _raw(self) -> Iterator[sqlite3.Connection]:
        with db.engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            yield raw

    def close(self) -> None:
        super().close()
        for kept in self.kept:
            kept.close()


class Postgresql(Database):
    # DELETE of some rows is ten times faster than TRUNCATE of a hundred tables. As a replica, because
    # neither foreign keys nor the tables that only grow are to object.
    FORGET = sa.text(
        """
        DO $$ DECLARE found text; BEGIN
          SET LOCAL session_replication_role = replica;
          FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('DELETE FROM %I', found);
          END LOOP;
        END $$
        """
    )
    FROM_ONE = sa.text(
        """
        SELECT setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences
        WHERE last_value IS NOT NULL
        """
    )

    def __init__(self, port: int, name: str) -> None:
        self.name, self.server = name, f"postgresql+psycopg://postgres@127.0.0.1:{port}"
        self._anew(name)
        super().__init__(f"{self.server}/{name}")
        with self.app.app_context():
            db.create_all()
            self.put_back = self.keep("empty")

    def _anew(self, name: str, template: str = "template1") -> None:
        admin = sa.create_engine(f"{self.server}/postgres", isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        admin.dispose()

    def empty(self) -> None:
        with db.engine.begin() as connection:
            connection.execute(self.FORGET)
            connection.execute(self.FROM_ONE)

    def keep(self, name: str) -> Callable[[], None]:
        kept = f"{self.name}_{name}"
        db.engine.dispose()
        self._anew(kept, self.name)

        def put_back() -> None:
            db.engine.dispose()
            self._anew(self.name, kept)

        return put_back
