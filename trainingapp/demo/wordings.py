"""Questionnaires change: other words since some edition, so that results show the break; and a draft."""

from datetime import date, datetime

import sqlalchemy as sa

from trainingapp.db import db
from trainingapp.demo.waves import Asked
from trainingapp.followups.models import Wave
from trainingapp.programmes.models import Programme
from trainingapp.surveys import queries
from trainingapp.surveys.bank import actions as bank
from trainingapp.surveys.builder import actions as builder
from trainingapp.surveys.models import Level
from trainingapp.surveys.versions import actions as versions

MONTHS, KEY = 6, "use"
SINCE = date(2021, 1, 1)
WORDING = {
    "en": "In your own work, how often do you use something you learnt?",
    "id": "Dalam pekerjaan Anda sendiri, seberapa sering Anda memakai hal yang Anda pelajari?",
    "fr": "Dans votre propre travail, à quelle fréquence utilisez-vous ce que vous avez appris ?",
    "fa_AF": "در کار خود شما، چند وقت یک بار از آموخته‌های خود استفاده می‌کنید؟",
}
DAILY = {
    "value": "daily",
    "text": {"en": "Every day", "id": "Setiap hari", "fr": "Chaque jour", "fa_AF": "هر روز"},
}
WHY = "In 2020 many answered about life at home."
DRAFTED = 12  # months
ANYONE_ELSE = {
    "en": "Does anybody else use what you began?",
    "id": "Apakah orang lain memakai yang Anda mulai?",
}
USERS = {
    "office": {"en": "My office", "id": "Kantor saya"},
    "offices": {"en": "Other offices", "id": "Kantor lain"},
    "firms": {"en": "Small firms by themselves"},
    "nobody": {"en": "Nobody yet", "id": "Belum ada"},
}


def make(programme: Programme, asked: list[Asked], now: datetime) -> None:
    """Before anybody answers. Waves from `SINCE` on ask the second version."""
    first = queries.latest_for(programme.id, MONTHS)
    assert first, "the box has a questionnaire for every wave"
    second = versions.new_version(first)
    question = next(one for one in queries.questions_of(second) if one.key == KEY)
    question.wording = WORDING
    question.options = {"choices": [DAILY, *question.options["choices"]]}
    db.session.flush()
    bank.enter(queries.questions_of(second), programme.id, now, why=WHY)
    second.published_at = now
    newer = sa.update(Wave).where(Wave.survey_version_id == first.id, Wave.opens_on >= SINCE)
    db.session.execute(newer.values(survey_version_id=second.id))
    for one in asked:
        db.session.expire(one.wave, ["survey_version_id", "survey_version"])
    db.session.flush()


def begin_next(programme: Programme) -> None:
    """The questionnaire after twelve months is being changed: not all of it is translated."""
    current = queries.latest_for(programme.id, DRAFTED)
    assert current, "the box has a questionnaire for every wave"
    draft = versions.new_version(current)
    question = builder.add(draft, "many_of", ANYONE_ELSE, "used_by")
    question.options = {"choices": [{"value": value, "text": text} for value, text in USERS.items()]}
    question.level = Level.RESULTS
    builder.move(question, 2, list(queries.questions_of(draft)))
    db.session.flush()
