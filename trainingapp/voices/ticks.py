"""What time brings: rounds open, people are asked and reminded, rounds close. Each piece stands by itself."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from trainingapp.cohorts.models import Cohort, CohortState
from trainingapp.db import db, lock
from trainingapp.followups import audience, calendar
from trainingapp.followups.models import Schedule
from trainingapp.voices import asking, queries, rounds
from trainingapp.voices.kinds import kind_of, stopped_by
from trainingapp.voices.models import WAITS, RoundState, Voice, VoiceRound

NOT_RUNNING = (CohortState.DRAFT, CohortState.POSTPONED, CohortState.CANCELLED)


def follow(now: datetime) -> Iterator[int]:
    """One tick, piece by piece: the caller commits after each."""
    yield 0  # that this tick is taken
    yield from _close_due(now)
    yield from _open_due(now)
    yield from _ask_due(now)
    yield from _look_due(now)


def _open_due(now: datetime) -> Iterator[int]:
    """Those whose day comes within the notice that somebody gets, while there is time to answer."""
    for found in _rounds(RoundState.PLANNED):
        begins = found.opens_on <= (now + calendar.EARTH + kind_of(found).notice).date()
        if begins and not queries.is_too_late(found, now):
            rounds.turn(found, RoundState.OPEN, "opened")
            yield 1


def _ask_due(now: datetime) -> Iterator[int]:
    """Everyone who may be asked by now and was not, whenever their address came."""
    for found in _rounds(RoundState.OPEN):
        kind, last = kind_of(found), 0
        while not queries.is_too_late(found, now) and (chunk := kind.candidates(found, last)):
            last = chunk[-1].subject_id
            ready = [one for one in chunk if one.why_not is None and one.ready_at <= now + kind.notice]
            yield len(asking.begin(found, ready, now))
            lock(found)


def _rounds(state: RoundState) -> Iterator[VoiceRound]:
    """Of schedules that are armed, each locked."""
    query = (
        sa.select(VoiceRound.id)
        .join(VoiceRound.schedule)
        .join(Schedule.cohort)
        .where(VoiceRound.state == state, Schedule.armed_at.is_not(None), Cohort.state.not_in(NOT_RUNNING))
        .order_by(VoiceRound.id)
    )
    for number in db.session.scalars(query).all():
        found = queries.round_of(number)
        if found:
            lock(found)
            if found.state is state:
                yield found


def _look_due(now: datetime) -> Iterator[int]:
    """Whose alumna has had her week, and who is silent."""
    for found in _rounds(RoundState.OPEN):
        due = sa.select(Voice).where(Voice.round_id == found.id, Voice.look_at <= now)
        due = due.options(*queries.WITH_SUBJECT).order_by(Voice.id).limit(audience.CHUNK)
        due = due.with_for_update(of=Voice).execution_options(populate_existing=True)
        while voices := db.session.scalars(due).all():
            look(found, voices, now)
            yield len(voices)
            lock(found)


def look(of: VoiceRound, voices: Sequence[Voice], now: datetime) -> None:
    """Puts the question, or a reminder, in the outbox for those whose time has come."""
    kind, days = kind_of(of), of.schedule.reminder_days
    stopped = stopped_by([voice.address for voice in voices])
    wanted = [
        voice
        for voice in voices
        if voice.state in WAITS
        and not stopped[voice.address] & {"all", kind.topic}
        and kind.unwanted_because(voice) is None
    ]
    for voice in voices:
        voice.look_at = None
    first = [voice for voice in wanted if voice.sent_at is None]
    asking.ask(of, [(one, kind.place(one), queries.may_be_asked_at(of, one, now)) for one in first], now)
    again = []
    for voice in wanted:
        if voice.sent_at is None:
            continue
        number = calendar.reminder_due(voice.sent_at, voice.reminders, days, now)
        if number:
            voice.reminders = number
            again.append(
                (voice, kind.place(voice), max(now, voice.sent_at + timedelta(days=days[number - 1])))
            )
        else:
            voice.look_at = calendar.reminder_look(voice.sent_at, voice.reminders, days)
    asking.remind(of, again, now)


def _close_due(now: datetime) -> Iterator[int]:
    """Ends each round whose closing day is over everywhere."""
    over = sa.select(VoiceRound).where(
        VoiceRound.state == RoundState.OPEN, VoiceRound.closes_on < calendar.ended_before(now)
    )
    for found in db.session.scalars(over.options(*queries.WHOLE).order_by(VoiceRound.id)).all():
        lock(found)
        if found.state is RoundState.OPEN:
            silent = rounds.stop(found, "round closed")
            rounds.turn(found, RoundState.CLOSED, "closed", facts={"without_answer": silent})
            yield 1
