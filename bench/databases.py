"""Fresh databases to measure on, made by the product's own migrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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
        environ = {
            **REAL,
            "DATABASE_URL": self.create(name),
            "BASE_URL": "http://127.0.0.1",
            "VAR_DIR": str(self.folder),
            **more,
        }
        app = create_app(config.load(environ))
        with app.app_context():
            flask_migrate.upgrade()
            yield app, environ
            db.session.remove()
            db.engine.dispose()

    def create(self, name: str) -> str:
        """Its address."""
        if self.url.startswith("sqlite"):
            return self.url.format(name)
        admin = sa.create_engine(self.url.format("postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        admin.dispose()
        return self.url.format(name)
