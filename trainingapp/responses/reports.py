"""What the page says about her plan: into the response's draft update, and, once that was sent, beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from trainingapp.accounts.models import User
from trainingapp.db import db
from trainingapp.followups.models import Invitation
from trainingapp.plans import actions as plans
from trainingapp.plans import queries as plan_queries
from trainingapp.plans.models import Activity, Indicator
from trainingapp.plans.progress import evidence
from trainingapp.plans.progress.actions import Counted, Said
from trainingapp.plans.progress.evidence import Shown
from trainingapp.plans.progress.models import ProgressUpdate, Source
from trainingapp.responses.models import Response

Line = TypeVar("Line")
How = tuple[Source, User | None]  # which way an answer came, and who typed it


@dataclass
class Told:
    """Lines by their names on the page: a-7 is an activity, i-3 an indicator."""

    said: dict[str, Said] = field(default_factory=dict)
    counted: dict[str, Counted] = field(default_factory=dict)
    shown: dict[str, list[Shown]] = field(default_factory=dict)
    taken_back: set[int] = field(default_factory=set)  # of what the draft shows
    about: dict[str, Activity | Indicator] = field(default_factory=dict)

    @property
    def lines(self) -> set[str]:
        return self.said.keys() | self.counted.keys() | self.shown.keys()

    def without(self, names: set[str]) -> "Told":
        return Told(
            *(_but(self.said, names), _but(self.counted, names), _but(self.shown, names)),
            *(self.taken_back, self.about),
        )


def write(response: Response, invitation: Invitation, told: Told, now: datetime, how: How) -> set[str]:
    """Returns the lines that differ. A sent update stays: what changed begins another beside it."""
    source, recorded_by = how
    update = response.progress_update
    was_said, was_counted = _written(update)
    changed = {name for name, said in told.said.items() if was_said.get(name) != said}
    changed |= {name for name, counted in told.counted.items() if was_counted.get(name) != counted}
    changed |= told.shown.keys()
    plan = plan_queries.hold_of(invitation.enrolment_id) if changed or told.taken_back else None
    if plan is None:
        return set()
    if update is None or update.reported_at is not None:
        update = plans.begin_update(plan, source, now, recorded_by, corrects=update)
        response.progress_update = update
    for number in told.taken_back:
        evidence.take_back(update, number)
    for name in sorted(changed):
        line = told.about[name]
        said = told.said.get(name) or was_said.get(name)
        counted = told.counted.get(name) or was_counted.get(name)
        if isinstance(line, Activity) and said:
            plans.say(update, line, said)
        elif isinstance(line, Indicator) and counted:
            plans.count(update, line, counted)
        for shown in told.shown.get(name, []):
            plans.show(update, line, shown, now, recorded_by)
    return changed


def send(response: Response, now: datetime) -> None:
    update = response.progress_update
    if update and update.reported_at is None:
        plans.send_update(update, now)


def _written(update: ProgressUpdate | None) -> tuple[dict[str, Said], dict[str, Counted]]:
    """What an update says, and those it corrects where it is silent."""
    said: dict[str, Said] = {}
    counted: dict[str, Counted] = {}
    while update is not None:
        for row in update.reports:
            said.setdefault(f"a-{row.activity_id}", plans.said_in(row))
        for value in update.values:
            counted.setdefault(f"i-{value.indicator_id}", plans.counted_in(value))
        update = db.session.get(ProgressUpdate, update.corrects_id) if update.corrects_id else None
    return said, counted


def _but(found: Mapping[str, Line], names: set[str]) -> dict[str, Line]:
    return {name: line for name, line in found.items() if name not in names}
