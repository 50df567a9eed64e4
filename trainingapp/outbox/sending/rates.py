"""How fast a sender may go, in all and to each domain. The caller commits, and soon: buckets are locked.

A bucket notes up to when it is paid for: each message moves that on by its share of a second, and what was
not used in the last few seconds may be made up. A domain that asks for patience is halved and recovers by
itself. What its domain has no room for moves to a lane of its own, where nobody else's mail waits behind it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from trainingapp.db import db, insert
from trainingapp.outbox.models import URGENT, USUAL, WAITING, EmailState, OutgoingEmail, RateBucket
from trainingapp.outbox.senders import Sender

ALL = ""  # the domain that stands for all
SAVED = timedelta(seconds=5)  # a ring: so much of what was not used may be made up
OPEN = 10.0  # messages a second to a domain without a limit of its own, when it first asks for patience
SLOWEST = 1 / 60
DOUBLES = timedelta(minutes=30)  # a slowed domain is twice as fast again
PATIENCE = timedelta(minutes=1)  # what a whole batch is told counts once
FORGOTTEN = timedelta(days=1)
ENDLESS = 1_000_000


# When the first of its lane was due. In this shape: of an EXISTS PostgreSQL makes a look at every message.
WAITS_SINCE = (
    sa.select(OutgoingEmail.next_attempt_at)
    .where(
        OutgoingEmail.state == EmailState.QUEUED,
        OutgoingEmail.sender == RateBucket.sender,
        OutgoingEmail.lane == RateBucket.domain,
        RateBucket.domain != ALL,  # which is no lane: "" is the one that all begin in
        OutgoingEmail.priority.in_((URGENT, USUAL)),
        OutgoingEmail.next_attempt_at <= sa.bindparam("until"),
    )
    .order_by(OutgoingEmail.priority, OutgoingEmail.next_attempt_at)
    .limit(1)
    .correlate(RateBucket)
    .scalar_subquery()
)
_IN_LANE = (
    sa.select(OutgoingEmail.id)
    .where(
        OutgoingEmail.state.in_(WAITING),
        OutgoingEmail.sender == RateBucket.sender,
        OutgoingEmail.lane == RateBucket.domain,
    )
    .limit(1)
    .correlate(RateBucket)
    .scalar_subquery()
)
_BUCKETS = (
    sa.select(RateBucket, WAITS_SINCE)
    .where(RateBucket.sender == sa.bindparam("name"))
    .order_by(RateBucket.domain)
    .with_for_update(of=RateBucket)
    .execution_options(populate_existing=True)
)


def rate(bucket: RateBucket, limit: float | None, now: datetime) -> float | None:
    """Messages a second; None for as many as come."""
    if bucket.slowed_to is None or bucket.slowed_at is None:
        return limit
    recovered = bucket.slowed_to * 2.0 ** min((now - bucket.slowed_at) / DOUBLES, 60)
    return recovered if recovered < (limit or OPEN) else limit


def room(bucket: RateBucket, per_second: float | None, now: datetime) -> int:
    """How many may go at this moment."""
    if per_second is None:
        return ENDLESS
    unused = (now - max(_paid(bucket, per_second, now), now - SAVED)).total_seconds()
    return 0 if unused < 0 else int(unused * per_second) + 1


def pay(bucket: RateBucket, number: int, per_second: float, now: datetime) -> None:
    start = max(_paid(bucket, per_second, now), now - SAVED)
    bucket.paid_until = start + timedelta(seconds=number / per_second)


def _paid(bucket: RateBucket, per_second: float, now: datetime) -> datetime:
    """Nobody pays for longer than one message: what is well beyond, a clock that jumped has written."""
    longest = now + timedelta(seconds=1 / per_second) + SAVED
    return bucket.paid_until if bucket.paid_until <= longest else now


class Pace:
    """One sender's buckets, locked until the caller commits. Only what has a limit has a bucket."""

    def __init__(self, sender: Sender, now: datetime) -> None:
        self.sender = sender
        self.now = now
        if sender.per_second:
            self._open([ALL])
        rows = db.session.execute(_BUCKETS, {"name": sender.name, "until": now}).all()
        self._buckets = {bucket.domain: bucket for bucket, _ in rows}
        self.waiting = [bucket.domain for bucket, since in rows if since and self.room(bucket.domain)]

    def room(self, domain: str) -> int:
        bucket = self._buckets.get(domain)
        if bucket is None:
            return ENDLESS
        return room(bucket, rate(bucket, self._limit(domain), self.now), self.now)

    def admit(self, emails: Sequence[OutgoingEmail], most: int) -> tuple[list[OutgoingEmail], list[int]]:
        """Those that may go now, and pays for them; and the ids of those whose domain has no room."""
        self._know({email.domain for email in emails})
        may_go: list[OutgoingEmail] = []
        without_room: list[int] = []
        for email in emails:
            if not self.room(email.domain):
                without_room.append(email.id)
            elif len(may_go) < most:
                may_go.append(email)
                self._pay(email.domain)
                self._pay(ALL)
        return may_go, without_room

    def _limit(self, domain: str) -> float | None:
        return self.sender.per_second if domain == ALL else self.sender.per_domain_second

    def _pay(self, domain: str) -> None:
        if bucket := self._buckets.get(domain):
            per_second = rate(bucket, self._limit(domain), self.now)
            if per_second:
                pay(bucket, 1, per_second, self.now)

    def _know(self, domains: set[str]) -> None:
        new = domains - self._buckets.keys()
        if new and self.sender.per_domain_second:
            self._open(sorted(new))
            theirs = sa.select(RateBucket).where(
                RateBucket.sender == self.sender.name, RateBucket.domain.in_(new)
            )
            self._buckets |= {bucket.domain: bucket for bucket in db.session.scalars(theirs)}

    def _open(self, domains: Iterable[str]) -> None:
        open_buckets(self.sender.name, domains, self.now)


def open_buckets(sender: str, domains: Iterable[str], now: datetime) -> None:
    """Full ones, where there are none yet."""
    rows = [{"sender": sender, "domain": domain, "paid_until": now - SAVED} for domain in domains]
    db.session.execute(insert(RateBucket).on_conflict_do_nothing(), rows)


def slow_down(sender: Sender, domain: str, now: datetime) -> None:
    """It said 421 or 4.7: half as fast from now on, recovering slowly."""
    open_buckets(sender.name, [domain], now)
    bucket = db.session.get_one(
        RateBucket, (sender.name, domain), with_for_update=True, populate_existing=True
    )
    if bucket.slowed_at and timedelta(0) <= now - bucket.slowed_at < PATIENCE:
        return
    before = rate(bucket, sender.per_domain_second, now) or OPEN
    bucket.slowed_to, bucket.slowed_at = max(before / 2, SLOWEST), now
    bucket.paid_until = now + timedelta(seconds=1 / bucket.slowed_to)


def forget(now: datetime) -> None:
    """Buckets that are full and whose lane is empty."""
    idle = (
        RateBucket.domain != ALL,
        RateBucket.paid_until < now - 2 * SAVED,
        sa.or_(RateBucket.slowed_at.is_(None), RateBucket.slowed_at < now - FORGOTTEN),
    )
    found = db.session.execute(sa.select(RateBucket.sender, RateBucket.domain, _IN_LANE).where(*idle)).all()
    for sender, domain, in_lane in found:
        if in_lane is None:
            its = sa.delete(RateBucket).where(RateBucket.sender == sender, RateBucket.domain == domain, *idle)
            db.session.execute(its, execution_options={"synchronize_session": False})
