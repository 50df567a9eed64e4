"""Questions about hosts and visits; nothing here writes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from trainingapp.cohorts.models import HOLDS_A_PLACE, Cohort, Enrolment, Mode
from trainingapp.db import db
from trainingapp.paging import SIZE
from trainingapp.visits.models import Host, SiteVisit, VisitGroup, VisitPlace


def hosts(
    within: sa.ColumnElement[bool], text: str = "", cluster: str = "", after: tuple[str, int] | None = None
) -> list[tuple[Host, int, date | None]]:
    """A page of hosts with how many visits they had and the last one's day; one more than a page when
    there is a next one. `after` is the last (name, id) of the page before.
    """
    held = (SiteVisit.host_id == Host.id) & SiteVisit.cancelled_because.is_(None)
    visits = sa.select(sa.func.count()).where(held).correlate(Host).scalar_subquery()
    latest = sa.select(sa.func.max(SiteVisit.visit_on)).where(held).correlate(Host).scalar_subquery()
    query = sa.select(Host, visits, latest).where(within).order_by(Host.name, Host.id).limit(SIZE + 1)
    if text:
        wanted = [
            column.icontains(text, autoescape=True) for column in (Host.name, Host.place, Host.products)
        ]
        query = query.where(sa.or_(*wanted))
    if cluster:
        query = query.where(Host.cluster == cluster)
    if after:
        query = query.where(sa.tuple_(Host.name, Host.id) > sa.tuple_(*map(sa.literal, after)))
    return [(host, count, last) for host, count, last in db.session.execute(query)]


def clusters(within: sa.ColumnElement[bool]) -> list[tuple[str, int]]:
    query = (
        sa.select(Host.cluster, sa.func.count())
        .where(within, Host.cluster != "")
        .group_by(Host.cluster)
        .order_by(Host.cluster)
        .limit(SIZE)
    )
    return [(name, count) for name, count in db.session.execute(query)]


def _seats() -> sa.ScalarSelect[int]:
    """How many people hold a seat on the visit; those who withdrew do not count."""
    return (
        sa.select(sa.func.count())
        .select_from(VisitPlace)
        .join(Enrolment)
        .where(VisitPlace.visit_id == SiteVisit.id, Enrolment.state.in_(HOLDS_A_PLACE))
        .correlate(SiteVisit)
        .scalar_subquery()
    )


def history(host: Host) -> list[tuple[SiteVisit, int]]:
    """A host's latest visits with the number of visitors, newest first."""
    query = (
        sa.select(SiteVisit, _seats())
        .where(SiteVisit.host_id == host.id)
        .options(joinedload(SiteVisit.cohort).joinedload(Cohort.theme))
        .order_by(SiteVisit.visit_on.desc(), SiteVisit.starts_at.desc())
        .limit(SIZE)
    )
    return [(visit, seats) for visit, seats in db.session.execute(query)]


def visits_of(cohort: Cohort) -> list[tuple[SiteVisit, int]]:
    """Every visit of an edition in running order, with the seats taken."""
    query = (
        sa.select(SiteVisit, _seats())
        .where(SiteVisit.cohort_id == cohort.id)
        .options(joinedload(SiteVisit.host))
        .order_by(SiteVisit.visit_on, SiteVisit.starts_at, SiteVisit.id)
    )
    return [(visit, seats) for visit, seats in db.session.execute(query)]


def seats_taken(visit: SiteVisit) -> int:
    return db.session.scalar(sa.select(_seats()).select_from(SiteVisit).where(SiteVisit.id == visit.id)) or 0


def groups_of(visit: SiteVisit) -> list[tuple[VisitGroup, int]]:
    """Groups in the order of their names, with the people in each who still come."""
    people = (
        sa.select(sa.func.count())
        .select_from(VisitPlace)
        .join(Enrolment)
        .where(VisitPlace.group_id == VisitGroup.id, Enrolment.state.in_(HOLDS_A_PLACE))
        .correlate(VisitGroup)
        .scalar_subquery()
    )
    query = (
        sa.select(VisitGroup, people)
        .where(VisitGroup.visit_id == visit.id)
        .order_by(VisitGroup.name, VisitGroup.id)
    )
    return [(group, count) for group, count in db.session.execute(query)]


_VIEWS = {
    "on": VisitPlace.id.is_not(None) & Enrolment.state.in_(HOLDS_A_PLACE),
    "off": VisitPlace.id.is_(None) & Enrolment.state.in_(HOLDS_A_PLACE) & (Enrolment.mode != Mode.ONLINE),
    "leaving": VisitPlace.id.is_not(None) & Enrolment.state.not_in(HOLDS_A_PLACE),
    "online": Enrolment.state.in_(HOLDS_A_PLACE) & (Enrolment.mode == Mode.ONLINE) & VisitPlace.id.is_(None),
}


def _seat_on(visit: SiteVisit) -> sa.ColumnElement[bool]:
    return (VisitPlace.enrolment_id == Enrolment.id) & (VisitPlace.visit_id == visit.id)


def people_counts(visit: SiteVisit) -> dict[str, int]:
    """How many are on the visit, not on it yet, leaving the list, and joining online."""
    sums = [sa.func.coalesce(sa.func.sum(sa.case((clause, 1), else_=0)), 0) for clause in _VIEWS.values()]
    query = (
        sa.select(*sums)
        .select_from(Enrolment)
        .outerjoin(VisitPlace, _seat_on(visit))
        .where(Enrolment.cohort_id == visit.cohort_id)
    )
    return dict(zip(_VIEWS, map(int, db.session.execute(query).one()), strict=True))


def people(
    visit: SiteVisit, view: str, after: tuple[str, int] | None = None
) -> list[tuple[Enrolment, VisitPlace | None, VisitGroup | None]]:
    """A page of an edition's people with their seats; one more than a page when there is a next one."""
    query = (
        sa.select(Enrolment, VisitPlace, VisitGroup)
        .join(Enrolment.participant)
        .outerjoin(VisitPlace, _seat_on(visit))
        .outerjoin(VisitGroup, VisitGroup.id == VisitPlace.group_id)
        .where(Enrolment.cohort_id == visit.cohort_id, _VIEWS[view])
        .options(contains_eager(Enrolment.participant))
        .order_by(Enrolment.sort_name, Enrolment.id)
        .limit(SIZE + 1)
    )
    if after:
        query = query.where(sa.tuple_(Enrolment.sort_name, Enrolment.id) > sa.tuple_(*map(sa.literal, after)))
    return [(enrolment, seat, group) for enrolment, seat, group in db.session.execute(query)]


def span(visit: SiteVisit) -> tuple[datetime, datetime]:
    """From when to when in UTC. The visit's host must be loaded."""
    zone = ZoneInfo(visit.host.time_zone)
    return (
        datetime.combine(visit.visit_on, visit.starts_at, zone).astimezone(UTC),
        datetime.combine(visit.visit_on, visit.ends_at, zone).astimezone(UTC),
    )


def overlap(one: SiteVisit, other: SiteVisit) -> bool:
    (begin, end), (other_begin, other_end) = span(one), span(other)
    return begin < other_end and other_begin < end


def clashes(visits: Sequence[SiteVisit], of: SiteVisit | None = None) -> dict[tuple[int, int], SiteVisit]:
    """(visit id, enrolment id) -> another visit that person is on at the same time.

    With `of`, only what touches that visit. Hosts must be loaded.
    """
    held = [visit for visit in visits if visit.cancelled_because is None]
    against = held if of is None else [of]
    pairs = {
        (one.id, other.id): (one, other)
        for one in against
        for other in held
        if one.id != other.id and overlap(one, other)
    }
    if not pairs:
        return {}
    query = (
        sa.select(VisitPlace.visit_id, VisitPlace.enrolment_id)
        .join(Enrolment)
        .where(
            VisitPlace.visit_id.in_({number for pair in pairs for number in pair}),
            Enrolment.state.in_(HOLDS_A_PLACE),
        )
    )
    on: defaultdict[int, set[int]] = defaultdict(set)
    for visit_id, enrolment_id in db.session.execute(query):
        on[visit_id].add(enrolment_id)
    return {
        (one_id, enrolment_id): other
        for (one_id, other_id), (_one, other) in pairs.items()
        for enrolment_id in on[one_id] & on[other_id]
    }


@dataclass(frozen=True)
class Stop:
    """One visit on a day sheet: who goes, by group; nobody's address or telephone."""

    visit: SiteVisit
    groups: list[tuple[VisitGroup | None, list[Enrolment]]]

    @property
    def seats(self) -> int:
        return sum(len(people) for _group, people in self.groups)


def day_sheet(cohort: Cohort, day: date) -> list[Stop]:
    """The stops of a day in running order, in three queries whatever their number."""
    query = (
        sa.select(SiteVisit)
        .where(
            SiteVisit.cohort_id == cohort.id,
            SiteVisit.visit_on == day,
            SiteVisit.cancelled_because.is_(None),
        )
        .options(joinedload(SiteVisit.host))
    )
    visits = sorted(db.session.scalars(query), key=lambda visit: (span(visit), visit.id))
    numbers = [visit.id for visit in visits]
    groups: defaultdict[int, list[VisitGroup | None]] = defaultdict(list)
    for group in db.session.scalars(
        sa.select(VisitGroup).where(VisitGroup.visit_id.in_(numbers)).order_by(VisitGroup.name)
    ):
        groups[group.visit_id].append(group)
    seated: defaultdict[tuple[int, int | None], list[Enrolment]] = defaultdict(list)
    for seat, enrolment in db.session.execute(
        sa.select(VisitPlace, Enrolment)
        .join(VisitPlace.enrolment)
        .join(Enrolment.participant)
        .where(VisitPlace.visit_id.in_(numbers), Enrolment.state.in_(HOLDS_A_PLACE))
        .options(contains_eager(Enrolment.participant))
        .order_by(Enrolment.sort_name, Enrolment.id)
    ):
        seated[seat.visit_id, seat.group_id].append(enrolment)
    return [
        Stop(
            visit,
            [
                (group, seated[visit.id, group.id if group else None])
                for group in [*groups[visit.id], None]
                if group or seated[visit.id, None]
            ],
        )
        for visit in visits
    ]
