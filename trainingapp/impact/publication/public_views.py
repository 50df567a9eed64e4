"""URL to page: a programme for its donors. Published figures only, for viewers, and for anybody where an
organiser opened it.

Whoever asks without an account is told the same of a page that never opened and of one that does not exist.
"""

from dataclasses import replace

import sqlalchemy as sa
from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock, spreadsheets
from trainingapp.access import public
from trainingapp.cohorts.models import Cohort
from trainingapp.datasets import queries as datasets
from trainingapp.datasets import views as packages
from trainingapp.datasets.models import Release
from trainingapp.db import db
from trainingapp.feedback.promises import queries as promises
from trainingapp.impact import exports
from trainingapp.impact.blueprint import bp
from trainingapp.impact.iati import changes, exporting
from trainingapp.impact.publication import opening, queries, views
from trainingapp.impact.publication.forms import OpeningForm
from trainingapp.impact.publication.models import Publication, PublicPage
from trainingapp.programmes import queries as programmes
from trainingapp.programmes.models import Programme, Theme
from trainingapp.programmes.roles import Permission, needs, require, signed_in_or_refused
from trainingapp.reports import linked
from trainingapp.reports import queries as written
from trainingapp.reports import views as reports
from trainingapp.reports.models import Report, ReportState
from trainingapp.web import limiter

_often = limiter.limit("120/minute", exempt_when=lambda: current_user.is_authenticated)


@bp.get("/public/<slug>")
@public
@_often
def donors(slug: str) -> ResponseReturnValue:
    programme = _open(slug)
    publications = queries.of(programme)
    page = render_template(
        "impact/public.html",
        programme=programme,
        publications=publications,
        shown=queries.read(publications[0]) if publications else None,
        promises=_promises(programme),
        releases=datasets.shown(programme),
        reports=written.of_programme(programme, drafts=False),
        has_iati=bool(publications) and exporting.is_ready(programme),
        **views.WORDS,
    )
    return _kept(page, programme)


@bp.get("/public/<slug>/figures/<int:publication_id>")
@public
@_often
def public_figures(slug: str, publication_id: int) -> ResponseReturnValue:
    programme = _open(slug)
    shown = views.shown(_publication(programme, publication_id))
    return _kept(render_template("impact/public_figures.html", programme=programme, **shown), programme)


@bp.get("/public/<slug>/figures/<int:publication_id>/<table>.<any(csv, xlsx):ending>")
@public
@_often
def public_table(slug: str, publication_id: int, table: str, ending: str) -> ResponseReturnValue:
    """By GET and without a note in the trail, since everybody may have it."""
    programme = _open(slug)
    tables = exports.told(queries.read(_publication(programme, publication_id)), views.MONTHS)
    headings, rows = tables.get(table) or abort(404)
    return _kept(spreadsheets.download(ending, f"{programme.slug} {table}", headings, rows), programme)


@bp.get("/public/<slug>/iati.xml")
@public
@_often
def public_iati(slug: str) -> ResponseReturnValue:
    """Figures of the latest day, years and level of evidence that are published, and of nothing later."""
    programme = _open(slug)
    publication = next(iter(queries.of(programme)), None) or abort(404)
    scope, now = queries.scope(publication), clock.now()
    response = Response(mimetype="application/xml")
    # The file says when it was made; what it holds is known by what happened last, and looked at once a day.
    mark = f"{publication.id}-{changes.mark(programme.id)}-{now:%Y%m%d}"
    response.set_etag(mark)
    if current_user.is_authenticated or not request.if_none_match.contains(mark):
        try:
            documents = linked.documents(programme, scope)
            response.data = exporting.export(programme, scope, publication.level, now, documents).xml
        except exporting.NotReady:
            abort(make_response(_no_file(), 404))
    return _kept(response, programme)


@bp.get("/public/<slug>/reports/<int:report_id>")
@public
@_often
def public_report(slug: str, report_id: int) -> ResponseReturnValue:
    programme = _open(slug)
    report = _report(programme, report_id)
    page = render_template(
        "impact/public_report.html", programme=programme, report=report, document=report.frozen
    )
    return _kept(page, programme)


@bp.get("/public/<slug>/reports/<int:report_id>.<any(pdf, docx):paper>")
@public
@_often
def public_report_file(slug: str, report_id: int, paper: str) -> ResponseReturnValue:
    programme = _open(slug)
    return _kept(reports.written(_report(programme, report_id), paper), programme)


@bp.get("/public/<slug>/data/<int:number>")
@public
@_often
def public_data(slug: str, number: int) -> ResponseReturnValue:
    programme = _open(slug)
    release = _release(programme, number)
    page = render_template(
        "impact/public_data.html", programme=programme, release=release, **packages.check(release)
    )
    return _kept(page, programme)


@bp.get("/public/<slug>/data/<int:number>.zip")
@public
@_often
def public_package(slug: str, number: int) -> ResponseReturnValue:
    programme = _open(slug)
    return _kept(packages.package(_release(programme, number)), programme)


@bp.route("/programmes/<int:programme_id>/public", methods=["GET", "POST"])
@needs(Permission.OPEN_TO_ALL)
def open_page(programme_id: int) -> ResponseReturnValue:
    programme = db.session.get(Programme, programme_id) or abort(404)
    require(Permission.OPEN_TO_ALL, programme.id)
    page = db.session.get(PublicPage, programme.id)
    form = OpeningForm(obj=page)
    if form.validate_on_submit():
        opening.settle(
            programme, is_open=form.is_open.data, may_be_found=form.may_be_found.data, now=clock.now()
        )
        db.session.commit()
        flash(
            _("Anybody with the address can read the page now.")
            if form.is_open.data
            else _("Only people with an account and a role can read the page.")
        )
        return redirect(url_for("impact.open_page", programme_id=programme.id)), 303
    return render_template("impact/open_page.html", programme=programme, page=page, form=form), form.status


def _open(slug: str) -> Programme:
    """The programme, if this reader may see its page: anybody, once it is open; else its people."""
    programme = programmes.by_slug(slug)
    page = db.session.get(PublicPage, programme.id) if programme else None
    if programme and page and page.is_open:
        return programme
    if page and not current_user.is_authenticated:
        text = _("The organisers have closed this page. Ask them if you need its figures.")
        closed = render_template("problem.html", title=_("This page is closed"), text=text)
        abort(make_response(closed, 410))
    if (door := signed_in_or_refused()) is not None:
        abort(make_response(door))
    if programme is None:
        abort(404)
    require(Permission.SEE_PROGRAMME, programme.id)
    return programme


def _no_file() -> str:
    """It holds something that the standard refuses: its makers are told on their own page."""
    text = _("Something in it does not follow the IATI standard yet, so the file is held back.")
    return render_template("problem.html", title=_("There is no IATI file now"), text=text)


def _publication(programme: Programme, publication_id: int) -> Publication:
    found = db.session.get(Publication, publication_id)
    if found is None or found.programme_id != programme.id or found.withdrawn_at:
        abort(404)
    return found


def _report(programme: Programme, report_id: int) -> Report:
    found = written.report(report_id)
    if found is None or found.programme_id != programme.id or found.state is not ReportState.PUBLISHED:
        abort(404)
    return found


def _release(programme: Programme, number: int) -> Release:
    return next((one for one in datasets.shown(programme) if one.number == number), None) or abort(404)


def _promises(programme: Programme) -> list[promises.Shown]:
    """What participants see of every edition, without the words of any of them."""
    query = sa.select(Cohort.id).join(Theme).where(Theme.programme_id == programme.id)
    shown = promises.shown_to(db.session.scalars(query).all(), str(get_locale() or "en"))
    return [replace(one, quote=None) for some in shown.values() for one in some]


def _kept(page: str | Response, programme: Programme) -> Response:
    """Strangers' copies are asked about each time, so that what is withdrawn is gone at once."""
    response = make_response(page)
    kept = db.session.get(PublicPage, programme.id)
    if kept is None or not kept.may_be_found:
        response.headers["X-Robots-Tag"] = "noindex"
    if current_user.is_authenticated:
        return response
    response.headers["Cache-Control"] = "public, no-cache"
    response.vary.update({"Accept-Language", "Cookie"})
    if not response.is_streamed:
        response.add_etag()
        response.make_conditional(request)
    return response
