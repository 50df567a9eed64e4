from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from trainingapp.followups import calendar
from trainingapp.followups.calendar import Hours, Place

ZONES = sorted(available_timezones() - {"localtime"})

zones = st.sampled_from(ZONES)
weekends = st.frozensets(st.integers(0, 6), max_size=3)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2045, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
hours = st.integers(0, 22).flatmap(lambda first: st.builds(Hours, st.just(first), st.integers(first + 1, 24)))
places = st.builds(Place, zones, weekends)


@given(moments, places, hours)
@example(datetime(2011, 12, 29, 20, tzinfo=UTC), Place("Pacific/Apia", frozenset({5, 6})), Hours(9, 16))
def test_a_mail_arrives_within_the_hours_on_no_rest_day_and_never_before_asked(after, place, window):
    moment = calendar.next_instant(after, place, window)
    here = moment.astimezone(ZoneInfo(place.zone))
    assert moment >= after
    assert window.first <= here.hour < window.last
    assert here.weekday() not in place.weekend
    assert moment == calendar.next_instant.__wrapped__(after, place, window)


@given(moments, places, hours)
def test_no_earlier_hour_would_have_done(after, place, window):
    moment = calendar.next_instant(after, place, window)
    zone = ZoneInfo(place.zone)
    step = after
    while step < moment:
        here = step.astimezone(zone)
        fits = window.first <= here.hour < window.last and here.weekday() not in place.weekend
        # A day on which the first hour was skipped by a clock change may begin later than its first hour.
        assert not fits or calendar.local(here.date(), window.first, place.zone) > step
        step += timedelta(minutes=30)


@given(moments, places, hours, st.lists(st.integers(7, 40), min_size=1, max_size=2, unique=True).map(sorted))
def test_a_reminder_comes_a_week_after_the_mail_before_it(sent_at, place, window, days):
    last = sent_at
    for number in days:
        moment = calendar.reminder_at(sent_at, number, sent_at, last, place, window)
        assert moment - last >= calendar.WEEK
        assert moment >= sent_at + timedelta(days=number)
        last = moment


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), zones)
def test_a_day_lies_between_its_first_beginning_and_its_last_end_on_earth(day, zone):
    noon = calendar.local(day, 12, zone)
    assume(noon.astimezone(ZoneInfo(zone)).date() == day)
    assert calendar.begins(day) <= noon < calendar.ends(day)
    assert calendar.ended_before(calendar.ends(day)) == day + timedelta(days=1)
    assert calendar.ended_before(calendar.ends(day) - timedelta(seconds=1)) == day


@pytest.mark.parametrize(
    ("last_day", "months", "due"),
    [
        (date(2019, 8, 31), 6, date(2020, 2, 29)),
        (date(2018, 8, 31), 6, date(2019, 2, 28)),
        (date(2019, 8, 9), 24, date(2021, 8, 9)),
        (date(2019, 8, 9), 0, date(2019, 8, 9)),
    ],
)
def test_months_end_where_the_calendar_lets_them(last_day, months, due):
    assert calendar.offset_day(last_day, months) == due


def test_an_hour_that_does_not_exist_moves_forward():
    moment = calendar.local(date(2026, 3, 29), 2, "Europe/Berlin")
    assert moment.astimezone(ZoneInfo("Europe/Berlin")).strftime("%H:%M") == "03:00"


def test_of_an_hour_that_comes_twice_it_is_the_first():
    moment = calendar.local(date(2026, 10, 25), 2, "Europe/Berlin")
    assert moment == datetime(2026, 10, 25, 0, tzinfo=UTC)


def test_friday_is_a_working_day_in_nepal_and_a_rest_day_in_dhaka():
    friday = datetime(2026, 3, 6, 5, tzinfo=UTC)
    working, resting = Place("Asia/Kathmandu", frozenset({5})), Place("Asia/Dhaka", frozenset({4, 5}))
    assert calendar.next_instant(friday, working, Hours(9, 16)) == friday
    assert calendar.next_instant(friday, resting, Hours(9, 16)) == datetime(2026, 3, 8, 3, tzinfo=UTC)


def test_missed_reminders_become_one():
    sent = datetime(2026, 3, 2, tzinfo=UTC)
    assert calendar.reminder_due(sent, 0, [10, 17], sent + timedelta(days=8)) == 0
    assert calendar.reminder_due(sent, 0, [10, 17], sent + timedelta(days=9)) == 1
    assert calendar.reminder_due(sent, 1, [10, 17], sent + timedelta(days=10)) == 0
    assert calendar.reminder_due(sent, 0, [10, 17], sent + timedelta(days=30)) == 2
    assert calendar.reminder_due(sent, 2, [10, 17], sent + timedelta(days=30)) == 0
