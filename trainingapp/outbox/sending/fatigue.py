"""The fatigue guard: of all that we send unbidden, one person gets no more than one message a week.

The one place of this rule. Which kinds it is about, and which of them matters more, each kind says itself
(kinds.Asks). The planners keep it by asking `latest`; the sender keeps it whatever they planned, inside the
claim, where nobody can send to the same person at the same moment.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from trainingapp.db import UTCDateTime, db
from trainingapp.outbox.kinds import KINDS
from trainingapp.outbox.models import EmailState, OutgoingEmail

WEEK = timedelta(days=7)
YIELDS = timedelta(hours=1)  # to something weightier that is due, and that another sender may just be taking
TOO_MANY = "another message that week"

# What has arrived, or may have, or is on its way. What came back, or was given up, tired nobody.
REACHES = (
    EmailState.LEASED,
    EmailState.DOT,
    EmailState.SENT,
    EmailState.UNCERTAIN,
    EmailState.COMPLAINED,
)
PLANNED = (*REACHES, EmailState.QUEUED)

_WENT_AT = sa.func.coalesce(OutgoingEmail.sent_at, OutgoingEmail.dot_at)
_SAME_READER = OutgoingEmail.reader.in_(sa.bindparam("readers", expanding=True))
_BESIDE = sa.select(
    OutgoingEmail.id,
    OutgoingEmail.reader,
    OutgoingEmail.kind,
    OutgoingEmail.state,
    OutgoingEmail.next_attempt_at,
    _WENT_AT.label("went_at"),
).where(
    _SAME_READER,
    sa.or_(
        sa.and_(
            OutgoingEmail.state.in_(REACHES),
            sa.or_(_WENT_AT.is_(None), sa.bindparam("since", type_=UTCDateTime()) < _WENT_AT),
        ),
        sa.and_(
            OutgoingEmail.state == EmailState.QUEUED, OutgoingEmail.next_attempt_at <= sa.bindparam("until")
        ),
    ),
)
_KEYS = sa.func.unnest(sa.bindparam("keys", type_=ARRAY(sa.BigInteger))).column_valued("key")
_LOCKS = sa.select(sa.func.pg_advisory_xact_lock(_KEYS))
_LATEST = (
    sa.select(
        OutgoingEmail.reader,
        sa.func.max(sa.func.coalesce(OutgoingEmail.sent_at, OutgoingEmail.next_attempt_at)),
    )
    .where(_SAME_READER, OutgoingEmail.state.in_(PLANNED))
    .group_by(OutgoingEmail.reader)
)


def latest(readers: Iterable[str]) -> dict[str, datetime]:
    """Reader -> the latest of what they get unbidden, sent or waiting for its moment."""
    found = db.session.execute(_LATEST, {"readers": list(readers)}).all()
    return {reader: moment for reader, moment in found if reader}


def turn(reader: str, now: datetime) -> datetime:
    """When something may go to them: now, or a week after what they got last."""
    return max([now, *(moment + WEEK for moment in _reached(_beside([reader], now)[reader], now))])


def count_apart(reader: str, address: str) -> None:
    """What went to this address reached somebody else, or nobody: it counts for the address alone."""
    theirs = sa.update(OutgoingEmail).where(OutgoingEmail.reader == reader, OutgoingEmail.address == address)
    db.session.execute(
        theirs.where(OutgoingEmail.state.in_(REACHES)).values(reader=OutgoingEmail.address_hmac),
        execution_options={"synchronize_session": False},
    )


def turns(emails: Sequence[OutgoingEmail], now: datetime) -> dict[int, datetime]:
    """Of these, which are about to be sent: those that may not go now, and the moment when they may.

    Whose reader has had another message within the week waits for its end; of several that are due to one
    reader the weightiest goes first. Holds the readers against other senders until the caller commits.
    """
    by_reader = defaultdict[str, list[OutgoingEmail]](list)
    for email in emails:
        if email.reader:
            by_reader[email.reader].append(email)
    if not by_reader:
        return {}
    _hold(by_reader)
    beside = _beside(by_reader, now)
    found: dict[int, datetime] = {}
    for reader, mine in by_reader.items():
        found |= _of_one(mine, beside[reader], now)
    return found


def _of_one(mine: Sequence[OutgoingEmail], rows: Sequence[Any], now: datetime) -> Mapping[int, datetime]:
    if reached := _reached(rows, now):
        return dict.fromkeys((email.id for email in mine), max(reached) + WEEK)
    first = min(rows, key=lambda row: (KINDS[row.kind].asks, row.next_attempt_at, row.id)).id
    others = [email.id for email in mine if email.id != first]
    return dict.fromkeys(others, now + (WEEK if len(others) < len(mine) else YIELDS))


def _reached(rows: Sequence[Any], now: datetime) -> list[datetime]:
    """When; what a sender holds at this moment may go now."""
    return [row.went_at or now for row in rows if row.state in REACHES]


def _beside(readers: Collection[str], now: datetime) -> Mapping[str, Sequence[Any]]:
    found = defaultdict[str, list[Any]](list)
    asked = {"readers": list(readers), "since": now - WEEK, "until": now}
    for row in db.session.execute(_BESIDE, asked):
        found[row.reader].append(row)
    return found


def _hold(readers: Iterable[str]) -> None:
    """In one order, so that two senders wait for each other one way only. SQLite lets one write at a time.

    What another sender took is read by the next statement: it sees what was committed before it.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(_LOCKS, {"keys": sorted(map(_key, readers))}).all()


def _key(reader: str) -> int:
    """Two readers with one key would only wait for each other."""
    return int.from_bytes(hashlib.sha256(f"reader {reader}".encode()).digest()[:8], signed=True)
