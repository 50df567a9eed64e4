"""Questionnaires. A question's key lives for years; its wording may change from version to version."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.db import Base, Versioned
from trainingapp.programmes.models import Programme


class Audience(StrEnum):
    """Whom a questionnaire is written for."""

    ALUMNI = "alumni"
    SUPERVISORS = "supervisors"
    HOSTS = "hosts"


class Survey(Base):
    __tablename__ = "surveys"
    __table_args__ = (sa.UniqueConstraint("programme_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey(Programme.id))
    key: Mapped[str] = mapped_column(sa.String(60))
    title: Mapped[str] = mapped_column(sa.String(200))
    audience: Mapped[Audience] = mapped_column(default=Audience.ALUMNI, server_default=Audience.ALUMNI)

    programme: Mapped[Programme] = relationship(Programme)


class Anonymity(StrEnum):
    NAMED = "named"
    CONFIDENTIAL = "confidential"
    ANONYMOUS = "anonymous"


class SurveyVersion(Versioned, Base):
    __tablename__ = "survey_versions"
    __table_args__ = (sa.UniqueConstraint("survey_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(sa.ForeignKey(Survey.id, ondelete="CASCADE"))
    number: Mapped[int]
    anonymity: Mapped[Anonymity] = mapped_column(default=Anonymity.CONFIDENTIAL)
    asks_progress: Mapped[bool] = mapped_column(default=False)  # opens with the person's own activities
    languages: Mapped[list[Any]] = mapped_column(default=lambda: ["en"])
    asked_elsewhere: Mapped[bool] = mapped_column(default=False)  # what an old spreadsheet asked: for no wave
    published_at: Mapped[datetime | None]
    first_answered_at: Mapped[date | None]  # from then on its anonymity stays as people were promised

    survey: Mapped[Survey] = relationship(Survey)


class Level(StrEnum):
    """Kirkpatrick's four."""

    REACTION = "reaction"
    LEARNING = "learning"
    BEHAVIOUR = "behaviour"
    RESULTS = "results"


class SurveySection(Base):
    """Questions under a title of their own. It stands where the first of its questions stands."""

    __tablename__ = "survey_sections"
    __table_args__ = (sa.UniqueConstraint("version_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey(SurveyVersion.id, ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("survey_sections.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(sa.String(60))
    position: Mapped[int]
    title: Mapped[dict[str, Any]] = mapped_column(default=dict)  # language -> text
    hint: Mapped[dict[str, Any]] = mapped_column(default=dict)
    relevant: Mapped[str] = mapped_column(sa.Text, default="")  # an expression; "" for always


class Question(Base):
    """Expressions are XLSForm's (`surveys/expressions/`), kept as they were written; "" for none."""

    __tablename__ = "questions"
    __table_args__ = (
        sa.UniqueConstraint("version_id", "key"),
        sa.Index(None, "key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey(SurveyVersion.id, ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(sa.String(60))
    section_id: Mapped[int | None] = mapped_column(sa.ForeignKey(SurveySection.id))
    kind: Mapped[str] = mapped_column(sa.String(30))  # a class in surveys/question_types/
    position: Mapped[int]
    level: Mapped[Level] = mapped_column(default=Level.REACTION)
    is_required: Mapped[bool] = mapped_column(default=False)
    wording: Mapped[dict[str, Any]]  # language -> text
    hint: Mapped[dict[str, Any]] = mapped_column(default=dict)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what its class understands
    relevant: Mapped[str] = mapped_column(sa.Text, default="")  # asked only if this holds
    required_if: Mapped[str] = mapped_column(sa.Text, default="")
    constraint: Mapped[str] = mapped_column(sa.Text, default="")  # what an answer must fulfil; `.` is it
    constraint_text: Mapped[dict[str, Any]] = mapped_column(default=dict)  # said when it does not
    calculation: Mapped[str] = mapped_column(sa.Text, default="")
    choice_filter: Mapped[str] = mapped_column(sa.Text, default="")  # which choices are offered
    appearance: Mapped[str] = mapped_column(sa.String(120), default="")  # a wish of how it looks
