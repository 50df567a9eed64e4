"""The beginning of a view: what its address names, loaded and checked."""

from flask import abort, request
from sqlalchemy.orm import joinedload

from trainingapp.cohorts.models import Cohort
from trainingapp.db import db
from trainingapp.numbers import whole
from trainingapp.programmes.models import Theme
from trainingapp.programmes.roles import Permission, require
from trainingapp.visits.models import Host, SiteVisit, VisitGroup


def host(host_id: int) -> Host:
    found = db.session.get(Host, host_id) or abort(404)
    require(Permission.MANAGE_VISITS, found.programme_id)
    return found


def visit(visit_id: int, permission: Permission) -> SiteVisit:
    programme = joinedload(SiteVisit.cohort).joinedload(Cohort.theme).joinedload(Theme.programme)
    its_host = joinedload(SiteVisit.host)
    found = db.session.get(SiteVisit, visit_id, options=[programme, its_host]) or abort(404)
    require(permission, found.cohort.theme.programme_id)
    return found


def group(of: SiteVisit, group_id: int | None) -> VisitGroup | None:
    if not group_id:
        return None
    found = db.session.get(VisitGroup, group_id)
    if found is None or found.visit_id != of.id:
        abort(404)
    return found


def place() -> tuple[str, int] | None:
    """The last row of the page before, as ?after=<name>&after_id=<id>."""
    name, number = request.args.get("after"), request.args.get("after_id", type=whole)
    return (name, number) if name is not None and number is not None else None
