"""Verbs: keep hosts, plan visits, seat people on them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from trainingapp.accounts import audit
from trainingapp.cohorts.models import HOLDS_A_PLACE, Cohort, Enrolment, Mode
from trainingapp.db import db, lock
from trainingapp.refusals import Refusal
from trainingapp.visits import queries
from trainingapp.visits.models import Host, SiteVisit, VisitGroup, VisitPlace

NEAR = timedelta(days=7)  # some arrive early, some stay on


class HostKnown(Refusal):
    """The programme has a host of that name at that place."""


class OutsideEdition(Refusal):
    """The day is not within or near the edition's dates."""


class EndsBeforeItStarts(Refusal):
    """A visit takes time."""


class VisitFull(Refusal):
    """No seat is left on the visit."""


class GroupFull(Refusal):
    """No place is left in the group."""


class HostFull(Refusal):
    """The host receives no more people at one time."""


class VisitCancelled(Refusal):
    """Nobody is seated on a visit that does not take place."""


class NotComing(Refusal):
    """The person takes part online, withdrew, or belongs to another edition."""


class GroupKnown(Refusal):
    """The visit has a group of that name."""


def save_host(host: Host | None, facts: Mapping[str, Any], now: datetime) -> Host:
    """A new host, or a changed one. `facts` are columns of Host. Raises HostKnown."""
    saved = host or Host(created_at=now)
    try:
        with db.session.begin_nested():
            for name, value in facts.items():
                setattr(saved, name, value)
            db.session.add(saved)
    except IntegrityError as known:
        text = _("%(name)s at %(place)s is already in the list.", name=facts["name"], place=facts["place"])
        raise HostKnown(text, "name") from known
    audit.record(saved, "changed" if host else "added", after=saved.name, programme_id=saved.programme_id)
    return saved


def plan(cohort: Cohort, host: Host, facts: Mapping[str, Any]) -> SiteVisit:
    """A new visit. `facts` are columns of SiteVisit. Raises OutsideEdition, EndsBeforeItStarts."""
    _check_day(cohort, facts)
    visit = SiteVisit(cohort_id=cohort.id, host_id=host.id, **facts)
    db.session.add(visit)
    db.session.flush()
    audit.record(
        visit, "planned", after=f"{host.name}, {visit.visit_on}", programme_id=cohort.theme.programme_id
    )
    return visit


def change(visit: SiteVisit, host: Host, facts: Mapping[str, Any]) -> None:
    """Lock the visit first. Raises OutsideEdition, EndsBeforeItStarts; VisitFull or HostFull when fewer fit
    than are seated.
    """
    _check_day(visit.cohort, facts)
    lock(host)
    before = f"{visit.visit_on} {visit.starts_at:%H:%M}"
    visit.host_id, visit.host = host.id, host
    for name, value in facts.items():
        setattr(visit, name, value)
    db.session.flush()
    _check_limits(visit)
    audit.record(
        visit,
        "changed",
        before=before,
        after=f"{visit.visit_on} {visit.starts_at:%H:%M}",
        programme_id=visit.cohort.theme.programme_id,
    )


def cancel(visit: SiteVisit, why: str) -> None:
    """Seats stay, so that the people can be told; they count for nothing any more."""
    visit.cancelled_because = why
    db.session.flush()
    audit.record(
        visit,
        "cancelled",
        before="planned",
        after="cancelled",
        why=why,
        programme_id=visit.cohort.theme.programme_id,
    )


def reinstate(visit: SiteVisit) -> None:
    """Raises HostFull when the host received others meanwhile."""
    lock(visit)
    lock(visit.host)
    visit.cancelled_because = None
    db.session.flush()
    _check_limits(visit)
    audit.record(
        visit,
        "reinstated",
        before="cancelled",
        after="planned",
        programme_id=visit.cohort.theme.programme_id,
    )


def save_group(
    visit: SiteVisit, group: VisitGroup | None, name: str, guide: str, capacity: int | None
) -> VisitGroup:
    """Raises GroupKnown; GroupFull when fewer fit than are in it."""
    lock(visit)
    saved = group or VisitGroup(visit_id=visit.id)
    try:
        with db.session.begin_nested():
            saved.name, saved.guide, saved.capacity = name, guide, capacity
            db.session.add(saved)
    except IntegrityError as known:
        raise GroupKnown(_("This visit already has a group %(name)s.", name=name), "name") from known
    _check_group(saved)
    audit.record(
        visit,
        "group changed" if group else "group added",
        after=name,
        programme_id=visit.cohort.theme.programme_id,
    )
    return saved


def remove_group(visit: SiteVisit, group: VisitGroup) -> None:
    """Its people keep their seats, without a group."""
    in_group = sa.update(VisitPlace).where(VisitPlace.group_id == group.id)
    db.session.execute(in_group.values(group_id=None))
    db.session.delete(group)
    audit.record(visit, "group removed", before=group.name, programme_id=visit.cohort.theme.programme_id)


def seat(visit: SiteVisit, enrolments: Sequence[Enrolment], group: VisitGroup | None) -> list[str]:
    """Gives each a seat, or moves them to the group; all or nobody. Answers with the names of those who are
    on another visit at the same time. Raises VisitFull, GroupFull, HostFull, VisitCancelled, NotComing.
    """
    lock(visit)
    lock(visit.host)
    if visit.cancelled_because is not None:
        raise VisitCancelled(_("This visit is cancelled. Reinstate it first."))
    numbers = [enrolment.id for enrolment in enrolments]
    held = sa.select(VisitPlace).where(VisitPlace.visit_id == visit.id, VisitPlace.enrolment_id.in_(numbers))
    seats = {place.enrolment_id: place for place in db.session.scalars(held)}
    for enrolment in enrolments:
        _check_comes(visit, enrolment)
        place = seats.get(enrolment.id) or VisitPlace(visit_id=visit.id, enrolment_id=enrolment.id)
        place.group_id = group.id if group else None
        db.session.add(place)
    db.session.flush()
    _check_limits(visit)
    if group:
        _check_group(group)
    facts = {"enrolments": numbers, "group": group.name if group else None}
    audit.record(visit, "seated", programme_id=visit.cohort.theme.programme_id, facts=facts)
    at_once = queries.clashes([other for other, _seats in queries.visits_of(visit.cohort)], visit)
    return [e.participant.full_name for e in enrolments if (visit.id, e.id) in at_once]


def unseat(visit: SiteVisit, enrolments: Sequence[Enrolment]) -> None:
    numbers = [enrolment.id for enrolment in enrolments]
    db.session.execute(
        sa.delete(VisitPlace).where(VisitPlace.visit_id == visit.id, VisitPlace.enrolment_id.in_(numbers))
    )
    audit.record(
        visit, "unseated", programme_id=visit.cohort.theme.programme_id, facts={"enrolments": numbers}
    )


def _check_day(cohort: Cohort, facts: Mapping[str, Any]) -> None:
    day: date = facts["visit_on"]
    if not cohort.starts_on - NEAR <= day <= cohort.ends_on + NEAR:
        text = _("This day is more than a week before or after the edition. Choose a day near it.")
        raise OutsideEdition(text, "visit_on")
    if facts["ends_at"] <= facts["starts_at"]:
        raise EndsBeforeItStarts(_("The visit must end after it starts."), "ends_at")


def _check_comes(visit: SiteVisit, enrolment: Enrolment) -> None:
    name = enrolment.participant.full_name
    if enrolment.cohort_id != visit.cohort_id or enrolment.state not in HOLDS_A_PLACE:
        raise NotComing(_("%(name)s does not take part in this edition any more.", name=name))
    if enrolment.mode == Mode.ONLINE:
        raise NotComing(_("%(name)s takes part online and cannot travel to a host.", name=name))


def _check_limits(visit: SiteVisit) -> None:
    """Count after the rows are locked and written; the transaction falls if it does not fit."""
    taken = queries.seats_taken(visit)
    if taken > visit.capacity:
        over = taken - visit.capacity
        text = ngettext(
            "There is one seat too few for everybody chosen. Nobody was moved.",
            "There are %(num)d seats too few for everybody chosen. Nobody was moved.",
            over,
        )
        raise VisitFull(text, "capacity")
    limit = visit.host.visitor_limit
    if limit is None:
        return
    same_day = (
        sa.select(SiteVisit)
        .where(
            SiteVisit.host_id == visit.host_id,
            SiteVisit.visit_on == visit.visit_on,
            SiteVisit.id != visit.id,
            SiteVisit.cancelled_because.is_(None),
        )
        .options(joinedload(SiteVisit.host))
    )
    others = [other for other in db.session.scalars(same_day) if queries.overlap(visit, other)]
    if taken + sum(queries.seats_taken(other) for other in others) > limit:
        text = ngettext(
            "%(host)s receives one person at a time. Nobody was moved.",
            "%(host)s receives %(num)d people at a time. Nobody was moved.",
            limit,
            host=visit.host.name,
        )
        raise HostFull(text, "host_id")


def _check_group(group: VisitGroup) -> None:
    if group.capacity is None:
        return
    inside = (
        sa.select(sa.func.count())
        .select_from(VisitPlace)
        .join(Enrolment)
        .where(VisitPlace.group_id == group.id, Enrolment.state.in_(HOLDS_A_PLACE))
    )
    if (db.session.scalar(inside) or 0) > group.capacity:
        text = ngettext(
            "Group %(name)s holds one person. Nobody was moved.",
            "Group %(name)s holds %(num)d people. Nobody was moved.",
            group.capacity,
            name=group.name,
        )
        raise GroupFull(text, "capacity")
