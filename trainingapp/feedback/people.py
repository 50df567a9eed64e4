"""Who reads feedback, and may be given a comment."""

from collections.abc import Sequence

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp.accounts.models import User
from trainingapp.db import db
from trainingapp.programmes.models import Membership
from trainingapp.programmes.roles import ALLOWED, Permission, programmes_of
from trainingapp.refusals import Refusal

OFFERED = 100


class NotTheirs(Refusal):
    """A comment goes only to somebody who may read it."""


def readers(user: User) -> Sequence[User]:
    """Those who share a programme with the user, in order of name; an administrator sees all of them."""
    roles = [role for role, held in ALLOWED.items() if Permission.READ_FEEDBACK in held]
    reading = sa.select(Membership.user_id).where(Membership.role.in_(roles))
    if not user.is_administrator:
        reading = reading.where(Membership.programme_id.in_(programmes_of(user, Permission.READ_FEEDBACK)))
    query = sa.select(User).where(User.id.in_(reading), User.is_enabled)
    return db.session.scalars(query.order_by(User.name, User.id).limit(OFFERED)).all()


def check_owner(owner: User | None, programmes: set[int]) -> None:
    """Raises NotTheirs."""
    if owner is None or owner.is_administrator:
        return
    if not programmes <= set(programmes_of(owner, Permission.READ_FEEDBACK)):
        raise NotTheirs(_("%(name)s does not read the feedback of this programme.", name=owner.name), "owner")
