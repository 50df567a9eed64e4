"""Editions, who was there, and the spreadsheets they came in."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.db import Base, Versioned
from trainingapp.participants.models import Participant, ordered_text
from trainingapp.participants.names import LONGEST, LONGEST_SORTED
from trainingapp.programmes.models import Theme


class CohortState(StrEnum):
    DRAFT = "draft"
    CALL_OPEN = "call_open"
    SELECTING = "selecting"
    CONFIRMED = "confirmed"
    RUNNING = "running"
    FOLLOW_UP = "follow_up"
    CLOSED = "closed"
    POSTPONED = "postponed"
    MOVED_ONLINE = "moved_online"
    CANCELLED = "cancelled"


class Mode(StrEnum):
    IN_PERSON = "in_person"
    ONLINE = "online"
    HYBRID = "hybrid"


class Cohort(Versioned, Base):
    """One edition of a theme. Dates are calendar days in `time_zone`."""

    __tablename__ = "cohorts"
    __table_args__ = (sa.UniqueConstraint("theme_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    theme_id: Mapped[int] = mapped_column(sa.ForeignKey(Theme.id), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    time_zone: Mapped[str] = mapped_column(sa.String(64))
    mode: Mapped[Mode]
    capacity: Mapped[int]
    places_per_country: Mapped[int | None]  # where CountryQuota says nothing else
    state: Mapped[CohortState] = mapped_column(default=CohortState.DRAFT)
    state_reason: Mapped[str | None] = mapped_column(sa.Text)  # of a postponement, a move, a cancellation
    state_on: Mapped[date | None]
    created_at: Mapped[datetime]

    theme: Mapped[Theme] = relationship(Theme)


class CohortPlace(Base):
    __tablename__ = "cohort_places"

    id: Mapped[int] = mapped_column(primary_key=True)
    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey(Cohort.id, ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    time_zone: Mapped[str] = mapped_column(
        sa.String(64)
    )  # Bali is WITA, Java WIB: an edition can cross zones
    position: Mapped[int] = mapped_column(default=0)


class CountryQuota(Base):
    __tablename__ = "country_quotas"
    __table_args__ = (sa.UniqueConstraint("cohort_id", "country"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey(Cohort.id, ondelete="CASCADE"))
    country: Mapped[str] = mapped_column(sa.String(2))
    places: Mapped[int]


class PartnerRole(StrEnum):
    OWNER = "owner"
    FUNDER = "funder"
    CONTENT = "content"
    IMPLEMENTER = "implementer"
    HOST = "host"
    NOMINATING = "nominating"


class CohortPartner(Base):
    __tablename__ = "cohort_partners"
    __table_args__ = (sa.UniqueConstraint("cohort_id", "name", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey(Cohort.id, ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(200))
    role: Mapped[PartnerRole]


class EnrolmentKind(StrEnum):
    OFFICIAL = "official"
    ENTREPRENEUR = "entrepreneur"
    ASSOCIATION = "association"
    ACADEMIA = "academia"


class EnrolmentState(StrEnum):
    ENROLLED = "enrolled"
    JOINED = "joined"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    WITHDRAWN = "withdrawn"
    LEFT_EARLY = "left_early"


HOLDS_A_PLACE = (
    EnrolmentState.ENROLLED,
    EnrolmentState.JOINED,
    EnrolmentState.COMPLETED,
    EnrolmentState.LEFT_EARLY,
)


class Funding(StrEnum):
    FULL = "full"
    PARTIAL = "partial"
    SELF = "self"


class Enrolment(Versioned, Base):
    """A participant in a cohort; post and organisation are those of that time."""

    __tablename__ = "enrolments"
    __table_args__ = (
        sa.UniqueConstraint("participant_id", "cohort_id"),
        sa.Index(None, "cohort_id", "state", "sort_name", "id"),
        sa.Index(None, "cohort_id", "country", "sort_name", "id"),
        sa.Index(None, "cohort_id", "sort_name", "id"),
        sa.Index(None, "cohort_id", "changed_at", "id"),
        # A dashboard counts people by country without a look at the rows.
        sa.Index("ix_enrolments_reach", "cohort_id", "country", "state", "participant_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    participant_id: Mapped[int] = mapped_column(sa.ForeignKey(Participant.id))
    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey(Cohort.id))
    country: Mapped[str] = mapped_column(sa.String(2))  # that nominated; counts towards its quota
    sort_name: Mapped[str] = mapped_column(
        ordered_text(LONGEST_SORTED)
    )  # the participant's: one index sorts a list
    kind: Mapped[EnrolmentKind]
    mode: Mapped[Mode]
    funding: Mapped[Funding] = mapped_column(default=Funding.FULL)
    nominating_body: Mapped[str] = mapped_column(sa.String(200), default="")
    organisation: Mapped[str] = mapped_column(sa.String(200), default="")
    post: Mapped[str] = mapped_column(sa.String(200), default="")
    supervisor_name: Mapped[str] = mapped_column(sa.String(200), default="")
    supervisor_email: Mapped[str] = mapped_column(sa.String(320), default="")
    state: Mapped[EnrolmentState] = mapped_column(default=EnrolmentState.ENROLLED)
    state_reason: Mapped[str | None] = mapped_column(sa.Text)
    enrolled_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    completed_on: Mapped[date | None]

    participant: Mapped[Participant] = relationship(Participant)
    cohort: Mapped[Cohort] = relationship(Cohort)


class EnrolmentWord(Base):
    """One Latin, lower-case word of the names, the organisation or the post: a list's search index.

    Names are here again, beside NameWord, so that a search reads one edition and not the whole directory.
    """

    __tablename__ = "enrolment_words"
    __table_args__ = (sa.Index(None, "cohort_id", "word", "enrolment_id"),)

    enrolment_id: Mapped[int] = mapped_column(
        sa.ForeignKey(Enrolment.id, ondelete="CASCADE"), primary_key=True
    )
    word: Mapped[str] = mapped_column(ordered_text(LONGEST), primary_key=True)
    cohort_id: Mapped[int]  # the enrolment's; its own key would lock the cohort when a name is corrected
