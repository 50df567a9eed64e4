"""The people of one wave: how far each got, what was sent, what happens next; and who was left out."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from trainingapp import paging
from trainingapp.cohorts.models import Enrolment
from trainingapp.db import db
from trainingapp.followups import audience, calendar, queries
from trainingapp.followups.ledger import count_if
from trainingapp.followups.models import (
    MAY_ANSWER,
    ContactAttempt,
    Invitation,
    InvitationState,
    LeftOut,
    LeftOutReason,
    Messages,
    Wave,
    WaveState,
)
from trainingapp.followups.outcomes import Outcome, outcome
from trainingapp.numbers import whole
from trainingapp.outbox.models import DeliveryAttempt, EmailState, OutgoingEmail
from trainingapp.participants.models import Participant

PULSE = (3, 6, 12, 24)
TROUBLE = (
    EmailState.FAILED,
    EmailState.BOUNCED,
    EmailState.COMPLAINED,
    EmailState.UNCERTAIN,
    EmailState.SKIPPED,
)
S = InvitationState


class Segment(StrEnum):
    ALL = "all"
    NOT_REACHED = "not_reached"
    NOT_OPENED = "not_opened"
    OPENED = "opened"
    ANSWERED = "answered"


_UNREACHED = sa.and_(
    Invitation.state.in_([S.PLANNED, S.NOT_DELIVERED, S.CLOSED, S.GONE]),
    Invitation.opened_at.is_(None),
    sa.or_(Invitation.address.is_(None), Invitation.state.in_([S.NOT_DELIVERED, S.GONE])),
)
_SEGMENTS: dict[Segment, sa.ColumnElement[bool]] = {
    Segment.ALL: sa.true(),
    Segment.NOT_REACHED: _UNREACHED,
    Segment.NOT_OPENED: sa.and_(
        sa.not_(_UNREACHED), Invitation.opened_at.is_(None), Invitation.state != S.ANSWERED
    ),
    Segment.OPENED: sa.and_(Invitation.opened_at.is_not(None), Invitation.state != S.ANSWERED),
    Segment.ANSWERED: Invitation.state == S.ANSWERED,
}


def segment_counts(wave: Wave) -> dict[Segment, int]:
    query = sa.select(*(count_if(condition) for condition in _SEGMENTS.values())).where(
        Invitation.wave_id == wave.id
    )
    counts = db.session.execute(query).one()
    return dict(zip(_SEGMENTS, map(int, counts), strict=True))


class Step(StrEnum):
    """What happens next with one invitation."""

    NOTHING = "nothing"
    HELD = "held"
    INVITATION = "invitation"
    REMINDER = "reminder"
    ON_THE_WAY = "on_the_way"
    WAITS = "waits"  # for an answer; reminders follow
    LAST = "last"  # no further mail: a person may call
    FIX_ADDRESS = "fix_address"
    DECIDE = "decide"
    LET_GO = "let_go"
    NO_TIME = "no_time"


def trouble(mails: Sequence[OutgoingEmail]) -> OutgoingEmail | None:
    """The latest mail, if a server refused it, we let it go, or nobody knows whether it arrived."""
    latest = next((email for email in reversed(mails) if email.state is not EmailState.CANCELLED), None)
    return latest if latest and latest.state in TROUBLE else None


@dataclass
class Line:
    """One invitation on the wave's page."""

    invitation: Invitation
    mails: list[OutgoingEmail]
    pulse: list[str]
    attempts: int
    tried_at: datetime | None

    @property
    def latest(self) -> OutgoingEmail | None:
        return self.mails[-1] if self.mails else None

    @property
    def sent(self) -> int:
        return sum(email.sent_at is not None or email.state in TROUBLE for email in self.mails)

    @property
    def trouble(self) -> OutgoingEmail | None:
        return trouble(self.mails)

    @property
    def outcome(self) -> Outcome:
        return outcome(self.invitation, self.trouble)

    @property
    def heard_at(self) -> datetime | None:
        one = self.invitation
        moments = [one.sent_at, one.reminded_at, one.opened_at, one.answered_at, self.tried_at]
        return max(filter(None, moments), default=None)


def next_step(invitation: Invitation, trouble: OutgoingEmail | None, now: datetime) -> Step:
    """The first that holds."""
    wave, waits = invitation.wave, invitation.next_at
    over = now >= calendar.ends(wave.closes_on) or wave.state not in {WaveState.OPEN, WaveState.HELD}
    no_address = invitation.address is None or invitation.state is S.NOT_DELIVERED
    more = invitation.reminders < len(wave.schedule.reminder_days) and invitation.snoozed_until is None
    holds = [
        (over or invitation.state not in MAY_ANSWER, Step.NOTHING),
        (wave.state is WaveState.HELD or invitation.messages is Messages.HELD, Step.HELD),
        (invitation.messages is Messages.CANCELLED, Step.LAST),
        (waits is not None and waits >= now and invitation.sent_at is None, Step.INVITATION),
        (waits is not None and waits >= now, Step.REMINDER),
        (trouble is not None and trouble.state is EmailState.UNCERTAIN, Step.DECIDE),
        (trouble is not None and trouble.state is EmailState.SKIPPED, Step.LET_GO),
        (no_address or trouble is not None, Step.FIX_ADDRESS),
        (waits is not None, Step.ON_THE_WAY),
        (invitation.sent_at is None, Step.NO_TIME),
        (more, Step.WAITS),
    ]
    return next((step for is_so, step in holds if is_so), Step.LAST)


def lines(wave: Wave, segment: Segment, after: str | None) -> tuple[list[Line], str | None]:
    """In name order, and where the next page begins."""
    query = (
        sa.select(Invitation)
        .join(Invitation.enrolment)
        .join(Enrolment.participant)
        .where(Invitation.wave_id == wave.id, _SEGMENTS[segment])
        .options(contains_eager(Invitation.enrolment).contains_eager(Enrolment.participant, Participant))
        .order_by(Enrolment.sort_name, Invitation.id)
        .limit(paging.SIZE + 1)
    )
    name, _dot, number = (after or "").rpartition(".")
    with suppress(ValueError):
        edge = sa.tuple_(sa.literal(name), sa.literal(whole(number)))
        query = query.where(sa.tuple_(Enrolment.sort_name, Invitation.id) > edge)
    found = db.session.scalars(query).all()
    last = found[paging.SIZE - 1] if len(found) > paging.SIZE else None
    return _lines(found[: paging.SIZE]), f"{last.enrolment.sort_name}.{last.id}" if last else None


def _lines(found: Sequence[Invitation]) -> list[Line]:
    mails = mails_of(found)
    pulses = _pulses([one.enrolment_id for one in found])
    attempts = _attempts([one.id for one in found])
    return [
        Line(
            one,
            mails.get(one.id, []),
            pulses.get(one.enrolment_id, ["later"] * len(PULSE)),
            *attempts.get(one.id, (0, None)),
        )
        for one in found
    ]


def mails_of(invitations: Sequence[Invitation]) -> dict[int, list[OutgoingEmail]]:
    """Invitation -> what was written for it, oldest first, with the servers' words."""
    by_about = {queries.about(one): one.id for one in invitations}
    query = sa.select(OutgoingEmail).where(OutgoingEmail.about.in_(by_about))
    mails: dict[int, list[OutgoingEmail]] = {}
    for email in db.session.scalars(query.order_by(OutgoingEmail.created_at, OutgoingEmail.id)):
        mails.setdefault(by_about[email.about], []).append(email)
    return mails


def _pulses(enrolment_ids: Sequence[int]) -> dict[int, list[str]]:
    """Enrolment -> yes, no, wait or later, for the waves at 3, 6, 12 and 24 months."""
    query = (
        sa.select(Invitation.enrolment_id, Wave.offset_months, Invitation.state, Wave.state)
        .join(Wave, Wave.id == Invitation.wave_id)
        .where(Invitation.enrolment_id.in_(enrolment_ids), Wave.offset_months.in_(PULSE))
    )
    found: dict[int, dict[int, str]] = {}
    for number, months, state, wave_state in db.session.execute(query):
        mark = "yes" if state is S.ANSWERED else "wait" if wave_state is WaveState.OPEN else "no"
        found.setdefault(number, {})[months] = mark
    return {number: [marks.get(months, "later") for months in PULSE] for number, marks in found.items()}


def _attempts(invitation_ids: Sequence[int]) -> dict[int, tuple[int, datetime | None]]:
    """How often a person tried, and when last."""
    query: Any = (
        sa.select(ContactAttempt.invitation_id, sa.func.count(), sa.func.max(ContactAttempt.at))
        .where(ContactAttempt.invitation_id.in_(invitation_ids))
        .group_by(ContactAttempt.invitation_id)
    )
    return {number: (count, at) for number, count, at in db.session.execute(query)}


def deliveries_of(mails: Sequence[OutgoingEmail]) -> dict[int, list[DeliveryAttempt]]:
    """E-mail -> each time a sender took it up, with the server's words; one question for all of a page."""
    query = sa.select(DeliveryAttempt).where(DeliveryAttempt.email_id.in_([email.id for email in mails]))
    found: dict[int, list[DeliveryAttempt]] = {}
    for one in db.session.scalars(query.order_by(DeliveryAttempt.email_id, DeliveryAttempt.number)):
        found.setdefault(one.email_id, []).append(one)
    return found


def due_now(wave: Wave) -> int:
    """How many would get a mail if it all went now."""
    if wave.state is WaveState.PLANNED:
        chunks = audience.of_cohort(wave.schedule.cohort_id)
        return sum(person.reason is None for chunk in chunks for person in chunk)
    waiting = sa.select(sa.func.count()).where(Invitation.wave_id == wave.id, Invitation.next_at.is_not(None))
    return db.session.scalar(waiting) or 0


def left_out_counts(wave: Wave) -> list[tuple[LeftOutReason, int]]:
    query = (
        sa.select(LeftOut.reason, sa.func.count())
        .where(LeftOut.wave_id == wave.id)
        .group_by(LeftOut.reason)
        .order_by(sa.func.count().desc())
    )
    return list(db.session.execute(query).all())


def left_out(wave: Wave, after: str | None) -> paging.Page[LeftOut]:
    query = (
        sa.select(LeftOut)
        .join(LeftOut.enrolment)
        .options(contains_eager(LeftOut.enrolment).joinedload(Enrolment.participant))
        .where(LeftOut.wave_id == wave.id)
    )
    return paging.page(query, (LeftOut.id,), after=after)


def people_to_export(wave_id: int) -> Iterator[Line]:
    """Everyone in the wave, a page at a time; read when the request's own session is over."""
    wave = db.session.get_one(Wave, wave_id)
    after: str | None = ""
    while after is not None:
        page, after = lines(wave, Segment.ALL, after)
        yield from page
