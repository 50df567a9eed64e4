"""The test clock is believed, so it must be the real thing: the same instants for whoever never answers."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from clients import counting
from databases import on_sqlite_alone
from factories import deliver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trainingapp.db import db
from trainingapp.followups import actions, calendar, queries
from trainingapp.followups.models import Invitation, Wave
from trainingapp.followups.schedules import heeds, rehearsal
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.programmes.models import Role

DAY = timedelta(days=1)
ZONES = [
    *(("NP", "Asia/Kathmandu"), ("BD", "Asia/Dhaka"), ("MV", "Indian/Maldives"), ("AF", "Asia/Kabul")),
    *(("KI", "Pacific/Kiritimati"), ("AS", "Pacific/Pago_Pago"), ("AU", "Australia/Lord_Howe")),
    *(("IR", "Asia/Tehran"), ("DE", "Europe/Berlin"), ("CL", "America/Santiago")),
]


def live(now, until):
    """Time passes, and every mail that is due goes at its very moment. Nobody answers."""
    went = []
    while now <= until:
        for _piece in actions.follow_up(now):
            db.session.commit()
        due = sa.select(OutgoingEmail).where(OutgoingEmail.state == EmailState.QUEUED)
        for email in db.session.scalars(due.order_by(OutgoingEmail.next_attempt_at)).all():
            if email.next_attempt_at <= now:
                went.append((email.facts["invitation_id"], email.next_attempt_at))
                deliver(email)
        now = _next(now, until)
    return went


def _next(now, until):
    """The next moment at which anything can happen; what fell due just now is seen by the next tick."""
    soon = now + timedelta(seconds=30)
    queued = OutgoingEmail.state == EmailState.QUEUED
    rows = [
        db.session.scalar(sa.select(sa.func.min(OutgoingEmail.next_attempt_at)).where(queued)),
        db.session.scalar(sa.select(sa.func.min(Invitation.look_at))),
    ]
    days = [
        *(calendar.begins(day) for day in db.session.scalars(sa.select(Wave.opens_on))),
        *(calendar.ends(day) for day in db.session.scalars(sa.select(Wave.closes_on))),
    ]
    moments = [max(moment, soon) if moment <= now else moment for moment in rows if moment]
    return min([*moments, *(day for day in days if day > now)], default=until + DAY)


@on_sqlite_alone  # a law of the clock; that both databases tick alike is said elsewhere
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=st.sampled_from(ZONES),
    last_day=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    offsets=st.lists(st.integers(0, 24), min_size=1, max_size=4, unique=True).map(sorted),
    days=st.lists(st.integers(7, 27), max_size=2, unique=True).map(sorted),
    hours=st.sampled_from([(9, 16), (8, 12), (0, 24), (22, 23)]),
    late=st.integers(-40, 40),
)
def test_what_the_clock_plays_is_what_happens(make, place, last_day, offsets, days, hours, late):
    country, zone = place
    cohort = make.cohort(ends_on=last_day, starts_on=last_day - 10 * DAY)
    schedule = make.schedule(cohort, reminder_days=days, from_hour=hours[0], to_hour=hours[1])
    version = make.survey_version(cohort.theme.programme)
    for months in offsets:
        opens_on = calendar.offset_day(last_day, months)
        make.wave(
            schedule, offset_months=months, version=version, opens_on=opens_on, closes_on=opens_on + 28 * DAY
        )
    make.alumna(cohort, country=country, time_zone=zone)
    db.session.commit()
    begins = datetime(last_day.year, last_day.month, last_day.day, 7, 30, tzinfo=UTC) + late * DAY
    [(_person, sends)] = rehearsal.everyone(schedule, queries.waves_of(schedule), begins)
    expected = sorted(at for one in sends.values() for at in (one.first, *one.reminders))
    went = live(begins, calendar.ends(calendar.offset_day(last_day, 26)))
    db.session.execute(sa.delete(OutgoingEmail))
    db.session.execute(sa.update(Wave).values(state="closed"))
    db.session.execute(sa.update(Invitation).values(look_at=None, next_at=None))
    db.session.commit()
    assert [at for _number, at in went] == expected
    assert all(later - earlier >= calendar.WEEK for earlier, later in pairwise(expected))


@pytest.fixture
def schedule(make):
    """Waves after 6 and 12 months, from Friday 6 March 2026 on."""
    made = make.schedule(make.cohort(ends_on=date(2025, 9, 6)))
    version = make.survey_version(made.cohort.theme.programme)
    for months, opens_on in ((6, date(2026, 3, 6)), (12, date(2026, 9, 6))):
        make.wave(
            made, offset_months=months, version=version, opens_on=opens_on, closes_on=opens_on + 28 * DAY
        )
    db.session.commit()
    return made


def heeded(app, schedule, make):
    play = rehearsal.play(schedule, list(queries.waves_of(schedule)), make.NOW, shown=None)
    with app.test_request_context():
        return [heed.text for heed in heeds.of(schedule, play)]


def test_it_warns_of_people_without_an_address(app, make, schedule):
    make.alumna(schedule.cohort, "Farida Herati", None, country="AF")
    assert heeded(app, schedule, make)[0] == "1 person has no address"


def test_it_warns_of_a_day_on_which_most_rest(app, make, schedule):
    make.alumna(schedule.cohort, "A of Dhaka", country="BD")
    assert "6 months falls on a rest day for 1 of 1" in heeded(app, schedule, make)


def test_it_warns_of_waves_that_push_each_other(app, make, schedule):
    make.alumna(schedule.cohort, "B of Suva", country="FJ")
    make.wave(
        schedule,
        offset_months=7,
        version=queries.waves_of(schedule)[0].survey_version,
        opens_on=date(2026, 3, 9),
        closes_on=date(2026, 4, 9),
    )
    assert "7 months comes later for 1 of 1" in heeded(app, schedule, make)


def test_it_warns_of_a_language_the_questionnaire_does_not_have(app, make, schedule):
    make.alumna(schedule.cohort, "C of Paris", country="FJ").participant.language = "fr"
    assert "6 months: the questionnaire is not in French" in heeded(app, schedule, make)


def test_it_warns_of_reminders_that_come_after_the_close(app, make, schedule):
    make.alumna(schedule.cohort, "B of Suva", country="FJ")
    for wave in queries.waves_of(schedule):
        wave.closes_on = wave.opens_on + 12 * DAY
    assert "6 months: 1 miss the reminder after 17 days" in heeded(app, schedule, make)


def test_a_large_edition_is_played_in_as_many_questions_a_chunk_as_a_small_one(make, schedule, monkeypatch):
    monkeypatch.setattr(rehearsal.audience, "CHUNK", 30)
    counts = []
    for size in (20, 30, 60):
        for _number in range(size):
            make.alumna(schedule.cohort)
        db.session.commit()
        with counting() as asked:
            play = rehearsal.play(schedule, list(queries.waves_of(schedule)), make.NOW, shown=None)
        counts.append(len(asked))
    assert play.people == 110
    assert counts[2] - counts[1] == 2 * (counts[1] - counts[0])


def test_everyones_moments_are_exported_in_their_own_time(make, client, schedule):
    import time_machine

    make.alumna(schedule.cohort, "B of Suva", country="FJ")
    make.alumna(schedule.cohort, "Farida Herati", None, country="AF")
    db.session.commit()
    place = f"/followups/cohorts/{schedule.cohort_id}/test-clock.csv"
    with time_machine.travel(make.NOW, tick=False):
        client.sign_in(make.user((schedule.cohort.theme.programme, Role.COORDINATOR)))
        rows = list(csv.reader(io.StringIO(client.post(place).text.lstrip("\ufeff"))))
    assert rows[1][:5] == ["B of Suva", "FJ", "Pacific/Fiji", "6", ""]
    assert rows[1][5] == "2026-03-06T09:00:00"
    assert [row[4] for row in rows[3:]] == ["No working email address"] * 2
