"""The brake: nothing goes out, or nothing of one sender, until somebody lets go. What is due waits.

It is a pause without end, under a name that no relay has, so that a message that a relay takes meanwhile
does not lift it.
"""

from datetime import UTC, datetime

import sqlalchemy as sa

from trainingapp.db import db
from trainingapp.outbox.models import RelayPause

NO_END = datetime(9999, 1, 1, tzinfo=UTC)


def _name(sender: str | None) -> str:
    return f"* {sender}" if sender else "*"


def pull(why: str, now: datetime, sender: str | None = None) -> None:
    """Of everything, or of one sender. A second pull only changes the reason."""
    name = _name(sender)
    pause = db.session.get(RelayPause, name, with_for_update=True)
    if pause is None:
        db.session.add(RelayPause(relay=name, since=now, until=NO_END, times=0, text=why))
    else:
        pause.text = why


def let_go(sender: str | None = None) -> bool:
    """False: it was not pulled."""
    gone = sa.delete(RelayPause).where(RelayPause.relay == _name(sender))
    return db.session.scalar(gone.returning(RelayPause.relay)) is not None


def rests(relay: str, sender: str, now: datetime) -> bool:
    """Whether nothing may go through this relay now: it rests by itself, or somebody holds it."""
    names = (relay, _name(None), _name(sender))
    held = sa.exists().where(RelayPause.relay.in_(names), RelayPause.until > now)
    return bool(db.session.scalar(sa.select(held)))


def said(pause: RelayPause, now: datetime) -> str:
    """For `outbox status`."""
    since, until = (f"{moment:%Y-%m-%d %H:%M:%S} UTC" for moment in (pause.since, pause.until))
    if pause.relay.startswith("*"):
        return f"HELD since {since}: {pause.relay[2:] or 'everything'} ({pause.text})"
    word = "rests" if pause.until > now else "is tried again; it rested"
    return f"relay {pause.relay} {word} until {until}: {pause.text}"
