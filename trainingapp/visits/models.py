"""Enterprises that show how they work, and the days we spend with them."""

from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import Base, Versioned
from trainingapp.files.models import StoredFile
from trainingapp.programmes.models import Programme


class Host(Versioned, Base):
    __tablename__ = "hosts"
    __table_args__ = (sa.UniqueConstraint("programme_id", "name", "place"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey(Programme.id))
    name: Mapped[str] = mapped_column(sa.String(200))
    cluster: Mapped[str] = mapped_column(sa.String(120), default="")
    products: Mapped[str] = mapped_column(sa.String(300), default="")
    shows: Mapped[str] = mapped_column(sa.Text, default="")  # what visitors see there
    place: Mapped[str] = mapped_column(sa.String(120))
    latitude: Mapped[float | None]  # degrees, WGS 84
    longitude: Mapped[float | None]
    time_zone: Mapped[str] = mapped_column(sa.String(64))
    languages: Mapped[str] = mapped_column(sa.String(120), default="")
    visitor_limit: Mapped[int | None]
    contact_name: Mapped[str] = mapped_column(sa.String(200), default="")
    contact_phone: Mapped[str] = mapped_column(sa.String(60), default="")
    contact_email: Mapped[str] = mapped_column(sa.String(320), default="")
    safety: Mapped[str] = mapped_column(sa.Text, default="")
    allows_photos: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    programme: Mapped[Programme] = relationship(Programme)


class SiteVisit(Versioned, Base):
    """Times are wall-clock times at the host, in the host's zone."""

    __tablename__ = "site_visits"
    __table_args__ = (sa.Index(None, "cohort_id", "visit_on", "starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey(Cohort.id))
    host_id: Mapped[int] = mapped_column(sa.ForeignKey(Host.id), index=True)
    visit_on: Mapped[date]
    starts_at: Mapped[time]
    ends_at: Mapped[time]
    capacity: Mapped[int]
    transport: Mapped[str] = mapped_column(sa.Text, default="")
    leaves_from: Mapped[str] = mapped_column(sa.String(200), default="")
    leaves_at: Mapped[time | None]
    interpreter: Mapped[str] = mapped_column(sa.String(200), default="")
    dress: Mapped[str] = mapped_column(sa.String(300), default="")
    questions: Mapped[list[Any]] = mapped_column(default=list)  # to ask there
    notes: Mapped[str] = mapped_column(sa.Text, default="")
    cancelled_because: Mapped[str | None] = mapped_column(sa.Text)

    cohort: Mapped[Cohort] = relationship(Cohort)
    host: Mapped[Host] = relationship(Host)


class VisitGroup(Base):
    __tablename__ = "visit_groups"
    __table_args__ = (sa.UniqueConstraint("visit_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(sa.ForeignKey(SiteVisit.id, ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(60))
    guide: Mapped[str] = mapped_column(sa.String(200), default="")
    capacity: Mapped[int | None]


class VisitPlace(Base):
    """One participant's seat on a visit."""

    __tablename__ = "visit_places"
    __table_args__ = (sa.UniqueConstraint("visit_id", "enrolment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(sa.ForeignKey(SiteVisit.id, ondelete="CASCADE"))
    enrolment_id: Mapped[int] = mapped_column(sa.ForeignKey(Enrolment.id, ondelete="CASCADE"), index=True)
    group_id: Mapped[int | None] = mapped_column(sa.ForeignKey(VisitGroup.id, ondelete="SET NULL"))

    enrolment: Mapped[Enrolment] = relationship(Enrolment)


class NoteCard(Base):
    """What a participant saw on a visit and can use at home, written there. Plans grow out of them."""

    __tablename__ = "note_cards"
    __table_args__ = (sa.Index(None, "enrolment_id", "written_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(sa.ForeignKey(SiteVisit.id, ondelete="CASCADE"), index=True)
    enrolment_id: Mapped[int] = mapped_column(sa.ForeignKey(Enrolment.id, ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(sa.Text, default="")
    file_id: Mapped[int | None] = mapped_column(sa.ForeignKey(StoredFile.id))  # a photo
    wants_contact: Mapped[bool] = mapped_column(default=False)  # with the host
    contact_given_at: Mapped[datetime | None]  # an organiser brought them together
    written_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]  # a line of a plan may still remember it
    form_id: Mapped[str | None] = mapped_column(sa.String(22), unique=True)  # a second press changes nothing

    visit: Mapped[SiteVisit] = relationship(SiteVisit)
    enrolment: Mapped[Enrolment] = relationship(Enrolment)
    file: Mapped[StoredFile | None] = relationship(StoredFile)
