"""URL to action to page: what supervisors and hosts answered. Apart from the alumni, in every figure."""

from flask import render_template
from flask.typing import ResponseReturnValue

from trainingapp import spreadsheets
from trainingapp.accounts import audit
from trainingapp.db import db
from trainingapp.feedback import charts, exports, queries
from trainingapp.feedback.blueprint import bp
from trainingapp.programmes.roles import Permission, needs
from trainingapp.refusals import Refusal
from trainingapp.surveys import queries as surveys
from trainingapp.voices import loading
from trainingapp.voices import queries as asked
from trainingapp.voices.models import VoiceState
from trainingapp.web import locale


@bp.get("/voices/<int:round_id>")
@needs(Permission.READ_FEEDBACK)
def voices(round_id: int) -> ResponseReturnValue:
    found = loading.round_of(round_id, Permission.READ_FEEDBACK)
    responses = queries.answered(found)
    released = queries.is_released(found, responses)
    questions = surveys.questions_of(found.survey_version)
    drawn = charts.of_gathered(found, questions, locale(), None) if released else []
    return render_template(
        "feedback/voices.html",
        cohort=found.schedule.cohort,
        round=found,
        responses=responses,
        asked=asked.asked(found),
        states=asked.states(found),
        told={VoiceState.SENT, VoiceState.NOT_DELIVERED, VoiceState.DECLINED, VoiceState.REFUSED},
        released=released,
        sections=charts.sections(drawn),
        by=None,
    )
