"""The schema's history ends where the models are."""

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from databases import on_sqlite_alone

from trainingapp.db import db
from trainingapp.responses import sealed
from trainingapp.responses.models import SealedDrawer
from trainingapp.surveys.question_types import AnswerValue


@pytest.fixture
def bare(database, app):
    """The test's database without any table."""
    database.bare()
    yield app
    db.session.remove()
    database.put_back()


@pytest.fixture
def loaded(database, app):
    """The demo on the newest schema."""
    database.with_demo()
    flask_migrate.stamp()
    yield app
    db.session.remove()
    database.put_back()


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


@on_sqlite_alone  # which takes keys to rest while it copies tables
def test_an_upgrade_keeps_keys_or_changes_nothing(bare, caplog):
    flask_migrate.upgrade(revision="0007")
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        raw = connection.connection.driver_connection
        connection.rollback()
        raw.execute("PRAGMA foreign_keys=OFF")
        raw.execute("INSERT INTO sealed_boxes (wave_id, slips, count) VALUES (999, '[]', 0)")
        raw.execute("PRAGMA foreign_keys=ON")
    with pytest.raises(SystemExit):
        flask_migrate.upgrade()
    assert "nothing was changed" in caplog.text
    assert "sealed_drawers" not in sa.inspect(db.engine).get_table_names()
    with db.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == "0007"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


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


def _counts(tables):
    with db.engine.connect() as connection:
        return {name: connection.scalar(sa.text(f"SELECT count(*) FROM {name}")) for name in tables}


# What the first schema has no place for: answers of several items, and those without a wave.
RESPONSES = "FROM responses WHERE wave_id IS NOT NULL"
ANSWERS = f"FROM answers WHERE item = '' AND response_id IN (SELECT id {RESPONSES})"
REVIEWS = f"FROM comment_reviews WHERE answer_id IN (SELECT id {ANSWERS})"
KEPT = {
    "answers": f"SELECT count(*) {ANSWERS}",
    "responses": f"SELECT count(*) {RESPONSES}",
    "comment_reviews": f"SELECT count(*) {REVIEWS}",
    "comment_tags": f"SELECT count(*) FROM comment_tags WHERE review_id IN (SELECT id {REVIEWS})",
}


def test_a_new_schema_keeps_every_row(loaded):
    """The demo goes back to the first schema and up again; SQLite copies tables to change them."""
    everything = _counts(db.metadata.tables)
    with db.engine.connect() as connection:
        everything |= {name: connection.scalar(sa.text(kept)) for name, kept in KEPT.items()}
    db.session.remove()
    flask_migrate.downgrade(revision="0001")
    first = set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}
    flask_migrate.upgrade()
    assert _counts(first) == {name: number for name, number in everything.items() if name in first}
    # Worked out anew from rows that were there
    for name in ("enrolment_words", "plan_standings"):
        assert _counts([name])[name] == everything[name] > 0


def test_a_sealed_box_goes_through_the_drawers_and_back_without_losing_a_slip(loaded, make):
    wave = make.asked(make.enrolment(state="completed"))[0].wave
    for number in range(230):
        sealed.put_in(wave, {number: [AnswerValue("x", text="Écouter")]})
    slips = sa.select(SealedDrawer.slips).where(SealedDrawer.wave_id == wave.id)
    before = sorted(slip for some in db.session.scalars(slips) for slip in some)
    db.session.commit()
    flask_migrate.downgrade(revision="0007")
    flask_migrate.upgrade()
    after = db.session.scalars(slips).all()
    assert sorted(slip for some in after for slip in some) == before
    assert all(sealed.FULL // 2 <= len(some) < sealed.FULL for some in after)


def test_old_reports_and_questionnaires_say_what_new_columns_ask(loaded):
    """As the product itself would have written it."""
    latest = "SELECT id FROM activity_reports WHERE is_latest ORDER BY id"
    standing = (
        "SELECT plan_id, heard_at, lines, lines_done, lines_blocked FROM plan_standings ORDER BY plan_id"
    )
    with db.engine.connect() as connection:
        before = [connection.execute(sa.text(query)).all() for query in (latest, standing)]
    db.session.remove()
    flask_migrate.downgrade(revision="0002")
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        assert [connection.execute(sa.text(query)).all() for query in (latest, standing)] == before
        unentered = (
            "SELECT count(*) FROM questions q JOIN survey_versions v ON v.id = q.version_id"
            " JOIN surveys s ON s.id = v.survey_id WHERE v.published_at IS NOT NULL AND NOT EXISTS"
            " (SELECT 1 FROM bank_questions b WHERE b.key = q.key AND b.programme_id = s.programme_id)"
        )
        assert connection.scalar(sa.text(unentered)) == 0
