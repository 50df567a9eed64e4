"""Who has not answered a wave: by country, with what is known of each, and how else they could be reached."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from trainingapp import paging
from trainingapp.cohorts.models import Enrolment
from trainingapp.db import db
from trainingapp.followups import outcomes
from trainingapp.followups.models import ContactAttempt, Invitation, Wave
from trainingapp.followups.outcomes import Outcome
from trainingapp.followups.rescue.models import LIVE, Helper, RescueTask
from trainingapp.followups.rescue.ways import WayKind, kind_of
from trainingapp.paging import Page
from trainingapp.participants.models import ContactPoint, ContactState, Participant

# Of whom an answer may still be hoped for, the least reached first. Who declined is left in peace.
MISSING = (
    *(Outcome.RETURNED, Outcome.NO_ADDRESS, Outcome.GONE, Outcome.UNCERTAIN),
    *(Outcome.NOT_YET, Outcome.SILENT, Outcome.OPENED, Outcome.PARTIAL),
)


@dataclass
class Country:
    asked: int = 0
    missing: Counter[Outcome] = field(default_factory=Counter)


def by_country(wave: Wave) -> dict[str, Country]:
    """Where most are missing, first."""
    code = outcomes.code()
    query = outcomes.of_people(sa.select(Enrolment.country, code, sa.func.count()))
    query = query.where(Invitation.wave_id == wave.id).group_by(Enrolment.country, code)
    found: dict[str, Country] = {}
    for country, one, people in db.session.execute(query):
        line = found.setdefault(country, Country())
        line.asked += people
        if one in MISSING:
            line.missing[Outcome(one)] += people
    return dict(sorted(found.items(), key=lambda pair: (-pair[1].missing.total(), pair[0])))


@dataclass(frozen=True)
class Line:
    invitation: Invitation
    outcome: Outcome
    ways: Sequence[WayKind]
    attempts: int
    tried_at: datetime | None
    task: RescueTask | None

    @property
    def person(self) -> Participant:
        return self.invitation.enrolment.participant


def page(
    wave: Wave, country: str | None, outcome: Outcome | None, after: str | None, before: str | None
) -> Page[Line]:
    """Of everyone, of one country, or of whom the same is known. A fixed number of queries."""
    code = outcomes.code()
    wanted = [outcome] if outcome else MISSING
    query = outcomes.of_people(sa.select(Invitation)).where(Invitation.wave_id == wave.id, code.in_(wanted))
    if country:
        query = query.where(Enrolment.country == country)
    query = query.options(contains_eager(Invitation.enrolment).contains_eager(Enrolment.participant))
    found = paging.page(query, (Invitation.id,), after=after, before=before)
    return Page(_lines(found.rows), found.before, found.after)


def _lines(found: Sequence[Invitation]) -> list[Line]:
    numbers = [one.enrolment_id for one in found]
    code = outcomes.code()
    codes = outcomes.of_people(sa.select(Invitation.id, code))
    known = dict(db.session.execute(codes.where(Invitation.id.in_([one.id for one in found]))).all())
    reached, tried = known_ways(found), _tried(numbers)
    live = sa.select(RescueTask).where(RescueTask.enrolment_id.in_(numbers), RescueTask.state.in_(LIVE))
    tasks = {task.enrolment_id: task for task in db.session.scalars(live)}
    return [
        Line(
            one,
            Outcome(known[one.id]),
            reached[one.enrolment_id],
            *tried.get(one.enrolment_id, (0, None)),
            tasks.get(one.enrolment_id),
        )
        for one in found
    ]


def _tried(enrolment_ids: Iterable[int]) -> Mapping[int, tuple[int, datetime | None]]:
    query = (
        sa.select(ContactAttempt.enrolment_id, sa.func.count(), sa.func.max(ContactAttempt.at))
        .where(ContactAttempt.enrolment_id.in_(enrolment_ids))
        .group_by(ContactAttempt.enrolment_id)
    )
    return {number: (count, at) for number, count, at in db.session.execute(query)}


def known_ways(found: Sequence[Invitation]) -> dict[int, list[WayKind]]:
    """Enrolment -> how they could be reached besides the address that was used, their own ways first."""
    owners = {one.enrolment.participant_id: one for one in found}
    ways: dict[int, set[WayKind]] = {one.enrolment_id: set() for one in found}
    points = sa.select(ContactPoint).where(
        ContactPoint.participant_id.in_(owners), ContactPoint.state == ContactState.WORKING
    )
    for point in db.session.scalars(points):
        one = owners[point.participant_id]
        if (kind := kind_of(point, one.enrolment.participant)) and point.normalised != one.address:
            ways[one.enrolment_id].add(kind)
    helpers = sa.select(Helper).where(Helper.enrolment_id.in_(ways), Helper.agreed_on.is_not(None))
    for helper in db.session.scalars(helpers):
        ways[helper.enrolment_id].add(WayKind(helper.role.value))
    for one in found:
        if one.enrolment.supervisor_email:
            ways[one.enrolment_id].add(WayKind.SUPERVISOR)
    return {number: [kind for kind in WayKind if kind in known] for number, known in ways.items()}
