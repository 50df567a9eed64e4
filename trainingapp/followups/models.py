"""When we ask again, whom, and what came of it."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import Base, Versioned
from trainingapp.participants.models import Participant
from trainingapp.surveys.models import SurveyVersion


class UncertainRule(StrEnum):
    HOLD = "hold"
    ASSUME_SENT = "assume_sent"
    SEND_ONCE_MORE = "send_once_more"


class Schedule(Versioned, Base):
    """A cohort's follow-up plan. Hours are in the recipient's own zone."""

    __tablename__ = "schedules"

    id: Mapped[int] = mapped_column(primary_key=True)
    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey(Cohort.id), unique=True)
    from_hour: Mapped[int] = mapped_column(default=9)
    to_hour: Mapped[int] = mapped_column(default=16)
    reminder_days: Mapped[list[Any]] = mapped_column(default=lambda: [10, 17])  # after the invitation
    open_days: Mapped[int] = mapped_column(default=28)  # from the opening to the close of a wave
    uncertain_rule: Mapped[UncertainRule] = mapped_column(default=UncertainRule.HOLD)
    check_years: Mapped[int] = mapped_column(default=5)  # "still you?" until then after the edition; 0: never
    next_check_on: Mapped[date | None] = mapped_column(index=True)  # none: not worked out yet
    armed_at: Mapped[datetime | None]  # none: nothing goes out yet

    cohort: Mapped[Cohort] = relationship(Cohort)


class WaveState(StrEnum):
    PLANNED = "planned"
    OPEN = "open"  # its audience is frozen
    HELD = "held"
    CLOSED = "closed"
    CANCELLED = "cancelled"


REFUSED = "refused: "  # before the servers' own words, where a wave is held for what its mails say
TOO_LATE = "late"  # the reason of a wave that was held because hardly any time is left to answer


class Wave(Versioned, Base):
    __tablename__ = "waves"
    __table_args__ = (
        sa.UniqueConstraint("schedule_id", "offset_months"),
        sa.Index(None, "state", "opens_on"),
        sa.Index(None, "state", "closes_on"),
        sa.Index(None, "opening_to"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    schedule_id: Mapped[int] = mapped_column(sa.ForeignKey(Schedule.id, ondelete="CASCADE"))
    survey_version_id: Mapped[int] = mapped_column(sa.ForeignKey(SurveyVersion.id))
    offset_months: Mapped[int]  # from the cohort's last day
    opens_on: Mapped[date]
    closes_on: Mapped[date]  # the last day on which an answer counts, everywhere on Earth
    state: Mapped[WaveState] = mapped_column(default=WaveState.PLANNED)
    opened_at: Mapped[datetime | None]  # when its audience was frozen
    opening_to: Mapped[int | None]  # the last enrolment of that audience, until all have their rows
    is_at_once: Mapped[bool] = mapped_column(default=False)  # opened by hand, whatever the hour
    reason: Mapped[str | None] = mapped_column(sa.Text)  # of a hold or a cancellation
    problem: Mapped[str | None] = mapped_column(sa.Text)  # what broke on our side; tried again by itself
    problem_at: Mapped[datetime | None]

    schedule: Mapped[Schedule] = relationship(Schedule)
    survey_version: Mapped[SurveyVersion] = relationship(SurveyVersion)


class LeftOutReason(StrEnum):
    ERASED = "erased"
    DECEASED = "deceased"
    WITHDRAWN = "withdrawn"
    NO_SHOW = "no_show"
    LEFT_EARLY = "left_early"
    NOT_COMPLETED = "not_completed"
    OPTED_OUT = "opted_out"
    CONTACT_LOST = "contact_lost"
    NO_ADDRESS = "no_address"  # has an invitation all the same, so that a person can reach them


class LeftOut(Base):
    """Someone who was not written to when the audience was frozen, and why."""

    __tablename__ = "left_out"
    __table_args__ = (sa.UniqueConstraint("wave_id", "enrolment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(sa.ForeignKey(Wave.id, ondelete="CASCADE"))
    enrolment_id: Mapped[int] = mapped_column(sa.ForeignKey(Enrolment.id, ondelete="CASCADE"))
    reason: Mapped[LeftOutReason]

    wave: Mapped[Wave] = relationship(Wave)
    enrolment: Mapped[Enrolment] = relationship(Enrolment)


class InvitationState(StrEnum):
    PLANNED = "planned"
    SENT = "sent"
    OPENED = "opened"
    STARTED = "started"
    ANSWERED = "answered"
    NOT_DELIVERED = "not_delivered"
    DECLINED = "declined"
    GONE = "gone"  # no longer there
    CLOSED = "closed"  # without an answer


MAY_ANSWER = (
    InvitationState.PLANNED,
    InvitationState.SENT,
    InvitationState.OPENED,
    InvitationState.STARTED,
    InvitationState.NOT_DELIVERED,
)


class Messages(StrEnum):
    """Whether mail of one wave goes to one person; the person's own wishes come on top."""

    GO = "go"
    HELD = "held"
    CANCELLED = "cancelled"  # the link still opens


AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)  # a look that is due, by whatever clock


class Invitation(Base):
    __tablename__ = "invitations"
    __table_args__ = (
        sa.UniqueConstraint("wave_id", "enrolment_id"),
        sa.Index(None, "wave_id", "state", "answered_at"),
        sa.Index(None, "look_at", "id"),
        sa.Index(None, "rescue_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(sa.ForeignKey(Wave.id, ondelete="CASCADE"))
    enrolment_id: Mapped[int] = mapped_column(sa.ForeignKey(Enrolment.id), index=True)
    state: Mapped[InvitationState] = mapped_column(default=InvitationState.PLANNED)
    address: Mapped[str | None] = mapped_column(sa.String(320))  # none: nobody to write to
    language: Mapped[str] = mapped_column(sa.String(16))
    time_zone: Mapped[str] = mapped_column(sa.String(64))
    link_number: Mapped[int] = mapped_column(default=1)  # a new link replaces the old
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    due_at: Mapped[datetime]  # when the first mail is due, in UTC
    next_at: Mapped[datetime | None]  # when the mail that waits is due; none: nothing waits
    look_at: Mapped[datetime | None]  # when time may bring it something; none: nothing but an event will
    messages: Mapped[Messages] = mapped_column(default=Messages.GO)
    messages_why: Mapped[str | None] = mapped_column(sa.Text)  # of a hold or a cancellation
    sent_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]  # when the latest mail after the first went
    reminders: Mapped[int] = mapped_column(default=0)  # the last one planned; skipped ones count
    rescue_at: Mapped[datetime | None]  # when a person should look for them, unless they answer; none: never
    opened_at: Mapped[datetime | None]  # someone acted on the page; a fetch alone does not count
    started_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    sent_with: Mapped[str | None] = mapped_column(sa.String(22))  # the key her phone made for that sending
    snoozed_until: Mapped[datetime | None]  # she named the day of her reminder: no other one is planned
    snoozes: Mapped[int] = mapped_column(default=0)  # how often she asked for later
    disowned_at: Mapped[datetime | None]  # someone else reads the address

    wave: Mapped[Wave] = relationship(Wave)
    enrolment: Mapped[Enrolment] = relationship(Enrolment)


class OldLink(Base):
    """The fingerprint of a link that was replaced. It opens nothing, but may ask for the one that does."""

    __tablename__ = "old_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(sa.ForeignKey(Invitation.id, ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)


class Channel(StrEnum):
    PHONE = "phone"
    MESSAGING = "messaging"
    EMAIL = "email"
    IN_PERSON = "in_person"
    THIRD_PERSON = "third_person"


class AttemptOutcome(StrEnum):
    SPOKE = "spoke"
    LEFT_MESSAGE = "left_message"
    WILL_ANSWER = "will_answer"
    CALL_AGAIN = "call_again"
    NOT_REACHED = "not_reached"
    WRONG_CONTACT = "wrong_contact"
    NEW_ADDRESS = "new_address"
    DECLINED = "declined"
    NO_MORE = "no_more"  # wants no more messages of this kind, ever
    GONE = "gone"  # has left the post or the country, and nobody knows where to
    DECEASED = "deceased"


class ContactAttempt(Base):
    """A person tried to reach a person: by telephone, message or through someone else."""

    __tablename__ = "contact_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(sa.ForeignKey(Enrolment.id, ondelete="CASCADE"), index=True)
    # None where the person was asked outside of every wave.
    invitation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey(Invitation.id, ondelete="CASCADE"), index=True
    )
    form_id: Mapped[str | None] = mapped_column(sa.String(22), unique=True)  # a second press changes nothing
    by_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id))
    at: Mapped[datetime]
    channel: Mapped[Channel]
    outcome: Mapped[AttemptOutcome]
    contact: Mapped[str] = mapped_column(sa.String(320), default="")  # the number, address or person tried
    note: Mapped[str] = mapped_column(sa.Text, default="")

    by: Mapped[User] = relationship(User)


class CheckState(StrEnum):
    PLANNED = "planned"
    SENT = "sent"  # and nothing heard yet
    CONFIRMED = "confirmed"
    CHANGED = "changed"  # she told us what is new
    NOT_DELIVERED = "not_delivered"


class ContactCheck(Base):
    """The yearly question whether we still reach the right person. One a year, whatever she took part in."""

    __tablename__ = "contact_checks"
    __table_args__ = (sa.UniqueConstraint("participant_id", "year"), sa.Index(None, "year", "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    participant_id: Mapped[int] = mapped_column(sa.ForeignKey(Participant.id, ondelete="CASCADE"))
    enrolment_id: Mapped[int] = mapped_column(sa.ForeignKey(Enrolment.id, ondelete="CASCADE"), index=True)
    year: Mapped[int]
    state: Mapped[CheckState] = mapped_column(default=CheckState.PLANNED)
    address: Mapped[str] = mapped_column(sa.String(320))
    language: Mapped[str] = mapped_column(sa.String(16))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]

    participant: Mapped[Participant] = relationship(Participant)
    enrolment: Mapped[Enrolment] = relationship(Enrolment)
