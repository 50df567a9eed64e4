"""Alembic's way to our models and our database."""

from alembic import context
from flask import current_app

from trainingapp.db import Json, UTCDateTime, db


def run() -> None:
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            compare_type=True,
            render_as_batch=True,
            render_item=_without_our_types,
            process_revision_directives=_nothing_empty,
        )
        with context.begin_transaction():
            context.run_migrations()


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
