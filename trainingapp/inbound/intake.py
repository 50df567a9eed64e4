"""Reading the inbox, one mail a transaction. It commits: a mail is moved away only after it is recorded."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from ssl import SSLContext
from time import monotonic

from flask import current_app
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from trainingapp.config import Config
from trainingapp.db import db
from trainingapp.inbound import actions
from trainingapp.inbound.imap import Imap
from trainingapp.inbound.inboxes import CannotReach, Inbox, Maildir, Nowhere, Waiting, read_url
from trainingapp.inbound.models import BounceEvent

A_TURN = 200  # mails
AWAY = (OperationalError, InterfaceError, NoConnection)
LONGEST = 45.0  # seconds: the next turn goes on where this one ended


def opened(settings: Config, trust: SSLContext | None = None) -> Inbox:
    """As MAIL_INBOX says; `trust` is for a server of a private authority. Raises CannotReach, ConfigError."""
    if not settings.mail_inbox:
        return Nowhere()
    place = read_url(settings.mail_inbox)
    return Maildir(place) if isinstance(place, Path) else Imap(place, trust)


def turn(inbox: Inbox, now: Callable[[], datetime], at_most: int = A_TURN) -> Counter[str]:
    """What was read, by kind. A mail that cannot be read is set aside; the others are read all the same."""
    tally = Counter[str]()
    deadline = monotonic() + LONGEST
    for each in inbox.waiting(at_most):
        tally[_one(inbox, each, now())] += 1
        if monotonic() > deadline:
            break
    return tally


def read_now(settings: Config, now: Callable[[], datetime]) -> None:
    """What a worker does every minute. An inbox that is away is one line in the log, not a fault of ours."""
    try:
        with opened(settings) as inbox:
            turn(inbox, now)
    except CannotReach as problem:
        current_app.logger.warning("the inbox of returned mail cannot be read: %s", problem)


def forget(settings: Config, before: datetime) -> None:
    """Deletes what was read before that day."""
    try:
        with opened(settings) as inbox:
            inbox.forget(before)
    except CannotReach as problem:
        current_app.logger.warning("old returned mail cannot be deleted: %s", problem)


def _one(inbox: Inbox, each: Waiting, now: datetime) -> str:
    try:
        event = actions.take_in(each.raw, now) if each.raw is not None else None
        kind = event.kind.value if event else "set aside"
        db.session.commit()
    except actions.NotYet:
        db.session.rollback()
        return "later"
    except Exception as problem:  # whatever odd mail does to us: it must not stand in the way of the next
        db.session.rollback()
        if isinstance(problem, AWAY):  # the database: that is no fault of the mail
            raise
        current_app.logger.exception("returned mail %s cannot be read and is set aside", each.key)
        event, kind = None, "set aside"
    if event:
        inbox.done(each.key)
    else:
        inbox.set_aside(each.key)
    return kind


def receive(raw: bytes, now: datetime, delivered_to: str = "") -> BounceEvent | None:
    """One mail from a mail server's pipe. Raises NotYet and what is AWAY: it should come again."""
    try:
        event = actions.take_in(raw, now, delivered_to)
        db.session.commit()
    except (actions.NotYet, *AWAY):
        db.session.rollback()
        raise
    except Exception:  # whatever it holds: its sender must not be told to send it for ever
        current_app.logger.exception("returned mail cannot be read and is set aside")
        db.session.rollback()
        aside = Maildir(current_app.config["SETTINGS"].var / "returned")
        aside.keep(raw, f"{now:%Y%m%dT%H%M%S%f}.pipe")
        return None
    return event
