"""Verbs on an enrolment. Those on the edition itself are in editions.py."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.exc import IntegrityError

from trainingapp import countries
from trainingapp.accounts import audit
from trainingapp.cohorts import queries
from trainingapp.cohorts.models import (
    HOLDS_A_PLACE,
    Cohort,
    CohortState,
    Enrolment,
    EnrolmentKind,
    EnrolmentState,
    EnrolmentWord,
    Mode,
)
from trainingapp.db import db, lock
from trainingapp.participants.models import Participant
from trainingapp.participants.names import words
from trainingapp.refusals import Refusal


class CohortFull(Refusal):
    """Every place is taken."""


class CountryFull(Refusal):
    """Every place of one country is taken."""


class AlreadyEnrolled(Refusal):
    """A person is in a cohort once."""


class CohortCancelled(Refusal):
    """It does not take place."""


class WrongState(Refusal):
    """The step does not lead on from where the person is."""


class ReasonMissing(Refusal):
    """Someone will ask why."""


class Room:
    """What is left of a cohort's places. Counts once, with the cohort locked until the transaction ends.

    For many enrolments at a time make one and hand it to each.
    """

    def __init__(self, cohort: Cohort) -> None:
        lock(cohort)
        self._cohort = cohort
        self._taken = Counter(queries.taken(cohort))
        self._quotas = {quota.country: quota.places for quota in queries.quotas(cohort)}

    def take(self, country: str) -> None:
        """Raises CohortFull, CountryFull."""
        capacity = self._cohort.capacity
        if self._taken.total() >= capacity:
            text = ngettext("The only place is taken.", "All %(num)d places are taken.", capacity)
            raise CohortFull(text)
        self.take_for_country(country)

    def take_for_country(self, country: str) -> None:
        """For someone who holds a place of the cohort already. Raises CountryFull."""
        places = self._quotas.get(country, self._cohort.places_per_country)
        if places is not None and self._taken[country] >= places:
            facts = {"country": countries.name_of(country)}
            text = ngettext(
                "The only place for %(country)s is taken.",
                "All %(num)d places for %(country)s are taken.",
                places,
                **facts,
            )
            raise CountryFull(text, "country")
        self._taken[country] += 1


def enrol(
    cohort: Cohort,
    participant: Participant,
    *,
    country: str,
    kind: EnrolmentKind,
    mode: Mode,
    now: datetime,
    room: Room | None = None,
    **facts: Any,
) -> Enrolment:
    """`facts` are other columns of Enrolment.

    Raises CohortFull, CountryFull, AlreadyEnrolled, CohortCancelled.
    """
    if cohort.state == CohortState.CANCELLED:
        raise CohortCancelled(_("This edition is cancelled. Change its state before you enrol anyone."))
    room = room or Room(cohort)
    enrolment = Enrolment(
        participant_id=participant.id,
        cohort_id=cohort.id,
        country=country,
        sort_name=participant.sort_name,
        kind=kind,
        mode=mode,
        enrolled_at=now,
        changed_at=now,
        **facts,
    )
    try:
        with db.session.begin_nested():
            db.session.add(enrolment)
            db.session.flush()
            if enrolment.state in HOLDS_A_PLACE:
                room.take(country)
    except IntegrityError as twice:
        text = _("%(name)s is already in this edition.", name=participant.full_name)
        raise AlreadyEnrolled(text) from twice
    index(Enrolment.id == enrolment.id)
    audit.record(enrolment, "enrolled", after=enrolment.state, programme_id=cohort.theme.programme_id)
    return enrolment


def edit_enrolment(enrolment: Enrolment, now: datetime, **facts: Any) -> None:
    """Raises CountryFull."""
    before = {name: getattr(enrolment, name) for name in facts}
    changed = {name: value for name, value in facts.items() if before[name] != value}
    if not changed:
        return
    if "country" in changed and enrolment.state in HOLDS_A_PLACE:
        Room(enrolment.cohort).take_for_country(changed["country"])
    for name, value in {**changed, "changed_at": now}.items():
        setattr(enrolment, name, value)
    db.session.flush()
    index(Enrolment.id == enrolment.id)
    audit.record(
        enrolment,
        "changed",
        before="; ".join(f"{name}: {before[name]}" for name in changed),
        after="; ".join(f"{name}: {value}" for name, value in changed.items()),
        programme_id=enrolment.cohort.theme.programme_id,
    )


def follow_name(person: Participant) -> None:
    """Brings the lists' order and search words in line after a name changed."""
    stale = sa.update(Enrolment).where(
        Enrolment.participant_id == person.id, Enrolment.sort_name != person.sort_name
    )
    db.session.execute(stale.values(sort_name=person.sort_name))
    index(Enrolment.participant_id == person.id)


def index(which: sa.ColumnElement[bool]) -> None:
    """Brings the search words in line; call after a name, an organisation or a post changed.

    Holds these enrolments: two people who correct one at the same moment would both write its words.
    """
    names = (
        Participant.full_name,
        Participant.local_name,
        Participant.passport_name,
        Participant.certificate_name,
    )
    query = (
        sa.select(Enrolment.id, Enrolment.cohort_id, Enrolment.organisation, Enrolment.post, *names)
        .join(Enrolment.participant)
        .where(which)
        .order_by(Enrolment.id)
    )
    rows = db.session.execute(query.with_for_update(of=Enrolment, key_share=True)).all()
    numbers = [row.id for row in rows]
    db.session.execute(sa.delete(EnrolmentWord).where(EnrolmentWord.enrolment_id.in_(numbers)))
    found = [
        {"enrolment_id": number, "cohort_id": cohort_id, "word": word}
        for number, cohort_id, *texts in rows
        for word in sorted(words(texts))
    ]
    if found:
        db.session.execute(sa.insert(EnrolmentWord), found)


# From state to state --------------------------------------------------------------------------------


class Verb(StrEnum):
    JOIN = "join"
    COMPLETE = "complete"
    LEAVE_EARLY = "leave_early"
    NO_SHOW = "no_show"
    WITHDRAW = "withdraw"
    PUT_BACK = "put_back"


@dataclass(frozen=True)
class Step:
    """Which states it leads on from, where to, and whether someone will ask why."""

    of: frozenset[EnrolmentState]
    to: EnrolmentState
    asks_why: bool


_COMING = frozenset({EnrolmentState.ENROLLED, EnrolmentState.JOINED})
STEPS = {
    Verb.JOIN: Step(frozenset({EnrolmentState.ENROLLED}), EnrolmentState.JOINED, asks_why=False),
    Verb.COMPLETE: Step(_COMING, EnrolmentState.COMPLETED, asks_why=False),
    Verb.LEAVE_EARLY: Step(_COMING, EnrolmentState.LEFT_EARLY, asks_why=True),
    Verb.NO_SHOW: Step(frozenset({EnrolmentState.ENROLLED}), EnrolmentState.NO_SHOW, asks_why=True),
    Verb.WITHDRAW: Step(_COMING, EnrolmentState.WITHDRAWN, asks_why=True),
    Verb.PUT_BACK: Step(
        frozenset(EnrolmentState) - {EnrolmentState.ENROLLED}, EnrolmentState.ENROLLED, asks_why=True
    ),
}


def join(enrolment: Enrolment, now: datetime) -> None:
    change(enrolment, Verb.JOIN, "", now)


def complete(enrolment: Enrolment, now: datetime) -> None:
    change(enrolment, Verb.COMPLETE, "", now)


def withdraw(enrolment: Enrolment, reason: str, now: datetime) -> None:
    change(enrolment, Verb.WITHDRAW, reason, now)


def mark_no_show(enrolment: Enrolment, reason: str, now: datetime) -> None:
    change(enrolment, Verb.NO_SHOW, reason, now)


def leave_early(enrolment: Enrolment, reason: str, now: datetime) -> None:
    change(enrolment, Verb.LEAVE_EARLY, reason, now)


def put_back(enrolment: Enrolment, reason: str, now: datetime) -> None:
    """A correction: to enrolled again, with a place again. Raises CohortFull, CountryFull."""
    change(enrolment, Verb.PUT_BACK, reason, now)


def change(enrolment: Enrolment, verb: Verb, reason: str, now: datetime, room: Room | None = None) -> None:
    """Raises WrongState, ReasonMissing; CohortFull and CountryFull when a place is needed again."""
    step, cohort, before = STEPS[verb], enrolment.cohort, enrolment.state
    if before not in step.of:
        text = _(
            "%(name)s is not in a state from which this can be done.", name=enrolment.participant.full_name
        )
        raise WrongState(text)
    if step.asks_why and not reason:
        raise ReasonMissing(_("Write why."), "reason")
    if step.to in HOLDS_A_PLACE and before not in HOLDS_A_PLACE:
        (room or Room(cohort)).take(enrolment.country)
    enrolment.state, enrolment.state_reason, enrolment.changed_at = step.to, reason or None, now
    is_done = step.to == EnrolmentState.COMPLETED
    today = now.astimezone(ZoneInfo(cohort.time_zone)).date()
    enrolment.completed_on = min(cohort.ends_on, today) if is_done else None
    programme_id = cohort.theme.programme_id
    audit.record(enrolment, verb, before=before, after=step.to, why=reason or None, programme_id=programme_id)
