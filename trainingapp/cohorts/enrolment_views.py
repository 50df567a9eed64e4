"""URL to action to page: the people of an edition."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from trainingapp import clock, countries, paging, spreadsheets
from trainingapp.accounts import audit
from trainingapp.cohorts import actions, loading, queries
from trainingapp.cohorts.actions import STEPS, Verb
from trainingapp.cohorts.blueprint import bp
from trainingapp.cohorts.forms import ChangeForm, EditEnrolmentForm, EnrolForm, EnrolNewForm
from trainingapp.cohorts.models import HOLDS_A_PLACE, Cohort, Enrolment, EnrolmentKind, EnrolmentState, Mode
from trainingapp.cohorts.queries import Filters
from trainingapp.cohorts.to_do import address
from trainingapp.db import db
from trainingapp.labels import choices, label
from trainingapp.numbers import whole
from trainingapp.participants import actions as people_actions
from trainingapp.participants import queries as people
from trainingapp.participants.models import Participant
from trainingapp.programmes.roles import Permission, can, needs, require
from trainingapp.refusals import Refusal

Kind = TypeVar("Kind", bound=StrEnum)

COMING = (EnrolmentState.ENROLLED, EnrolmentState.JOINED)
GONE = (EnrolmentState.NO_SHOW, EnrolmentState.WITHDRAWN, EnrolmentState.LEFT_EARLY)
NAMED = 20  # in the question before many change at once


# The list ------------------------------------------------------------------------------------------


def _members(kind: type[Kind], name: str) -> tuple[Kind, ...]:
    """What the address says, without what means nothing."""
    return tuple(member for member in kind if member.value in request.args.getlist(name))


def _filters() -> Filters:
    return Filters(
        text=request.args.get("q", "").strip().replace("\0", ""),
        states=_members(EnrolmentState, "state"),
        countries=tuple(filter(countries.exists, request.args.getlist("country"))),
        kinds=_members(EnrolmentKind, "kind"),
        modes=_members(Mode, "mode"),
        unreachable=request.args.get("reach") == "none",
    )


def _as_args(filters: Filters) -> dict[str, Any]:
    """Back into an address; the order is always the same, so that it can be compared and kept."""
    return {
        "q": filters.text or None,
        "state": list(filters.states),
        "country": list(filters.countries),
        "kind": list(filters.kinds),
        "mode": list(filters.modes),
        "reach": "none" if filters.unreachable else None,
    }


def _chips(filters: Filters) -> Iterator[tuple[str, str, str, str]]:
    """Argument, its value, the filter's name and the value's, for each filter that is on."""
    yield from (("state", state, _("State"), label(state)) for state in filters.states)
    yield from (("country", code, _("Country"), countries.name_of(code)) for code in filters.countries)
    yield from (("kind", kind, _("Comes as"), label(kind)) for kind in filters.kinds)
    yield from (("mode", mode, _("Takes part"), label(mode)) for mode in filters.modes)
    if filters.unreachable:
        yield ("reach", "none", _("Email"), _("no working address"))


def _segments(states: dict[EnrolmentState, int]) -> list[tuple[str, tuple[EnrolmentState, ...], str]]:
    every = (
        (_("All"), ()),
        (_("Coming"), COMING),
        (_("Completed"), (EnrolmentState.COMPLETED,)),
        (_("Not coming"), GONE),
    )
    return [(name, of, _people(states, of or tuple(EnrolmentState))) for name, of in every]


def _people(states: dict[EnrolmentState, int], of: Sequence[EnrolmentState]) -> str:
    return paging.worded(sum(states[state] for state in of), queries.MANY)


@bp.get("/<int:cohort_id>/enrolments")
@needs(Permission.SEE_PEOPLE)
def enrolments(cohort_id: int) -> ResponseReturnValue:
    cohort = loading.cohort(cohort_id, Permission.SEE_PEOPLE)
    filters, args = _filters(), request.args
    sort = args.get("sort") if args.get("sort") in queries.SORTS else "name"
    order = {"sort": None if sort == "name" else sort, "desc": "1" if "desc" in args else None}
    query = queries.enrolments(cohort, filters)
    cursors = {"after": args.get("after"), "before": args.get("before")}
    states = queries.bounded_state_counts(cohort)

    def link(**changes: Any) -> str:
        return url_for("cohorts.enrolments", cohort_id=cohort.id, **{**_as_args(filters), **order, **changes})

    def without(name: str, value: str) -> str:
        kept = _as_args(filters)[name]
        return link(**{name: [each for each in kept if each != value] if isinstance(kept, list) else None})

    return render_template(
        "cohorts/enrolments.html",
        cohort=cohort,
        page=paging.page(query, queries.SORTS[sort or "name"], descending="desc" in args, **cursors),
        found=paging.bounded_count(query),
        worded=paging.worded,
        people=_people(states, HOLDS_A_PLACE),
        places=format_decimal(cohort.capacity),
        total=sum(states.values()),
        segments=_segments(states),
        filters=filters,
        args={name: value for name, value in {**_as_args(filters), **order}.items() if value},
        chips=[(*chip, without(chip[0], chip[1])) for chip in _chips(filters)],
        menus=_menus(cohort, filters),
        link=link,
        sort=sort,
        desc="desc" in args,
        verbs=list(Verb),
        may_enrol=can(Permission.ENROL, cohort.theme.programme_id),
        import_address=address("imports.start", cohort_id=cohort.id),
    )


Choices = list[tuple[str, str]]


def _menus(cohort: Cohort, filters: Filters) -> list[tuple[str, str, Choices, Sequence[str]]]:
    """Argument, title, what can be chosen, what is."""
    from_countries = [(code, countries.name_of(code)) for code in queries.countries_of(cohort)]
    from_countries.sort(key=lambda choice: countries.key(choice[1]))
    return [
        ("country", _("Country"), from_countries, filters.countries),
        ("kind", _("Comes as"), choices(EnrolmentKind), filters.kinds),
        ("mode", _("Takes part"), choices(Mode), filters.modes),
        ("state", _("State"), choices(EnrolmentState), filters.states),
    ]


@bp.post("/<int:cohort_id>/enrolments/download.<any(csv, xlsx):ending>")
@needs(Permission.SEE_PEOPLE)
def download(cohort_id: int, ending: str) -> ResponseReturnValue:
    """Exactly the people of the list as it is filtered, on one sheet."""
    cohort = loading.cohort(cohort_id, Permission.SEE_PEOPLE)
    headings = [
        *(_("Name"), _("Name in own script"), _("Name in the passport"), _("Country"), _("Comes as")),
        *(_("Takes part"), _("Funding"), _("Nominated by"), _("Organisation"), _("Post"), _("Supervisor")),
        *(_("Supervisor's email"), _("Email"), _("Telephone"), _("State"), _("Reason"), _("Completed on")),
    ]
    rows = (
        [
            *(row.participant.full_name, row.participant.local_name, row.participant.passport_name),
            *(countries.name_of(row.country), label(row.kind), label(row.mode), label(row.funding)),
            *(row.nominating_body, row.organisation, row.post, row.supervisor_name, row.supervisor_email),
            *(email, phone, label(row.state), row.state_reason, row.completed_on),
        ]
        for row, email, phone in queries.for_export(cohort.id, _filters())
    )
    file = spreadsheets.download(ending, f"{cohort.theme.year} {cohort.name}", headings, rows)
    audit.record(cohort, "people exported", after=ending, programme_id=cohort.theme.programme_id)
    db.session.commit()
    return file


# Many at once ---------------------------------------------------------------------------------------


@bp.post("/<int:cohort_id>/enrolments/change")
@needs(Permission.ENROL)
def change(cohort_id: int) -> ResponseReturnValue:
    """Shows first what would change; with `confirmed` does it."""
    cohort = loading.cohort(cohort_id, Permission.ENROL)
    verb = next((verb for verb in Verb if verb == request.form.get("do")), None) or abort(400)
    step, form = STEPS[verb], ChangeForm()
    rows = _chosen(cohort)
    fit = [row for row in rows if row.state in step.of]
    back = url_for("cohorts.enrolments", cohort_id=cohort.id, **_as_args(_filters()))
    if "confirmed" in request.form and fit and form.validate():
        try:
            room = actions.Room(cohort)
            for row in fit:
                actions.change(row, verb, form.reason.data or "", clock.now(), room)
            db.session.commit()
            flash(
                ngettext(
                    "%(num)d person: %(state)s.", "%(num)d people: %(state)s.", len(fit), state=label(step.to)
                )
            )
            return redirect(back)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    page = {"verb": verb, "step": step, "form": form, "rows": rows, "fit": fit, "named": NAMED, "back": back}
    return render_template("cohorts/change.html", cohort=cohort, **page), form.status


def _chosen(cohort: Cohort) -> list[Enrolment]:
    """Those ticked, or with `all` everyone the filters of the address find."""
    query = queries.enrolments(cohort, _filters() if "all" in request.form else Filters())
    if "all" not in request.form:
        query = query.where(Enrolment.id.in_(request.form.getlist("id", type=whole)))
    return list(db.session.scalars(query.order_by(*queries.SORTS["name"])))


# One person -----------------------------------------------------------------------------------------


@bp.get("/<int:cohort_id>/enrolments/new", endpoint="enrol")
@needs(Permission.ENROL)
def find(cohort_id: int) -> ResponseReturnValue:
    """First look whether we know them."""
    cohort = loading.cohort(cohort_id, Permission.ENROL)
    text = request.args.get("q", "").strip()
    found = people.search(text, 20, queries.reach(Permission.SEE_PEOPLE)) if text else []
    return render_template(
        "cohorts/find.html",
        cohort=cohort,
        text=text,
        found=found,
        emails=people.emails(found),
        years=queries.years_of(found),
        there=queries.enrolled_among(cohort, found),
        country=None,
        limit=20,
    )


@bp.route(
    "/<int:cohort_id>/enrolments/new/<int:participant_id>", endpoint="enrol_person", methods=["GET", "POST"]
)
@needs(Permission.ENROL)
def enrol(cohort_id: int, participant_id: int) -> ResponseReturnValue:
    cohort = loading.cohort(cohort_id, Permission.ENROL)
    person = db.session.get(Participant, participant_id)
    if person is None or person.erased_at or not queries.within_reach(person, Permission.SEE_PEOPLE):
        abort(404)
    latest = next(iter(queries.history(person)), None)
    facts = ("kind", "nominating_body", "organisation", "post", "supervisor_name", "supervisor_email")
    known = {name: getattr(latest, name) for name in facts} if latest else {}
    form = EnrolForm(data={"country": person.country, "mode": _usual_mode(cohort), **known})
    if form.validate_on_submit():
        try:
            now = clock.now()
            actions.enrol(cohort, person, country=form.country.data, now=now, **form.enrolment())
            db.session.commit()
            return _enrolled(cohort, person)
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template(
        "cohorts/enrol.html", form=form, cohort=cohort, person=person, latest=latest
    ), form.status


@bp.route("/<int:cohort_id>/enrolments/new/person", methods=["GET", "POST"])
@needs(Permission.ENROL)
def enrol_new(cohort_id: int) -> ResponseReturnValue:
    """A new person and their enrolment in one step; who looks known is asked about first."""
    cohort = loading.cohort(cohort_id, Permission.ENROL)
    form = EnrolNewForm(data={"full_name": request.args.get("name", ""), "mode": _usual_mode(cohort)})
    known: list[Participant] = []
    if form.validate_on_submit():
        known = queries.maybe_known(form.names(), form.email.data or "")
        if not known or "new" in request.form:
            try:
                now = clock.now()
                person = people_actions.add(now=now, **form.person())
                people_actions.add_contacts(person, form.email.data or "", form.phone.data or "")
                actions.enrol(cohort, person, country=person.country, now=now, **form.enrolment())
                db.session.commit()
                return _enrolled(cohort, person)
            except Refusal as refusal:
                db.session.rollback()
                form.refuse(refusal)
    page = {"form": form, "cohort": cohort, "known": known, "emails": people.emails(known)}
    page |= {"years": queries.years_of(known), "there": queries.enrolled_among(cohort, known)}
    return render_template(
        "cohorts/enrol_new.html", **page
    ), 409 if known and not form.problems else form.status


def _usual_mode(cohort: Cohort) -> Mode:
    return Mode.IN_PERSON if cohort.mode == Mode.HYBRID else cohort.mode


def _enrolled(cohort: Cohort, person: Participant) -> ResponseReturnValue:
    flash(_("%(name)s is enrolled.", name=person.full_name))
    return redirect(url_for("cohorts.enrolments", cohort_id=cohort.id))


@bp.route("/enrolments/<int:enrolment_id>", methods=["GET", "POST"])
@needs(Permission.ENROL)
def edit_enrolment(enrolment_id: int) -> ResponseReturnValue:
    enrolment = db.session.get(Enrolment, enrolment_id) or abort(404)
    require(Permission.ENROL, enrolment.cohort.theme.programme_id)
    form = EditEnrolmentForm(obj=enrolment)
    if form.validate_on_submit():
        try:
            form.check_fresh(enrolment)
            actions.edit_enrolment(enrolment, clock.now(), **form.enrolment())
            db.session.commit()
            flash(_("Saved."))
            return redirect(url_for("cohorts.enrolments", cohort_id=enrolment.cohort_id))
        except Refusal as refusal:
            form.refuse(refusal)
    page = {"form": form, "cohort": enrolment.cohort, "enrolment": enrolment, "person": enrolment.participant}
    verbs = [verb for verb in Verb if enrolment.state in STEPS[verb].of]
    return render_template("cohorts/edit_enrolment.html", verbs=verbs, **page), form.status
