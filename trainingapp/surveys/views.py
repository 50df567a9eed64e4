"""URL to action to page."""

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from trainingapp import paging
from trainingapp.db import db
from trainingapp.followups import queries as waves
from trainingapp.followups.models import Wave
from trainingapp.followups.schedules import actions as scheduling
from trainingapp.numbers import whole
from trainingapp.programmes.models import Programme
from trainingapp.programmes.roles import Permission, can, holds, needs, on, require
from trainingapp.surveys import actions, queries, words
from trainingapp.surveys.bank import views as bank_views
from trainingapp.surveys.blueprint import LANGUAGE_NAMES, RUN, SEE, bp
from trainingapp.surveys.builder import views as builder_views
from trainingapp.surveys.models import Survey, SurveyVersion
from trainingapp.surveys.question_types import QUESTION_TYPES, Asked
from trainingapp.surveys.versions import comparing
from trainingapp.surveys.xlsform import views as xlsform_views
from trainingapp.table_views import Table, table_file

__all__ = ["bank_views", "bp", "builder_views", "words", "xlsform_views"]


@bp.get("/")
@needs(SEE)
def index() -> ResponseReturnValue:
    number = max(1, request.args.get("page", 1, type=whole))
    rows, has_more = queries.listed(on(Survey.programme_id, SEE), number)
    return render_template(
        "surveys/index.html",
        rows=rows,
        number=number,
        has_more=has_more,
        language_names=LANGUAGE_NAMES,
        may_run=holds(RUN),
    )


@table_file(bp, "/list", needs(SEE))
def surveys_file() -> Table:
    headings = [
        *(_("Questionnaire"), _("Version"), _("Programme"), _("Questions"), _("Minutes"), _("Languages")),
        _("Published on"),
    ]
    allowed = on(Survey.programme_id, SEE)
    rows = [
        (
            *(row.version.survey.title, row.version.number, row.version.survey.programme.short_name),
            *(len(row.questions), row.minutes, " ".join(row.version.languages)),
            row.version.published_at.date() if row.version.published_at else None,
        )
        for row in paging.numbered(lambda number: queries.listed(allowed, number))
    ]
    return Table(_("Surveys"), headings, rows)


@bp.post("/programmes/<int:programme_id>/newer")
@needs(RUN)
def bring_newer(programme_id: int) -> ResponseReturnValue:
    """From the box, as drafts."""
    require(RUN, programme_id)
    programme = db.session.get(Programme, programme_id) or abort(404)
    made = actions.bring_newer(programme)
    db.session.commit()
    if made:
        flash(
            ngettext("%(num)d draft is ready to read.", "%(num)d drafts are ready to read.", len(made)), "ok"
        )
    else:
        flash(_("This programme asks everything that is in the box, or has it as a draft."))
    return redirect(url_for(".index"), 303)


@bp.get("/versions/<int:version_id>")
@needs(SEE)
def version(version_id: int) -> ResponseReturnValue:
    """What it asks, and how that looks on a phone."""
    shown = _version(version_id, SEE)
    asking = waves.waves_asking(shown.survey_id)
    language = request.args.get("ask_in", "en")
    language = language if language in shown.languages else "en"
    questions = queries.questions_of(shown)
    activities = queries.USUAL_ACTIVITIES if shown.asks_progress else 0
    return render_template(
        "surveys/version.html",
        version=shown,
        questions=questions,
        kinds=QUESTION_TYPES,
        minutes=queries.minutes(questions, activities),
        spoken=language,
        asked=Asked(language),
        text_in=queries.text_in,
        language_names=LANGUAGE_NAMES,
        waves=[wave for wave in asking if wave.survey_version_id == shown.id],
        others=_may_ask(shown, asking),
        versions=queries.versions_of(shown.survey_id),
        may_run=can(RUN, shown.survey.programme_id),
    )


@bp.post("/versions/<int:version_id>/use")
@needs(RUN)
def use(version_id: int) -> ResponseReturnValue:
    """In planned waves that ask another version of the same questionnaire."""
    version = _version(version_id, RUN)
    chosen = set(request.form.getlist("wave"))
    may_ask = _may_ask(version, waves.waves_asking(version.survey_id))
    changed = [wave for wave in may_ask if str(wave.id) in chosen]
    for wave in changed:
        days = {"opens_on": wave.opens_on, "closes_on": wave.closes_on}
        scheduling.change_wave(wave, **days, survey_version_id=version.id)
    db.session.commit()
    flash(ngettext("%(num)d wave asks it now.", "%(num)d waves ask it now.", len(changed)), "ok")
    return redirect(url_for(".version", version_id=version.id), 303)


@bp.get("/versions/<int:version_id>/compare/<int:other_id>")
@needs(SEE)
def compare(version_id: int, other_id: int) -> ResponseReturnValue:
    """The older beside the newer, whichever comes first in the address."""
    old, new = sorted((_version(version_id, SEE), _version(other_id, SEE)), key=lambda one: one.number)
    if old.survey_id != new.survey_id:
        abort(404)
    languages = list(dict.fromkeys([*old.languages, *new.languages]))
    found = comparing.changes(queries.questions_of(old), queries.questions_of(new), languages)
    by_key = {key: list(of_key) for key, of_key in groupby(found, attrgetter("key"))}
    return render_template(
        "surveys/compare.html", old=old, new=new, changes=by_key, language_names=LANGUAGE_NAMES
    )


def _version(version_id: int, permission: Permission) -> SurveyVersion:
    found = queries.version_with_survey(version_id) or abort(404)
    require(permission, found.survey.programme_id)
    return found


def _may_ask(version: SurveyVersion, asking: Sequence[Wave]) -> list[Wave]:
    """Waves that have not opened and ask another version."""
    if not version.published_at or version.asked_elsewhere:
        return []
    return [wave for wave in asking if wave.opened_at is None and wave.survey_version_id != version.id]
