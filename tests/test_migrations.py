"""The schema's history ends where the models are."""

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from trainingapp import demo
from trainingapp.db import db


@pytest.fixture
def bare(app):
    """The test's database without any table."""
    db.session.remove()
    db.drop_all()
    with db.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS alembic_version"))
    yield app
    db.session.remove()
    with db.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS alembic_version"))
    db.drop_all()
    db.create_all()


def test_there_is_one_head(app):
    script = ScriptDirectory(str(app.extensions["migrate"].directory))
    assert len(script.get_heads()) == 1


def test_upgrading_from_nothing_gives_the_models(bare):
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_downgrading_leaves_nothing(bare):
    flask_migrate.upgrade()
    flask_migrate.downgrade(revision="base")
    assert set(sa.inspect(db.engine).get_table_names()) <= {"alembic_version"}


def test_the_trail_cannot_be_rewritten_after_migrating(bare, make):
    flask_migrate.upgrade()
    with db.engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO audit_entries (at, actor, subject, verb, facts) "
                "VALUES ('2026-01-01 00:00:00', 'system', 'users', 'added', '{}')"
            )
        )
    for change in ("UPDATE audit_entries SET verb = 'other'", "DELETE FROM audit_entries"):
        with pytest.raises(sa.exc.DatabaseError), db.engine.begin() as connection:
            connection.execute(sa.text(change))


def _counts():
    with db.engine.connect() as connection:
        return {
            table.name: connection.scalar(sa.select(sa.func.count()).select_from(table))
            for table in db.metadata.sorted_tables
        }


def test_a_new_schema_keeps_every_row(bare):
    """The demo goes back to the first schema and up again; SQLite copies tables to change them."""
    flask_migrate.upgrade()
    demo.load()
    newer = ("bounce_events", "contact_checks", "employments", "helpers", "rate_buckets", "rescue_tasks")
    before = _counts()
    db.session.remove()
    flask_migrate.downgrade(revision="0001")
    flask_migrate.upgrade()
    after = _counts()
    assert {name: number for name, number in after.items() if name not in newer} == {
        name: number for name, number in before.items() if name not in newer
    }
    assert before["enrolment_words"] > 0
