"""Verbs of a round: plan it, move it, end it."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp.accounts import audit
from trainingapp.db import db, lock
from trainingapp.followups import calendar
from trainingapp.followups.models import Schedule
from trainingapp.outbox import bulk
from trainingapp.refusals import Refusal
from trainingapp.surveys.models import Audience
from trainingapp.voices import queries
from trainingapp.voices.kinds import KINDS
from trainingapp.voices.models import WAITS, RoundState, Voice, VoiceRound, VoiceState

ABOUT: sa.ColumnElement[str] = sa.literal("voices:") + sa.cast(Voice.id, sa.String)


class RoundExists(Refusal):
    """Nobody is asked the same twice at one time."""


class NothingToAsk(Refusal):
    """No questionnaire for them is published that may be used here."""


class RoundHasBegun(Refusal):
    """What was asked stays in the record."""


class RoundDates(Refusal):
    """A round opens before it closes, and once it is open only its end moves."""


def plan(schedule: Schedule, audience: Audience, version_id: int, months: int, today: date) -> VoiceRound:
    """On its usual days; where they are over, from today on. Raises RoundExists, NothingToAsk."""
    kind = KINDS[audience]
    offered = queries.versions_for(schedule.cohort.theme.programme_id, audience)
    if version_id not in {version.id for version in offered}:
        raise NothingToAsk(_("Choose one of the questionnaires that are written for them."), "version_id")
    opens_on, closes_on = kind.days(schedule, months)
    if closes_on <= today:
        opens_on, closes_on = today, today + (closes_on - opens_on)
    made = VoiceRound(
        schedule_id=schedule.id,
        survey_version_id=version_id,
        audience=audience,
        offset_months=months if kind.has_months else 0,
        opens_on=opens_on,
        closes_on=closes_on,
    )
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError as taken:
        raise RoundExists(_("These people are asked at that time already."), "months") from taken
    note(made, "planned", after=f"{opens_on} to {closes_on}")
    return made


def move(of: VoiceRound, opens_on: date, closes_on: date) -> None:
    """Raises RoundDates."""
    lock(of)
    if closes_on < opens_on:
        raise RoundDates(_("The closing day is before the day it opens."), "closes_on")
    if of.state in {RoundState.CLOSED, RoundState.CANCELLED}:
        raise RoundDates(_("These questions have closed. Their days stay as they were."))
    if of.state is RoundState.OPEN and opens_on != of.opens_on:
        raise RoundDates(_("This has begun. Only its closing day can still be moved."), "opens_on")
    before = f"{of.opens_on} to {of.closes_on}"
    of.opens_on, of.closes_on = opens_on, closes_on
    bulk.move_end(_abouts(of), calendar.ends(closes_on))
    note(of, "moved", before=before, after=f"{opens_on} to {closes_on}")


def remove(of: VoiceRound) -> None:
    lock(of)
    if of.state is not RoundState.PLANNED:
        raise RoundHasBegun(_("This has begun, so it stays in the record. You can cancel it."))
    note(of, "removed", before=f"{of.opens_on} to {of.closes_on}")
    db.session.delete(of)


def cancel(of: VoiceRound, why: str) -> None:
    lock(of)
    if of.state not in {RoundState.PLANNED, RoundState.OPEN}:
        raise RoundHasBegun(_("This is over already."))
    stop(of, "round cancelled")
    of.reason = why
    turn(of, RoundState.CANCELLED, "cancelled", why=why)


def stop(of: VoiceRound, reason: str) -> int:
    """Cancels what waits and closes the links without an answer; says how many."""
    mine = sa.update(Voice).where(Voice.round_id == of.id)
    db.session.execute(mine.values(due_at=None, look_at=None))  # held, before their messages
    bulk.cancel_all(_abouts(of), reason)
    closed = db.session.execute(mine.where(Voice.state.in_(WAITS)).values(state=VoiceState.CLOSED))
    return int(getattr(closed, "rowcount", 0))


def _abouts(of: VoiceRound) -> sa.Select[str]:
    return sa.select(ABOUT).where(Voice.round_id == of.id)


def turn(of: VoiceRound, state: RoundState, verb: str, **facts: Any) -> None:
    before, of.state = of.state, state
    note(of, verb, before=before, after=state, **facts)


def note(of: VoiceRound, verb: str, **facts: Any) -> None:
    db.session.flush()
    audit.record(of, verb, programme_id=of.schedule.cohort.theme.programme_id, **facts)
