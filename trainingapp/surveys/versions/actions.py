"""The life of a questionnaire's versions. What was published is never changed: a new one is made."""

from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.db import db, lock
from trainingapp.programmes.models import Programme
from trainingapp.refusals import Refusal
from trainingapp.surveys import queries
from trainingapp.surveys.bank import actions as bank
from trainingapp.surveys.models import (
    Anonymity,
    Audience,
    Question,
    Survey,
    SurveySection,
    SurveyVersion,
)
from trainingapp.surveys.question_types import QUESTION_TYPES
from trainingapp.surveys.versions import checks

COPIED = (
    *("key", "kind", "level", "is_required", "wording", "hint", "options", "relevant", "required_if"),
    *("constraint", "constraint_text", "calculation", "choice_filter", "appearance"),
)


class Frozen(Refusal):
    """It was published."""


class KeyTaken(Refusal):
    """Another questionnaire of the programme, or another question of this one, has the key."""


class DraftThere(Refusal):
    """The questionnaire has a draft; `version` is it."""

    def __init__(self, version: SurveyVersion) -> None:
        super().__init__(_("This questionnaire has a draft already."))
        self.version = version


class NotReady(Refusal):
    """Something stands against publishing."""


class Promised(Refusal):
    """Somebody has answered: who reads the answers stays as it was promised."""


def begin(
    programme: Programme,
    key: str,
    title: str,
    languages: list[str],
    audience: Audience = Audience.ALUMNI,
) -> SurveyVersion:
    """A new questionnaire. Raises KeyTaken."""
    survey = Survey(programme_id=programme.id, key=key, title=title, audience=audience)
    try:
        with db.session.begin_nested():
            db.session.add(survey)
    except IntegrityError as taken:
        raise KeyTaken(_("The programme has a questionnaire with this key."), "key") from taken
    return _draft(survey, 1, languages)


def new_version(old: SurveyVersion) -> SurveyVersion:
    """A draft with the same questions. Raises DraftThere."""
    lock(old.survey)
    there = queries.draft_of(old.survey_id)
    if there:
        raise DraftThere(there)
    number = queries.last_number(old.survey_id) + 1
    made = _draft(old.survey, number, list(old.languages))
    made.anonymity, made.asks_progress = old.anonymity, old.asks_progress
    sections = _copy_sections(old, made)
    for question in queries.questions_of(old):
        copied = {name: getattr(question, name) for name in COPIED}
        section = sections.get(question.section_id or 0)
        db.session.add(
            Question(
                version_id=made.id,
                position=question.position,
                section_id=section.id if section else None,
                **copied,
            )
        )
    db.session.flush()
    return made


def set_anonymity(version: SurveyVersion, anonymity: Anonymity) -> None:
    """Until the first answer. Raises Promised."""
    lock(version)
    if version.first_answered_at and anonymity is not version.anonymity:
        raise Promised(
            _("People have answered and were told who reads it. Make a new version to change that."),
            "anonymity",
        )
    if anonymity is not version.anonymity:
        before, version.anonymity = version.anonymity, anonymity
        programme_id = version.survey.programme_id
        audit.record(version, "anonymity set", before=before, after=anonymity, programme_id=programme_id)


def publish(version: SurveyVersion, by: User, now: datetime) -> None:
    """For ever. Its questions enter the bank. Raises Frozen, NotReady, and what the bank refuses."""
    lock(version)
    if version.published_at:
        raise Frozen(_("This version was published already."))
    questions = list(queries.questions_of(version))
    found = checks.problems(questions, queries.all_sections_of(version))
    if found:
        raise NotReady(found[0].text)
    must_be_askable(version, questions)
    why = f"{version.survey.title}, version {version.number}"
    bank.enter(questions, version.survey.programme_id, now, why=why, by=by)
    version.published_at = now
    programme_id = version.survey.programme_id
    audit.record(version, "published", after=f"version {version.number}", programme_id=programme_id)


def must_be_askable(version: SurveyVersion, questions: list[Question]) -> None:
    """Raises NotReady when an anonymous questionnaire would learn who answers."""
    if version.anonymity is not Anonymity.ANONYMOUS:
        return
    if version.asks_progress:
        raise NotReady(_("An anonymous questionnaire cannot begin with a person's own activities."))
    for question in questions:
        if QUESTION_TYPES[question.kind].knows_person:
            raise NotReady(
                _(
                    "“%(key)s” tells who answers, so that an anonymous questionnaire cannot ask it.",
                    key=question.key,
                )
            )


def discard(version: SurveyVersion) -> None:
    """A draft is nobody's record. The survey goes with its only version. Raises Frozen."""
    lock(version)
    if version.published_at:
        raise Frozen(_("This version was published, so it stays."))
    survey = version.survey
    audit.record(version, "discarded", before=f"version {version.number}", programme_id=survey.programme_id)
    for kind in (Question, SurveySection):
        db.session.execute(sa.delete(kind).where(kind.version_id == version.id))
    db.session.delete(version)
    db.session.flush()
    if not queries.last_number(survey.id):
        db.session.delete(survey)


def _draft(survey: Survey, number: int, languages: list[str]) -> SurveyVersion:
    made = SurveyVersion(survey_id=survey.id, number=number, languages=languages)
    db.session.add(made)
    db.session.flush()
    audit.record(made, "drafted", after=f"version {number}", programme_id=survey.programme_id)
    return made


def _copy_sections(old: SurveyVersion, made: SurveyVersion) -> dict[int, SurveySection]:
    """Old id -> new row; a section stands behind the one that holds it."""
    found: dict[int, SurveySection] = {}
    for section in queries.all_sections_of(old):
        parent = found.get(section.parent_id or 0)
        found[section.id] = SurveySection(
            version_id=made.id,
            parent_id=parent.id if parent else None,
            key=section.key,
            position=section.position,
            title=section.title,
            hint=section.hint,
            relevant=section.relevant,
        )
        db.session.add(found[section.id])
        db.session.flush()
    return found
