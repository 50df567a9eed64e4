"""A programme's tags: found by name, made when they are new."""

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp.db import db
from trainingapp.feedback.models import Tag
from trainingapp.refusals import Refusal

LONGEST_TAG = 60


class TagMissing(Refusal):
    """A tag has a name."""


def named(programme_id: int, name: str) -> Tag:
    """The same name twice, in capitals or not, is one tag. Raises TagMissing."""
    name = " ".join(name.split())[:LONGEST_TAG]
    if not name:
        raise TagMissing(_("Write the tag's name first."), "tag")
    found = _same(programme_id, name)
    if found:
        return found
    try:
        with db.session.begin_nested():
            made = Tag(programme_id=programme_id, name=name)
            db.session.add(made)
    except IntegrityError:
        return db.session.scalars(
            sa.select(Tag).where(Tag.programme_id == programme_id, Tag.name == name)
        ).one()
    return made


def _same(programme_id: int, name: str) -> Tag | None:
    """SQLite makes no capitals but A to Z small, so they are compared here: a programme has some dozens."""
    tags = db.session.scalars(sa.select(Tag).where(Tag.programme_id == programme_id).order_by(Tag.id))
    return next((tag for tag in tags if tag.name.casefold() == name.casefold()), None)
