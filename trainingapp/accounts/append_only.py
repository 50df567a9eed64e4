"""Tables that only grow: the database itself refuses a change or a deletion.

A migration runs `statements(table, dialect)`; create_all runs the same through `guard`.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

TABLES = ("audit_entries", "audit_seals")

_SQLITE = """CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"""

_POSTGRESQL_FUNCTION = """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% only grows', TG_TABLE_NAME; END $$"""

_POSTGRESQL = """CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION refuse_change()"""


def statements(table: str, dialect: str) -> list[str]:
    """The SQL that guards one table, to be run after it is made."""
    if dialect == "postgresql":
        return [_POSTGRESQL_FUNCTION, _POSTGRESQL.format(table=table)]
    return [_SQLITE.format(table=table, verb=verb, VERB=verb.upper()) for verb in ("update", "delete")]


def guard(table: sa.FromClause) -> None:
    @event.listens_for(table, "after_create")
    def _guard(target: sa.Table, connection: sa.Connection, **_facts: Any) -> None:
        for statement in statements(target.name, connection.dialect.name):
            connection.execute(sa.text(statement))
