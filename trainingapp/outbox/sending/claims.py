"""Which due messages one sender may take now. The rows stay locked until the caller commits.

Only what is due is read, by the index: lanes that were kept waiting first, in each what is urgent first.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm.util import identity_key

from trainingapp.db import db, is_away, table
from trainingapp.outbox import queries
from trainingapp.outbox.kinds import KINDS
from trainingapp.outbox.models import URGENT, USUAL, EmailState, OutgoingEmail
from trainingapp.outbox.senders import Sender
from trainingapp.outbox.sending import fatigue
from trainingapp.outbox.sending.rates import ALL, Pace

ROUNDS = 20  # a claim; the next one goes on
WIDE = 500  # rows a round, once some had to leave for their lane
CONTENT_FAULT = "content refused"
BUSY = timedelta(minutes=1)  # what it is about is being written by somebody else

End = tuple[EmailState, str]  # what becomes of a message that is not sent, and why

_COLUMNS = OutgoingEmail.__table__.columns
_DUE = (
    sa.select(*_COLUMNS)
    .where(
        _COLUMNS.state == EmailState.QUEUED,
        _COLUMNS.sender == sa.bindparam("sender"),
        _COLUMNS.lane == sa.bindparam("lane"),
        _COLUMNS.priority == sa.bindparam("priority"),
        _COLUMNS.next_attempt_at <= sa.bindparam("until"),
    )
    .order_by(_COLUMNS.next_attempt_at, _COLUMNS.id)
    .limit(sa.bindparam("most"))
    .with_for_update(skip_locked=True)  # on SQLite BEGIN IMMEDIATE has locked out everybody else
)
_MOVE = (
    sa.update(table(OutgoingEmail))
    .where(_COLUMNS.id == sa.bindparam("number"))
    .values(next_attempt_at=sa.bindparam("moment"), lane="")
)


def due(sender: Sender, limit: int, now: datetime) -> list[OutgoingEmail]:
    """Up to `limit` that are wanted and have room; in no session, so that they outlive the transaction."""
    pace = Pace(sender, now)
    limit = most = min(limit, pace.room(ALL))
    for _ in range(ROUNDS if limit else 0):
        found = _next(pace, most, now)
        may_go, without_room = pace.admit(found, limit)
        if without_room:
            _change(without_room, lane=_COLUMNS.domain)
            most = WIDE
        ends = ask(may_go, now)
        for number, (state, why) in ends.items():
            _change([number], state=state, last_text=why, lane="")
        wanted = _in_turn([email for email in may_go if email.id not in ends], now)
        if wanted or not found:
            return wanted
    return []


def _next(pace: Pace, most: int, now: datetime) -> list[OutgoingEmail]:
    found: list[OutgoingEmail] = []
    lanes = [(domain, pace.room(domain)) for domain in pace.waiting]
    for priority in (URGENT, USUAL):
        for lane, room in [*lanes, ("", most)]:
            wanted = min(room, most - len(found))
            if wanted > 0:
                asked = {"sender": pace.sender.name, "lane": lane, "priority": priority}
                rows = db.session.execute(_DUE, {**asked, "until": now, "most": wanted})
                found += [OutgoingEmail(**row) for row in rows.mappings()]
    return found


def _in_turn(emails: list[OutgoingEmail], now: datetime) -> list[OutgoingEmail]:
    """Those that go now. Whose reader had another message this week waits, or ends where that is too late."""
    turns = fatigue.turns(emails, now)
    if not turns:
        return emails
    moments: dict[int, datetime] = {}
    late: list[int] = []
    for email, turn in _put_off([email for email in emails if email.id in turns], turns, now):
        if email.not_after and turn >= email.not_after:
            late.append(email.id)
        else:
            moments[email.id] = turn
    if late:
        _change(late, state=EmailState.SKIPPED, last_text=fatigue.TOO_MANY, lane="")
    if moments:
        moved = [{"number": number, "moment": moment} for number, moment in moments.items()]
        db.session.connection().execute(_MOVE, moved)
        _forget(list(moments))
    return [email for email in emails if email.id not in turns]


def _put_off(
    emails: Sequence[OutgoingEmail], turns: Mapping[int, datetime], now: datetime
) -> Iterator[tuple[OutgoingEmail, datetime]]:
    by_kind = defaultdict[str, list[OutgoingEmail]](list)
    for email in emails:
        by_kind[email.kind].append(email)
    for kind, of_kind in by_kind.items():
        moments = KINDS[kind].put_off(of_kind, turns)
        yield from ((email, moments.get(email.id, now + BUSY)) for email in of_kind)


def ask(emails: Sequence[OutgoingEmail], now: datetime) -> Mapping[int, End]:
    """As unwanted; when that fails each is asked alone, and who cannot be asked about is set aside."""
    try:
        with db.session.begin_nested():
            return unwanted(emails, now)
    except Exception as problem:
        if is_away(problem):
            raise
        if len(emails) == 1:
            current_app.logger.exception("asking about e-mail %s failed", emails[0].id)
            return {emails[0].id: (EmailState.SET_ASIDE, f"{type(problem).__name__}: {problem}")}
    return {number: end for email in emails for number, end in ask([email], now).items()}


def unwanted(emails: Sequence[OutgoingEmail], now: datetime) -> Mapping[int, End]:
    """Those that must not be sent (any more). A constant number of queries for each kind."""
    if not emails:
        return {}
    suppressed, faulty = queries.stops(emails)
    ends: dict[int, End] = {}
    by_kind = defaultdict[str, list[OutgoingEmail]](list)
    for email in emails:
        if email.not_after and now > email.not_after:
            ends[email.id] = EmailState.SKIPPED, "expired"
        elif {(email.address_hmac, "all"), (email.address_hmac, email.topic)} & suppressed:
            ends[email.id] = EmailState.SKIPPED, "suppressed"
        elif email.batch in faulty:
            ends[email.id] = EmailState.HELD, CONTENT_FAULT
        else:
            by_kind[email.kind].append(email)
    for kind, of_kind in by_kind.items():
        reasons = KINDS[kind].unwanted_among(of_kind)
        ends |= {number: (EmailState.SKIPPED, reason) for number, reason in reasons.items()}
    return ends


def _change(numbers: list[int], **values: object) -> None:
    change = sa.update(OutgoingEmail).where(OutgoingEmail.id.in_(numbers)).values(**values)
    run(change, numbers)


def run(change: sa.Update, numbers: list[int], asked: Mapping[str, object] | None = None) -> int:
    """How many rows it changed. What the session knows of them is read again when somebody looks."""
    result = db.session.execute(change, asked or {}, execution_options={"synchronize_session": False})
    _forget(numbers)
    return int(getattr(result, "rowcount", 0))


def _forget(numbers: list[int]) -> None:
    for number in numbers:
        if (known := db.session.identity_map.get(identity_key(OutgoingEmail, number))) is not None:
            db.session.expire(known)
