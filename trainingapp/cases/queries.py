"""Questions about cases; no writes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from trainingapp import paging
from trainingapp.accounts.models import AuditEntry
from trainingapp.cases.models import ENDS, LIVE, CaseNote, HelpCase
from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db
from trainingapp.paging import Page
from trainingapp.participants.models import Participant
from trainingapp.plans.models import ActionPlan, Activity
from trainingapp.plans.progress.models import Blocker
from trainingapp.programmes.models import Theme
from trainingapp.programmes.roles import Permission, on

ORDER = (HelpCase.due_on, HelpCase.id)
WHOLE = (
    joinedload(HelpCase.plan)
    .joinedload(ActionPlan.enrolment)
    .options(
        joinedload(Enrolment.participant),
        joinedload(Enrolment.cohort).joinedload(Cohort.theme).joinedload(Theme.programme),
    ),
    joinedload(HelpCase.activity),
    joinedload(HelpCase.owner),
)


class Stage(StrEnum):
    TO_DO = "to_do"
    OVERDUE = "overdue"
    OVER = "over"


class Whose(StrEnum):
    ALL = "all"
    MINE = "mine"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Filters:
    me: int
    today: date
    stage: Stage = Stage.TO_DO
    whose: Whose = Whose.ALL
    country: str | None = None
    cohort: int | None = None
    blocker: Blocker | None = None

    def but(self, **changes: Any) -> "Filters":
        return replace(self, **changes)

    def holds(self) -> Iterator[sa.ColumnElement[bool]]:
        yield on(Theme.programme_id, Permission.SEE_PLANS)
        yield HelpCase.state.in_(ENDS if self.stage is Stage.OVER else LIVE)
        if self.stage is Stage.OVERDUE:
            yield HelpCase.due_on < self.today
        if self.whose is Whose.MINE:
            yield HelpCase.owner_id == self.me
        elif self.whose is Whose.NOBODY:
            yield HelpCase.owner_id.is_(None)
        if self.country:
            yield Enrolment.country == self.country
        if self.cohort:
            yield Enrolment.cohort_id == self.cohort
        if self.blocker:
            yield HelpCase.blocker == self.blocker


def cases(filters: Filters) -> sa.Select[HelpCase]:
    """Page it by ORDER: whose day comes first leads."""
    to_theme = sa.select(HelpCase).join(HelpCase.plan).join(ActionPlan.enrolment).join(Enrolment.cohort)
    return to_theme.join(Cohort.theme).where(*filters.holds())


def page(filters: Filters, after: str | None = None, before: str | None = None) -> Page[HelpCase]:
    edition = contains_eager(HelpCase.plan).contains_eager(ActionPlan.enrolment)
    shown = cases(filters).options(
        edition.contains_eager(Enrolment.cohort).contains_eager(Cohort.theme, Theme),
        contains_eager(HelpCase.plan).contains_eager(ActionPlan.enrolment).joinedload(Enrolment.participant),
        joinedload(HelpCase.activity),
        joinedload(HelpCase.owner),
    )
    is_over = filters.stage is Stage.OVER
    return paging.page(shown, ORDER, after=after, before=before, descending=is_over)


def case(number: int) -> HelpCase | None:
    """With all that its page says."""
    return db.session.scalar(sa.select(HelpCase).where(HelpCase.id == number).options(*WHOLE))


def notes_of(case: HelpCase) -> Sequence[CaseNote]:
    """Newest first."""
    query = sa.select(CaseNote).where(CaseNote.case_id == case.id).options(joinedload(CaseNote.by))
    return db.session.scalars(query.order_by(CaseNote.at.desc(), CaseNote.id.desc())).all()


def history(case: HelpCase) -> Sequence[AuditEntry]:
    query = sa.select(AuditEntry).where(AuditEntry.subject == "help_cases", AuditEntry.subject_id == case.id)
    return db.session.scalars(query.order_by(AuditEntry.id.desc()).limit(paging.SIZE)).all()


def of_plans(plan_ids: Sequence[int]) -> dict[int, list[HelpCase]]:
    """Plan -> its cases, those that are not over first, then the latest."""
    query = sa.select(HelpCase).where(HelpCase.plan_id.in_(plan_ids)).options(*WHOLE)
    is_over = HelpCase.state.in_(ENDS)
    found: dict[int, list[HelpCase]] = {}
    for one in db.session.scalars(query.order_by(is_over, HelpCase.opened_at.desc())):
        found.setdefault(one.plan_id, []).append(one)
    return found


def of_person(user_id: int) -> Sequence[HelpCase]:
    """The signed-in alumna's own, those that are not over first."""
    query = (
        sa.select(HelpCase)
        .join(HelpCase.plan)
        .join(ActionPlan.enrolment)
        .join(Participant, Participant.id == Enrolment.participant_id)
        .where(Participant.user_id == user_id)
        .options(*WHOLE)
    )
    return db.session.scalars(query.order_by(HelpCase.state.in_(ENDS), HelpCase.opened_at.desc())).all()


def activity(number: int) -> Activity | None:
    return db.session.get(Activity, number)


def live_of(activity_id: int) -> HelpCase | None:
    query = sa.select(HelpCase).where(HelpCase.activity_id == activity_id, HelpCase.state.in_(LIVE))
    return db.session.scalar(query)


def is_overdue(case: HelpCase, today: date) -> bool:
    return case.state in LIVE and case.due_on < today
