"""What each role may do, in one table, and the two questions asked of it.

Someone else's programme is 404: it is not said to exist. One's own programme without the right is 403.
"""

from collections.abc import Callable
from enum import StrEnum

import sqlalchemy as sa
from flask import abort, g
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import InstrumentedAttribute

from trainingapp.access import View, guarded_by
from trainingapp.accounts.models import User
from trainingapp.accounts.sessions import login_manager
from trainingapp.db import db
from trainingapp.programmes.models import Membership, Role
from trainingapp.security_log import note


class Permission(StrEnum):
    SEE_PROGRAMME = "see programme"  # editions, themes and totals; never a person
    SEE_PEOPLE = "see people"
    MANAGE_COHORTS = "manage cohorts"
    ENROL = "enrol"
    MANAGE_VISITS = "manage visits"
    SEE_PLANS = "see plans"
    REVIEW_PLANS = "review plans"
    SEE_FOLLOWUPS = "see follow-ups"
    RUN_FOLLOWUPS = "run follow-ups"
    READ_FEEDBACK = "read feedback"
    SEE_IMPACT = "see impact"  # figures that are not published yet, and the plans behind them
    FEED_IMPACT = "feed impact"  # link plans to frames, keep frames, publish
    WRITE_SUBMISSIONS = "write submissions"  # texts for others' platforms
    RELEASE_DATA = "release data"  # give out the anonymised set
    OPEN_TO_ALL = "open to all"  # let anybody read the page for donors
    WRITE_REPORTS = "write reports"  # drafts and their words, publish; what is out needs SEE_PROGRAMME
    SETTLE_PROMISES = "settle promises"  # what an edition promised: kept, or dropped with a reason
    MANAGE_USERS = "manage users"  # administrators only: no role holds it
    MANAGE_PROGRAMMES = "manage programmes"  # nor this


ALLOWED: dict[Role, frozenset[Permission]] = {
    Role.ORGANISER: frozenset(
        {
            Permission.SEE_PROGRAMME,
            Permission.SEE_PEOPLE,
            Permission.MANAGE_COHORTS,
            Permission.ENROL,
            Permission.MANAGE_VISITS,
            Permission.SEE_PLANS,
            Permission.SEE_FOLLOWUPS,
            Permission.SEE_IMPACT,
            Permission.WRITE_SUBMISSIONS,
            Permission.OPEN_TO_ALL,
            Permission.SETTLE_PROMISES,
        }
    ),
    Role.COORDINATOR: frozenset(
        {
            Permission.SEE_PROGRAMME,
            Permission.SEE_PEOPLE,
            Permission.SEE_PLANS,
            Permission.REVIEW_PLANS,
            Permission.SEE_FOLLOWUPS,
            Permission.RUN_FOLLOWUPS,
            Permission.READ_FEEDBACK,
            Permission.SEE_IMPACT,
            Permission.FEED_IMPACT,
            Permission.WRITE_SUBMISSIONS,
            Permission.RELEASE_DATA,
            Permission.WRITE_REPORTS,
            Permission.SETTLE_PROMISES,
        }
    ),
    Role.REVIEWER: frozenset(),
    Role.FOCAL_POINT: frozenset({Permission.SEE_PROGRAMME}),
    Role.VIEWER: frozenset({Permission.SEE_PROGRAMME}),
}


def _held(user: User) -> dict[int, frozenset[Permission]]:
    """Programme id -> what the user may do there; asked once a request."""
    if "permissions" not in g:
        held: dict[int, frozenset[Permission]] = {}
        query = sa.select(Membership.programme_id, Membership.role).where(Membership.user_id == user.id)
        for programme_id, role in db.session.execute(query):
            held[programme_id] = held.get(programme_id, frozenset()) | ALLOWED[role]
        g.permissions = held
    permissions: dict[int, frozenset[Permission]] = g.permissions
    return permissions


def can(permission: Permission, programme_id: int) -> bool:
    """Whether the signed-in user may do this on this programme."""
    if not current_user.is_authenticated:
        return False
    return current_user.is_administrator or permission in _held(current_user).get(programme_id, ())


def holds(permission: Permission) -> bool:
    """Whether the signed-in user may do this on any programme at all."""
    return current_user.is_administrator or any(permission in held for held in _held(current_user).values())


def require(permission: Permission, programme_id: int) -> None:
    """Call wherever an object is loaded by what the address says. Aborts with 404 or 403."""
    if can(permission, programme_id):
        return
    belongs = current_user.is_authenticated and _held(current_user).get(programme_id)
    note("refused", permission=permission, programme=programme_id, user=getattr(current_user, "id", None))
    abort(403 if belongs else 404)


def on(column: InstrumentedAttribute[int], permission: Permission) -> sa.ColumnElement[bool]:
    """A WHERE clause: only rows of programmes on which the signed-in user may do this."""
    if current_user.is_administrator:
        return sa.true()
    return column.in_([number for number, held in _held(current_user).items() if permission in held])


def programmes_of(user: User, permission: Permission) -> list[int]:
    """Ids of the programmes on which one of the user's roles holds it; an administrator needs none."""
    roles = [role for role, held in ALLOWED.items() if permission in held]
    query = sa.select(Membership.programme_id).where(
        Membership.user_id == user.id, Membership.role.in_(roles)
    )
    return list(db.session.scalars(query))


def needs(permission: Permission) -> Callable[[View], View]:
    """Marks a view: for people who hold the permission on some programme, and administrators."""

    def check() -> ResponseReturnValue | None:
        refused = signed_in_or_refused()
        if refused is not None:
            return refused
        if not holds(permission):
            note("refused", permission=permission, user=current_user.id)
            abort(403)
        return None

    return guarded_by(check)


def signed_in(view: View) -> View:
    """Marks a view: for anyone with an account."""
    return guarded_by(signed_in_or_refused)(view)


def signed_in_or_refused() -> ResponseReturnValue | None:
    if current_user.is_authenticated:
        return None
    refused: ResponseReturnValue = login_manager.unauthorized()
    return refused
