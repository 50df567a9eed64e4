"""Fresh databases to measure on, made by the product's own migrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from shutil import copy

import flask_migrate
import sqlalchemy as sa
from flask import Flask

from tests.clients import REAL
from trainingapp import config, create_app
from trainingapp.db import db


@dataclass(frozen=True)
class Place:
    """Where databases of one kind are made; `url` has a gap for the name."""

    url: str
    folder: Path

    @contextmanager
    def database(self, name: str, **more: str) -> Iterator[tuple[Flask, dict[str, str]]]:
        """Every table and no row, inside an application context; and the environment of its servers."""
        environ = {**self._environ(self.create(name, self.migrated)), **more}
        app = create_app(config.load(environ))
        with app.app_context():
            yield app, environ
            db.session.remove()
            db.engine.dispose()

    @cached_property
    def migrated(self) -> str:
        """The name of the one from which the others are copied."""
        app = create_app(config.load(self._environ(self.create("migrated"))))
        with app.app_context():
            flask_migrate.upgrade()
            db.session.remove()
            db.engine.dispose()
        return "migrated"

    def create(self, name: str, like: str | None = None) -> str:
        """Its address."""
        url = self.url.format(name)
        if url.startswith("sqlite"):
            if like:
                copy(*(str(sa.make_url(self.url.format(each)).database) for each in (like, name)))
            return url
        admin = sa.create_engine(self.url.format("postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE {like or 'template1'}"))
        admin.dispose()
        return url

    def _environ(self, url: str) -> dict[str, str]:
        return {**REAL, "DATABASE_URL": url, "BASE_URL": "http://127.0.0.1", "VAR_DIR": str(self.folder)}
