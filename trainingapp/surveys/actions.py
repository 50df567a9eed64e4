"""Verbs: bring a programme's questionnaires into being."""

import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from trainingapp.accounts import audit
from trainingapp.db import db
from trainingapp.programmes.models import Programme
from trainingapp.surveys import bank, queries
from trainingapp.surveys.models import Level, Question, Survey, SurveyVersion

SHIPPED = Path(__file__).with_name("questionnaires.toml")
LANGUAGES = ["en", "id", "fr", "fa_AF"]


@cache
def shipped() -> dict[str, Any]:
    """The questionnaires in the box: a bank of questions, and which of them each wave asks."""
    return tomllib.loads(SHIPPED.read_text(encoding="utf-8"))


def ship_questionnaires(programme: Programme, now: datetime) -> list[SurveyVersion]:
    """One published questionnaire a wave; those the programme already has are left as they are."""
    owned = sa.select(Survey.key).where(Survey.programme_id == programme.id)
    known = set(db.session.scalars(owned))
    questions = shipped()["questions"]
    made = []
    for key, plan in shipped()["surveys"].items():
        if key in known:
            continue
        survey = Survey(programme_id=programme.id, key=key, title=plan["title"])
        db.session.add(survey)
        db.session.flush()
        made.append(_publish(survey, plan, questions, now))
        audit.record(survey, "published", after="version 1", programme_id=programme.id)
    return made


def _publish(survey: Survey, plan: dict[str, Any], asked: dict[str, Any], now: datetime) -> SurveyVersion:
    version = SurveyVersion(
        survey_id=survey.id,
        number=1,
        asks_progress=plan["asks_progress"],
        languages=LANGUAGES,
        published_at=now,
    )
    db.session.add(version)
    db.session.flush()
    db.session.add_all(
        Question(
            version_id=version.id,
            key=key,
            kind=asked[key]["kind"],
            position=position,
            level=Level(asked[key]["level"]),
            wording=asked[key]["wording"],
            hint=asked[key].get("hint", {}),
            options=asked[key].get("options", {}),
        )
        for position, key in enumerate(plan["questions"], start=1)
    )
    db.session.flush()
    bank.enter(queries.questions_of(version), survey.programme_id, now, why=f"{survey.title}, version 1")
    return version
