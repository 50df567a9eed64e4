"""Verbs on an edition: set it up, move it on."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified

from trainingapp.accounts import audit
from trainingapp.cohorts import queries
from trainingapp.cohorts.actions import ReasonMissing
from trainingapp.cohorts.models import (
    Cohort,
    CohortPartner,
    CohortPlace,
    CohortState,
    CountryQuota,
    Mode,
    PartnerRole,
)
from trainingapp.db import Base, db, lock
from trainingapp.programmes.models import Theme
from trainingapp.refusals import Refusal

LIFE = (
    CohortState.DRAFT,
    CohortState.CALL_OPEN,
    CohortState.SELECTING,
    CohortState.CONFIRMED,
    CohortState.RUNNING,
    CohortState.FOLLOW_UP,
    CohortState.CLOSED,
)
INTERRUPTIONS = (CohortState.POSTPONED, CohortState.MOVED_ONLINE, CohortState.CANCELLED)


Details = tuple[list[tuple[str, str]], dict[str, int], list[tuple[str, PartnerRole]]]


class NameTaken(Refusal):
    """A theme has an edition of one name once."""


class TooFewPlaces(Refusal):
    """Places cannot be taken from people who hold them."""


def add(theme: Theme, now: datetime, **facts: Any) -> Cohort:
    """`facts` are columns of Cohort. Raises NameTaken."""
    cohort = Cohort(theme_id=theme.id, created_at=now, **facts)
    _keep(cohort, cohort.name)
    audit.record(cohort, "added", after=cohort.name, programme_id=theme.programme_id)
    return cohort


def edit(cohort: Cohort, **facts: Any) -> None:
    """Raises NameTaken, TooFewPlaces."""
    lock(cohort)
    people = sum(queries.taken(cohort).values())
    if facts.get("capacity", people) < people:
        text = _("%(people)d people hold a place already. Give at least as many places.", people=people)
        raise TooFewPlaces(text, "capacity")
    before = {name: getattr(cohort, name) for name in facts}
    changed = {name: value for name, value in facts.items() if before[name] != value}
    _keep(cohort, facts.get("name", ""), changed)
    if changed:
        audit.record(
            cohort,
            "changed",
            before="; ".join(f"{name}: {before[name]}" for name in changed),
            after="; ".join(f"{name}: {value}" for name, value in changed.items()),
            programme_id=db.session.get_one(Theme, cohort.theme_id).programme_id,
        )


def _keep(cohort: Cohort, name: str, changed: dict[str, Any] | None = None) -> None:
    """Changes are made inside the savepoint: what is dirty before it would be written before it."""
    try:
        with db.session.begin_nested():
            for column, value in (changed or {}).items():
                setattr(cohort, column, value)
            db.session.add(cohort)
            db.session.flush()
    except IntegrityError as taken:
        text = _("This theme already has an edition called “%(name)s”.", name=name)
        raise NameTaken(text, "name") from taken


def set_details(
    cohort: Cohort,
    places: list[tuple[str, str]],
    quotas: dict[str, int],
    partners: list[tuple[str, PartnerRole]],
) -> None:
    """Places as (name, zone) in order, places per country, partners as (name, role): all as they are now.

    They count as the cohort's own: who opened it before they changed, is told.
    """
    partners = list(dict.fromkeys(partners))
    before, after = _details(cohort), (places, quotas, sorted(partners))
    if before == after:
        return
    rows: list[Base] = [
        CohortPlace(cohort_id=cohort.id, name=name, time_zone=zone, position=position)
        for position, (name, zone) in enumerate(places)
    ]
    rows += [CountryQuota(cohort_id=cohort.id, country=code, places=n) for code, n in quotas.items()]
    rows += [CohortPartner(cohort_id=cohort.id, name=name, role=role) for name, role in partners]
    for table in (CohortPlace, CountryQuota, CohortPartner):
        db.session.execute(sa.delete(table).where(table.cohort_id == cohort.id))
    db.session.add_all(rows)
    flag_modified(cohort, "name")  # so that its version moves on
    audit.record(
        cohort,
        "changed details",
        before=_in_words(*before),
        after=_in_words(*after),
        programme_id=db.session.get_one(Theme, cohort.theme_id).programme_id,
    )


def _details(cohort: Cohort) -> Details:
    return (
        [(row.name, row.time_zone) for row in queries.places(cohort)],
        {row.country: row.places for row in queries.quotas(cohort)},
        sorted((row.name, row.role) for row in queries.partners(cohort)),
    )


def _in_words(
    places: list[tuple[str, str]], quotas: dict[str, int], partners: list[tuple[str, PartnerRole]]
) -> str:
    """For the trail: names and codes as they are stored."""
    parts = [*(name for name, _zone in places), *(f"{code}: {n}" for code, n in sorted(quotas.items()))]
    return "; ".join([*parts, *(f"{name} ({role})" for name, role in partners)])


def needs_reason(before: CohortState, after: CohortState) -> bool:
    """An interruption, and every step back, is explained."""
    if after in INTERRUPTIONS:
        return True
    return before in LIFE and LIFE.index(after) < LIFE.index(before)


def move_on(cohort: Cohort, state: CohortState, reason: str, on: date) -> None:
    """`on` is the day in the cohort's zone on which it was decided. Raises ReasonMissing."""
    if needs_reason(cohort.state, state) and not reason:
        raise ReasonMissing(_("Write why: the people concerned will ask."), "reason")
    before = cohort.state
    cohort.state, cohort.state_on, cohort.state_reason = state, on, reason or None
    if state == CohortState.MOVED_ONLINE:
        cohort.mode = Mode.ONLINE
    db.session.flush()
    programme_id = cohort.theme.programme_id
    audit.record(
        cohort, "moved on", before=before, after=state, why=reason or None, programme_id=programme_id
    )
