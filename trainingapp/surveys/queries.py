"""Questions about questionnaires."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from trainingapp.db import db
from trainingapp.paging import SIZE
from trainingapp.surveys.models import Question, Survey, SurveySection, SurveyVersion
from trainingapp.surveys.question_types import QUESTION_TYPES
from trainingapp.surveys.wording import text_in

__all__ = ["latest_for", "listed", "minutes", "questions_of", "sections_of", "text_in", "version_with_survey"]

ACTIVITY_SECONDS = 10  # to say how one activity of a plan stands
USUAL_ACTIVITIES = 3

_QUESTIONS = (
    sa.select(Question).where(Question.version_id == sa.bindparam("version_id")).order_by(Question.position)
)

_SECTIONS = (
    sa.select(SurveySection)
    .where(SurveySection.version_id == sa.bindparam("version_id"))
    .order_by(SurveySection.position)
)


def questions_of(version: SurveyVersion) -> Sequence[Question]:
    """In the order in which they are asked."""
    return db.session.scalars(_QUESTIONS, {"version_id": version.id}).all()


def sections_of(version: SurveyVersion, questions: Iterable[Question]) -> Sequence[SurveySection]:
    """Nothing is asked of the database where no question stands in one."""
    if all(question.section_id is None for question in questions):
        return []
    return db.session.scalars(_SECTIONS, {"version_id": version.id}).all()


def all_sections_of(version: SurveyVersion) -> Sequence[SurveySection]:
    """Also those that hold no question."""
    return db.session.scalars(_SECTIONS, {"version_id": version.id}).all()


def draft_of(survey_id: int) -> SurveyVersion | None:
    return db.session.scalar(
        sa.select(SurveyVersion).where(
            SurveyVersion.survey_id == survey_id, SurveyVersion.published_at.is_(None)
        )
    )


def last_number(survey_id: int) -> int:
    """0 where there is no version."""
    query = sa.select(sa.func.max(SurveyVersion.number)).where(SurveyVersion.survey_id == survey_id)
    return db.session.scalar(query) or 0


def versions_of(survey_id: int) -> Sequence[SurveyVersion]:
    """The latest first."""
    return db.session.scalars(
        sa.select(SurveyVersion)
        .where(SurveyVersion.survey_id == survey_id)
        .order_by(SurveyVersion.number.desc())
    ).all()


def minutes(questions: Iterable[Question], activities: int = 0) -> int:
    """That answering takes, rounded up: a page that says two minutes must not take three."""
    seconds = sum(QUESTION_TYPES[question.kind].seconds for question in questions)
    return max(1, -(-(seconds + activities * ACTIVITY_SECONDS) // 60))


def latest_for(programme_id: int, offset_months: int) -> SurveyVersion | None:
    """The published questionnaire that a programme uses so many months after an edition's last day."""
    query = (
        sa.select(SurveyVersion)
        .join(SurveyVersion.survey)
        .where(
            Survey.programme_id == programme_id,
            Survey.key == f"month-{offset_months}",
            SurveyVersion.published_at.is_not(None),
            SurveyVersion.asked_elsewhere.is_(False),
        )
        .order_by(SurveyVersion.number.desc())
        .limit(1)
    )
    return db.session.scalar(query)


def version_with_survey(version_id: int) -> SurveyVersion | None:
    return db.session.get(
        SurveyVersion,
        version_id,
        options=[joinedload(SurveyVersion.survey).joinedload(Survey.programme)],
    )


@dataclass(frozen=True)
class Listed:
    version: SurveyVersion
    questions: list[Question]
    minutes: int


def listed(allowed: sa.ColumnElement[bool], page: int) -> tuple[list[Listed], bool]:
    """Versions, a programme's questionnaires together, newest version first; and whether more follow."""
    query = (
        sa.select(SurveyVersion)
        .join(SurveyVersion.survey)
        .join(Survey.programme)
        .where(allowed)
        .order_by(Survey.programme_id, Survey.id, SurveyVersion.number.desc())
        .options(contains_eager(SurveyVersion.survey).contains_eager(Survey.programme))
        .offset((page - 1) * SIZE)
        .limit(SIZE + 1)
    )
    versions = list(db.session.scalars(query))
    shown = versions[:SIZE]
    asked: dict[int, list[Question]] = {version.id: [] for version in shown}
    for question in db.session.scalars(sa.select(Question).where(Question.version_id.in_(asked))):
        asked[question.version_id].append(question)
    rows = [
        Listed(
            version,
            asked[version.id],
            minutes(asked[version.id], USUAL_ACTIVITIES if version.asks_progress else 0),
        )
        for version in shown
    ]
    return rows, len(versions) > SIZE
