"""The first page of an edition: its life as waves, its plans, what happened lately.

It looks at packages that stand on top of this one, so it is an edge, like a view.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

import trainingapp.plans.words  # noqa: F401 - describes the states shown here
from trainingapp import dates
from trainingapp.accounts.models import AuditEntry
from trainingapp.cohorts import to_do
from trainingapp.cohorts.models import HOLDS_A_PLACE, Cohort, CohortState, Enrolment, EnrolmentState
from trainingapp.db import db
from trainingapp.followups.models import Invitation, InvitationState, Schedule, Wave, WaveState
from trainingapp.labels import label
from trainingapp.plans.models import ActionPlan, Activity, ActivityState, PlanState
from trainingapp.plans.progress.models import ProgressUpdate
from trainingapp.programmes.roles import Permission, can
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
class QuietPlan:
    enrolment: Enrolment
    state: PlanState
    done: int
    activities: int
    last: datetime | None
    href: str | None


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
            to_do.address("followups.wave", wave_id=wave.id) if may_look else None,
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
        QuietPlan(enrolment, state, done, every, last, to_do.address("plans.plan", plan_id=plan_id))
        for enrolment, plan_id, state, done, every, last in db.session.execute(query)
    ]


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
