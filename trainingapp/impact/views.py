"""URL to action to page: dashboards, and the rows behind a figure."""

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from trainingapp import clock
from trainingapp.cohorts import tiles
from trainingapp.db import db
from trainingapp.followups import calendar
from trainingapp.impact import asked, contribution, figures, file_views, origins, queries, results, words
from trainingapp.impact.blueprint import FEED, SEE, bp
from trainingapp.impact.feeds import views as feed_views
from trainingapp.impact.frames import views as frame_views
from trainingapp.impact.frames.models import CountryGroup, FrameIndicator
from trainingapp.impact.frames.standings import Standings
from trainingapp.impact.iati import views as iati_views
from trainingapp.impact.iati.codes import code_list
from trainingapp.impact.publication import public_views
from trainingapp.impact.publication import views as publication_views
from trainingapp.impact.references import queries as reference_queries
from trainingapp.impact.references import views as reference_views
from trainingapp.plans.progress.models import EvidenceLevel
from trainingapp.plans.progress.words import PARTS
from trainingapp.programmes import queries as programmes
from trainingapp.programmes.models import Programme
from trainingapp.programmes.roles import Permission, can, needs, require
from trainingapp.surveys.question_types import QUESTION_TYPES
from trainingapp.surveys.question_types import Asked as AskedWith
from trainingapp.surveys.wording import text_in

__all__ = [
    "bp",
    "feed_views",
    "file_views",
    "frame_views",
    "iati_views",
    "public_views",
    "publication_views",
    "reference_views",
    "words",
]

MOST_ROWS = 500
A_YEAR = 12  # months


@bp.get("/")
@needs(Permission.SEE_PROGRAMME)
def index() -> ResponseReturnValue:
    """The programmes of the reader; of one programme its dashboard, or what is published of it."""
    found = programmes.programmes()
    if len(found) == 1:
        endpoint = "impact.dashboard" if can(SEE, found[0].id) else "impact.published"
        return redirect(url_for(endpoint, programme_id=found[0].id))
    return render_template(
        "impact/index.html", programmes=[(programme, can(SEE, programme.id)) for programme in found]
    )


@bp.get("/programmes/<int:programme_id>")
@needs(SEE)
def dashboard(programme_id: int) -> ResponseReturnValue:
    programme = _programme(programme_id)
    wanted = asked.read(programme.id, request.args)
    return render_template("impact/dashboard.html", programme=programme, **shown(wanted))


@bp.get("/programmes/<int:programme_id>/countries/<country>")
@needs(SEE)
def country(programme_id: int, country: str) -> ResponseReturnValue:
    programme = _programme(programme_id)
    wanted = asked.read(programme.id, {**request.args, "country": country})
    if wanted.scope.country is None:
        abort(404)
    page = shown(wanted)
    standings = {group: Standings(group) for group in CountryGroup}
    return render_template("impact/country.html", programme=programme, standings=standings, **page)


@bp.get("/programmes/<int:programme_id>/visits")
@needs(SEE)
def visits(programme_id: int) -> ResponseReturnValue:
    programme = _programme(programme_id)
    wanted = asked.read(programme.id, request.args)
    return render_template(
        "impact/visits.html",
        programme=programme,
        asked=wanted,
        args=wanted.args,
        levels=list(EvidenceLevel),
        visits=origins.of_visits(wanted.scope, wanted.level),
        sessions=origins.of_sessions(wanted.scope, wanted.level),
        years=_years(programme),
    )


@bp.get("/programmes/<int:programme_id>/results/<int:frame_indicator_id>")
@needs(SEE)
def result(programme_id: int, frame_indicator_id: int) -> ResponseReturnValue:
    """The rows and the evidence behind a figure, and the figure told apart."""
    programme = _programme(programme_id)
    indicator = db.session.get(FrameIndicator, frame_indicator_id) or abort(404)
    wanted = asked.read(programme.id, request.args)
    given = request.args.get("by", "")
    by = figures.Dimension(given) if given in set(figures.Dimension) else figures.Dimension.COUNTRY
    figured = queries.programme(wanted.scope)
    return render_template(
        "impact/result.html",
        programme=programme,
        indicator=indicator,
        asked=wanted,
        args=wanted.args,
        by=by,
        dimensions=list(figures.Dimension),
        levels=list(EvidenceLevel),
        part_words=PARTS,
        results=[
            one for one in results.results(wanted.scope, wanted.level) if one.indicator.id == indicator.id
        ],
        groups=results.told_apart(wanted.scope, wanted.level, indicator, by),
        names=queries.names(figured, by),
        beside=reference_queries.beside(indicator),
        measures=code_list("IndicatorMeasure").names,
        rows=results.behind(wanted.scope, wanted.level, indicator, MOST_ROWS),
        most=MOST_ROWS,
        years=_years(programme),
        may_feed=can(FEED, programme.id),
    )


def shown(wanted: asked.Asked) -> dict[str, Any]:
    """What a dashboard shows, of whatever is asked for."""
    figured = queries.programme(wanted.scope)
    said = contribution.said(wanted.scope)
    language = str(get_locale() or "en")
    question = said.question
    options = QUESTION_TYPES[question.kind].options(question, AskedWith(language)) if question else []
    return {
        "asked": wanted,
        "args": wanted.args,
        "figures": figured,
        "fates": list(figures.PlanFate),
        "share_of": figures.Share,
        "months": A_YEAR,
        "offsets": [months for months in calendar.OFFSETS if figured.response(months).n],
        "results": results.results(wanted.scope, wanted.level),
        "levels": list(EvidenceLevel),
        "said": said,
        "said_options": options,
        "said_text": text_in(question.wording, language) if question else "",
        "map": tiles.draw(figured.countries, figured.countries),
        "years": _years(db.session.get_one(Programme, wanted.scope.programme_id)),
        "today": clock.now().date(),
        "may_feed": can(FEED, wanted.scope.programme_id),
    }


def _programme(programme_id: int) -> Programme:
    found = db.session.get(Programme, programme_id) or abort(404)
    require(SEE, found.id)
    return found


def _years(programme: Programme) -> list[int]:
    return sorted({theme.year for theme in programmes.themes(programme)})
