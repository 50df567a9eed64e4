"""Verbs: bring the questionnaires in the box to a programme."""

import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from trainingapp.accounts import audit
from trainingapp.db import db, lock
from trainingapp.programmes.models import Programme
from trainingapp.surveys import queries
from trainingapp.surveys.bank import actions as bank
from trainingapp.surveys.models import Audience, Level, Question, Survey, SurveyVersion

SHIPPED = Path(__file__).with_name("questionnaires.toml")
LANGUAGES = ["en", "id", "fr", "fa_AF"]


@cache
def shipped() -> dict[str, Any]:
    """The questionnaires in the box: a bank of questions, and which of them each wave asks."""
    return tomllib.loads(SHIPPED.read_text(encoding="utf-8"))


def ship_questionnaires(programme: Programme, now: datetime) -> list[SurveyVersion]:
    """Publishes those the programme lacks; those it has are left as they are."""
    there = _asked(programme.id)
    return [ship(programme, key, now) for key in shipped()["surveys"] if key not in there]


def ship(programme: Programme, key: str, now: datetime) -> SurveyVersion:
    """One that the programme lacks."""
    version = _draft(programme, key)
    version.published_at = now
    why = f"{version.survey.title}, version {version.number}"
    bank.enter(queries.questions_of(version), programme.id, now, why=why)
    audit.record(version.survey, "published", after="version 1", programme_id=programme.id)
    return version


def newer(programme_id: int) -> list[str]:
    """Titles of what the box holds and no version of the programme's asks, whatever its words."""
    return [shipped()["surveys"][key]["title"] for key in _newer(programme_id)]


def bring_newer(programme: Programme) -> list[SurveyVersion]:
    """As drafts, for somebody to read, change and publish. A questionnaire with a draft is passed over."""
    lock(programme)
    return [_draft(programme, key) for key in _newer(programme.id)]


def _newer(programme_id: int) -> list[str]:
    asked = _asked(programme_id)
    drafts = (
        sa.select(Survey.key)
        .join(SurveyVersion)
        .where(Survey.programme_id == programme_id, SurveyVersion.published_at.is_(None))
    )
    busy = set(db.session.scalars(drafts))
    plans = shipped()["surveys"].items()
    return [key for key, plan in plans if key not in busy and plan["questions"] not in asked.get(key, [])]


def _asked(programme_id: int) -> dict[str, list[list[str]]]:
    """Key of a questionnaire -> of each version the keys of its questions in order."""
    query = (
        sa.select(Survey.key, SurveyVersion.id, Question.key)
        .select_from(Survey)
        .outerjoin(SurveyVersion, SurveyVersion.survey_id == Survey.id)
        .outerjoin(Question, Question.version_id == SurveyVersion.id)
        .where(Survey.programme_id == programme_id, Survey.key.in_(shipped()["surveys"]))
        .order_by(SurveyVersion.id, Question.position)
    )
    found: dict[str, dict[int | None, list[str]]] = {}
    for survey, version, question in db.session.execute(query):
        found.setdefault(survey, {}).setdefault(version, []).append(question)
    return {survey: list(versions.values()) for survey, versions in found.items()}


def _draft(programme: Programme, key: str) -> SurveyVersion:
    plan, asked = shipped()["surveys"][key], shipped()["questions"]
    owned = sa.select(Survey).where(Survey.programme_id == programme.id, Survey.key == key)
    survey = db.session.scalar(owned)
    if survey is None:
        audience = Audience(plan.get("audience", Audience.ALUMNI))
        survey = Survey(programme_id=programme.id, key=key, title=plan["title"], audience=audience)
        db.session.add(survey)
        db.session.flush()
    version = SurveyVersion(
        survey_id=survey.id,
        number=queries.last_number(survey.id) + 1,
        asks_progress=plan["asks_progress"],
        languages=LANGUAGES,
    )
    db.session.add(version)
    db.session.flush()
    audit.record(version, "drafted", after=f"version {version.number}", programme_id=programme.id)
    for position, name in enumerate(plan["questions"], start=1):
        facts = {"hint": {}, "options": {}, **asked[name], "level": Level(asked[name]["level"])}
        db.session.add(Question(version_id=version.id, key=name, position=position, **facts))
    db.session.flush()
    return version
