"""A request for help, what was done about it, and what may help others with the same."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.models import User
from trainingapp.db import Base, Versioned, index_where
from trainingapp.files.models import StoredFile
from trainingapp.plans.models import ActionPlan, Activity
from trainingapp.plans.progress.models import ActivityReport, Blocker
from trainingapp.programmes.models import Programme
from trainingapp.visits.models import Host


class CaseState(StrEnum):
    OPEN = "open"
    IN_HAND = "in_hand"
    ANSWERED = "answered"
    SOLVED = "solved"
    NOT_POSSIBLE = "not_possible"


LIVE = (CaseState.OPEN, CaseState.IN_HAND)
ENDS = (CaseState.ANSWERED, CaseState.SOLVED, CaseState.NOT_POSSIBLE)
_IS_LIVE = "state IN ('open', 'in_hand')"


class HelpCase(Versioned, Base):
    """Of one activity: there is never a second one that is not over."""

    __tablename__ = "help_cases"
    __table_args__ = (
        index_where(_IS_LIVE, "uq_help_cases_live", "activity_id", unique=True),
        sa.Index(None, "state", "due_on", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey(ActionPlan.id, ondelete="CASCADE"), index=True)
    activity_id: Mapped[int] = mapped_column(sa.ForeignKey(Activity.id, ondelete="CASCADE"))
    # The report that asked; none where a coordinator opened it.
    report_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey(ActivityReport.id, ondelete="SET NULL"), unique=True
    )
    blocker: Mapped[Blocker | None]
    wish: Mapped[str] = mapped_column(sa.Text, default="")  # in her words
    state: Mapped[CaseState] = mapped_column(default=CaseState.OPEN)
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id), index=True)
    due_on: Mapped[date]
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(sa.Text, default="")  # as she got it by mail
    helped: Mapped[str] = mapped_column(sa.Text, default="")  # what helped, for the next one who asks
    form_id: Mapped[str | None] = mapped_column(sa.String(22), unique=True)  # a second press changes nothing

    plan: Mapped[ActionPlan] = relationship(ActionPlan)
    activity: Mapped[Activity] = relationship(Activity)
    owner: Mapped[User | None] = relationship(User)


class CaseNote(Base):
    """For the team; she does not see it."""

    __tablename__ = "case_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey(HelpCase.id, ondelete="CASCADE"), index=True)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id))
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(sa.Text)
    form_id: Mapped[str | None] = mapped_column(sa.String(22), unique=True)

    by: Mapped[User] = relationship(User)


class Material(Base):
    """Something to read or use, by a link or as a file, for those stuck with one of its causes."""

    __tablename__ = "materials"

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey(Programme.id), index=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    url: Mapped[str] = mapped_column(sa.String(2000), default="")
    file_id: Mapped[int | None] = mapped_column(sa.ForeignKey(StoredFile.id))
    blockers: Mapped[list[Any]]  # values of Blocker
    languages: Mapped[list[Any]]  # "en", "fa_AF"
    added_by_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id))
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]

    programme: Mapped[Programme] = relationship(Programme)
    file: Mapped[StoredFile | None] = relationship(StoredFile)


class HostSolution(Base):
    """A host who got over the same, and agreed that alumni are told so."""

    __tablename__ = "host_solutions"
    __table_args__ = (sa.UniqueConstraint("host_id", "blocker"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    host_id: Mapped[int] = mapped_column(sa.ForeignKey(Host.id, ondelete="CASCADE"))
    blocker: Mapped[Blocker]
    how: Mapped[str] = mapped_column(sa.Text)
    agreed_on: Mapped[date]
    agreed_by: Mapped[str] = mapped_column(sa.String(200))  # who said yes, for the host

    host: Mapped[Host] = relationship(Host)


class PeerConsent(Base):
    """What an alumna said when asked whether others who are stuck may see how she solved it."""

    __tablename__ = "peer_consents"

    activity_id: Mapped[int] = mapped_column(sa.ForeignKey(Activity.id, ondelete="CASCADE"), primary_key=True)
    is_given: Mapped[bool]
    wording: Mapped[str] = mapped_column(sa.Text)  # what she was asked, in her language
    said_at: Mapped[datetime]

    activity: Mapped[Activity] = relationship(Activity)
