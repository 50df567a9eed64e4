"""Verbs over many messages at once: a constant number of statements, however many people a wave has.

`abouts` is a SELECT of "table:id" texts, so that no list of ten thousand keys leaves the database.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app

from trainingapp.db import db, insert
from trainingapp.outbox import addresses, senders
from trainingapp.outbox.actions import message_id, reader_of
from trainingapp.outbox.kinds import KINDS, priority
from trainingapp.outbox.models import CAN_BE_STOPPED, WAITING, EmailState, OutgoingEmail

Abouts = sa.Select[str]


def enqueue_many(
    kind: str, messages: Iterable[Mapping[str, Any]], now: datetime, *, batch: str | None = None
) -> None:
    """As enqueue, for rows of dedupe_key, address, language, about, facts, send_at, not_after, reader."""
    topic = KINDS[kind].topic
    of_all = {
        "kind": kind,
        "topic": topic,
        "batch": batch,
        "sender": senders.name_for(current_app.config["SETTINGS"], topic),
        "priority": priority(kind),
    }
    rows = [{**of_all, **_row(kind, message, now)} for message in messages]
    if rows:
        unless_known = insert(OutgoingEmail).on_conflict_do_nothing(index_elements=["dedupe_key"])
        db.session.execute(unless_known, rows)


def _row(kind: str, message: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    values = dict(message)
    return {
        **values,
        "message_id": message_id(values["dedupe_key"]),
        "address_hmac": addresses.digest(values["address"]),
        "domain": addresses.domain(values["address"]),
        "reader": reader_of(kind, values["address"], values.pop("reader", None)),
        "next_attempt_at": values.pop("send_at"),
        "created_at": now,
        "state": EmailState.QUEUED,
        "attempts": 0,
    }


def cancel_all(abouts: Abouts, reason: str) -> int:
    return _change(abouts, CAN_BE_STOPPED, state=EmailState.CANCELLED, last_text=reason)


def hold_all(abouts: Abouts) -> int:
    """What waits stays where it is until release_all."""
    return _change(abouts, (EmailState.QUEUED,), state=EmailState.HELD)


def release_all(abouts: Abouts, held_because: str) -> int:
    """What was held, and what a sender let go for that very reason, having claimed it just before."""
    _change(abouts, (EmailState.SKIPPED,), held_because, state=EmailState.QUEUED, last_text=None)
    return _change(abouts, (EmailState.HELD,), state=EmailState.QUEUED)


def move(abouts: Abouts, moment: datetime) -> int:
    """Whatever waits for its hour goes at this one."""
    return _change(abouts, WAITING, next_attempt_at=moment)


def reword(abouts: Abouts, language: str) -> int:
    """Whatever waits is written in this language."""
    return _change(abouts, WAITING, language=language)


def readdress(abouts: Abouts, address: str) -> int:
    """Whatever waits goes to this address of the same reader."""
    return _change(
        abouts,
        WAITING,
        address=address,
        address_hmac=addresses.digest(address),
        domain=addresses.domain(address),
        lane="",
    )


def move_end(abouts: Abouts, moment: datetime) -> int:
    """Not after this moment."""
    return _change(abouts, WAITING, not_after=moment)


def _change(abouts: Abouts, of: tuple[EmailState, ...], text: str | None = None, **values: Any) -> int:
    change = sa.update(OutgoingEmail).where(OutgoingEmail.about.in_(abouts), OutgoingEmail.state.in_(of))
    if text is not None:
        change = change.where(OutgoingEmail.last_text == text)
    result = db.session.execute(change.values(**values), execution_options={"synchronize_session": False})
    return int(getattr(result, "rowcount", 0))
