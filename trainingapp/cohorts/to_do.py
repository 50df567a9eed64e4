"""What of an edition needs a person, and where it is done.

It looks at packages that stand on top of this one, so it is an edge, like a view.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

import trainingapp.plans.words  # noqa: F401 - describes the states shown here
from trainingapp import dates
from trainingapp.cohorts.models import HOLDS_A_PLACE, Cohort, CohortState, Enrolment, EnrolmentState
from trainingapp.db import db
from trainingapp.feedback.models import CommentReview, CommentState
from trainingapp.feedback.promises import queries as promises
from trainingapp.followups.models import Schedule, Wave, WaveState
from trainingapp.followups.rescue import queries as rescue_queries
from trainingapp.paging import bounded_count, worded
from trainingapp.participants.queries import lacks_address
from trainingapp.plans.models import PlanState
from trainingapp.programmes.roles import Permission, can
from trainingapp.responses.models import Answer, Response, ResponseState


@dataclass(frozen=True)
class Need:
    """Something a person must do, with the page where it is done."""

    icon: str
    text: str
    more: str
    verb: str
    href: str


def address(endpoint: str, **values: Any) -> str | None:
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def of_cohort(
    cohort: Cohort, states: dict[EnrolmentState, int], plans: dict[PlanState, int], today: date
) -> list[Need]:
    """Only what the reader may do something about."""
    programme_id = cohort.theme.programme_id
    found: list[Need | None] = []
    if can(Permission.REVIEW_PLANS, programme_id):
        found.append(_plans_to_review(cohort, plans))
    if can(Permission.READ_FEEDBACK, programme_id):
        found.append(_comments_to_read(cohort))
    if can(Permission.SETTLE_PROMISES, programme_id):
        found.append(_promised_before(cohort))
    if can(Permission.SEE_PEOPLE, programme_id):
        found.append(_unreachable(cohort))
    if can(Permission.RUN_FOLLOWUPS, programme_id):
        found.append(_held_wave(cohort))
        found.append(_out_of_reach(cohort))
    if can(Permission.ENROL, programme_id):
        found.append(_never_said(cohort, states))
        found.append(_free_places(cohort, states, today))
    return [need for need in found if need]


def _need(icon: str, text: str, more: str, verb: str, href: str | None) -> Need | None:
    return Need(icon, text, more, verb, href) if href else None


def _promised_before(cohort: Cohort) -> Need | None:
    number = promises.number_carried_over(cohort)
    if not number:
        return None
    text = ngettext(
        "%(num)d promise of earlier editions is open", "%(num)d promises of earlier editions are open", number
    )
    more = _("Participants were told. Keep it, or drop it with a reason")
    return _need("flag", text, more, _("Look"), address("feedback.of_edition", cohort_id=cohort.id))


def _plans_to_review(cohort: Cohort, plans: dict[PlanState, int]) -> Need | None:
    waiting = plans.get(PlanState.SUBMITTED, 0)
    if not waiting:
        return None
    text = ngettext("%(num)d action plan waits for review", "%(num)d action plans wait for review", waiting)
    more = _("Sent, and not yet returned or approved")
    return _need("flag", text, more, _("Review plans"), address("plans.of_cohort", cohort_id=cohort.id))


def _comments_to_read(cohort: Cohort) -> Need | None:
    query = (
        sa.select(Answer.id)
        .join(Response)
        .join(Wave)
        .join(Schedule)
        .outerjoin(CommentReview, CommentReview.answer_id == Answer.id)
        .where(Schedule.cohort_id == cohort.id, Response.state == ResponseState.SENT, Answer.text != "")
        .where(sa.or_(CommentReview.id.is_(None), CommentReview.state == CommentState.NEW))
    )
    count = bounded_count(query)
    if not count:
        return None
    text = ngettext(
        "%(count)s comment waits for review", "%(count)s comments wait for review", count, count=worded(count)
    )
    return _need("inbox", text, _("Open answers nobody has read"), _("Read them"), address("feedback.inbox"))


def _unreachable(cohort: Cohort) -> Need | None:
    query = (
        sa.select(Enrolment.id)
        .where(Enrolment.cohort_id == cohort.id, Enrolment.state.in_(HOLDS_A_PLACE))
        .where(lacks_address(Enrolment.participant_id))
    )
    count = bounded_count(query)
    if not count:
        return None
    text = ngettext(
        "%(count)s person cannot be reached by email",
        "%(count)s people cannot be reached by email",
        count,
        count=worded(count),
    )
    more = _("Every address they gave has failed, or there is none")
    href = url_for("cohorts.enrolments", cohort_id=cohort.id, reach="none", state=[*HOLDS_A_PLACE])
    return _need("mail", text, more, _("Find them"), href)


def _held_wave(cohort: Cohort) -> Need | None:
    query = (
        sa.select(Wave).join(Schedule).where(Schedule.cohort_id == cohort.id, Wave.state == WaveState.HELD)
    )
    held = db.session.scalars(query.order_by(Wave.opens_on).limit(1)).first()
    if held is None:
        return None
    more = _("Nothing goes out until someone lets it go")
    return _need(
        "clock", _("A wave is held back"), more, _("Look at it"), address("followups.wave", wave_id=held.id)
    )


def _out_of_reach(cohort: Cohort) -> Need | None:
    count = rescue_queries.to_do(cohort.id)
    if not count:
        return None
    text = ngettext(
        "%(count)s person waits to be reached another way",
        "%(count)s people wait to be reached another way",
        count,
        count=worded(count),
    )
    more = _("Email does not reach them, or they do not answer it")
    href = address("followups.rescue_board", cohort=cohort.id)
    return _need("phone", text, more, _("Reach them"), href)


def _never_said(cohort: Cohort, states: dict[EnrolmentState, int]) -> Need | None:
    """After the course everybody has completed, left, or not come."""
    open_ends = states.get(EnrolmentState.ENROLLED, 0) + states.get(EnrolmentState.JOINED, 0)
    if not open_ends or cohort.state not in {CohortState.FOLLOW_UP, CohortState.CLOSED}:
        return None
    text = ngettext("%(num)d person has no outcome yet", "%(num)d people have no outcome yet", open_ends)
    more = _("Completed, left early or did not come: only who completed is asked later")
    href = url_for("cohorts.enrolments", cohort_id=cohort.id, state=["enrolled", "joined"])
    return _need("people", text, more, _("Say what happened"), href)


def _free_places(cohort: Cohort, states: dict[EnrolmentState, int], today: date) -> Need | None:
    free = cohort.capacity - sum(states.get(state, 0) for state in HOLDS_A_PLACE)
    if (
        free <= 0
        or today > cohort.starts_on
        or cohort.state not in {CohortState.CALL_OPEN, CohortState.SELECTING, CohortState.CONFIRMED}
    ):
        return None
    text = ngettext("%(num)d place is free", "%(num)d places are free", free)
    more = _("The course begins on %(day)s", day=dates.day(cohort.starts_on))
    return _need("people", text, more, _("Add people"), url_for("cohorts.enrol", cohort_id=cohort.id))
