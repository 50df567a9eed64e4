"""Questions about editions and who is in them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import starmap

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from trainingapp.accounts.models import User
from trainingapp.cohorts import search
from trainingapp.cohorts.models import (
    HOLDS_A_PLACE,
    Cohort,
    CohortPartner,
    CohortPlace,
    CohortState,
    CountryQuota,
    Enrolment,
    EnrolmentKind,
    EnrolmentState,
    Mode,
)
from trainingapp.db import db
from trainingapp.paging import bounded_counts
from trainingapp.participants.models import ContactKind, ContactPoint, Participant
from trainingapp.participants.queries import alike, everyone, lacks_address
from trainingapp.programmes.models import Theme
from trainingapp.programmes.roles import Permission, holds, on, programmes_of

# Editions ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Edition:
    """One line of a list of editions."""

    id: int
    programme_id: int
    theme_id: int
    year: int
    theme: str
    name: str
    starts_on: date
    ends_on: date
    mode: Mode
    state: CohortState
    capacity: int
    people: int  # who hold a place


def editions(programme_ids: Sequence[int]) -> list[Edition]:
    """Newest first."""
    people = (
        sa.select(sa.func.count())
        .where(Enrolment.cohort_id == Cohort.id, Enrolment.state.in_(HOLDS_A_PLACE))
        .scalar_subquery()
    )
    query = (
        sa.select(
            Cohort.id,
            Theme.programme_id,
            Theme.id,
            Theme.year,
            Theme.title,
            Cohort.name,
            Cohort.starts_on,
            Cohort.ends_on,
            Cohort.mode,
            Cohort.state,
            Cohort.capacity,
            people,
        )
        .join(Theme, Cohort.theme_id == Theme.id)
        .where(Theme.programme_id.in_(programme_ids))
        .order_by(Cohort.starts_on.desc(), Cohort.id.desc())
    )
    return list(starmap(Edition, db.session.execute(query)))


def places(cohort: Cohort) -> list[CohortPlace]:
    query = sa.select(CohortPlace).where(CohortPlace.cohort_id == cohort.id)
    return list(db.session.scalars(query.order_by(CohortPlace.position, CohortPlace.id)))


def quotas(cohort: Cohort) -> list[CountryQuota]:
    query = sa.select(CountryQuota).where(CountryQuota.cohort_id == cohort.id)
    return list(db.session.scalars(query.order_by(CountryQuota.country)))


def partners(cohort: Cohort) -> list[CohortPartner]:
    query = sa.select(CohortPartner).where(CohortPartner.cohort_id == cohort.id)
    return list(db.session.scalars(query.order_by(CohortPartner.id)))


def taken(cohort: Cohort) -> dict[str, int]:
    """Country -> how many of its people hold a place."""
    query = (
        sa.select(Enrolment.country, sa.func.count())
        .where(Enrolment.cohort_id == cohort.id, Enrolment.state.in_(HOLDS_A_PLACE))
        .group_by(Enrolment.country)
    )
    return dict(db.session.execute(query).all())


# People, as far as the reader may see them ------------------------------------------------------------


def reach(permission: Permission) -> Callable[[sa.SQLColumnExpression[int]], sa.ColumnElement[bool]]:
    """Of a column of participants' ids: those of programmes on which the reader holds the permission.

    Who is enrolled nowhere yet belongs to every holder.
    """
    return _reach(on(Theme.programme_id, permission), holds(permission))


def reach_of(
    user: User | None, permission: Permission
) -> Callable[[sa.SQLColumnExpression[int]], sa.ColumnElement[bool]]:
    """As `reach`, for work that a worker does in someone's name; the command line's is nobody's."""
    if user is None or user.is_administrator:
        return everyone
    programmes = programmes_of(user, permission)
    return _reach(Theme.programme_id.in_(programmes), bool(programmes))


def _reach(
    within: sa.ColumnElement[bool], may_see_loose: bool
) -> Callable[[sa.SQLColumnExpression[int]], sa.ColumnElement[bool]]:
    def allowed(person: sa.SQLColumnExpression[int]) -> sa.ColumnElement[bool]:
        # Scalar subqueries: for EXISTS in an OR PostgreSQL first reads every enrolment there is.
        anywhere = sa.select(sa.literal(1)).where(Enrolment.participant_id == person)
        theirs = (
            anywhere.where(Enrolment.cohort_id == Cohort.id, Cohort.theme_id == Theme.id)
            .where(within)
            .limit(1)
            .scalar_subquery()
        )
        nowhere = anywhere.limit(1).scalar_subquery()
        return sa.or_(theirs.is_not(None), nowhere.is_(None)) if may_see_loose else theirs.is_not(None)

    return allowed


def within_reach(person: Participant, permission: Permission) -> bool:
    query = sa.select(Participant.id).where(Participant.id == person.id, reach(permission)(Participant.id))
    return db.session.scalar(query) is not None


def maybe_known(names: Iterable[str | None], email: str) -> list[Participant]:
    """Who a new person may already be. Those out of reach stay unnamed; their address is refused later."""
    return [person for person in alike(names, email) if within_reach(person, Permission.SEE_PEOPLE)]


def years_of(people: Iterable[Participant]) -> dict[int, list[tuple[int, int]]]:
    """Participant's id -> (year, cohort's id) of each enrolment the reader may see; one query for a page."""
    query = (
        sa.select(Enrolment.participant_id, Theme.year, Cohort.id)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .join(Theme, Cohort.theme_id == Theme.id)
        .where(Enrolment.participant_id.in_([person.id for person in people]))
        .where(on(Theme.programme_id, Permission.SEE_PEOPLE))
        .order_by(Theme.year.desc(), Cohort.id)
    )
    found: dict[int, list[tuple[int, int]]] = {}
    for person, year, cohort in db.session.execute(query):
        found.setdefault(person, []).append((year, cohort))
    return found


def history(person: Participant) -> list[Enrolment]:
    """Newest edition first; only what the reader may see."""
    query = (
        sa.select(Enrolment)
        .join(Enrolment.cohort)
        .join(Cohort.theme)
        .options(contains_eager(Enrolment.cohort).contains_eager(Cohort.theme).joinedload(Theme.programme))
        .where(Enrolment.participant_id == person.id, on(Theme.programme_id, Permission.SEE_PEOPLE))
        .order_by(Cohort.starts_on.desc(), Enrolment.id.desc())
    )
    return list(db.session.scalars(query))


def enrolled_among(cohort: Cohort, people: Iterable[Participant]) -> frozenset[int]:
    """Ids of those who are in the cohort already, in whatever state."""
    query = sa.select(Enrolment.participant_id).where(
        Enrolment.cohort_id == cohort.id, Enrolment.participant_id.in_([person.id for person in people])
    )
    return frozenset(db.session.scalars(query))


# The list of a cohort ---------------------------------------------------------------------------------

MANY = 10_000  # of one state; a list that is longer than any hall need not say by how much
SORTS = {
    "name": (Enrolment.sort_name, Enrolment.id),
    "country": (Enrolment.country, Enrolment.sort_name, Enrolment.id),
    "changed": (Enrolment.changed_at, Enrolment.id),
}


@dataclass(frozen=True)
class Filters:
    """What an address asks of the list."""

    text: str = ""
    states: tuple[EnrolmentState, ...] = ()
    countries: tuple[str, ...] = ()
    kinds: tuple[EnrolmentKind, ...] = ()
    modes: tuple[Mode, ...] = ()
    unreachable: bool = False  # by e-mail


def enrolments(cohort: Cohort, filters: Filters) -> sa.Select[Enrolment]:
    """Page it by one of SORTS."""
    in_list = search.matching(cohort, filters.text) if filters.text else Enrolment.cohort_id == cohort.id
    query = sa.select(Enrolment).where(in_list)
    for column, chosen in (
        (Enrolment.state, filters.states),
        (Enrolment.country, filters.countries),
        (Enrolment.kind, filters.kinds),
        (Enrolment.mode, filters.modes),
    ):
        if chosen:
            query = query.where(column.in_(chosen))
    if filters.unreachable:
        query = query.where(lacks_address(Enrolment.participant_id))
    return query.options(joinedload(Enrolment.participant))


def state_counts(cohort: Cohort) -> dict[EnrolmentState, int]:
    query = (
        sa.select(Enrolment.state, sa.func.count())
        .where(Enrolment.cohort_id == cohort.id)
        .group_by(Enrolment.state)
    )
    return dict(db.session.execute(query).all())


def bounded_state_counts(cohort: Cohort) -> dict[EnrolmentState, int]:
    """As `state_counts`, for each page of the list: never looks further than MANY + 1 of a state."""
    of = (
        sa.select(Enrolment.id).where(Enrolment.cohort_id == cohort.id, Enrolment.state == state)
        for state in EnrolmentState
    )
    return dict(zip(EnrolmentState, bounded_counts(of, MANY), strict=True))


def countries_of(cohort: Cohort) -> list[str]:
    """Codes of all countries of the list, whatever became of the people.

    Goes from one country to the next in the index; DISTINCT would read every entry of the edition.
    """
    least = sa.select(sa.func.min(Enrolment.country).label("country")).where(Enrolment.cohort_id == cohort.id)
    steps = least.cte("steps", recursive=True)
    following = least.where(Enrolment.country > steps.c.country).correlate(steps).scalar_subquery()
    steps = steps.union_all(sa.select(following).where(steps.c.country.is_not(None)))
    return list(db.session.scalars(sa.select(steps.c.country).where(steps.c.country.is_not(None))))


def countries_of_programme(programme_id: int) -> set[str]:
    """Of everyone who was ever enrolled in one of its editions; read from an index alone."""
    cohorts = sa.select(Cohort.id).join(Theme).where(Theme.programme_id == programme_id)
    query = sa.select(Enrolment.country).where(Enrolment.cohort_id.in_(cohorts)).distinct()
    return set(db.session.scalars(query))


def for_export(cohort_id: int, filters: Filters) -> Iterator[tuple[Enrolment, str | None, str | None]]:
    """Each enrolment with the first e-mail address and telephone, in name order, read in small steps.

    Takes an id, as it is read when the request's own session is over.
    """

    def first(kind: ContactKind) -> sa.ScalarSelect[str]:
        points = sa.select(ContactPoint.value).where(
            ContactPoint.participant_id == Enrolment.participant_id, ContactPoint.kind == kind
        )
        return points.order_by(ContactPoint.position, ContactPoint.id).limit(1).scalar_subquery()

    cohort = db.session.get_one(Cohort, cohort_id)
    query = enrolments(cohort, filters).add_columns(first(ContactKind.EMAIL), first(ContactKind.PHONE))
    rows = db.session.execute(query.order_by(*SORTS["name"]).execution_options(yield_per=500))
    yield from rows
