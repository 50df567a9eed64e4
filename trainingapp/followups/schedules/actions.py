"""Verbs of a schedule and its waves, up to the moment a wave opens; hold, resume, cancel."""

from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp.accounts import audit
from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.countries import weekend_of
from trainingapp.db import db, lock
from trainingapp.followups import calendar, queries
from trainingapp.followups.models import (
    AT_ONCE,
    MAY_ANSWER,
    Invitation,
    InvitationState,
    Messages,
    Schedule,
    UncertainRule,
    Wave,
    WaveState,
)
from trainingapp.outbox import actions as outbox
from trainingapp.outbox import bulk
from trainingapp.participants.models import Participant
from trainingapp.refusals import Refusal
from trainingapp.surveys.models import Anonymity, Question, SurveyVersion
from trainingapp.surveys.question_types import QUESTION_TYPES

# They promise that nobody can tell whose the answers are, and ask what tells it.
_telling = [kind for kind, one in QUESTION_TYPES.items() if one.knows_person]
TELLING_VERSIONS = sa.select(SurveyVersion.id).where(
    SurveyVersion.anonymity == Anonymity.ANONYMOUS,
    sa.or_(
        SurveyVersion.asks_progress,
        sa.exists().where(Question.version_id == SurveyVersion.id, Question.kind.in_(_telling)),
    ),
)


class NoPublishedSurvey(Refusal):
    """A wave asks something; without a published questionnaire there is nothing to ask."""


class AnonymityNotKept(Refusal):
    """What promises that nobody can tell whose the answers are may not ask what tells it."""


class ScheduleExists(Refusal):
    """A cohort has one schedule."""


class WaveExists(Refusal):
    """Two waves at one offset would ask the same thing twice."""


class WaveHasBegun(Refusal):
    """Its audience is frozen: it can be held or cancelled, not moved or removed."""


class WrongDates(Refusal):
    """A wave opens before it closes."""


def make(cohort: Cohort, now: datetime) -> Schedule:
    """With a wave at each usual offset whose closing day is still to come."""
    versions = queries.published_versions(cohort.theme.programme_id)
    if not versions:
        raise NoPublishedSurvey(
            _("Publish a questionnaire for this programme first: a wave needs something to ask.")
        )
    telling = set(db.session.scalars(TELLING_VERSIONS))
    versions = [version for version in versions if version.id not in telling]
    if not versions:
        raise _anonymity_not_kept()
    schedule = Schedule(cohort_id=cohort.id)
    try:
        with db.session.begin_nested():
            db.session.add(schedule)
    except IntegrityError as taken:
        raise ScheduleExists(_("This edition has a schedule already.")) from taken
    for months in calendar.OFFSETS:
        opens_on = calendar.offset_day(cohort.ends_on, months)
        closes_on = opens_on + timedelta(days=schedule.open_days)
        if not calendar.is_too_late(closes_on, now):
            version = usual_version(versions, months)
            db.session.add(_wave(schedule, version.id, months, opens_on, closes_on))
    db.session.flush()
    audit.record(schedule, "made", programme_id=cohort.theme.programme_id)
    return schedule


def usual_version(versions: list[SurveyVersion], months: int) -> SurveyVersion:
    """The one made for these months; else day 0 asks about the course, and later waves about the plan."""
    made_for = (version for version in versions if version.survey.key == f"month-{months}")
    alike = (version for version in versions if version.asks_progress == (months > 0))
    return next(made_for, None) or next(alike, versions[0])


def _wave(schedule: Schedule, version_id: int, months: int, opens_on: date, closes_on: date) -> Wave:
    if closes_on < opens_on:
        raise WrongDates(_("The closing day is before the day it opens."), "closes_on")
    must_keep_its_promise(version_id)
    return Wave(
        schedule_id=schedule.id,
        survey_version_id=version_id,
        offset_months=months,
        opens_on=opens_on,
        closes_on=closes_on,
    )


def must_keep_its_promise(version_id: int) -> None:
    """Raises AnonymityNotKept."""
    if db.session.scalar(TELLING_VERSIONS.where(SurveyVersion.id == version_id)):
        raise _anonymity_not_kept()


def _anonymity_not_kept() -> AnonymityNotKept:
    text = _(
        "This questionnaire promises anonymity, and asks for the person's own activities or files, which "
        "tell who answers. Choose another one, or take these out."
    )
    return AnonymityNotKept(text, "survey_version_id")


def set_rules(
    schedule: Schedule,
    *,
    from_hour: int,
    to_hour: int,
    reminder_days: list[int],
    open_days: int,
    uncertain_rule: UncertainRule,
) -> None:
    """For whoever is written to from now on; what waits moves where its hour no longer fits."""
    before = _rules(schedule)
    schedule.from_hour, schedule.to_hour = from_hour, to_hour
    schedule.reminder_days, schedule.open_days = sorted(set(reminder_days)), open_days
    schedule.uncertain_rule = uncertain_rule
    open_now = sa.select(Wave.id).where(Wave.schedule_id == schedule.id, Wave.state == WaveState.OPEN)
    look_again(Invitation.wave_id.in_(open_now))
    _note(schedule, "changed the rules", before=before, after=_rules(schedule))


def _rules(schedule: Schedule) -> str:
    days = ", ".join(map(str, schedule.reminder_days))
    hours = f"{schedule.from_hour} to {schedule.to_hour} h"
    uncertain = f"uncertain: {schedule.uncertain_rule}"
    return f"{hours}, reminders after {days} days, open {schedule.open_days} days, {uncertain}"


def arm(schedule: Schedule, now: datetime) -> None:
    """From now on its waves open by themselves."""
    if schedule.armed_at is None:
        schedule.armed_at = now
        _note(schedule, "armed")


def disarm(schedule: Schedule) -> None:
    """No further wave opens; those that are open go on."""
    if schedule.armed_at is not None:
        schedule.armed_at = None
        _note(schedule, "disarmed")


def add_wave(
    schedule: Schedule, *, offset_months: int, opens_on: date, closes_on: date, survey_version_id: int
) -> Wave:
    wave = _wave(schedule, survey_version_id, offset_months, opens_on, closes_on)
    try:
        with db.session.begin_nested():
            db.session.add(wave)
    except IntegrityError as taken:
        raise WaveExists(
            _("There is a wave %(months)s months after this edition already.", months=offset_months),
            "offset_months",
        ) from taken
    _note_wave(wave, "added", after=f"{opens_on} to {closes_on}")
    return wave


def change_wave(wave: Wave, *, opens_on: date, closes_on: date, survey_version_id: int) -> None:
    """Once it has opened only the closing day moves; once it is over nothing does."""
    if wave.state in {WaveState.CLOSED, WaveState.CANCELLED}:
        raise WaveHasBegun(_("This wave is over already."))
    if closes_on < opens_on:
        raise WrongDates(_("The closing day is before the day it opens."), "closes_on")
    before = f"{wave.opens_on} to {wave.closes_on}"
    if wave.opened_at is None:
        must_keep_its_promise(survey_version_id)
        wave.opens_on, wave.survey_version_id = opens_on, survey_version_id
    elif wave.opens_on != opens_on or wave.survey_version_id != survey_version_id:
        raise WaveHasBegun(_("This wave has opened. Only its closing day can still be moved."), "opens_on")
    wave.closes_on = closes_on
    if wave.opened_at:
        bulk.move_end(queries.abouts(wave), calendar.ends(closes_on))
        look_again(Invitation.wave_id == wave.id)  # a reminder may have time now
    _note_wave(wave, "moved", before=before, after=f"{opens_on} to {closes_on}")


def remove_wave(wave: Wave) -> None:
    lock(wave)
    asked = sa.select(Invitation.id).where(Invitation.wave_id == wave.id).limit(1)
    if wave.opened_at is not None or db.session.scalar(asked):
        raise WaveHasBegun(_("This wave has opened, so it stays in the record. You can cancel it."))
    _note_wave(wave, "removed", before=f"{wave.opens_on} to {wave.closes_on}")
    db.session.delete(wave)


def hold(wave: Wave, why: str) -> None:
    """Nothing goes out until it is resumed; the closing day stays, and answers are welcome."""
    lock(wave)
    if wave.state not in {WaveState.PLANNED, WaveState.OPEN}:
        raise WaveHasBegun(_("Only a planned or open wave can be held."))
    bulk.hold_all(queries.abouts(wave))
    _turn(wave, WaveState.HELD, "held", why)


def resume(wave: Wave, now: datetime) -> None:
    """What waited goes on: at its hour if that is still to come, else at the next one that suits."""
    lock(wave)
    queries.hold_all(wave)
    if wave.state is not WaveState.HELD:
        raise WaveHasBegun(_("Only a held wave can be resumed."))
    if calendar.is_too_late(wave.closes_on, now):
        raise WrongDates(
            _("Less than a day is left to answer. Move the closing day first, then resume."), "closes_on"
        )
    _turn(wave, WaveState.OPEN if wave.opened_at else WaveState.PLANNED, "resumed", None)
    bulk.release_all(queries.abouts(wave, Invitation.messages == Messages.GO), queries.WAVE_HELD)
    outbox.clear_content_fault(queries.batch(wave.id))
    retime(wave, now)
    look_again(Invitation.wave_id == wave.id)


def retime(wave: Wave, now: datetime) -> None:
    """Waiting mails whose hour passed get the next one that suits their reader; one round a place."""
    missed = (
        sa.select(Invitation.id)
        .join(Enrolment, Enrolment.id == Invitation.enrolment_id)
        .join(Participant, Participant.id == Enrolment.participant_id)
        .where(Invitation.wave_id == wave.id, Invitation.next_at < now)
    )
    places = missed.with_only_columns(Invitation.time_zone, Participant.country).distinct()
    for zone, country in db.session.execute(places).all():
        moment = calendar.next_instant(
            now, calendar.Place(zone, weekend_of(country)), queries.hours(wave.schedule)
        )
        there = missed.where(Invitation.time_zone == zone, Participant.country == country)
        bulk.move(there.with_only_columns(queries.ABOUT), moment)
        db.session.execute(
            sa.update(Invitation).where(Invitation.id.in_(there)).values(next_at=moment),
            execution_options={"synchronize_session": False},
        )


def look_again(which: sa.ColumnElement[bool]) -> None:
    """A look at these is due at once, whatever they wait for: their reader, or a rule, has changed."""
    live = [state for state in MAY_ANSWER if state is not InvitationState.NOT_DELIVERED]
    these = sa.select(Invitation.id).where(which, Invitation.state.in_(live)).order_by(Invitation.id)
    db.session.execute(
        sa.update(Invitation).where(Invitation.id.in_(these.with_for_update())).values(look_at=AT_ONCE),
        execution_options={"synchronize_session": False},
    )


def cancel(wave: Wave, why: str) -> None:
    lock(wave)
    if wave.state in {WaveState.CLOSED, WaveState.CANCELLED}:
        raise WaveHasBegun(_("This wave is over already."))
    stop(wave, "wave cancelled")
    _turn(wave, WaveState.CANCELLED, "cancelled", why)


def stop(wave: Wave, reason: str) -> int:
    """Cancels what waits and closes the links without an answer; says how many."""
    queries.hold_all(wave)
    bulk.cancel_all(queries.abouts(wave), reason)
    unanswered = [state for state in MAY_ANSWER if state is not InvitationState.NOT_DELIVERED]
    mine = sa.update(Invitation).where(Invitation.wave_id == wave.id)
    db.session.execute(mine.values(next_at=None, look_at=None))
    closed = mine.where(Invitation.state.in_(unanswered)).values(state=InvitationState.CLOSED)
    return int(getattr(db.session.execute(closed), "rowcount", 0))


def _turn(wave: Wave, state: WaveState, verb: str, why: str | None) -> None:
    before = wave.state
    wave.state, wave.reason = state, why
    _note_wave(wave, verb, before=before, after=state, why=why)


def _note(schedule: Schedule, verb: str, **facts: Any) -> None:
    audit.record(schedule, verb, programme_id=schedule.cohort.theme.programme_id, **facts)


def _note_wave(wave: Wave, verb: str, **facts: Any) -> None:
    audit.record(wave, verb, programme_id=wave.schedule.cohort.theme.programme_id, **facts)
