"""URL to action to page."""

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from trainingapp.numbers import whole
from trainingapp.programmes.roles import Permission, needs, on, require
from trainingapp.surveys import queries, words  # noqa: F401 - words describes our states
from trainingapp.surveys.models import Survey
from trainingapp.surveys.question_types import QUESTION_TYPES, Asked

bp = Blueprint("surveys", __name__, url_prefix="/surveys")
LANGUAGE_NAMES = {"en": "English", "id": "Bahasa Indonesia", "fr": "Français", "fa_AF": "دری"}


@bp.get("/")
@needs(Permission.SEE_FOLLOWUPS)
def index() -> ResponseReturnValue:
    number = max(1, request.args.get("page", 1, type=whole))
    rows, has_more = queries.listed(on(Survey.programme_id, Permission.SEE_FOLLOWUPS), number)
    return render_template(
        "surveys/index.html", rows=rows, number=number, has_more=has_more, language_names=LANGUAGE_NAMES
    )


@bp.get("/versions/<int:version_id>")
@needs(Permission.SEE_FOLLOWUPS)
def version(version_id: int) -> ResponseReturnValue:
    """What it asks, and how that looks on a phone."""
    shown = queries.version_with_survey(version_id) or abort(404)
    require(Permission.SEE_FOLLOWUPS, shown.survey.programme_id)
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
    )
