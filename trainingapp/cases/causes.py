"""What stands in the way, by country, and who got over the same. Small groups are hidden (statistics.py)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from trainingapp.cases.models import HostSolution, Material, PeerConsent
from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db
from trainingapp.participants.models import Participant
from trainingapp.plans.models import ActionPlan, Activity, ActivityState
from trainingapp.plans.progress.models import ActivityReport, Blocker, ProgressUpdate
from trainingapp.programmes.models import Theme
from trainingapp.programmes.roles import Permission, on
from trainingapp.statistics import SMALLEST_GROUP, Hidden, withheld
from trainingapp.visits.models import Host

MOST = 200


@dataclass(frozen=True)
class Table:
    """k of n: of those who reported, how many named each cause in the latest report on an activity."""

    blockers: list[Blocker]  # that somebody named, the most frequent first
    rows: dict[str, list[int]]  # country -> for each blocker
    sizes: dict[str, int]  # country -> people who reported
    hidden: dict[str, Hidden]

    @property
    def totals(self) -> list[int]:
        return [sum(column) for column in zip(*self.rows.values(), strict=True)]

    @property
    def people(self) -> int:
        return sum(self.sizes.values())

    @property
    def is_shown(self) -> bool:
        return self.people >= SMALLEST_GROUP


def by_country(cohort_id: int | None = None) -> Table:
    """Of the programmes whose plans the reader may see. Two queries."""
    mine = [on(Theme.programme_id, Permission.SEE_PLANS)]
    if cohort_id:
        mine.append(Enrolment.cohort_id == cohort_id)
    people = sa.func.count(sa.distinct(Enrolment.participant_id))
    reported = sa.exists().where(
        ProgressUpdate.plan_id == ActionPlan.id, ProgressUpdate.reported_at.is_not(None)
    )
    of_plans = (
        sa.select(Enrolment.country, people)
        .select_from(ActionPlan)
        .join(ActionPlan.enrolment)
        .join(Enrolment.cohort)
        .join(Cohort.theme)
        .where(reported, *mine)
    )
    sizes: dict[str, int] = dict(db.session.execute(of_plans.group_by(Enrolment.country)).all())
    named = (
        sa.select(Enrolment.country, ActivityReport.blocker, people)
        .select_from(ActivityReport)
        .join(Activity, Activity.id == ActivityReport.activity_id)
        .join(ActionPlan, ActionPlan.id == Activity.plan_id)
        .join(ActionPlan.enrolment)
        .join(Enrolment.cohort)
        .join(Cohort.theme)
        .where(
            Activity.removed_at.is_(None),
            ActivityReport.is_latest,
            ActivityReport.blocker.is_not(None),
            *mine,
        )
        .group_by(Enrolment.country, ActivityReport.blocker)
    )
    counts: dict[str, dict[Blocker, int]] = {}
    for country, blocker, number in db.session.execute(named):
        if blocker:
            counts.setdefault(country, {})[blocker] = number
    return _table(counts, sizes)


def _table(counts: Mapping[str, Mapping[Blocker, int]], sizes: Mapping[str, int]) -> Table:
    totals = {blocker: sum(each.get(blocker, 0) for each in counts.values()) for blocker in Blocker}
    blockers = sorted((one for one in Blocker if totals[one]), key=lambda one: -totals[one])
    ordered = dict(sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0])))
    rows = {country: [counts.get(country, {}).get(one, 0) for one in blockers] for country in ordered}
    return Table(blockers, rows, ordered, withheld(rows, ordered))


@dataclass(frozen=True)
class Solved:
    """An activity that was stuck for this cause, and is done."""

    activity: Activity
    person: Participant
    enrolment: Enrolment
    consent: PeerConsent | None
    note: str  # of the report that said it is done

    @property
    def may_be_named(self) -> bool:
        return self.consent is not None and self.consent.is_given


def solved(blocker: Blocker, programmes: sa.ColumnElement[bool]) -> list[Solved]:
    """The latest first. `programmes` is about Theme.programme_id."""
    return _solved(ActivityReport.blocker == blocker, programmes)


def solved_by_others(
    blocker: Blocker, programmes: sa.ColumnElement[bool], herself: int | None
) -> list[Solved]:
    """Of them those who agreed to be named. `herself` is a participant."""
    others = Participant.id != (herself or 0)
    return _solved(ActivityReport.blocker == blocker, programmes, PeerConsent.is_given.is_(True), others)


def solved_by(user_id: int) -> list[tuple[Solved, Blocker]]:
    """The signed-in alumna's own, each with the cause that she named last."""
    mine = Enrolment.participant_id.in_(sa.select(Participant.id).where(Participant.user_id == user_id))
    found = _solved(ActivityReport.blocker.is_not(None), mine)
    numbers = [one.activity.id for one in found]
    query = sa.select(ActivityReport.activity_id, ActivityReport.blocker).where(
        ActivityReport.activity_id.in_(numbers), ActivityReport.blocker.is_not(None)
    )
    reported = db.session.execute(query.order_by(ActivityReport.id))
    named = {number: blocker for number, blocker in reported if blocker}
    return [(one, named[one.activity.id]) for one in found]


def _solved(was_stuck: sa.ColumnElement[bool], *which: sa.ColumnElement[bool]) -> list[Solved]:
    """Who has died or was erased is not shown to anybody."""
    stuck = sa.select(ActivityReport.activity_id).where(was_stuck)
    done = aliased(ActivityReport)
    query = (
        sa.select(Activity, Participant, Enrolment, PeerConsent, done.note)
        .join(done, sa.and_(done.activity_id == Activity.id, done.is_latest))
        .join(ProgressUpdate, ProgressUpdate.id == done.update_id)
        .join(ActionPlan, ActionPlan.id == Activity.plan_id)
        .join(ActionPlan.enrolment)
        .join(Enrolment.participant)
        .join(Enrolment.cohort)
        .join(Cohort.theme)
        .outerjoin(PeerConsent, PeerConsent.activity_id == Activity.id)
        .where(
            *which,
            Activity.state == ActivityState.DONE,
            Activity.removed_at.is_(None),
            Activity.id.in_(stuck),
            Participant.erased_at.is_(None),
            Participant.deceased_on.is_(None),
        )
        .order_by(ProgressUpdate.reported_at.desc(), Activity.id.desc())
        .limit(MOST)
    )
    return [Solved(*row) for row in db.session.execute(query)]


def hosts(blocker: Blocker, programmes: sa.ColumnElement[bool]) -> Sequence[HostSolution]:
    """`programmes` is about Host.programme_id."""
    query = sa.select(HostSolution).join(HostSolution.host).where(HostSolution.blocker == blocker, programmes)
    return db.session.scalars(query.options(joinedload(HostSolution.host)).order_by(Host.name)).all()


def every_host(programmes: sa.ColumnElement[bool]) -> Sequence[Host]:
    """`programmes` is about Host.programme_id."""
    return db.session.scalars(sa.select(Host).where(programmes).order_by(Host.name, Host.id)).all()


def material(blocker: Blocker, programmes: sa.ColumnElement[bool]) -> list[Material]:
    """`programmes` is about Material.programme_id. A small library: read whole."""
    query = sa.select(Material).where(Material.removed_at.is_(None), programmes)
    every = db.session.scalars(query.options(joinedload(Material.file)).order_by(Material.added_at.desc()))
    return [one for one in every if blocker in one.blockers]


def reads(language: str, of: Sequence[Material]) -> list[Material]:
    """What is in this language, or in another form of it."""
    plain = language.replace("-", "_").partition("_")[0]
    return [one for one in of if any(code.partition("_")[0] == plain for code in one.languages)]
