"""Those whom mail does not reach, as tasks for a person, and the people who may help to reach them."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Enrolment
from trainingapp.db import Base, Versioned, index_where
from trainingapp.followups.models import Invitation


class RescueCause(StrEnum):
    """The weightiest first: where two hold for one person, the task names the first."""

    NOT_THEIRS = "not_theirs"  # somebody else got the link and said so
    BOUNCED = "bounced"
    NO_ADDRESS = "no_address"
    MOVED = "moved"  # said that the post changed
    NOT_SENT = "not_sent"  # the mail was let go or given up, and nothing waits
    UNCERTAIN = "uncertain"
    SILENT = "silent"  # some days after the last reminder


class RescueState(StrEnum):
    OPEN = "open"
    WAITING = "waiting"  # until due_on
    SOLVED = "solved"
    GIVEN_UP = "given_up"


class Ending(StrEnum):
    ANSWERED = "answered"
    NEW_ADDRESS = "new_address"
    ARRIVED = "arrived"  # an unclear mail, as somebody found out
    SENT_AGAIN = "sent_again"
    REACHED = "reached"  # by hand: nothing more is to do
    DECLINED = "declined"
    GONE = "gone"
    DECEASED = "deceased"
    STOPPED = "stopped"  # asked for no more messages, withdrew, was erased
    CLOSED = "closed"  # the wave closed without an answer
    LET_GO = "let_go"  # by hand: nobody looks any further

    @property
    def state(self) -> RescueState:
        return RescueState.SOLVED if self in _SOLVED else RescueState.GIVEN_UP


_SOLVED = {Ending.ANSWERED, Ending.NEW_ADDRESS, Ending.ARRIVED, Ending.SENT_AGAIN, Ending.REACHED}
LIVE = (RescueState.OPEN, RescueState.WAITING)


class RescueTask(Base):
    """One person of one edition to be reached some other way. At most one of theirs is live."""

    __tablename__ = "rescue_tasks"
    __table_args__ = (
        index_where("state IN ('open', 'waiting')", "uq_rescue_tasks_live", "enrolment_id", unique=True),
        sa.Index(None, "enrolment_id"),
        sa.Index(None, "state", "due_on"),
        sa.Index(None, "state", "opened_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(sa.ForeignKey(Enrolment.id, ondelete="CASCADE"))
    # The latest one it is about; none where the person was asked outside of every wave.
    invitation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey(Invitation.id, ondelete="SET NULL"), index=True
    )
    cause: Mapped[RescueCause]
    state: Mapped[RescueState] = mapped_column(default=RescueState.OPEN)
    opened_at: Mapped[datetime]
    due_on: Mapped[date]  # the day on which somebody should try (next)
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id, ondelete="SET NULL"), index=True)
    ending: Mapped[Ending | None]
    ended_at: Mapped[datetime | None]

    enrolment: Mapped[Enrolment] = relationship(Enrolment)
    invitation: Mapped[Invitation | None] = relationship(Invitation)
    owner: Mapped[User | None] = relationship(User)


class HelperRole(StrEnum):
    SUPERVISOR = "supervisor"
    FOCAL_POINT = "focal_point"  # of the office that nominated them
    COLLEAGUE = "colleague"


class Helper(Versioned, Base):
    """Someone named by the person or their office who may know where they are now."""

    __tablename__ = "helpers"

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(sa.ForeignKey(Enrolment.id, ondelete="CASCADE"), index=True)
    role: Mapped[HelperRole]
    name: Mapped[str] = mapped_column(sa.String(200))
    email: Mapped[str] = mapped_column(sa.String(320), default="")
    phone: Mapped[str] = mapped_column(sa.String(60), default="")
    agreed_on: Mapped[date | None]  # to be asked by us; nobody is asked before

    enrolment: Mapped[Enrolment] = relationship(Enrolment)
