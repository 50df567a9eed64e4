"""Alembic's way to our models and our database."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from flask import current_app
from sqlalchemy.engine import Connection

from trainingapp.db import Json, UTCDateTime, db


def run() -> None:
    with db.engine.connect() as connection, _keys_at_rest(connection):
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            compare_type=True,
            render_as_batch=True,
            transactional_ddl=True,  # SQLite can, where BEGIN is said aloud: all of an upgrade, or nothing
            render_item=_without_our_types,
            process_revision_directives=_nothing_empty,
        )
        with context.begin_transaction():
            context.run_migrations()
            _must_point_somewhere(connection)


@contextmanager
def _keys_at_rest(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by copying it; dropping the old one would take along what points to it."""
    raw = connection.connection.driver_connection
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        if is_sqlite:
            raw.execute("PRAGMA foreign_keys=ON")


def _must_point_somewhere(connection: Connection) -> None:
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise RuntimeError("The new schema would leave rows that point to nothing: nothing was changed.")


def _nothing_empty(_context: object, _revision: object, directives: list) -> None:
    """A revision that changes nothing is not written."""
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def _without_our_types(kind: str, item: object, _autogenerate: object) -> str | bool:
    """A revision stands for itself: it must not change when our classes do."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and item is Json:
        return "sa.JSON().with_variant(JSONB(), 'postgresql')"
    return False


assert current_app, "run through `trainingapp db` or flask_migrate"
run()
