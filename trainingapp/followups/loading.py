"""The beginning of every view about a wave or someone asked: what its address names, loaded and checked."""

from flask import abort

from trainingapp.cohorts import loading
from trainingapp.followups import queries
from trainingapp.followups.models import Invitation, Schedule, Wave
from trainingapp.programmes.roles import Permission, require


def schedule(cohort_id: int, permission: Permission) -> Schedule:
    """Each aborts with 404 or 403."""
    cohort = loading.cohort(cohort_id, permission)
    return queries.schedule_of(cohort.id) or abort(404)


def wave(wave_id: int, permission: Permission) -> Wave:
    found = queries.wave(wave_id) or abort(404)
    require(permission, found.schedule.cohort.theme.programme_id)
    return found


def invitation(invitation_id: int, permission: Permission) -> Invitation:
    found = queries.invitation(invitation_id) or abort(404)
    require(permission, found.wave.schedule.cohort.theme.programme_id)
    return found
