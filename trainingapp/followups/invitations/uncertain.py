"""Mail of which nobody knows whether it arrived: settled by evidence, by the schedule's rule, or by hand."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from trainingapp.accounts import audit
from trainingapp.db import db
from trainingapp.followups import calendar, queries
from trainingapp.followups.audience import CHUNK
from trainingapp.followups.models import Invitation, Schedule, UncertainRule, Wave
from trainingapp.followups.waves import ticks
from trainingapp.outbox import actions as outbox
from trainingapp.outbox.models import DeliveryAttempt, EmailState, OutgoingEmail
from trainingapp.surveys.models import Anonymity

GRACE = timedelta(hours=24)  # in which a bounce, a notice or the person may tell
OPENED = "the personal link was used"
_RULES = {
    UncertainRule.ASSUME_SENT: "by the rule of the schedule: taken as sent",
    UncertainRule.SEND_ONCE_MORE: "by the rule of the schedule: sent once more",
}
_BEFORE = len("invitation:")
_NUMBER = sa.cast(sa.func.substr(OutgoingEmail.about, _BEFORE + 1), sa.Integer)

Pair = tuple[OutgoingEmail, Invitation]


def _pairs() -> Any:
    """Only follow-up mail is about invitations; a person's own request for a link is no wave's."""
    return (
        sa.select(OutgoingEmail, Invitation)
        .join(Invitation, Invitation.id == _NUMBER)
        .join(Invitation.wave)
        .join(Wave.schedule)
        .where(
            OutgoingEmail.state == EmailState.UNCERTAIN, OutgoingEmail.kind.in_(["invitation", "reminder"])
        )
        .options(*queries.WHOLE)
        .order_by(OutgoingEmail.id)
        .limit(CHUNK)
    )


def of_wave(wave: Wave) -> Sequence[Pair]:
    """The first of them, with whom each was for."""
    mine = _pairs().where(Invitation.wave_id == wave.id)
    return db.session.execute(mine).all()


def count(wave: Wave, *which: sa.ColumnElement[bool]) -> int:
    some = _pairs().with_only_columns(sa.func.count()).where(Invitation.wave_id == wave.id, *which)
    return db.session.scalar(some.order_by(None).limit(None)) or 0


def settle_due(now: datetime) -> Iterator[int]:
    """At once where the person has acted since; by the rule after a day. Once more at most once a message."""
    has_acted = sa.or_(
        Invitation.opened_at >= OutgoingEmail.dot_at, Invitation.answered_at >= OutgoingEmail.dot_at
    )
    times = sa.select(sa.func.count()).where(
        DeliveryAttempt.email_id == OutgoingEmail.id, DeliveryAttempt.outcome == EmailState.UNCERTAIN.value
    )
    may_again = sa.and_(Schedule.uncertain_rule == UncertainRule.SEND_ONCE_MORE, times.scalar_subquery() <= 1)
    by_rule = sa.and_(
        OutgoingEmail.dot_at <= now - GRACE,
        sa.or_(Schedule.uncertain_rule == UncertainRule.ASSUME_SENT, may_again),
    )
    due = _pairs().where(sa.or_(has_acted, by_rule)).with_for_update(of=Invitation, skip_locked=True)
    chunk = db.session.execute(due).all()  # who is busy with one of them: the next tick asks again
    for email, invitation in chunk:
        _settle_one(email, invitation, now)
    if chunk:
        yield len(chunk)


def _settle_one(email: OutgoingEmail, invitation: Invitation, now: datetime) -> None:
    since = max(filter(None, [invitation.opened_at, invitation.answered_at]), default=None)
    if since and email.dot_at and since >= email.dot_at:
        settle(email, invitation, was_sent=True, why=OPENED, now=now)
        return
    schedule = invitation.wave.schedule
    rule = schedule.uncertain_rule
    moment = calendar.next_instant(now, queries.place(invitation), queries.hours(schedule))
    settle(email, invitation, was_sent=rule is UncertainRule.ASSUME_SENT, why=_RULES[rule], now=moment)


def settle(email: OutgoingEmail, invitation: Invitation, *, was_sent: bool, why: str, now: datetime) -> None:
    """What is sent once more goes at `now`. Raises NotUncertain."""
    outbox.settle(email, was_sent=was_sent, why=why, now=now)
    if not was_sent:
        invitation.next_at, invitation.look_at = now, now + ticks.LATER
    verb = "settled as arrived" if was_sent else "settled: sent once more"
    programme_id = invitation.wave.schedule.cohort.theme.programme_id
    audit.record(invitation, verb, why=why, programme_id=programme_id, facts={"email": email.id})


def settle_chosen(wave: Wave, chosen: Sequence[int], *, was_sent: bool, why: str, now: datetime) -> int:
    """By hand. Those that were settled meanwhile are passed over; says how many were left."""
    mine = _pairs().where(Invitation.wave_id == wave.id, OutgoingEmail.id.in_(chosen))
    mine = mine.order_by(None).order_by(Invitation.id).with_for_update(of=Invitation)
    pairs = db.session.execute(mine).all()
    for email, invitation in pairs:
        settle(email, invitation, was_sent=was_sent, why=why, now=now)
    return len(pairs)


def has_arrived(invitation: Invitation, now: datetime) -> None:
    """The person has used the link: whatever was uncertain about it has arrived.

    Where answers are anonymous no line of the trail may tell the minute.
    """
    about = sa.select(OutgoingEmail).where(
        OutgoingEmail.about == queries.about(invitation), OutgoingEmail.state == EmailState.UNCERTAIN
    )
    found = db.session.scalars(about).all()
    if found:
        db.session.flush()  # the outbox reads the invitation again
    is_anonymous = invitation.wave.survey_version.anonymity is Anonymity.ANONYMOUS
    for email in found:
        if is_anonymous:
            outbox.settle(email, was_sent=True, why=OPENED, now=now)
        else:
            settle(email, invitation, was_sent=True, why=OPENED, now=now)
