"""The schema's history ends where the models are."""

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

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
