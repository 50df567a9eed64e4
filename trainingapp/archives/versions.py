"""The version of a questionnaire that a file of old answers needs: what it asked, beside what we ask."""

import re
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp.archives.maps import Asked, Map, MapUnfit
from trainingapp.db import db
from trainingapp.surveys.bank import actions as bank
from trainingapp.surveys.models import Level, Question, Survey, SurveyVersion
from trainingapp.surveys.question_types import QUESTION_TYPES, OptionsUnfit

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")


def questions(version: SurveyVersion | None) -> dict[str, Question]:
    if version is None:
        return {}
    query = sa.select(Question).where(Question.version_id == version.id).order_by(Question.position)
    return {question.key: question for question in db.session.scalars(query)}


def asked_elsewhere(
    survey: Survey,
    latest: SurveyVersion | None,
    there: Mapping[str, Question],
    wanted: set[str],
    a_map: Map,
    now: datetime,
) -> tuple[SurveyVersion, dict[str, Question]]:
    """A version for what the file asked. No wave of ours ever uses it."""
    version = SurveyVersion(
        survey_id=survey.id,
        number=latest.number + 1 if latest else 1,
        languages=latest.languages if latest else [a_map.language],
        asked_elsewhere=True,
        published_at=now,
    )
    db.session.add(version)
    db.session.flush()
    order = list(dict.fromkeys(column.key for column in a_map.columns if column.key in wanted))
    found = {}
    for position, key in enumerate(order, 1):
        asked = a_map.questions.get(key) if key not in there else None
        found[key] = _made(key, asked, a_map) if asked else _copied(there[key])
        found[key].version_id, found[key].position = version.id, position
    db.session.add_all(found.values())
    db.session.flush()
    banked = bank.known(survey.programme_id)
    new = [question for key, question in found.items() if key not in banked]
    bank.enter(new, survey.programme_id, now, why=a_map.source or survey.title)
    return version, found


def _copied(question: Question) -> Question:
    kept = {
        column.key: getattr(question, column.key)
        for column in sa.inspect(Question).column_attrs
        if column.key not in {"id", "version_id", "position", "section_id"}
    }
    return Question(**kept)


def _made(key: str, asked: Asked, a_map: Map) -> Question:
    """Raises MapUnfit."""
    place = f"questions, {key}"
    kind = QUESTION_TYPES.get(asked.kind)
    if kind is None or not kind.takes_answer:
        kinds = ", ".join(sorted(name for name, one in QUESTION_TYPES.items() if one.takes_answer))
        raise MapUnfit(_("%(place)s: “kind” is one of %(kinds)s.", place=place, kinds=kinds))
    if not _KEY.fullmatch(key):
        raise MapUnfit(
            _("%(place)s: a key begins with a letter; then letters, digits, _ and -.", place=place)
        )
    if asked.level not in set(Level):
        raise MapUnfit(_("%(place)s: “level” is one of %(kinds)s.", place=place, kinds=", ".join(Level)))
    try:
        kind.check_options(asked.options)
    except OptionsUnfit as refusal:
        raise MapUnfit(f"{place}: {refusal}") from refusal
    return Question(
        key=key,
        kind=asked.kind,
        level=Level(asked.level),
        wording=asked.wording or {a_map.language: key},
        options=asked.options,
    )
