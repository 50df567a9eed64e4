"""URL to action to page: what a wave brought back."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from trainingapp import spreadsheets
from trainingapp.accounts import audit
from trainingapp.cohorts import loading
from trainingapp.db import db
from trainingapp.feedback import words
from trainingapp.feedback.blueprint import bp
from trainingapp.feedback.results import charts, counting, exports, queries, recounts, response_rates
from trainingapp.files import serving
from trainingapp.followups import loading as waves
from trainingapp.followups import outcomes
from trainingapp.followups.models import Wave
from trainingapp.programmes.roles import Permission, needs, require
from trainingapp.refusals import Refusal
from trainingapp.statistics import SMALLEST_GROUP, TOO_FEW_FOR_PERCENT, wilson
from trainingapp.surveys import queries as surveys
from trainingapp.surveys.models import Anonymity
from trainingapp.voices import queries as voices

__all__ = ["recounts"]  # it listens, and need only be there

for written in (words.when_asked, words.percent, words.figure, words.group_name):
    bp.add_app_template_filter(written)


def _language() -> str:
    return str(get_locale() or "en")


@bp.context_processor
def said_everywhere() -> dict[str, object]:
    """`spoken` is the key of the reader's language in what was written in several."""
    limits = {"SMALLEST_GROUP": SMALLEST_GROUP, "TOO_FEW_FOR_PERCENT": TOO_FEW_FOR_PERCENT}
    return {"wilson": wilson, "spoken": _language(), **limits}


@bp.get("/cohorts/<int:cohort_id>")
@needs(Permission.READ_FEEDBACK)
def of_cohort(cohort_id: int) -> ResponseReturnValue:
    cohort = loading.cohort(cohort_id, Permission.READ_FEEDBACK)
    lines = queries.waves_of(cohort, charts.KINDS_OF_WORDS)
    rounds = voices.rounds_of(cohort.id)
    return render_template("feedback/of_cohort.html", cohort=cohort, lines=lines, rounds=rounds)


@bp.get("/waves/<int:wave_id>")
@needs(Permission.READ_FEEDBACK)
def wave(wave_id: int) -> ResponseReturnValue:
    found = waves.wave(wave_id, Permission.READ_FEEDBACK)
    by = request.args.get("by")
    if by not in {None, *queries.DIMENSIONS} or (by and not _is_linked(found)):
        abort(404)
    codes = outcomes.counts(found)
    counts = counting.Counts(found, surveys.questions_of(found.survey_version))
    released = queries.is_released(found, counts.responses)
    drawn = charts.of_counts(counts, _language()) if released else []
    groups = charts.Groups.of_counts(found, counts) if by and released else None
    is_told = groups is not None and by in groups.dimensions
    if groups and by and is_told:
        drawn = groups.tell(drawn, by)
    return render_template(
        "feedback/wave.html",
        cohort=found.schedule.cohort,
        wave=found,
        responses=counts.responses,
        asked=sum(codes.values()),
        came=response_rates.came(codes),
        codes=codes,
        rates=response_rates.rates(codes),
        letter=response_rates.letter,
        source=response_rates.SOURCE,
        released=released,
        sections=charts.sections(drawn),
        by=by,
        is_told=is_told,
        may_break_down=_is_linked(found) and counts.responses >= TOO_FEW_FOR_PERCENT,
    )


def _is_linked(found: Wave) -> bool:
    """Whether the answers know whose they are, so that groups can be told."""
    return found.survey_version.anonymity != Anonymity.ANONYMOUS


@bp.post("/waves/<int:wave_id>/answers.<any(csv, xlsx):ending>")
@needs(Permission.READ_FEEDBACK)
def answers_file(wave_id: int, ending: str) -> ResponseReturnValue:
    """A POST, since taking data out is written into the trail."""
    found = waves.wave(wave_id, Permission.READ_FEEDBACK)
    responses = queries.answered(found)
    if not queries.is_released(found, responses):
        raise Refusal(exports.too_few())
    headings, rows = exports.answers(found, surveys.questions_of(found.survey_version))
    programme_id = found.schedule.cohort.theme.programme_id
    file = spreadsheets.download(ending, f"answers-{found.opens_on}", headings, rows)
    audit.record(found, "answers exported", after=ending, programme_id=programme_id)
    db.session.commit()
    return file


@bp.get("/files/<int:file_answer_id>")
@needs(Permission.READ_FEEDBACK)
def file(file_answer_id: int) -> ResponseReturnValue:
    stored, found = queries.file(file_answer_id) or abort(404)
    require(Permission.READ_FEEDBACK, found.schedule.cohort.theme.programme_id)
    if not queries.is_released(found, queries.answered(found)):
        abort(404)
    return serving.send(stored)
