"""URL to action to page."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

import trainingapp.participants.words  # noqa: F401 - describes this package's states
from trainingapp import clock, countries, paging, zones
from trainingapp.cohorts import actions as cohort_actions
from trainingapp.cohorts import queries as cohorts
from trainingapp.cohorts.models import Cohort
from trainingapp.cohorts.to_do import address
from trainingapp.db import db
from trainingapp.labels import label
from trainingapp.numbers import whole
from trainingapp.participants import actions, queries
from trainingapp.participants.forms import (
    AddContactForm,
    AddPersonForm,
    EditContactForm,
    EditPersonForm,
    language_choices,
)
from trainingapp.participants.models import ContactKind, ContactPoint, ContactState, Participant
from trainingapp.plans.models import ActionPlan
from trainingapp.programmes.roles import Permission, can, holds, needs
from trainingapp.refusals import Refusal
from trainingapp.table_views import Table, table_file

bp = Blueprint("participants", __name__, url_prefix="/participants")

SUGGESTED = 8
NAME_ORDER = (Participant.sort_name, Participant.id)


def _person(person_id: int, permission: Permission = Permission.SEE_PEOPLE) -> Participant:
    """404 for who the reader may not see; 403 for who they may see and not change."""
    found = db.session.get(Participant, person_id)
    if found is None or not cohorts.within_reach(found, Permission.SEE_PEOPLE):
        abort(404)
    if not cohorts.within_reach(found, permission):
        abort(403)
    return found


def _point(point_id: int) -> ContactPoint:
    point = db.session.get(ContactPoint, point_id) or abort(404)
    _person(point.participant_id)
    return point


@bp.get("/")
@needs(Permission.SEE_PEOPLE)
def index() -> ResponseReturnValue:
    text, country = _wanted()
    everyone = queries.directory(cohorts.reach(Permission.SEE_PEOPLE), text, country)
    page = paging.page(
        everyone, NAME_ORDER, after=request.args.get("after"), before=request.args.get("before")
    )
    return render_template(
        "participants/index.html",
        page=page,
        total=paging.worded(paging.bounded_count(everyone)),
        emails=queries.emails(page.rows),
        years=cohorts.years_of(page.rows),
        country_choices=countries.choices(),
        text=text,
        country=country,
        may_add=holds(Permission.ENROL),
    )


def _wanted() -> tuple[str, str]:
    text, country = request.args.get("q", "").strip(), request.args.get("country", "")
    return text, country if countries.exists(country) else ""


def _reachable(person: Participant, point: ContactPoint | None) -> tuple[str | None, str | None]:
    """The address as the list shows it, and what is known of it."""
    if person.deceased_on:
        return None, _("Deceased")
    if person.opted_out_at:
        return None, _("Opted out")
    return (point.value, label(point.state)) if point else (None, None)


@table_file(bp, "/list", needs(Permission.SEE_PEOPLE))
def people_file() -> Table:
    everyone = queries.directory(cohorts.reach(Permission.SEE_PEOPLE), *_wanted())
    headings = [_("Name"), _("Name in own script"), _("Country"), _("Email"), _("State"), _("Editions")]
    rows = (
        (
            *(one.full_name, one.local_name, countries.name_of(one.country)),
            *_reachable(one, emails.get(one.id)),
            ", ".join(str(year) for year, _id in years.get(one.id, ())),
        )
        for some in paging.stretches(lambda after: paging.page(everyone, NAME_ORDER, after=after))
        for emails, years in [(queries.emails(some), cohorts.years_of(some))]
        for one in some
    )
    return Table(_("People"), headings, rows)


@bp.get("/search")
@needs(Permission.SEE_PEOPLE)
def search() -> ResponseReturnValue:
    """The page, or with `fragment` only the list that is set under a field while someone types."""
    text = request.args.get("q", "").strip()
    limit = SUGGESTED if "fragment" in request.args else paging.SIZE
    found = queries.search(text, limit, cohorts.reach(Permission.SEE_PEOPLE)) if text else []
    cohort = _cohort_to_enrol_in(request.args.get("cohort", type=whole))
    facts = {
        "text": text,
        "found": found,
        "emails": queries.emails(found),
        "years": cohorts.years_of(found),
        "cohort": cohort,
        "there": cohorts.enrolled_among(cohort, found) if cohort else frozenset(),
        "country": countries.find(text) if text else None,
        "limit": limit,
    }
    return render_template(
        "participants/_found.html" if "fragment" in request.args else "participants/search.html", **facts
    )


def _cohort_to_enrol_in(cohort_id: int | None) -> Cohort | None:
    cohort = db.session.get(Cohort, cohort_id) if cohort_id else None
    return cohort if cohort and can(Permission.ENROL, cohort.theme.programme_id) else None


@bp.get("/<int:participant_id>")
@needs(Permission.SEE_PEOPLE)
def participant(participant_id: int) -> ResponseReturnValue:
    person = _person(participant_id)
    return render_template("participants/participant.html", **_page_of(person))


def _page_of(person: Participant) -> dict[str, object]:
    history = cohorts.history(person)
    numbers = [enrolment.id for enrolment in history]
    plans = db.session.scalars(db.select(ActionPlan).where(ActionPlan.enrolment_id.in_(numbers)))
    return {
        "person": person,
        "contacts": queries.contacts(person),
        "writable": queries.writable_address(person),
        "zone": queries.zone(person),
        "history": history,
        "plans": {plan.enrolment_id: plan for plan in plans},
        "contact_form": AddContactForm(formdata=None),
        "plan_address": lambda plan_id: address("plans.plan", plan_id=plan_id),
        "language_name": dict(language_choices()).get,
        "may_invite": cohorts.within_reach(person, Permission.ENROL),
    }


@bp.route("/new", methods=["GET", "POST"])
@needs(Permission.ENROL)
def add() -> ResponseReturnValue:
    form = AddPersonForm(data={"full_name": request.args.get("name", "")})
    known: list[Participant] = []
    if form.validate_on_submit():
        known = cohorts.maybe_known(form.names(), form.email.data or "")
        if not known or "new" in request.form:
            try:
                person = actions.add(now=clock.now(), **form.person())
                actions.add_contacts(person, form.email.data or "", form.phone.data or "")
                db.session.commit()
                flash(_("%(name)s was added.", name=person.full_name))
                return redirect(url_for("participants.participant", participant_id=person.id))
            except Refusal as refusal:
                db.session.rollback()
                form.refuse(refusal)
    status = 409 if known and not form.problems else form.status
    return render_template(
        "participants/new.html",
        form=form,
        known=known,
        emails=queries.emails(known),
        years=cohorts.years_of(known),
        cohort=None,
        there=frozenset(),
    ), status


@bp.route("/<int:participant_id>/edit", methods=["GET", "POST"])
@needs(Permission.SEE_PEOPLE)
def edit(participant_id: int) -> ResponseReturnValue:
    person = _person(participant_id)
    form = EditPersonForm(obj=person, data={"opted_out": person.opted_out_at is not None})
    if form.validate_on_submit():
        try:
            form.check_fresh(person)
            actions.edit(person, clock.now(), **form.person())
            cohort_actions.follow_name(person)
            db.session.commit()
            flash(_("Saved."))
            return redirect(url_for("participants.participant", participant_id=person.id))
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template(
        "participants/edit.html", form=form, person=person, zones=zones.names()
    ), form.status


@bp.post("/<int:participant_id>/contacts")
@needs(Permission.SEE_PEOPLE)
def add_contact(participant_id: int) -> ResponseReturnValue:
    person = _person(participant_id)
    form = AddContactForm()
    if form.validate_on_submit():
        try:
            actions.add_contact(person, ContactKind(form.kind.data), form.value.data or "")
            db.session.commit()
            return redirect(url_for("participants.participant", participant_id=person.id))
        except Refusal as refusal:
            refusal.field = "value"
            form.refuse(refusal)
    page = {**_page_of(person), "contact_form": form}
    return render_template("participants/participant.html", **page), form.status


@bp.route("/contacts/<int:point_id>", methods=["GET", "POST"])
@needs(Permission.SEE_PEOPLE)
def edit_contact(point_id: int) -> ResponseReturnValue:
    point = _point(point_id)
    form = EditContactForm(obj=point)
    if form.validate_on_submit():
        try:
            actions.edit_contact(point, form.value.data or "", ContactState(form.state.data))
            db.session.commit()
            flash(_("Saved."))
            return redirect(url_for("participants.participant", participant_id=point.participant_id))
        except Refusal as refusal:
            refusal.field = "value"
            form.refuse(refusal)
            db.session.refresh(point)
    return render_template("participants/contact.html", form=form, point=point), form.status


@bp.post("/contacts/<int:point_id>/prefer")
@needs(Permission.SEE_PEOPLE)
def prefer_contact(point_id: int) -> ResponseReturnValue:
    point = _point(point_id)
    actions.prefer(point)
    db.session.commit()
    return redirect(url_for("participants.participant", participant_id=point.participant_id))


@bp.post("/<int:participant_id>/invite")
@needs(Permission.ENROL)
def invite(participant_id: int) -> ResponseReturnValue:
    person = _person(participant_id, Permission.ENROL)
    actions.invite(person, clock.now())
    db.session.commit()
    flash(_("An invitation is on its way to %(name)s.", name=person.full_name))
    return redirect(url_for("participants.participant", participant_id=person.id))
