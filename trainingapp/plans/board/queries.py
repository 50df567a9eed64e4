"""The coordinator's board: which plans need a person. One scan counts, and one index lists."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, contains_eager, joinedload

from trainingapp import paging
from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db
from trainingapp.paging import Page
from trainingapp.plans.board.models import PlanStanding
from trainingapp.plans.models import ActionPlan
from trainingapp.programmes.models import Membership, Theme
from trainingapp.programmes.roles import ALLOWED, Permission, on

FIRST_STEP = timedelta(days=30)  # after the approval
DAYS = (30, 60, 90, 180)  # without a word, that may be asked for
USUAL_DAYS = 90
MOST_OWNERS = 200
NOBODY = 0  # in place of an owner


class Group(StrEnum):
    STALLED = "stalled"
    OVERDUE = "overdue"
    NO_FIRST_STEP = "no_first_step"
    BLOCKED = "blocked"
    HELP = "help"
    UNVERIFIED = "unverified"
    ALL = "all"


_HEARD = (PlanStanding.heard_at, PlanStanding.plan_id)
ORDERS: dict[Group, tuple[InstrumentedAttribute[Any], InstrumentedAttribute[int]]] = {
    **dict.fromkeys(Group, _HEARD),
    Group.STALLED: (PlanStanding.silent_since, PlanStanding.plan_id),
    Group.OVERDUE: (PlanStanding.due_on, PlanStanding.plan_id),
    Group.NO_FIRST_STEP: (PlanStanding.unbegun_since, PlanStanding.plan_id),
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
        return {
            Group.STALLED: PlanStanding.silent_since < self.now - timedelta(days=self.days),
            Group.OVERDUE: PlanStanding.due_on < self.today,
            Group.NO_FIRST_STEP: PlanStanding.unbegun_since <= self.now - FIRST_STEP,
            Group.BLOCKED: PlanStanding.lines_blocked > 0,
            Group.HELP: PlanStanding.open_cases > 0,
            Group.UNVERIFIED: PlanStanding.lines_unverified > 0,
            Group.ALL: sa.true(),
        }[group]

    def holds(self) -> Iterator[sa.ColumnElement[bool]]:
        """But for the group: of programmes whose plans the reader may see."""
        yield on(PlanStanding.programme_id, Permission.SEE_PLANS)
        if self.cohort:
            yield PlanStanding.cohort_id == self.cohort
        if self.country:
            yield PlanStanding.country == self.country
        if self.owner is not None:
            yield PlanStanding.owner_id == self.owner if self.owner else PlanStanding.owner_id.is_(None)


def plans(filters: Filters) -> sa.Select[PlanStanding]:
    """For `page`, which orders them."""
    return sa.select(PlanStanding).where(filters.of(filters.group), *filters.holds())


def page(
    of: sa.Select[PlanStanding], group: Group, after: str | None = None, before: str | None = None
) -> Page[PlanStanding]:
    enrolment = joinedload(PlanStanding.plan).joinedload(ActionPlan.enrolment)
    shown = of.options(
        enrolment.joinedload(Enrolment.cohort).joinedload(Cohort.theme),
        enrolment.joinedload(Enrolment.participant),
        joinedload(PlanStanding.owner),
    )
    return paging.page(shown, ORDERS[group], after=after, before=before)


def to_export(of: sa.Select[PlanStanding], group: Group) -> Iterator[PlanStanding]:
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
    """Exact, in one scan of an index."""
    each = [sa.func.sum(sa.case((filters.of(group), 1), else_=0)) for group in Group]
    query = sa.select(PlanStanding.country, *each).where(*filters.but(country=None).holds())
    query = query.group_by(PlanStanding.country)
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
