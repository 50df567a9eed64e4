"""Where old answers came from. The answers themselves are responses like all others, without a wave."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Cohort
from trainingapp.db import Base
from trainingapp.programmes.models import Programme
from trainingapp.responses.models import Response
from trainingapp.surveys.models import SurveyVersion


class Archive(Base):
    """One spreadsheet of answers that were gathered elsewhere."""

    __tablename__ = "archives"

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_version_id: Mapped[int] = mapped_column(sa.ForeignKey(SurveyVersion.id), index=True)
    cohort_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey(Cohort.id), index=True
    )  # the edition they are of
    source: Mapped[str] = mapped_column(sa.String(200))  # named wherever the answers are shown
    file_name: Mapped[str] = mapped_column(sa.String(255))
    file_hash: Mapped[str] = mapped_column(sa.String(64))  # SHA-256
    mapping: Mapped[dict[str, Any]]  # as it was used: maps.py
    collected_from: Mapped[date | None]
    collected_to: Mapped[date | None]
    rows: Mapped[int]  # of the file, that hold anything
    brought_in_at: Mapped[datetime]
    brought_in_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey(User.id)
    )  # none: from the command line
    taken_back_at: Mapped[datetime | None]
    # The survey and the file while its answers are here: the same file does not come in twice.
    present: Mapped[str | None] = mapped_column(sa.String(80), unique=True)

    survey_version: Mapped[SurveyVersion] = relationship(SurveyVersion)
    cohort: Mapped[Cohort | None] = relationship(Cohort)
    brought_in_by: Mapped[User | None] = relationship(User)


class ArchiveDraft(Base):
    """A file that somebody is still mapping. It goes when its answers are in, or when it is given up."""

    __tablename__ = "archive_drafts"

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey(Programme.id), index=True)
    cohort_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Cohort.id))
    file_name: Mapped[str] = mapped_column(sa.String(255))
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    mapping: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id))

    programme: Mapped[Programme] = relationship(Programme)
    cohort: Mapped[Cohort | None] = relationship(Cohort)


class ArchivedResponse(Base):
    __tablename__ = "archived_responses"
    __table_args__ = (sa.UniqueConstraint("archive_id", "row"),)

    response_id: Mapped[int] = mapped_column(
        sa.ForeignKey(Response.id, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    archive_id: Mapped[int] = mapped_column(sa.ForeignKey(Archive.id))
    row: Mapped[int]  # as the spreadsheet counts
    respondent: Mapped[str | None] = mapped_column(sa.String(64), index=True)  # keyed digest of who answered
