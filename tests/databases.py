"""One app and one database of each kind for all tests of a process; each test finds both as new.

To make an app, and to compile its templates and statements again, takes longer than most tests.
"""

import shutil
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from clients import Browser, settings
from flask import Flask

from trainingapp import create_app
from trainingapp.db import db
from trainingapp.web import limiter

ON_POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgresql)
on_postgresql_alone = pytest.mark.parametrize("app", [ON_POSTGRESQL], indirect=True)


class Database(ABC):
    def __init__(self, url: str) -> None:
        self.app = create_app(settings(url))
        self.app.testing = True
        self.app.test_client_class = Browser
        self.config = dict(self.app.config)
        self.loader = self.app.jinja_env.loader

    @contextmanager
    def as_new(self, folder: Path) -> Iterator[Flask]:
        """What a test before this one changed is forgotten; files go to `folder`."""
        self.app.config.clear()
        self.app.config.update(self.config, SETTINGS=replace(self.config["SETTINGS"], var=folder))
        limiter.reset()
        with self.app.app_context():
            self.empty()
            yield self.app
            db.session.remove()

    @abstractmethod
    def empty(self) -> None:
        """Leaves every table and no row; numbers begin at 1."""

    def close(self) -> None:
        with self.app.app_context():
            db.engine.dispose()


class Sqlite(Database):
    def __init__(self, empty: Path) -> None:
        live = empty.with_name("live.sqlite3")
        shutil.copy(empty, live)
        super().__init__(f"sqlite:///{live}")
        self.kept = sqlite3.connect(empty)

    def empty(self) -> None:
        with db.engine.connect() as connection:
            self.kept.backup(connection.connection.driver_connection)

    def close(self) -> None:
        super().close()
        self.kept.close()


class Postgresql(Database):
    # DELETE of some rows is ten times faster than TRUNCATE of a hundred tables. As a replica, because
    # neither foreign keys nor the tables that only grow are to object.
    EMPTY = sa.text(
        """
        DO $$ DECLARE found text; BEGIN
          SET LOCAL session_replication_role = replica;
          FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('DELETE FROM %I', found);
          END LOOP;
          FOR found IN SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL LOOP
            PERFORM setval(found::regclass, 1, false);
          END LOOP;
        END $$
        """
    )

    def __init__(self, port: int, name: str) -> None:
        server = f"postgresql+psycopg://postgres@127.0.0.1:{port}"
        admin = sa.create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        admin.dispose()
        super().__init__(f"{server}/{name}")
        with self.app.app_context():
            db.create_all()

    def empty(self) -> None:
        with db.engine.begin() as connection:
            connection.execute(self.EMPTY)
