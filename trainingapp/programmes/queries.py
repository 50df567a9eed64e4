"""Questions about programmes and their themes."""

import sqlalchemy as sa

from trainingapp.db import db
from trainingapp.programmes.models import Programme, Theme
from trainingapp.programmes.roles import Permission, on


def programmes(permission: Permission = Permission.SEE_PROGRAMME) -> list[Programme]:
    """Those on which the reader holds the permission, by name."""
    query = sa.select(Programme).where(on(Programme.id, permission)).order_by(Programme.name)
    return list(db.session.scalars(query))


def by_slug(slug: str) -> Programme | None:
    return db.session.scalar(sa.select(Programme).where(Programme.slug == slug))


def themes(programme: Programme) -> list[Theme]:
    """Newest year first."""
    query = sa.select(Theme).where(Theme.programme_id == programme.id)
    return list(db.session.scalars(query.order_by(Theme.year.desc(), Theme.title)))
