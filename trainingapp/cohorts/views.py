"""URL to action to page: the edition itself. Its people are in enrolment_views.py."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

import trainingapp.cohorts.enrolment_views
import trainingapp.cohorts.words  # noqa: F401 - these two register what they hold
from trainingapp import clock, countries, zones
from trainingapp.cohorts import editions, loading, overview, queries, tiles, to_do
from trainingapp.cohorts.blueprint import bp
from trainingapp.cohorts.forms import MOST_LINES, CohortForm, MoveOnForm
from trainingapp.cohorts.models import HOLDS_A_PLACE, Cohort, CohortState
from trainingapp.db import db, lock
from trainingapp.numbers import whole
from trainingapp.plans.models import PlanState
from trainingapp.programmes import queries as programmes
from trainingapp.programmes.models import Theme
from trainingapp.programmes.roles import Permission, can, needs, require
from trainingapp.refusals import Refusal

MOVING = (PlanState.APPROVED, PlanState.IN_PROGRESS, PlanState.DONE)


@bp.get("/<int:cohort_id>", endpoint="overview")
@needs(Permission.SEE_PROGRAMME)
def show(cohort_id: int) -> ResponseReturnValue:
    cohort = loading.cohort(cohort_id, Permission.SEE_PROGRAMME)
    programme_id = cohort.theme.programme_id
    states, plans = queries.state_counts(cohort), overview.plan_states(cohort)
    people_from, today = queries.taken(cohort), clock.today(cohort.time_zone)
    sees_plans = can(Permission.SEE_PLANS, programme_id)
    manages = can(Permission.MANAGE_COHORTS, programme_id)
    return render_template(
        "cohorts/overview.html",
        cohort=cohort,
        life=overview.life(cohort, states, today),
        people=sum(states.get(state, 0) for state in HOLDS_A_PLACE),
        states=states,
        plans=plans,
        moving=sum(plans.get(state, 0) for state in MOVING),
        from_countries=people_from,
        map=tiles.draw(people_from, queries.countries_of_programme(programme_id)),
        needs=to_do.of_cohort(cohort, states, plans, today),
        quietest=overview.quietest_plans(cohort) if sees_plans else [],
        all_plans=to_do.address("plans.of_cohort", cohort_id=cohort.id) if sees_plans else None,
        places=queries.places(cohort),
        partners=queries.partners(cohort),
        lately=[(entry, overview.said(entry)) for entry in overview.lately(cohort)] if manages else [],
        manages=manages,
    )


@bp.route("/new", methods=["GET", "POST"])
@needs(Permission.MANAGE_COHORTS)
def add() -> ResponseReturnValue:
    theme = db.session.get(Theme, request.args.get("theme", 0, type=whole)) or abort(404)
    require(Permission.MANAGE_COHORTS, theme.programme_id)
    programme = theme.programme
    form = CohortForm(data={"theme_id": theme.id, "time_zone": "Asia/Jakarta", "capacity": 25})
    _settle(form, theme)
    if "more" in request.form:
        _one_more_line(form, request.form["more"])
    elif form.validate_on_submit():
        try:
            chosen = db.session.get_one(Theme, form.theme_id.data)
            cohort = editions.add(chosen, clock.now(), **form.facts())
            editions.set_details(cohort, *form.details())
            db.session.commit()
            return redirect(url_for("cohorts.overview", cohort_id=cohort.id))
        except Refusal as refusal:
            form.refuse(refusal)
    page = {"form": form, "programme": programme, "theme": theme, "zones": zones.names()}
    return render_template("cohorts/edit.html", country_choices=countries.choices(), **page), form.status


@bp.route("/<int:cohort_id>/edit", methods=["GET", "POST"])
@needs(Permission.MANAGE_COHORTS)
def edit(cohort_id: int) -> ResponseReturnValue:
    cohort = loading.cohort(cohort_id, Permission.MANAGE_COHORTS)
    form = CohortForm(obj=cohort, data=_details(cohort))
    _settle(form, cohort.theme)
    if "more" in request.form:
        _one_more_line(form, request.form["more"])
    elif form.validate_on_submit():
        try:
            lock(cohort)  # else two that are saved at once both count as fresh
            form.check_fresh(cohort)
            editions.edit(cohort, theme_id=form.theme_id.data, **form.facts())
            editions.set_details(cohort, *form.details())
            db.session.commit()
            flash(_("Saved."))
            return redirect(url_for("cohorts.overview", cohort_id=cohort.id))
        except Refusal as refusal:
            form.refuse(refusal)
            db.session.refresh(cohort)
    page = {"form": form, "programme": cohort.theme.programme, "cohort": cohort, "zones": zones.names()}
    return render_template("cohorts/edit.html", country_choices=countries.choices(), **page), form.status


def _settle(form: CohortForm, theme: Theme) -> None:
    """The programme's themes to choose from, and an empty line at the end of each list when it is opened."""
    themes = programmes.themes(theme.programme)
    form.theme_id.choices = [(each.id, f"{each.year}: {each.title}") for each in themes]
    if request.method == "GET":
        for name in form.LINES:
            _one_more_line(form, name)


def _one_more_line(form: CohortForm, name: str) -> None:
    if name in form.LINES and len(form[name]) < MOST_LINES:
        form[name].append_entry()


def _details(cohort: Cohort) -> dict[str, list[dict[str, object]]]:
    return {
        "places": [{"name": row.name, "time_zone": row.time_zone} for row in queries.places(cohort)],
        "quotas": [
            {"country": countries.name_of(row.country), "places": row.places}
            for row in queries.quotas(cohort)
        ],
        "partners": [{"name": row.name, "role": row.role} for row in queries.partners(cohort)],
    }


@bp.route("/<int:cohort_id>/state", methods=["GET", "POST"])
@needs(Permission.MANAGE_COHORTS)
def move_on(cohort_id: int) -> ResponseReturnValue:
    cohort = loading.cohort(cohort_id, Permission.MANAGE_COHORTS)
    today = clock.today(cohort.time_zone)
    form = MoveOnForm(data={"state": cohort.state, "on": today, "version": cohort.version})
    if form.validate_on_submit():
        try:
            form.check_fresh(cohort)
            editions.move_on(cohort, CohortState(form.state.data), form.reason.data or "", form.on.data)
            db.session.commit()
            return redirect(url_for("cohorts.overview", cohort_id=cohort.id))
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template("cohorts/move_on.html", form=form, cohort=cohort), form.status
