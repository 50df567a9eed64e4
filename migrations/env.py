"""Alembic's way to our models and our database."""

from alembic import context
from flask import current_app

from trainingapp.db import db


def run() -> None:
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            compare_type=True,
            render_as_batch=True,
            process_revision_directives=_nothing_empty,
        )
        with context.begin_transaction():
            context.run_migrations()


def _nothing_empty(_context: object, _revision: object, directives: list) -> None:
    """A revision that changes nothing is not written."""
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


assert current_app, "run through `trainingapp db` or flask_migrate"
run()
