"""The beginning of every view about an edition: what its address names, loaded and checked."""

from flask import abort
from sqlalchemy.orm import joinedload

from trainingapp.cohorts.models import Cohort
from trainingapp.db import db
from trainingapp.programmes.models import Theme
from trainingapp.programmes.roles import Permission, require


def cohort(cohort_id: int, permission: Permission) -> Cohort:
    """With its theme and programme, in one query. Aborts with 404 or 403."""
    programme = joinedload(Cohort.theme).joinedload(Theme.programme)
    found = db.session.get(Cohort, cohort_id, options=[programme]) or abort(404)
    require(permission, found.theme.programme_id)
    return found
