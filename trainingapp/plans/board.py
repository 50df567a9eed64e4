"""The coordinator's board: which plans need a person. One scan counts, and one index lists."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, contains_eager, joinedload

from trainingapp import paging
from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db
from trainingapp.paging import Page
from trainingapp.plans.models import ActionPlan, PlanState
from trainingapp.programmes.models import Membership, Theme
from trainingapp.programmes.roles import ALLOWED, Permission, on

FIRST_STEP = timedelta(days=30)  # after the approval
DAYS = (30, 60, 90, 180)  # without a word, that may be asked for
USUAL_DAYS = 90
MOST_OWNERS = 200
NOBODY = 0  # in place of an owner
GOING = (PlanState.APPROVED, PlanState.IN_PROGRESS)


class Group(StrEnum):
    STALLED = "stalled"
    OVERDUE = "overdue"
    NO_FIRST_STEP = "no_first_step"
    BLOCKED = "blocked"
    HELP = "help"
    UNVERIFIED = "unverified"
    ALL = "all"


_HEARD = (ActionPlan.heard_at, ActionPlan.id)
ORDERS: dict[Group, tuple[InstrumentedAttribute[Any], InstrumentedAttribute[int]]] = {
    **dict.fromkeys(Group, _HEARD),
    Group.OVERDUE: (ActionPlan.next_due_on, ActionPlan.id),
    Group.NO_FIRST_STEP: (ActionPlan.approved_at, ActionPlan.id),
}


@dataclass(frozen=True)
class Filters:
    now: datetime
    group: Group = Group.STALLED
    days: int = USUAL_DAYS
    country: str | None = None
    cohort: int | None = None
    owner: int | None = None

    @property
    def today(self) -> date:
        return self.now.date()

    def but(self, **changes: Any) -> "Filters":
        return replace(self, **changes)

    def of(self, group: Group) -> sa.ColumnElement[bool]:
        going = ActionPlan.state.in_(GOING)
        silent = ActionPlan.heard_at < self.now - timedelta(days=self.days)
        unbegun = sa.and_(ActionPlan.lines_open > 0, ActionPlan.lines_begun == 0)
        return {
            Group.STALLED: sa.and_(going, ActionPlan.lines_open > 0, silent),
            Group.OVERDUE: sa.and_(going, ActionPlan.next_due_on < self.today),
            Group.NO_FIRST_STEP: sa.and_(going, unbegun, ActionPlan.approved_at <= self.now - FIRST_STEP),
            Group.BLOCKED: sa.and_(going, ActionPlan.lines_blocked > 0),
            Group.HELP: ActionPlan.open_cases > 0,
            Group.UNVERIFIED: sa.and_(ActionPlan.state != PlanState.STOPPED, ActionPlan.lines_unverified > 0),
            Group.ALL: sa.true(),
        }[group]

    def holds(self) -> Iterator[sa.ColumnElement[bool]]:
        """But for the group: of plans that were sent, on programmes whose plans the reader may see."""
        yield ActionPlan.submitted_at.is_not(None)
        yield on(Theme.programme_id, Permission.SEE_PLANS)
        if self.cohort:
            yield Enrolment.cohort_id == self.cohort
        if self.country:
            yield Enrolment.country == self.country
        if self.owner is not None:
            yield ActionPlan.owner_id == self.owner if self.owner else ActionPlan.owner_id.is_(None)


def _joined(query: Any) -> Any:
    return query.join(ActionPlan.enrolment).join(Enrolment.cohort).join(Cohort.theme)


def plans(filters: Filters) -> sa.Select[ActionPlan]:
    """For `page`, which orders them."""
    return _joined(sa.select(ActionPlan)).where(filters.of(filters.group), *filters.holds())


def page(
    of: sa.Select[ActionPlan], group: Group, after: str | None = None, before: str | None = None
) -> Page[ActionPlan]:
    edition = contains_eager(ActionPlan.enrolment).contains_eager(Enrolment.cohort)
    shown = of.options(
        edition.contains_eager(Cohort.theme, Theme),
        contains_eager(ActionPlan.enrolment).joinedload(Enrolment.participant),
        joinedload(ActionPlan.owner),
    )
    return paging.page(shown, ORDERS[group], after=after, before=before)


def to_export(of: sa.Select[ActionPlan], group: Group) -> Iterator[ActionPlan]:
    """A page at a time; read when the request's own session is over."""
    after: str | None = None
    while True:
        found = page(of, group, after)
        yield from found.rows
        after = found.after
        if after is None:
            return


@dataclass(frozen=True)
class Counts:
    groups: dict[Group, int]
    countries: dict[str, int]  # of the chosen group, whichever country is chosen; most first


def counts(filters: Filters) -> Counts:
    """Exact, in one scan."""
    each = [sa.func.sum(sa.case((filters.of(group), 1), else_=0)) for group in Group]
    query = _joined(sa.select(Enrolment.country, *each).select_from(ActionPlan))
    query = query.where(*filters.but(country=None).holds()).group_by(Enrolment.country)
    rows = {country: list(map(int, numbers)) for country, *numbers in db.session.execute(query)}
    chosen = [numbers for country, numbers in rows.items() if filters.country in {None, country}]
    totals = [sum(column) for column in zip(*chosen, strict=True)] or [0] * len(Group)
    at = list(Group).index(filters.group)
    countries = {country: numbers[at] for country, numbers in rows.items() if numbers[at]}
    ordered = sorted(countries.items(), key=lambda pair: (-pair[1], pair[0]))
    return Counts(dict(zip(Group, totals, strict=True)), dict(ordered))


def editions() -> Sequence[Cohort]:
    """Those whose plans the reader may see, the latest first."""
    query = sa.select(Cohort).join(Cohort.theme).where(on(Theme.programme_id, Permission.SEE_PLANS))
    query = query.options(contains_eager(Cohort.theme)).order_by(Cohort.starts_on.desc(), Cohort.id.desc())
    return db.session.scalars(query).all()


def coordinators() -> Sequence[User]:
    """Who may look after plans of the programmes that the reader may see."""
    roles = [role for role, held in ALLOWED.items() if Permission.REVIEW_PLANS in held]
    holding = sa.select(Membership.user_id).where(
        Membership.role.in_(roles), on(Membership.programme_id, Permission.SEE_PLANS)
    )
    query = sa.select(User).where(User.id.in_(holding), User.is_enabled)
    return db.session.scalars(query.order_by(User.name, User.id).limit(MOST_OWNERS)).all()


def these(numbers: Sequence[int]) -> Sequence[ActionPlan]:
    """Of the chosen, those that the reader may review, locked in one order."""
    query = _joined(sa.select(ActionPlan)).where(
        ActionPlan.id.in_(numbers), on(Theme.programme_id, Permission.REVIEW_PLANS)
    )
    whole = contains_eager(ActionPlan.enrolment).contains_eager(Enrolment.cohort).contains_eager(Cohort.theme)
    query = query.options(whole).order_by(ActionPlan.id)
    return db.session.scalars(query.with_for_update(of=ActionPlan)).all()


def assign(chosen: Sequence[ActionPlan], owner: User | None) -> int:
    """To this person, or back to nobody; says how many changed."""
    changed = [plan for plan in chosen if plan.owner_id != (owner.id if owner else None)]
    for plan in changed:
        plan.owner_id = owner.id if owner else None
        programme_id = plan.enrolment.cohort.theme.programme_id
        audit.record(plan, "assigned", after=owner.name if owner else None, programme_id=programme_id)
    return len(changed)
