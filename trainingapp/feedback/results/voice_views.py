"""URL to action to page: what supervisors and hosts answered. Apart from the alumni, in every figure."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from trainingapp import spreadsheets
from trainingapp.accounts import audit
from trainingapp.db import db
from trainingapp.feedback.blueprint import bp
from trainingapp.feedback.results import charts, counting, exports, queries
from trainingapp.programmes.roles import Permission, needs
from trainingapp.refusals import Refusal
from trainingapp.surveys import queries as surveys
from trainingapp.voices import loading
from trainingapp.voices import queries as asked

READ = Permission.READ_FEEDBACK


@bp.get("/voices/<int:round_id>")
@needs(READ)
def voices(round_id: int) -> ResponseReturnValue:
    found = loading.round_of(round_id, READ)
    responses = queries.answered(found)
    released = queries.is_released(found, responses)
    questions = surveys.questions_of(found.survey_version)
    drawn = charts.of_gathered(found, questions, str(get_locale() or "en")) if released else []
    return render_template(
        "feedback/voices.html",
        cohort=found.schedule.cohort,
        round=found,
        responses=responses,
        asked=asked.asked(found),
        states=asked.states(found),
        released=released,
        sections=charts.sections(drawn),
        own_words=counting.own_words(found, [chart.question.id for chart in drawn if not chart.is_hidden]),
        by=None,
    )


@bp.post("/voices/<int:round_id>/answers.<any(csv, xlsx):ending>")
@needs(READ)
def voices_file(round_id: int, ending: str) -> ResponseReturnValue:
    found = loading.round_of(round_id, READ)
    if not queries.is_released(found, queries.answered(found)):
        raise Refusal(exports.too_few())
    headings, rows = exports.answers(found, surveys.questions_of(found.survey_version))
    file = spreadsheets.download(ending, f"answers-{found.audience}-{found.opens_on}", headings, rows)
    audit.record(
        found, "answers exported", after=ending, programme_id=found.schedule.cohort.theme.programme_id
    )
    db.session.commit()
    return file
