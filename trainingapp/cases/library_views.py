"""URL to action to page: causes by country, who got over them, and the library."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock, countries
from trainingapp.cases import causes, library
from trainingapp.cases.blueprint import bp
from trainingapp.cases.forms import MaterialForm, SolutionForm
from trainingapp.cases.models import HostSolution, Material
from trainingapp.cohorts import loading
from trainingapp.db import db
from trainingapp.files import serving, uploads
from trainingapp.files.actions import FileRefused
from trainingapp.labels import label
from trainingapp.numbers import whole
from trainingapp.plans.progress.models import Blocker
from trainingapp.programmes.models import Programme, Theme
from trainingapp.programmes.roles import Permission, can, holds, needs, on, require
from trainingapp.refusals import Refusal
from trainingapp.statistics import SMALLEST_GROUP
from trainingapp.table_views import Table, table_file
from trainingapp.visits.models import Host

SEE, ACT = Permission.SEE_PLANS, Permission.REVIEW_PLANS


@bp.get("/causes")
@needs(SEE)
def by_country() -> ResponseReturnValue:
    cohort_id = request.args.get("cohort", type=whole)
    cohort = loading.cohort(cohort_id, SEE) if cohort_id else None
    table = causes.by_country(cohort.id if cohort else None)
    return render_template("cases/causes.html", table=table, cohort=cohort, smallest=SMALLEST_GROUP)


@table_file(bp, "/causes", needs(SEE))
def causes_file() -> Table:
    """What the page hides stays hidden."""
    cohort_id = request.args.get("cohort", type=whole)
    cohort = loading.cohort(cohort_id, SEE) if cohort_id else None
    table = causes.by_country(cohort.id if cohort else None)
    headings = [_("Country"), _("Reported"), *map(label, table.blockers)]
    silent = [None] * (1 + len(table.blockers))
    rows: list[list[Any]] = [
        [countries.name_of(code), *(silent if code in table.hidden else [table.sizes[code], *counts])]
        for code, counts in table.rows.items()
    ]
    rows.append([_("All"), table.people, *table.totals])
    return Table(_("What stands in the way"), headings, rows, cohort)


@bp.get("/causes/<any({}):blocker>".format(", ".join(Blocker)))
@needs(SEE)
def cause(blocker: str) -> ResponseReturnValue:
    return _cause(Blocker(blocker))


@table_file(bp, "/causes/<any({}):blocker>/solved".format(", ".join(Blocker)), needs(SEE))
def solved_file(blocker: str) -> Table:
    headings = [_("Name"), _("Country"), _("Activity"), _("Shown to alumni"), _("Since")]
    rows = [
        (
            *(one.person.full_name, countries.name_of(one.enrolment.country), one.activity.what),
            (_("Agreed") if one.consent.is_given else _("Said no")) if one.consent else _("Not asked yet"),
            one.consent.said_at.date() if one.consent else None,
        )
        for one in causes.solved(Blocker(blocker), on(Theme.programme_id, SEE))
    ]
    return Table(label(Blocker(blocker)), headings, rows)


def _cause(blocker: Blocker, **more: Any) -> ResponseReturnValue:
    form = more.get("form") or _solution_form(formdata=None)
    page = render_template(
        "cases/cause.html",
        blocker=blocker,
        peers=causes.solved(blocker, on(Theme.programme_id, SEE)),
        hosts=causes.hosts(blocker, on(Host.programme_id, SEE)),
        material=causes.material(blocker, on(Material.programme_id, SEE)),
        form=form,
        may_act=holds(ACT),
        can=can,
        act=ACT,
        programmes=_programmes(),
    )
    return page, form.status


def _solution_form(**more: Any) -> SolutionForm:
    form = SolutionForm(**more)
    known = causes.every_host(on(Host.programme_id, ACT)) if holds(ACT) else []
    form.host.choices = [(host.id, f"{host.name}, {host.place}") for host in known]
    return form


def _programmes() -> list[Programme]:
    query = db.session.query(Programme).filter(on(Programme.id, ACT))
    return list(query.order_by(Programme.name)) if holds(ACT) else []


@bp.post("/causes/<any({}):blocker>".format(", ".join(Blocker)))
@needs(ACT)
def add_solution(blocker: str) -> ResponseReturnValue:
    """A host got over it, and agreed to be named."""
    form = _solution_form()
    if not form.validate():
        return _cause(Blocker(blocker), form=form)
    host = db.session.get(Host, form.host.data) or abort(404)
    require(ACT, host.programme_id)
    try:
        facts = {"agreed_on": form.agreed_on.data, "agreed_by": form.agreed_by.data}
        library.add_solution(host, Blocker(blocker), form.how.data, **facts)
        db.session.commit()
    except Refusal as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _cause(Blocker(blocker), form=form)
    return redirect(url_for("cases.cause", blocker=blocker))


@bp.post("/solutions/<int:solution_id>/withdraw")
@needs(ACT)
def withdraw_solution(solution_id: int) -> ResponseReturnValue:
    found = db.session.get(HostSolution, solution_id) or abort(404)
    require(ACT, found.host.programme_id)
    blocker = found.blocker
    library.withdraw(found)
    db.session.commit()
    return redirect(url_for("cases.cause", blocker=blocker.value))


@bp.route("/material/new/<int:programme_id>", methods=["GET", "POST"])
@needs(ACT)
def new_material(programme_id: int) -> ResponseReturnValue:
    programme = db.session.get(Programme, programme_id) or abort(404)
    require(ACT, programme.id)
    form = MaterialForm()
    if request.method == "GET":
        form.blockers.data = request.args.getlist("blocker")
    if form.validate_on_submit():
        try:
            made = _kept(form, programme)
        except (FileRefused, library.NothingToShow) as refusal:
            db.session.rollback()
            form.refuse(Refusal(str(refusal), refusal.field or "file"))
        else:
            flash(_("“%(title)s” is in the library.", title=made.title), "ok")
            return redirect(url_for("cases.cause", blocker=made.blockers[0]))
    return render_template("cases/material.html", form=form, programme=programme), form.status


def _kept(form: MaterialForm, programme: Programme) -> Material:
    now = clock.now()
    files = uploads.keep([form.file.data] if form.file.data else [], now, current_user)
    facts = {
        "title": form.title.data,
        "url": form.url.data or "",
        "file_id": files[0].id if files else None,
        "blockers": form.blockers.data,
        "languages": form.languages.data,
    }
    made = library.add_material(programme.id, current_user, now, **facts)
    db.session.commit()
    return made


@bp.post("/material/<int:material_id>/remove")
@needs(ACT)
def remove_material(material_id: int) -> ResponseReturnValue:
    found = db.session.get(Material, material_id) or abort(404)
    require(ACT, found.programme_id)
    library.remove(found, clock.now())
    db.session.commit()
    return redirect(url_for("cases.cause", blocker=found.blockers[0]))


@bp.get("/material/<int:material_id>/file")
@needs(SEE)
def material_file(material_id: int) -> ResponseReturnValue:
    found = db.session.get(Material, material_id) or abort(404)
    require(SEE, found.programme_id)
    return serving.send(found.file or abort(404))
