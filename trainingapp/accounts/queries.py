"""Questions about users, their sessions and the trail. Lists are paged by key: the last row seen."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from trainingapp import paging
from trainingapp.accounts.models import AuditEntry, FirstRun, LoginSession, User, UserState
from trainingapp.db import db
from trainingapp.paging import Page
from trainingapp.tokens import fingerprint


def user_by_email(email: str) -> User | None:
    return db.session.scalar(sa.select(User).where(User.email == email.strip().lower()))


def credentials(email: str) -> tuple[int | None, str | None]:
    """Id and password hash of the enabled user with this address; plain values, no row is held."""
    query = sa.select(User.id, User.password_hash).where(User.email == email.strip().lower(), User.is_enabled)
    found = db.session.execute(query).one_or_none()
    return (found.id, found.password_hash) if found else (None, None)


def users(q: str = "", state: UserState | None = None, after: str | None = None) -> Page[User]:
    """By name, fifty at a time. `q` is any part of a name or an e-mail address."""
    query = sa.select(User)
    if q:
        query = query.where(_named(q))
    if state:
        query = query.where(_in_state(state))
    return paging.page(query, (User.name, User.id), after=after)


def count_by_state() -> dict[UserState, int]:
    counts = [sa.func.count().filter(_in_state(state)) for state in UserState]
    found = db.session.execute(sa.select(*counts).select_from(User)).one()
    return dict(zip(UserState, found, strict=True))


def administrators() -> int:
    """How many can sign in, or could once they use their invitation."""
    query = sa.select(sa.func.count()).where(User.is_administrator, User.is_enabled)
    return db.session.scalar(query) or 0


def has_users() -> bool:
    return db.session.scalar(sa.select(User.id).limit(1)) is not None


def running_sessions(user: User, now: datetime) -> list[LoginSession]:
    """The latest first; bounded, for a robot may have opened many."""
    query = (
        sa.select(LoginSession)
        .where(LoginSession.user_id == user.id, LoginSession.ends_at > now)
        .order_by(LoginSession.began_at.desc(), LoginSession.id.desc())
        .limit(paging.SIZE)
    )
    return list(db.session.scalars(query))


def first_run(code: str, now: datetime) -> FirstRun | None:
    """The code printed on the console, while it can be used."""
    plain = code.replace("-", "").replace(" ", "").upper()
    query = sa.select(FirstRun).where(
        FirstRun.code_hash == fingerprint(plain), FirstRun.used_at.is_(None), FirstRun.expires_at > now
    )
    return db.session.scalar(query)


@dataclass(frozen=True)
class TrailFilter:
    subject: str = ""  # a table's name
    subject_id: int | None = None
    actor_id: int | None = None
    actor: str = ""  # part of a name or address, or "system", "personal link"
    programme_id: int | None = None
    since: date | None = None
    until: date | None = None  # that day included
    zone: str = "UTC"  # in which the days are meant


def trail(wanted: TrailFilter, after: str | None = None) -> Page[AuditEntry]:
    """The latest first, fifty at a time."""
    query = sa.select(AuditEntry)
    exact = {
        AuditEntry.subject: wanted.subject or None,
        AuditEntry.subject_id: wanted.subject_id,
        AuditEntry.actor_id: wanted.actor_id,
        AuditEntry.programme_id: wanted.programme_id,
    }
    query = query.where(*(column == value for column, value in exact.items() if value is not None))
    if wanted.actor:
        people = sa.select(User.id).where(_named(wanted.actor))
        query = query.where(sa.or_(AuditEntry.actor_id.in_(people), AuditEntry.actor == wanted.actor))
    if wanted.since:
        query = query.where(AuditEntry.at >= _midnight(wanted.since, wanted.zone))
    if wanted.until:
        query = query.where(AuditEntry.at < _midnight(wanted.until, wanted.zone) + timedelta(days=1))
    return paging.page(query, (AuditEntry.id,), after=after, descending=True)


def _named(text: str) -> sa.ColumnElement[bool]:
    return sa.or_(
        User.name.icontains(text, autoescape=True), User.email.contains(text.lower(), autoescape=True)
    )


def _in_state(state: UserState) -> sa.ColumnElement[bool]:
    has_password = User.password_hash.is_not(None)
    return {
        UserState.ACTIVE: sa.and_(User.is_enabled, has_password),
        UserState.INVITED: sa.and_(User.is_enabled, ~has_password),
        UserState.DISABLED: ~User.is_enabled,
    }[state]


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))
