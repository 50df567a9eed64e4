"""Who reads feedback, and may be given a comment."""

from collections.abc import Sequence

import sqlalchemy as sa

from trainingapp.accounts.models import User
from trainingapp.db import db
from trainingapp.programmes.models import Membership
from trainingapp.programmes.roles import ALLOWED, Permission, programmes_of

OFFERED = 100


def readers(user: User) -> Sequence[User]:
    """Those who share a programme with the user, in order of name; an administrator sees all of them."""
    roles = [role for role, held in ALLOWED.items() if Permission.READ_FEEDBACK in held]
    reading = sa.select(Membership.user_id).where(Membership.role.in_(roles))
    if not user.is_administrator:
        reading = reading.where(Membership.programme_id.in_(programmes_of(user, Permission.READ_FEEDBACK)))
    query = sa.select(User).where(User.id.in_(reading), User.is_enabled)
    return db.session.scalars(query.order_by(User.name, User.id).limit(OFFERED)).all()
