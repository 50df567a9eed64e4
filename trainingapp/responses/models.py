"""What people answered."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.models import User
from trainingapp.db import Base
from trainingapp.files.models import StoredFile
from trainingapp.followups.models import Invitation, Wave
from trainingapp.plans.progress.models import ProgressUpdate, Source
from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types import AnswerValue


class ResponseState(StrEnum):
    DRAFT = "draft"
    SENT = "sent"


class Response(Base):
    """One an invitation. An anonymous one has none, and was taken out of a sealed box with all the others:
    it bears the time of the opening and no language. One that was gathered elsewhere has no wave either.
    """

    __tablename__ = "responses"
    __table_args__ = (sa.Index(None, "wave_id", "state", "saved_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Wave.id))
    invitation_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Invitation.id), unique=True)
    progress_update_id: Mapped[int | None] = mapped_column(sa.ForeignKey(ProgressUpdate.id))
    state: Mapped[ResponseState] = mapped_column(default=ResponseState.DRAFT)
    source: Mapped[Source] = mapped_column(default=Source.SELF)
    language: Mapped[str] = mapped_column(sa.String(16))
    recorded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))
    saved_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    told_on: Mapped[date | None]  # where somebody else typed it: the day on which she said it
    touched: Mapped[dict[str, Any]] = mapped_column(default=dict)  # field -> second since 1970, on any device

    wave: Mapped[Wave | None] = relationship(Wave)
    progress_update: Mapped[ProgressUpdate | None] = relationship(ProgressUpdate)


class Answer(Base):
    """One value. A question with several has a row for each: one a choice, an item, or both."""

    __tablename__ = "answers"
    __table_args__ = (
        sa.UniqueConstraint("response_id", "question_id", "item", "choice"),
        sa.Index(None, "question_id", "choice"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    response_id: Mapped[int] = mapped_column(sa.ForeignKey(Response.id, ondelete="CASCADE"))
    question_id: Mapped[int] = mapped_column(sa.ForeignKey(Question.id))
    choice: Mapped[str] = mapped_column(sa.String(60), default="")
    number: Mapped[float | None]
    text: Mapped[str | None] = mapped_column(sa.Text)
    item: Mapped[str] = mapped_column(sa.String(60), default="")
    file_id: Mapped[int | None] = mapped_column(sa.ForeignKey(StoredFile.id), index=True)

    response: Mapped[Response] = relationship(Response)
    question: Mapped[Question] = relationship(Question)

    @property
    def value(self) -> AnswerValue:
        return AnswerValue(self.choice, self.number, self.text, self.item, self.file_id)


class SealedBox(Base):
    """How many slips with anonymous answers of one wave lie in its drawers, until it has closed."""

    __tablename__ = "sealed_boxes"

    wave_id: Mapped[int] = mapped_column(sa.ForeignKey(Wave.id), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    opened_on: Mapped[date | None]  # then its slips are responses

    wave: Mapped[Wave] = relationship(Wave)


class SealedDrawer(Base):
    """Slips of a sealed box. Many lie in one row, each put in at a random place, so that neither ids nor the
    order in which the database keeps its rows, nor the number of a transaction, ties a slip to the person
    who put it in.
    """

    __tablename__ = "sealed_drawers"

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(sa.ForeignKey(SealedBox.wave_id), index=True)
    slips: Mapped[list[Any]]  # of each person the answers: [question id, and the fields of an AnswerValue]


class Proposal(Base):
    """What she told another way, such as an e-mail reply: chosen on her page until she sends it. It counts
    for nothing before that.
    """

    __tablename__ = "proposals"

    invitation_id: Mapped[int] = mapped_column(
        sa.ForeignKey(Invitation.id, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    source: Mapped[Source]
    fields: Mapped[dict[str, Any]]  # of the page: name -> text
    told_at: Mapped[datetime]

    @property
    def stamp(self) -> str:
        """A page that carries it has shown exactly this."""
        return f"{self.told_at.timestamp():.6f}"
