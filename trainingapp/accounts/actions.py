"""Verbs: invite someone, let them in, close their account, make them an administrator."""

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp.accounts import audit, links, passwords, queries, sessions
from trainingapp.accounts.models import FirstRun, LinkPurpose, LoginSession, PasswordLink, User
from trainingapp.db import db, lock
from trainingapp.refusals import Refusal
from trainingapp.tokens import fingerprint

FIRST_RUN_LASTS = timedelta(hours=24)
LONGEST_NAME = 200


class AddressTaken(Refusal):
    """One address, one account."""


class BadAddress(Refusal):
    pass


class BadName(Refusal):
    pass


class LinkClosed(Refusal):
    """Wrong, used, expired or replaced: it is not said which."""


class WrongPassword(Refusal):
    pass


class LastAdministrator(Refusal):
    """Somebody must be able to open the door to others."""


class NotTheFirst(Refusal):
    """A first-run code is for a server without any user."""


def invite(email: str, name: str, now: datetime, language: str = "en") -> User:
    """A user who chooses a password from a mail. Raises AddressTaken, BadAddress."""
    user = _add(email, name, now, language)
    audit.record(user, "invited", after=user.name)
    links.send(user, LinkPurpose.INVITATION, now)
    return user


def invite_again(user: User, now: datetime) -> None:
    """A new invitation, or a reset for someone who has a password; the older links close."""
    purpose = LinkPurpose.RESET if user.password_hash else LinkPurpose.INVITATION
    links.send(user, purpose, now)
    audit.record(user, "sent a link", after=purpose)


def ask_for_link(email: str, now: datetime) -> None:
    """What anybody may do for any address; the page says the same whether the account exists."""
    user = queries.user_by_email(email)
    if user is not None and user.is_enabled:
        purpose = LinkPurpose.RESET if user.password_hash else LinkPurpose.INVITATION
        links.send(user, purpose, now)
        audit.record(user, "asked for a link", after=purpose, by="sign-in page")


def signed_in(user: User, password: str) -> None:
    """Notes it, and brings an old hash to today's figures while the password is known."""
    if user.password_hash and passwords.is_dated(user.password_hash):
        user.password_hash = passwords.hashed(password)
    audit.record(user, "signed in")


def use_link(link: PasswordLink, password: str, now: datetime) -> User:
    """Sets the password, once. Raises LinkClosed if another request was quicker, or a password's Refusal."""
    lock(link)
    if link.used_at or link.expires_at <= now:
        raise LinkClosed(_("This link has closed."))
    _set_password(link.user, password)
    link.used_at = now
    links.close(link.user, now)
    audit.record(link.user, "set a password", facts={"from": link.purpose.value})
    return link.user


def change_password(user: User, current: str, password: str, now: datetime) -> None:
    """Every session ends, this one too. Raises WrongPassword, or a password's Refusal."""
    if not passwords.matches(user.password_hash, current):
        raise WrongPassword(_("This is not your current password."), "current")
    _set_password(user, password)
    links.close(user, now)
    audit.record(user, "changed the password")


def choose_password(user: User, password: str) -> None:
    """For a command at the console. Raises a password's Refusal."""
    _set_password(user, password)
    audit.record(user, "set a password")


def change_settings(user: User, *, name: str, language: str, time_zone: str) -> None:
    before = {"name": user.name, "language": user.language, "time_zone": user.time_zone}
    after = {"name": name, "language": language, "time_zone": time_zone}
    if before != after:
        user.name, user.language, user.time_zone = name, language, time_zone
        audit.record(user, "changed settings", facts={"before": before, "after": after})


def disable(user: User, now: datetime, why: str = "") -> None:
    """Ends every session and closes every link at once. Raises LastAdministrator."""
    _keep_an_administrator(user)
    user.is_enabled = False
    sessions.end_all(user)
    links.close(user, now)
    audit.record(user, "disabled", before="enabled", after="disabled", why=why or None)


def enable(user: User) -> None:
    user.is_enabled = True
    audit.record(user, "enabled", before="disabled", after="enabled")


def make_administrator(user: User) -> None:
    user.is_administrator = True
    sessions.end_all(user)
    audit.record(user, "made administrator")


def unmake_administrator(user: User) -> None:
    """Raises LastAdministrator."""
    _keep_an_administrator(user)
    user.is_administrator = False
    sessions.end_all(user)
    audit.record(user, "no longer administrator")


def end_session(row: LoginSession) -> None:
    audit.record(row.user, "ended a session", facts={"session": row.id})
    db.session.delete(row)


def end_all_sessions(user: User) -> None:
    sessions.end_all(user)
    audit.record(user, "ended all sessions")


def begin_first_run(now: datetime) -> str:
    """A code to type on the first page, twenty letters and digits in groups of five. Raises NotTheFirst."""
    if queries.has_users():
        raise NotTheFirst(_("This server has users already. An administrator can invite more."))
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that look alike
    code = "".join(secrets.choice(letters) for _place in range(20))
    db.session.execute(sa.update(FirstRun).values(expires_at=now))
    row = FirstRun(code_hash=fingerprint(code), expires_at=now + FIRST_RUN_LASTS)
    db.session.add(row)
    db.session.flush()
    audit.record(row, "printed a code")
    return "-".join(code[start : start + 5] for start in range(0, 20, 5))


def first_administrator(code: str, email: str, name: str, password: str, now: datetime) -> User:
    """Raises LinkClosed, NotTheFirst, or a Refusal about the address or the password."""
    row = queries.first_run(code, now)
    if row is None:
        raise LinkClosed(_("This code is not right, or it was used. Print a new one on the server."), "code")
    lock(row)
    if row.used_at or queries.has_users():
        raise NotTheFirst(_("Somebody else has just set this server up."))
    user = _add(email, name, now, "en")
    _set_password(user, password)
    user.is_administrator = True
    row.used_at = now
    audit.record(user, "made the first administrator", by="first run")
    return user


def _add(email: str, name: str, now: datetime, language: str) -> User:
    try:
        address = validate_email(email.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as problem:
        raise BadAddress(
            _("This is not an email address. Write it like devi@example.org."), "email"
        ) from problem
    if len(name) > LONGEST_NAME:
        raise BadName(_("A name has at most %(most)d letters.", most=LONGEST_NAME), "name")
    user = User(email=address, name=name, language=language, created_at=now)
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except IntegrityError as taken:
        raise AddressTaken(_("Someone with this address has an account already."), "email") from taken
    return user


def _set_password(user: User, password: str) -> None:
    passwords.check(password, [user.name, *user.email.split("@")])
    passwords.change(user, password)


def _keep_an_administrator(user: User) -> None:
    """Two administrators who remove each other at once: the rows are held while they are counted."""
    if not (user.is_administrator and user.is_enabled):
        return
    held = sa.select(User.id).where(User.is_administrator, User.is_enabled).order_by(User.id)
    if len(db.session.scalars(held.with_for_update()).all()) == 1:
        raise LastAdministrator(
            _("%(name)s is the last administrator. Make someone else an administrator first.", name=user.name)
        )
