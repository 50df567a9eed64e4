"""Questions about old answers, and what a file's columns may be compared with. No writes."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp.archives.maps import Asked
from trainingapp.archives.matching import Known
from trainingapp.archives.models import Archive, ArchiveDraft, ArchivedResponse
from trainingapp.db import db
from trainingapp.surveys.models import Question, Survey, SurveyVersion
from trainingapp.surveys.question_types import QUESTION_TYPES
from trainingapp.surveys.question_types import Asked as AskedOf


def survey(programme_id: int, key: str) -> Survey | None:
    return db.session.scalar(sa.select(Survey).where(Survey.programme_id == programme_id, Survey.key == key))


def version_of(found: Survey) -> SurveyVersion | None:
    """The latest that was published."""
    return db.session.scalar(
        sa.select(SurveyVersion)
        .where(SurveyVersion.survey_id == found.id, SurveyVersion.published_at.is_not(None))
        .order_by(SurveyVersion.number.desc())
        .limit(1)
    )


def known(programme_id: int, key: str) -> list[Known]:
    """Every question the programme has asked, by its latest wording; those of this survey first."""
    query = (
        sa.select(Question, Survey.key)
        .join(SurveyVersion, SurveyVersion.id == Question.version_id)
        .join(Survey, Survey.id == SurveyVersion.survey_id)
        .where(Survey.programme_id == programme_id, SurveyVersion.published_at.is_not(None))
        .order_by((Survey.key == key).desc(), SurveyVersion.id.desc(), Question.position)
    )
    found: dict[str, Known] = {}
    for question, of in db.session.execute(query):
        if question.key not in found and QUESTION_TYPES[question.kind].takes_answer:
            found[question.key] = _known(question, is_here=of == key)
    return list(found.values())


def _known(question: Question, *, is_here: bool) -> Known:
    kind = QUESTION_TYPES[question.kind]
    choices: dict[str, tuple[str, ...]] = {}
    items: dict[str, tuple[str, ...]] = {}
    for language in question.wording or {"en": ""}:
        asked = AskedOf(language)
        for found, options in (
            (choices, kind.options(question, asked)),
            (items, kind.items(question, asked)),
        ):
            for option in options:
                found[option.value] = (*found.get(option.value, ()), option.text)
    first, last = question.options.get("from"), question.options.get("to")
    return Known(
        question.key,
        question.kind,
        tuple(question.wording.values()),
        choices,
        items,
        (first, last) if first is not None and last is not None else None,
        Asked(question.kind, question.level.value, dict(question.wording), dict(question.options)),
        len(kind.columns(question)) > 1 and not items,
        is_here,
    )


def archives(allowed: sa.ColumnElement[bool]) -> Sequence[tuple[Archive, int]]:
    """With how many answers each holds, the latest first. `allowed` is about Survey.programme_id."""
    held = (
        sa.select(sa.func.count())
        .where(ArchivedResponse.archive_id == Archive.id)
        .correlate(Archive)
        .scalar_subquery()
    )
    query = (
        sa.select(Archive, held)
        .join(Archive.survey_version)
        .join(Survey, Survey.id == SurveyVersion.survey_id)
        .where(allowed)
        .options(
            joinedload(Archive.survey_version).joinedload(SurveyVersion.survey).joinedload(Survey.programme),
            joinedload(Archive.cohort),
        )
        .order_by(Archive.id.desc())
    )
    return [(archive, count) for archive, count in db.session.execute(query)]


def drafts(allowed: sa.ColumnElement[bool]) -> Sequence[ArchiveDraft]:
    """Files that wait to be mapped. `allowed` is about ArchiveDraft.programme_id."""
    return db.session.scalars(sa.select(ArchiveDraft).where(allowed).order_by(ArchiveDraft.id.desc())).all()


def values_of(ours: Sequence[Known], key: str, asked: Asked | None) -> list[tuple[str, str]]:
    """What a text may be mapped to under a key: value and text, by our question or the map's own."""
    found = next((one for one in ours if one.key == key), None)
    if found or asked is None:
        return [(value, texts[0]) for value, texts in found.choices.items()] if found else []
    question = Question(key=key, kind=asked.kind, wording=asked.wording, options=asked.options)
    return [
        (option.value, option.text) for option in QUESTION_TYPES[asked.kind].options(question, AskedOf("en"))
    ]


def responses_of(archive: Archive) -> sa.Select[int]:
    """Ids."""
    return sa.select(ArchivedResponse.response_id).where(ArchivedResponse.archive_id == archive.id)
