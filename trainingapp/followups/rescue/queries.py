"""The contact-rescue board: who is missing, by country and cause. Bounded, whatever its rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from trainingapp import paging
from trainingapp.accounts.models import AuditEntry, User
from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db
from trainingapp.followups.models import ContactAttempt, Invitation, Schedule, Wave
from trainingapp.followups.rescue.models import RescueCause, RescueState, RescueTask
from trainingapp.paging import Page
from trainingapp.participants.models import Participant
from trainingapp.programmes.models import Membership, Theme
from trainingapp.programmes.roles import ALLOWED, Permission, on

ORDER = (RescueTask.opened_at, RescueTask.id)
MOST = 20_000  # tasks counted by country and cause
MOST_OWNERS = 200


class Stage(StrEnum):
    TO_DO = "todo"
    WAITING = "waiting"
    OVER = "over"


class Whose(StrEnum):
    ALL = "all"
    MINE = "mine"
    NOBODY = "nobody"


_STATES = {
    Stage.TO_DO: [RescueState.OPEN],
    Stage.WAITING: [RescueState.WAITING],
    Stage.OVER: [RescueState.SOLVED, RescueState.GIVEN_UP],
}


@dataclass(frozen=True)
class Filters:
    me: int
    stage: Stage = Stage.TO_DO
    whose: Whose = Whose.ALL
    country: str | None = None
    cause: RescueCause | None = None
    owner: int | None = None
    cohort: int | None = None

    def but(self, **changes: Any) -> "Filters":
        return replace(self, **changes)

    def holds(self) -> Iterator[sa.ColumnElement[bool]]:
        yield RescueTask.state.in_(_STATES[self.stage])
        if self.whose is Whose.MINE:
            yield RescueTask.owner_id == self.me
        elif self.whose is Whose.NOBODY:
            yield RescueTask.owner_id.is_(None)
        if self.owner:
            yield RescueTask.owner_id == self.owner
        if self.cohort:
            yield Enrolment.cohort_id == self.cohort
        if self.country:
            yield Enrolment.country == self.country
        if self.cause:
            yield RescueTask.cause == self.cause


def tasks(filters: Filters) -> sa.Select[RescueTask]:
    """Page it by ORDER. Only of programmes whose follow-ups the reader may see."""
    return (
        sa.select(RescueTask)
        .join(RescueTask.enrolment)
        .join(Enrolment.cohort)
        .join(Cohort.theme)
        .where(on(Theme.programme_id, Permission.SEE_FOLLOWUPS), *filters.holds())
    )


@dataclass(frozen=True)
class Line:
    task: RescueTask
    attempts: int
    tried_at: datetime | None

    @property
    def person(self) -> Participant:
        return self.task.enrolment.participant


def page(of: sa.Select[RescueTask], after: str | None = None, before: str | None = None) -> Page[Line]:
    found = paging.page(of.options(*_SHOWN), ORDER, after=after, before=before)
    return Page(_lines(found.rows), found.before, found.after)


_SHOWN = (
    contains_eager(RescueTask.enrolment).options(
        contains_eager(Enrolment.cohort).contains_eager(Cohort.theme),
        joinedload(Enrolment.participant),
    ),
    joinedload(RescueTask.invitation).joinedload(Invitation.wave),
    joinedload(RescueTask.owner),
)


def _lines(found: Sequence[RescueTask]) -> list[Line]:
    query = (
        sa.select(ContactAttempt.enrolment_id, sa.func.count(), sa.func.max(ContactAttempt.at))
        .where(ContactAttempt.enrolment_id.in_([task.enrolment_id for task in found]))
        .group_by(ContactAttempt.enrolment_id)
    )
    tried = {number: (count, at) for number, count, at in db.session.execute(query)}
    return [Line(task, *tried.get(task.enrolment_id, (0, None))) for task in found]


@dataclass(frozen=True)
class Missing:
    causes: dict[RescueCause, int]
    countries: dict[str, int]  # most first


def missing(filters: Filters) -> Missing:
    """How many by cause and by country, whichever of the two is chosen; the first MOST of them."""
    everyone = tasks(filters.but(country=None, cause=None))
    some = everyone.with_only_columns(RescueTask.cause, Enrolment.country).limit(MOST).subquery()
    query = sa.select(some.c.cause, some.c.country, sa.func.count()).group_by(some.c.cause, some.c.country)
    causes: dict[RescueCause, int] = {}
    countries: dict[str, int] = {}
    for cause, country, count in db.session.execute(query):
        causes[cause] = causes.get(cause, 0) + count
        countries[country] = countries.get(country, 0) + count
    return Missing(
        {cause: causes[cause] for cause in RescueCause if cause in causes},
        dict(sorted(countries.items(), key=lambda pair: (-pair[1], pair[0]))),
    )


def to_do(cohort_id: int | None = None) -> int:
    """Open tasks of an edition, or of all that the reader may see; no further than a page says."""
    return paging.bounded_count(tasks(Filters(me=0, cohort=cohort_id)))


def coordinators() -> Sequence[User]:
    """Who may take a task of the programmes that the reader may see."""
    roles = [role for role, held in ALLOWED.items() if Permission.RUN_FOLLOWUPS in held]
    holding = sa.select(Membership.user_id).where(
        Membership.role.in_(roles), on(Membership.programme_id, Permission.SEE_FOLLOWUPS)
    )
    query = sa.select(User).where(User.id.in_(holding), User.is_enabled)
    return db.session.scalars(query.order_by(User.name, User.id).limit(MOST_OWNERS)).all()


def these(numbers: Sequence[int], permission: Permission) -> Sequence[RescueTask]:
    """Of the chosen, those of programmes on which the reader holds the permission."""
    query = (
        sa.select(RescueTask)
        .join(RescueTask.enrolment)
        .join(Enrolment.cohort)
        .join(Cohort.theme)
        .where(RescueTask.id.in_(numbers), on(Theme.programme_id, permission))
        .options(
            contains_eager(RescueTask.enrolment).contains_eager(Enrolment.cohort).contains_eager(Cohort.theme)
        )
        .with_for_update(of=RescueTask)
    )
    return db.session.scalars(query).all()


# One person -----------------------------------------------------------------------------------------


def latest_task(enrolment_id: int) -> RescueTask | None:
    """The live one, else the last that was."""
    query = (
        sa.select(RescueTask)
        .where(RescueTask.enrolment_id == enrolment_id)
        .options(joinedload(RescueTask.owner))
        .order_by(RescueTask.ended_at.is_not(None), RescueTask.id.desc())
        .limit(1)
    )
    return db.session.scalar(query)


def history(task: RescueTask) -> Sequence[AuditEntry]:
    query = sa.select(AuditEntry).where(
        AuditEntry.subject == "rescue_tasks", AuditEntry.subject_id == task.id
    )
    return db.session.scalars(query.order_by(AuditEntry.id.desc()).limit(paging.SIZE)).all()


def attempts_of(enrolment_id: int) -> Sequence[ContactAttempt]:
    """Newest first."""
    query = (
        sa.select(ContactAttempt)
        .where(ContactAttempt.enrolment_id == enrolment_id)
        .options(joinedload(ContactAttempt.by))
        .order_by(ContactAttempt.at.desc(), ContactAttempt.id.desc())
        .limit(paging.SIZE)
    )
    return db.session.scalars(query).all()


def other_waves(participant: Participant, beside: Invitation | None) -> Sequence[Invitation]:
    """Of all their editions that the reader may see, newest first."""
    query = (
        sa.select(Invitation)
        .join(Invitation.enrolment)
        .join(Invitation.wave)
        .join(Wave.schedule)
        .join(Schedule.cohort)
        .join(Cohort.theme)
        .where(Enrolment.participant_id == participant.id, on(Theme.programme_id, Permission.SEE_FOLLOWUPS))
        .options(
            contains_eager(Invitation.wave)
            .contains_eager(Wave.schedule)
            .contains_eager(Schedule.cohort)
            .contains_eager(Cohort.theme)
        )
        .order_by(Wave.opens_on.desc(), Invitation.id.desc())
        .limit(paging.SIZE)
    )
    if beside:
        query = query.where(Invitation.id != beside.id)
    return db.session.scalars(query).all()
