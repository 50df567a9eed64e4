"""The tables of hosts and visits as files."""

from flask import abort, request
from flask_babel import gettext as _

from trainingapp import countries, paging
from trainingapp.cohorts import loading
from trainingapp.db import db
from trainingapp.labels import label
from trainingapp.programmes.roles import Permission, needs, on, require
from trainingapp.table_views import Table, table_file
from trainingapp.visits import queries
from trainingapp.visits.blueprint import bp
from trainingapp.visits.models import Host, SiteVisit


@table_file(bp, "/hosts", needs(Permission.MANAGE_VISITS))
def hosts_file() -> Table:
    within = on(Host.programme_id, Permission.MANAGE_VISITS)
    text, cluster = request.args.get("q", "").strip()[:100], request.args.get("cluster", "")
    headings = [
        *(_("Host"), _("Place"), _("Cluster"), _("Products"), _("At a time"), _("Visits"), _("Latest"))
    ]
    found = paging.one_by_one(
        lambda after: queries.hosts(within, text, cluster, after), lambda row: (row[0].name, row[0].id)
    )
    rows = (
        (host.name, host.place, host.cluster, host.products, host.visitor_limit, visits, latest)
        for host, visits, latest in found
    )
    return Table(_("Hosts"), headings, rows)


@table_file(bp, "/hosts/<int:host_id>/visits", needs(Permission.MANAGE_VISITS))
def host_file(host_id: int) -> Table:
    found = db.session.get(Host, host_id) or abort(404)
    require(Permission.MANAGE_VISITS, found.programme_id)
    headings = [_("Day"), _("Year"), _("Edition"), _("Begins"), _("Ends"), _("Visitors"), _("Cancelled")]
    rows = [
        (
            *(visit.visit_on, visit.cohort.theme.year, visit.cohort.name, f"{visit.starts_at:%H:%M}"),
            *(f"{visit.ends_at:%H:%M}", seats, visit.cancelled_because),
        )
        for visit, seats in queries.history(found)
    ]
    return Table(found.name, headings, rows, found, found.programme_id)


@table_file(bp, "/cohorts/<int:cohort_id>", needs(Permission.SEE_PEOPLE))
def visits_file(cohort_id: int) -> Table:
    cohort = loading.cohort(cohort_id, Permission.SEE_PEOPLE)
    headings = [_("Day"), _("Begins"), _("Ends"), _("Host"), _("Place"), _("Visitors"), _("Cancelled")]
    rows = [
        (
            *(visit.visit_on, f"{visit.starts_at:%H:%M}", f"{visit.ends_at:%H:%M}", visit.host.name),
            *(visit.host.place, seats, visit.cancelled_because),
        )
        for visit, seats in queries.visits_of(cohort)
    ]
    name = f"{cohort.theme.year} {cohort.name}, {_('Site visits')}"
    return Table(name, headings, rows, cohort, cohort.theme.programme_id)


@table_file(bp, "/<int:visit_id>/people", needs(Permission.SEE_PEOPLE))
def visit_file(visit_id: int) -> Table:
    found = db.session.get(SiteVisit, visit_id) or abort(404)
    require(Permission.SEE_PEOPLE, found.cohort.theme.programme_id)
    view = request.args.get("view", "on")
    if view not in queries.people_counts(found):
        abort(404)
    headings = [_("Name"), _("Country"), _("Group"), _("State")]
    rows = [
        (
            *(enrolment.participant.full_name, countries.name_of(enrolment.country)),
            *(group.name if group else None, label(enrolment.state)),
        )
        for enrolment, _seat, group in paging.one_by_one(
            lambda after: queries.people(found, view, after), lambda row: (row[0].sort_name, row[0].id)
        )
    ]
    name = f"{found.visit_on} {found.host.name}"
    return Table(name, headings, rows, found, found.cohort.theme.programme_id)
