"""Verbs: a form becomes a draft; a version becomes a form again."""

import re
from datetime import datetime

import sqlalchemy as sa
from anyascii import anyascii
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp.accounts import audit
from trainingapp.db import db
from trainingapp.programmes.models import Programme
from trainingapp.refusals import Refusal
from trainingapp.surveys.models import Question, Survey, SurveySection, SurveyVersion
from trainingapp.surveys.xlsform.contents import Form, Item, Section

LONGEST_KEY, LONGEST_TITLE, LONGEST_APPEARANCE = 60, 200, 120


class JustImported(Refusal):
    """Someone brought the same form in at the same moment."""


def key_of(form: Form) -> str:
    """Of the questionnaire, from the form's own id: letters, figures and hyphens."""
    words = re.sub(r"[^a-z0-9]+", "-", anyascii(form.key or form.title).lower()).strip("-")
    return words[:LONGEST_KEY].strip("-") or "form"


def import_form(programme: Programme, form: Form, key: str, now: datetime) -> SurveyVersion:
    """A draft: the next version of the programme's questionnaire with this key, or the first of a new one.

    Raises JustImported.
    """
    try:
        with db.session.begin_nested():
            survey = _survey(programme, form, key)
            version = SurveyVersion(
                survey_id=survey.id,
                number=_next_number(survey),
                anonymity=form.anonymity,
                asks_progress=form.asks_progress,
                languages=form.languages,
            )
            db.session.add(version)
            db.session.flush()
            _fill(version, form)
    except IntegrityError as clash:
        raise JustImported(
            _("The same form was imported at the same moment. Look for it among the drafts.")
        ) from clash
    facts = {"at": now.isoformat(), "questions": len(form.questions)}
    audit.record(
        version, "imported", after=f"version {version.number}", programme_id=programme.id, facts=facts
    )
    return version


def _survey(programme: Programme, form: Form, key: str) -> Survey:
    found = db.session.scalar(
        sa.select(Survey).where(Survey.programme_id == programme.id, Survey.key == key).with_for_update()
    )
    if found is None:
        found = Survey(programme_id=programme.id, key=key, title=form.title[:LONGEST_TITLE])
        db.session.add(found)
        db.session.flush()
    return found


def _next_number(survey: Survey) -> int:
    highest = sa.select(sa.func.max(SurveyVersion.number)).where(SurveyVersion.survey_id == survey.id)
    return (db.session.scalar(highest) or 0) + 1


def _fill(version: SurveyVersion, form: Form) -> None:
    sections: dict[str, int] = {}
    for position, section in enumerate(form.sections, 1):
        row = SurveySection(
            version_id=version.id,
            parent_id=sections.get(section.parent),
            key=section.key,
            position=position,
            title=section.title,
            hint=section.hint,
            relevant=section.relevant,
        )
        db.session.add(row)
        db.session.flush()
        sections[section.key] = row.id
    db.session.add_all(
        Question(
            version_id=version.id,
            section_id=sections.get(item.section),
            position=position,
            **{name: getattr(item, name) for name in _SHARED},
        )
        for position, item in enumerate(form.questions, 1)
    )
    db.session.flush()


_SHARED = [name for name in Item.__dataclass_fields__ if name != "section"]


def form_of(version: SurveyVersion) -> Form:
    """Reads, and changes nothing. Stands here because it is the way back of the verb above."""
    sections = db.session.scalars(
        sa.select(SurveySection)
        .where(SurveySection.version_id == version.id)
        .order_by(SurveySection.position)
    ).all()
    questions = db.session.scalars(
        sa.select(Question).where(Question.version_id == version.id).order_by(Question.position)
    ).all()
    keys = {section.id: section.key for section in sections}
    return Form(
        version.survey.title,
        version.survey.key,
        list(version.languages),
        [
            Section(
                section.key,
                keys.get(section.parent_id or 0, ""),
                section.title,
                section.hint,
                section.relevant,
            )
            for section in sections
        ],
        [
            Item(section=keys.get(one.section_id or 0, ""), **{name: getattr(one, name) for name in _SHARED})
            for one in questions
        ],
        version.anonymity,
        version.asks_progress,
        str(version.number),
    )
