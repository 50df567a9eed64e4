"""URL to action to page: one question over the years, and the results of old answers."""

from collections.abc import Mapping

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from trainingapp import spreadsheets
from trainingapp.accounts import audit
from trainingapp.archives.models import Archive
from trainingapp.db import db
from trainingapp.feedback.blueprint import bp
from trainingapp.feedback.results import charts, counting, exports, queries
from trainingapp.feedback.years import comparing
from trainingapp.feedback.years import queries as over_years
from trainingapp.feedback.years.comparing import By, Comparison, Pool
from trainingapp.followups import calendar
from trainingapp.numbers import whole
from trainingapp.programmes.models import Programme
from trainingapp.programmes.roles import Permission, can, needs, require
from trainingapp.refusals import Refusal
from trainingapp.surveys import queries as surveys
from trainingapp.surveys import quoting
from trainingapp.surveys.models import Level
from trainingapp.surveys.question_types import QUESTION_TYPES, Asked
from trainingapp.surveys.wording import text_in

READ = Permission.READ_FEEDBACK


@bp.get("/programmes/<int:programme_id>/years")
@needs(READ)
def years(programme_id: int) -> ResponseReturnValue:
    """Every question that was answered, by its key."""
    programme = _programme(programme_id)
    return render_template(
        "feedback/years.html",
        programme=programme,
        keys=over_years.keys(programme),
        levels=list(Level),
        kinds=QUESTION_TYPES,
        text_in=_text,
    )


@bp.get("/programmes/<int:programme_id>/years/<key>")
@needs(READ)
def over_the_years(programme_id: int, key: str) -> ResponseReturnValue:
    programme, language = _programme(programme_id), _language()
    offset, item, value = _offset(), request.args.get("item", ""), request.args.get("value", "")
    every = over_years.askings(programme, key, offset, item)
    question = every[-1].question if every else over_years.latest(programme, key) or abort(404)
    kind, asked = QUESTION_TYPES[question.kind], Asked(language)
    items, options = kind.items(question, asked), kind.options(question, asked)
    if items and not item:
        item = items[0].value
        every = over_years.askings(programme, key, offset, item)
    has_means = any(one.numbers for one in every)
    by = By(request.args["by"]) if request.args.get("by") in set(By) else By.ASKING
    pools = comparing.pools(every, by)
    value = value if value in {one.value for one in options} else options[0].value if options else ""
    return render_template(
        "feedback/over_the_years.html",
        programme=programme,
        question=question,
        text=_text(question.wording, language),
        askings=every,
        by=by,
        pools=pools,
        compared=_compared(pools, value, has_means=has_means),
        items=items,
        item=item,
        options=[] if has_means else options,
        value=value,
        has_means=has_means,
        ends=_ends(every),
        offset=offset,
        offsets=calendar.OFFSETS,
        text_in=_text,
    )


def _compared(pools: list[Pool], value: str, *, has_means: bool) -> tuple[str, str, Comparison | None] | None:
    """The keys of two of them, the last two unless the address says otherwise, and what comes of it."""
    if len(pools) < 2:  # noqa: PLR2004
        return None
    keys = {pool.key: pool for pool in pools}
    told = [pool.key for pool in pools if not pool.is_hidden] or list(keys)
    latest = told[-2:] if len(told) > 1 else list(keys)[-2:]
    first, second = (
        asked if (asked := request.args.get(name, "")) in keys else usual
        for name, usual in zip(("first", "second"), latest, strict=True)
    )
    return first, second, comparing.compare(keys[first], keys[second], value, has_means=has_means)


@bp.get("/archives/<int:archive_id>")
@needs(READ)
def archive(archive_id: int) -> ResponseReturnValue:
    """What an old spreadsheet answered, drawn as a wave is."""
    found = _archive(archive_id)
    responses = queries.answered(found)
    released = queries.is_released(found, responses)
    asked = surveys.questions_of(found.survey_version)
    drawn = charts.of_gathered(found, asked, _language()) if released else []
    programme = found.survey_version.survey.programme
    return render_template(
        "feedback/archive.html",
        archive=found,
        programme=programme,
        responses=responses,
        released=released,
        sections=charts.sections([chart for chart in drawn if chart.people]),
        own_words=counting.own_words(found, [chart.question.id for chart in drawn if not chart.is_hidden]),
        by=None,
        may_run=can(Permission.RUN_FOLLOWUPS, programme.id),
    )


@bp.post("/archives/<int:archive_id>/answers.<any(csv, xlsx):ending>")
@needs(READ)
def archive_file(archive_id: int, ending: str) -> ResponseReturnValue:
    found = _archive(archive_id)
    if not queries.is_released(found, queries.answered(found)):
        raise Refusal(exports.too_few())
    headings, rows = exports.answers(found, surveys.questions_of(found.survey_version))
    file = spreadsheets.download(ending, f"answers-{found.survey_version.survey.key}", headings, rows)
    audit.record(
        found, "answers exported", after=ending, programme_id=found.survey_version.survey.programme_id
    )
    db.session.commit()
    return file


def _programme(programme_id: int) -> Programme:
    found = db.session.get(Programme, programme_id) or abort(404)
    require(READ, found.id)
    return found


def _archive(archive_id: int) -> Archive:
    found = db.session.get(Archive, archive_id) or abort(404)
    require(READ, found.survey_version.survey.programme_id)
    return found


def _language() -> str:
    return str(get_locale() or "en")


def _offset() -> int | None:
    asked = request.args.get("months", type=whole)
    return asked if asked in calendar.OFFSETS else None


def _ends(every: list[over_years.Asking]) -> tuple[float, float]:
    """Of the line on which means are drawn: the scale's own, else from 0 to the highest mean's range."""
    options = [one.question.options for one in every]
    if options and all("from" in one and "to" in one for one in options):
        return min(one["from"] for one in options), max(one["to"] for one in options)
    highest = max((one.mean.high for one in every if one.mean and not one.is_hidden), default=1.0)
    return 0.0, max(highest, 1.0)


def _text(wording: Mapping[str, str], language: str) -> str:
    """Where it quotes an answer, each person read another one."""
    return quoting.quoted(text_in(wording, language), {})
