"""The first page of an edition: its life as waves, what needs a person, what is known.

It looks at packages that stand on top of this one, so it is an edge, like a view.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app, url_for
from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

import trainingapp.plans.words  # noqa: F401 - describes the states shown here
from trainingapp import dates
from trainingapp.accounts.models import AuditEntry
from trainingapp.cohorts.models import HOLDS_A_PLACE, Cohort, CohortState, Enrolment, EnrolmentState
from trainingapp.db import db
from trainingapp.feedback import promises
from trainingapp.feedback.models import CommentReview, CommentState
from trainingapp.followups import board
from trainingapp.followups.models import Invitation, InvitationState, Schedule, Wave, WaveState
from trainingapp.labels import label
from trainingapp.paging import bounded_count, worded
from trainingapp.participants.queries import lacks_address
from trainingapp.plans.models import ActionPlan, Activity, ActivityState, PlanState
from trainingapp.plans.progress_models import ProgressUpdate
from trainingapp.programmes.roles import Permission, can
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.statistics import TOO_FEW_FOR_PERCENT, wilson

QUIETEST = 6
LATEST = 5


@dataclass(frozen=True)
class Share:
    """k of n, with its doubt."""

    k: int
    n: int

    @property
    def percent(self) -> float:
        return 100 * self.k / self.n if self.n else 0.0

    @property
    def range(self) -> str:
        """Empty where one person is more than ten points: then the counts say enough."""
        if self.n < TOO_FEW_FOR_PERCENT:
            return ""
        low, high = wilson(self.k, self.n)
        facts = {"share": round(self.percent), "low": round(100 * low), "high": round(100 * high)}
        return _("%(share)s%%, likely range %(low)s–%(high)s%%", **facts)  # noqa: RUF001 - a range's dash


@dataclass(frozen=True)
class Stop:
    """One point on the edition's way: the course, then each wave."""

    title: str
    when: str
    look: str  # a class of .waves: nothing when past, "now", "next"
    share: Share | None
    pill: str = ""
    href: str | None = None


@dataclass(frozen=True)
class Need:
    """Something a person must do, with the page where it is done."""

    icon: str
    text: str
    more: str
    verb: str
    href: str


@dataclass(frozen=True)
class QuietPlan:
    enrolment: Enrolment
    state: PlanState
    done: int
    activities: int
    last: datetime | None
    href: str | None


def address(endpoint: str, **values: Any) -> str | None:
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def life(cohort: Cohort, states: dict[EnrolmentState, int], today: date) -> list[Stop]:
    people = sum(states.get(state, 0) for state in HOLDS_A_PLACE)
    completed = Share(states.get(EnrolmentState.COMPLETED, 0), people)
    look = "next" if today < cohort.starts_on else "now" if today <= cohort.ends_on else ""
    course = Stop(
        _("Course"),
        _days(cohort.starts_on, cohort.ends_on),
        look,
        completed if people and look != "next" else None,
    )
    return [course, *_waves(cohort)]


def _waves(cohort: Cohort) -> Iterator[Stop]:
    answered = sa.func.count().filter(Invitation.state == InvitationState.ANSWERED)
    query = (
        sa.select(Wave, answered, sa.func.count(Invitation.id))
        .join(Schedule)
        .outerjoin(Invitation, Invitation.wave_id == Wave.id)
        .where(Schedule.cohort_id == cohort.id, Wave.state != WaveState.CANCELLED)
        .group_by(Wave.id)
        .order_by(Wave.offset_months)
    )
    may_look = can(Permission.SEE_FOLLOWUPS, cohort.theme.programme_id)
    for wave, k, n in db.session.execute(query):
        months = wave.offset_months
        title = ngettext("%(num)d month", "%(num)d months", months) if months else _("Last day")
        if wave.state == WaveState.PLANNED:
            yield Stop(title, _("Sends %(day)s", day=dates.day(wave.opens_on)), "next", None)
            continue
        yield Stop(
            title,
            _days(wave.opens_on, wave.closes_on),
            "" if wave.state == WaveState.CLOSED else "now",
            Share(k, n),
            ""
            if wave.state == WaveState.CLOSED
            else _("Open")
            if wave.state == WaveState.OPEN
            else _("Held"),
            address("followups.wave", wave_id=wave.id) if may_look else None,
        )


def _days(first: date, last: date) -> str:
    pattern = "d MMM y" if first.year != last.year else "d MMM" if first.month != last.month else "d"
    return f"{format_date(first, pattern)} – {dates.day(last)}"  # noqa: RUF001 - a range's dash


def plan_states(cohort: Cohort) -> dict[PlanState, int]:
    query = (
        sa.select(ActionPlan.state, sa.func.count())
        .join(Enrolment)
        .where(Enrolment.cohort_id == cohort.id)
        .group_by(ActionPlan.state)
    )
    return dict(db.session.execute(query).all())


def quietest_plans(cohort: Cohort) -> list[QuietPlan]:
    """Plans under way, the longest unheard of first."""
    heard = (
        sa.select(sa.func.max(ProgressUpdate.reported_at))
        .where(ProgressUpdate.plan_id == ActionPlan.id)
        .scalar_subquery()
    )
    lines = sa.select(sa.func.count()).where(Activity.plan_id == ActionPlan.id, Activity.removed_at.is_(None))
    query = (
        sa.select(
            Enrolment,
            ActionPlan.id,
            ActionPlan.state,
            lines.where(Activity.state == ActivityState.DONE).scalar_subquery(),
            lines.scalar_subquery(),
            heard,
        )
        .join(ActionPlan, ActionPlan.enrolment_id == Enrolment.id)
        .options(joinedload(Enrolment.participant))
        .where(Enrolment.cohort_id == cohort.id, Enrolment.state.in_(HOLDS_A_PLACE))
        .where(ActionPlan.state.in_((PlanState.SUBMITTED, PlanState.APPROVED, PlanState.IN_PROGRESS)))
        .order_by(sa.func.coalesce(heard, ActionPlan.submitted_at, ActionPlan.saved_at), ActionPlan.id)
        .limit(QUIETEST)
    )
    return [
        QuietPlan(enrolment, state, done, every, last, address("plans.plan", plan_id=plan_id))
        for enrolment, plan_id, state, done, every, last in db.session.execute(query)
    ]


def needs(
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
    count = board.to_do(cohort.id)
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


def lately(cohort: Cohort) -> list[AuditEntry]:
    """What happened to the edition itself."""
    query = sa.select(AuditEntry).where(AuditEntry.subject == "cohorts", AuditEntry.subject_id == cohort.id)
    return list(db.session.scalars(query.order_by(AuditEntry.id.desc()).limit(LATEST)))


def said(entry: AuditEntry) -> str:
    """One line of the trail in the reader's words."""
    if entry.verb == "moved on" and entry.after:
        return _("%(who)s set the state to %(state)s", who=entry.actor, state=label(CohortState(entry.after)))
    if entry.verb == "added":
        return _("%(who)s set up this edition", who=entry.actor)
    return _("%(who)s changed the details", who=entry.actor)
