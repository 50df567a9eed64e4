"""Spreadsheets that people came in: staged, reviewed, imported whole, undone whole."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import Base, Versioned
from trainingapp.participants.models import Participant
from trainingapp.programmes.models import Programme


class ImportState(StrEnum):
    WAITING = "waiting"  # stored; a worker reads it
    MAPPING = "mapping"
    CHECKING = "checking"  # the columns are matched; a worker compares the rows with the directory
    REVIEW = "review"
    IMPORTING = "importing"  # confirmed; a worker writes
    IMPORTED = "imported"
    UNDONE = "undone"
    REFUSED = "refused"  # the file itself cannot be read; `problem` says why


class ImportBatch(Versioned, Base):
    __tablename__ = "import_batches"

    id: Mapped[int] = mapped_column(primary_key=True)
    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey(Cohort.id), index=True)
    uploaded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))  # none: from the command line
    uploaded_at: Mapped[datetime]
    file_name: Mapped[str] = mapped_column(sa.String(255))
    sheet: Mapped[str] = mapped_column(sa.String(120), default="")
    sheets: Mapped[list[Any]] = mapped_column(default=list)  # names of all that hold something
    heading_row: Mapped[int] = mapped_column(default=1)  # as the spreadsheet counts
    headings: Mapped[list[Any]] = mapped_column(default=list)  # as the file has them
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)  # column number as text -> field
    assumed: Mapped[dict[str, Any]] = mapped_column(default=dict)  # country, kind, day_first: for all rows
    state: Mapped[ImportState] = mapped_column(default=ImportState.WAITING)
    problem: Mapped[str | None] = mapped_column(sa.Text)  # of the file, or of the last try to import
    rows_read: Mapped[int] = mapped_column(default=0)
    imported_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]

    cohort: Mapped[Cohort] = relationship(Cohort)
    uploaded_by: Mapped[User | None] = relationship(User)


class ImportFile(Base):
    """The file as it came, kept until its rows are imported or given up."""

    __tablename__ = "import_files"

    batch_id: Mapped[int] = mapped_column(sa.ForeignKey(ImportBatch.id, ondelete="CASCADE"), primary_key=True)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)


class Verdict(StrEnum):
    NEW = "new"
    KNOWN = "known"
    MAYBE = "maybe"
    WRONG = "wrong"


class Decision(StrEnum):
    """What the organiser said about a row that may be someone we know."""

    OPEN = "open"
    SAME = "same"
    NEW = "new"
    SKIP = "skip"


class ImportRow(Base):
    __tablename__ = "import_rows"
    __table_args__ = (
        sa.UniqueConstraint("batch_id", "number"),
        sa.Index(None, "batch_id", "verdict", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey(ImportBatch.id, ondelete="CASCADE"))
    number: Mapped[int]  # as the spreadsheet counts, headings included
    cells: Mapped[list[Any]]  # texts, as read
    typed: Mapped[dict[str, Any]] = mapped_column(default=dict)  # field -> the organiser's correction
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)  # field -> what we understood
    verdict: Mapped[Verdict | None]  # none: nothing in it that we read
    reasons: Mapped[list[Any]] = mapped_column(default=list)  # {"field", "text", "wrong", "choices"}
    is_notable: Mapped[bool] = mapped_column(default=False)  # worth a look
    participant_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey(Participant.id), index=True
    )  # known or maybe
    decision: Mapped[Decision] = mapped_column(default=Decision.OPEN)
    enrolment_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey(Enrolment.id, ondelete="SET NULL"), index=True
    )
    made_participant: Mapped[bool] = mapped_column(default=False)
    changed: Mapped[dict[str, Any]] = mapped_column(default=dict)  # of someone known: {"filled", "contacts"}


class KnownHeading(Base):
    """What an organiser once said a heading means; remembered for the programme."""

    __tablename__ = "known_headings"

    programme_id: Mapped[int] = mapped_column(
        sa.ForeignKey(Programme.id, ondelete="CASCADE"), primary_key=True
    )
    heading: Mapped[str] = mapped_column(sa.String(200), primary_key=True)  # lower case, single spaces
    field: Mapped[str] = mapped_column(sa.String(40))
