"""The beginning of every view about a wave or someone asked: what its address names, loaded and checked."""

from flask import abort

from trainingapp.cohorts import loading
from trainingapp.cohorts.models import Enrolment
from trainingapp.db import db
from trainingapp.followups import queries
from trainingapp.followups.models import Invitation, Schedule, Wave
from trainingapp.followups.rescue.actions import WITH_EDITION
from trainingapp.followups.rescue.models import Helper, RescueTask
from trainingapp.outbox.models import OutgoingEmail
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


def task(task_id: int, permission: Permission) -> RescueTask:
    found = db.session.get(RescueTask, task_id, options=WITH_EDITION) or abort(404)
    require(permission, found.enrolment.cohort.theme.programme_id)
    return found


def enrolment(enrolment_id: int, permission: Permission) -> Enrolment:
    found = db.session.get(Enrolment, enrolment_id) or abort(404)
    require(permission, found.cohort.theme.programme_id)
    return found


def helper(helper_id: int, permission: Permission) -> Helper:
    found = db.session.get(Helper, helper_id) or abort(404)
    require(permission, found.enrolment.cohort.theme.programme_id)
    return found


def mail(email_id: int, permission: Permission) -> tuple[OutgoingEmail, Invitation]:
    """A mail of a wave, and whom it asks."""
    email = db.session.get(OutgoingEmail, email_id) or abort(404)
    number = email.about.removeprefix("invitation:")
    if number == email.about or not number.isdecimal():
        abort(404)
    return email, invitation(int(number), permission)
