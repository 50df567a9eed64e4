"""The database: one base class, one datetime type, and how each database begins a transaction."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    SessionTransaction,
    declared_attr,
    mapped_column,
    registry,
)


class UTCDateTime(sa.TypeDecorator[datetime]):
    """Aware datetimes, stored in UTC. A naive one is a mistake and is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


Json = sa.JSON().with_variant(JSONB(), "postgresql")


class Base(DeclarativeBase):
    registry = registry(
        metadata=sa.MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            datetime: UTCDateTime(),
            dict[str, Any]: Json,
            list[Any]: Json,
            Enum: sa.Enum(
                Enum,
                native_enum=False,
                length=40,
                values_callable=lambda kind: [member.value for member in kind],
            ),
        },
    )


class Versioned:
    """A row that two people may edit: a stale write raises StaleDataError instead of winning."""

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy hands the class
        return {"version_id_col": cls.version}


db = SQLAlchemy(model_class=Base)

_reading: ContextVar[bool] = ContextVar("reading", default=False)


@contextmanager
def reading() -> Iterator[None]:
    """Transactions begun in here take no write lock on SQLite (a page that is only looked at)."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


@lru_cache
def _letters(given: str, wanted: str) -> dict[int, int | None]:
    return str.maketrans(given[: len(wanted)], wanted, given[len(wanted) :])


def _translate(text: str | None, given: str, wanted: str) -> str | None:
    """As PostgreSQL's."""
    return None if text is None else text.translate(_letters(given, wanted))


def apart(text: str) -> str:
    """Small letters, taken apart as Unicode's NFKD says. SQLite has it as a function."""
    return unicodedata.normalize("NFKD", text).lower()


def prepare(engine: Engine, synchronous: str) -> None:
    """SQLite in WAL mode with foreign keys and explicit BEGIN; PostgreSQL as it is.

    `synchronous` is FULL where a commit must survive a power cut (senders), else NORMAL.
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _settle(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "busy_timeout=20000",
            "foreign_keys=ON",
            f"synchronous={synchronous}",
        ):
            connection.execute(f"PRAGMA {pragma}")
        connection.create_function("translate", 3, _translate, deterministic=True)
        connection.create_function("apart", 1, lambda text: text and apart(text), deterministic=True)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if _reading.get() else "BEGIN IMMEDIATE")


def commit_durably(engine: Engine) -> None:
    """For a process that sends mail: on SQLite its commits survive a power cut, whatever was configured."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _durable(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=FULL")

    engine.dispose()  # connections made before would not know


def index_where(rows: str, name: str, *columns: str, unique: bool = False) -> sa.Index:
    """Of some rows only, on both databases."""
    which = sa.text(rows)
    return sa.Index(name, *columns, unique=unique, sqlite_where=which, postgresql_where=which)


def table(model: type[Base]) -> sa.Table:
    """For statements that run thousands of times, past the bookkeeping of objects."""
    assert isinstance(model.__table__, sa.Table)
    return model.__table__


def insert(into: type[Base] | sa.Table) -> postgresql.Insert | sqlite.Insert:
    """The INSERT that both databases write in the same way, for on_conflict_do_nothing."""
    dialect = postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(into)


def is_away(problem: Exception) -> bool:
    """The database restarts, or makes others wait too long: whoever asked is not at fault."""
    if not isinstance(problem, OperationalError | InterfaceError):
        return False
    if db.engine.dialect.name != "sqlite":
        return True
    said = str(problem.orig)  # SQLite raises the same of bad SQL
    return "locked" in said or "unable to open" in said


_held: WeakKeyDictionary[SessionTransaction, set[Base]] = WeakKeyDictionary()


def lock(row: Base) -> None:
    """Holds the row against other writers until the transaction ends, and reads it afresh.

    New rows may refer to it meanwhile: an answer that holds its invitation must not wait for the wave, whose
    holder may want that invitation. On SQLite the transaction already holds the only write lock. Only the
    row itself is held: PostgreSQL refuses to hold what came along by an outer join.
    """
    if not _is_held(row):
        db.session.refresh(row, with_for_update={"of": type(row), "key_share": True})


def came_held(row: Base) -> None:
    """The query that read it has locked it: until the transaction ends, `lock` need not ask again."""
    session = db.session()
    if (whole := session.get_transaction()) and not session.in_nested_transaction():
        _held.setdefault(whole, set()).add(row)


def _is_held(row: Base) -> bool:
    whole = db.session().get_transaction()
    return whole is not None and row in _held.get(whole, ())
