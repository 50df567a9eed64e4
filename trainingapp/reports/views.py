"""URL to action to page: reports of a programme and of an edition, begun and read."""

from datetime import timedelta
from typing import Any

from flask import Response, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_login import current_user

from trainingapp import clock, once
from trainingapp.cohorts import loading as cohorts
from trainingapp.cohorts.models import Cohort
from trainingapp.db import db
from trainingapp.impact.asked import USUAL
from trainingapp.programmes import queries as programmes
from trainingapp.programmes.models import Programme
from trainingapp.programmes.roles import can, needs, require
from trainingapp.refusals import Refusal
from trainingapp.reports import (
    actions,
    composing,
    draft_views,
    kinds,
    loading,
    pdf_file,
    queries,
    quote_views,
    version_views,
    word_file,
    words,
)
from trainingapp.reports.blueprint import READ, WRITE, bp
from trainingapp.reports.composing import Document
from trainingapp.reports.forms import EditionForm, YearsForm
from trainingapp.reports.models import Report, ReportState

__all__ = ["bp", "draft_views", "quote_views", "version_views", "words"]

_FILES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@bp.get("/")
@needs(READ)
def index() -> ResponseReturnValue:
    """The programmes of the reader; of one programme its reports."""
    found = programmes.programmes()
    if len(found) == 1:
        return redirect(url_for("reports.of_programme", programme_id=found[0].id))
    return render_template("reports/index.html", programmes=found)


@bp.get("/programmes/<int:programme_id>")
@needs(READ)
def of_programme(programme_id: int) -> ResponseReturnValue:
    programme = _programme(programme_id)
    may_write = can(WRITE, programme.id)
    found = queries.of_programme(programme, drafts=may_write)
    return render_template(
        "reports/of_programme.html",
        programme=programme,
        reports=found,
        may_write=may_write,
        kinds=kinds.KINDS,
    )


@bp.get("/cohorts/<int:cohort_id>")
@needs(READ)
def of_cohort(cohort_id: int) -> ResponseReturnValue:
    cohort = cohorts.cohort(cohort_id, READ)
    may_write = can(WRITE, cohort.theme.programme_id)
    found = queries.of_cohort(cohort, drafts=may_write)
    return render_template(
        "reports/of_cohort.html", cohort=cohort, reports=found, may_write=may_write, kinds=kinds.KINDS
    )


@bp.route("/cohorts/<int:cohort_id>/new", methods=["GET", "POST"])
@needs(WRITE)
def new_of_edition(cohort_id: int) -> ResponseReturnValue:
    cohort = cohorts.cohort(cohort_id, WRITE)
    title = kinds.title_of_edition(cohort)
    form = EditionForm(data=_usual(title))
    return _begin(form, cohort.theme.programme, cohort)


@bp.route("/programmes/<int:programme_id>/new", methods=["GET", "POST"])
@needs(WRITE)
def new_of_years(programme_id: int) -> ResponseReturnValue:
    programme = _programme(programme_id)
    require(WRITE, programme.id)
    years = sorted({theme.year for theme in programmes.themes(programme)})
    if not years:
        abort(404)
    form = YearsForm(
        data={
            **_usual(kinds.title_of_years(programme, years[0], years[-1])),
            "first_year": years[0],
            "last_year": years[-1],
        }
    )
    form.offer_years(years)
    return _begin(form, programme, None)


def _usual(title: str) -> dict[str, Any]:
    """As of yesterday, in the writer's own language, from the level that dashboards begin with."""
    language = str(get_locale() or "en")
    yesterday = clock.now().date() - timedelta(days=1)
    return {"title": title, "language": language, "as_of": yesterday, "level": USUAL.value}


def _begin(form: EditionForm | YearsForm, programme: Programme, cohort: Cohort | None) -> ResponseReturnValue:
    form.offer()
    if form.validate_on_submit():
        try:
            made = actions.begin(
                programme, cohort, form.asked, current_user, clock.now(), form_id=form.form_id.data
            )
            db.session.commit()
            return redirect(url_for("reports.edit", report_id=made.id))
        except once.Twice:
            return redirect(url_for("reports.edit", report_id=queries.begun_by(form.form_id.data).id))
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template("reports/new.html", form=form, programme=programme, cohort=cohort), form.status


@bp.get("/<int:report_id>")
@needs(READ)
def report(report_id: int) -> ResponseReturnValue:
    """As it was frozen; a draft as it would be."""
    found = loading.report(report_id)
    may_write = can(WRITE, found.programme_id)
    correction = queries.correction_of(found)
    is_told = found.state is not ReportState.WITHDRAWN or may_write
    return render_template(
        "reports/report.html",
        report=found,
        document=_document(found) if is_told else None,
        correction=correction if correction and (may_write or correction.frozen) else None,
        earlier=queries.earlier(found),
        may_write=may_write,
    )


@bp.get("/<int:report_id>/report.<any(pdf, docx):paper>")
@needs(READ)
def file(report_id: int, paper: str) -> ResponseReturnValue:
    """The same document. A withdrawn one is no longer handed out."""
    found = loading.report(report_id)
    if found.state is ReportState.WITHDRAWN:
        return redirect(url_for("reports.report", report_id=found.id))
    return written(found, paper)


def written(found: Report, paper: str) -> Response:
    with composing.in_language(found):
        notice, mark = words.notice_of(found), words.mark_of(found)
    document = _document(found)
    if paper == "pdf":
        content = pdf_file.written(document, mark=mark, notice=notice)
    else:
        content = word_file.written(document, notice=notice)
    answer = Response(content, mimetype=_FILES[paper])
    answer.headers.set(
        "Content-Disposition", "attachment", filename=f"report-{found.id}-v{found.number}.{paper}"
    )
    return answer


def _document(found: Report) -> Document:
    return found.frozen or composing.document(found)


def _programme(programme_id: int) -> Programme:
    found = db.session.get(Programme, programme_id) or abort(404)
    require(READ, found.id)
    return found
