"""Who has which role on which programme: verbs and questions."""

from collections.abc import Iterable

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from trainingapp.accounts import audit, sessions
from trainingapp.accounts.models import User
from trainingapp.db import db
from trainingapp.programmes.models import Membership, Programme, Role
from trainingapp.refusals import Refusal


class AlreadyGranted(Refusal):
    pass


class CountryMissing(Refusal):
    """A focal point speaks for one country."""


def grant(user: User, programme: Programme, role: Role, country: str = "") -> Membership:
    """Raises AlreadyGranted, CountryMissing. The user signs in again: a session never grows new rights."""
    if role == Role.FOCAL_POINT and not country:
        raise CountryMissing(_("Choose the country this focal point speaks for."), "country")
    row = Membership(
        user_id=user.id,
        programme_id=programme.id,
        role=role,
        country=country if role == Role.FOCAL_POINT else "",
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as taken:
        raise AlreadyGranted(_("%(name)s has this role already.", name=user.name), "role") from taken
    sessions.end_all(user)
    audit.record(user, "granted a role", after=_said(row), programme_id=programme.id)
    return row


def revoke(membership: Membership) -> None:
    audit.record(
        membership.user, "revoked a role", before=_said(membership), programme_id=membership.programme_id
    )
    sessions.end_all(membership.user)
    db.session.delete(membership)


def of_users(ids: Iterable[int]) -> dict[int, list[Membership]]:
    """User id -> memberships, programme loaded, in one query."""
    query = (
        sa.select(Membership)
        .join(Membership.programme)
        .where(Membership.user_id.in_(list(ids)))
        .options(joinedload(Membership.programme))
        .order_by(Programme.short_name, Membership.role, Membership.country)
    )
    found: dict[int, list[Membership]] = {}
    for row in db.session.scalars(query):
        found.setdefault(row.user_id, []).append(row)
    return found


def _said(row: Membership) -> str:
    return f"{row.role.value} {row.country}".strip()
