from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from trainingapp import countries
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


# The laws, wherever and whenever ----------------------------------------------------------------------

STRANGE = [
    *("Pacific/Apia", "Pacific/Fakaofo", "Pacific/Kwajalein", "Pacific/Kiritimati"),  # a day that never was
    *("Australia/Lord_Howe", "Antarctica/Troll", "Africa/Casablanca", "Europe/Dublin"),  # odd clock changes
    *("Asia/Kathmandu", "Australia/Eucla", "Pacific/Chatham", "Asia/Kolkata", "Asia/Yangon"),  # odd offsets
    *("America/Sao_Paulo", "Asia/Beirut", "America/Havana", "Asia/Gaza", "America/Asuncion"),  # at midnight
]
COUNTRIES = sorted(countries._zones())
long = st.timedeltas(timedelta(0), timedelta(days=30))
real_places = st.sampled_from(COUNTRIES).map(
    lambda code: Place(countries.zone_of(code), countries.weekend_of(code))
)
strange_places = st.builds(Place, st.sampled_from(STRANGE), weekends)
days = st.one_of(
    st.dates(date(2009, 1, 1), date(2040, 1, 1)),
    st.sampled_from([date(2011, 12, 30), date(2028, 2, 29), date(2026, 12, 31), date(2027, 1, 1)]),
)
contacts = st.none() | moments


@given(days, moments, contacts, st.one_of(real_places, strange_places, places), hours)
def test_an_invitation_keeps_every_law(opens_on, now, last, place, window):
    moment = calendar.invitation_at(opens_on, now, last, place, window)
    here = moment.astimezone(ZoneInfo(place.zone))
    assert here.date() >= opens_on, "never before the day of the wave there"
    assert window.first <= here.hour < window.last, "within the hours"
    assert here.weekday() not in place.weekend, "on no rest day"
    assert moment >= now, "not in the past"
    assert last is None or moment - last >= calendar.WEEK, "a week after the last"


@given(
    moments, st.timedeltas(timedelta(0), timedelta(days=30)), st.one_of(real_places, strange_places), hours
)
def test_later_asked_is_never_earlier_sent(after, more, place, window):
    assert calendar.next_instant(after, place, window) <= calendar.next_instant(after + more, place, window)


@given(moments, st.one_of(real_places, strange_places, places), hours)
def test_a_moment_that_suits_stays_where_it_is(after, place, window):
    moment = calendar.next_instant(after, place, window)
    assert calendar.next_instant(moment, place, window) == moment


@pytest.mark.parametrize("zone", ZONES)
def test_in_every_zone_of_the_world_each_day_of_a_year_has_its_morning(zone):
    place, window = Place(zone, frozenset({5, 6})), Hours(9, 16)
    for number in range(0, 366, 5):
        asked = datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=number)
        here = calendar.next_instant(asked, place, window).astimezone(ZoneInfo(zone))
        assert here.weekday() < 5
        assert 9 <= here.hour < 16


@given(st.dates(date(2010, 1, 1), date(2040, 1, 1)), st.integers(0, 120))
def test_months_after_a_day_keep_the_day_or_end_the_month(last_day, months):
    due = calendar.offset_day(last_day, months)
    assert (due.year * 12 + due.month) - (last_day.year * 12 + last_day.month) == months
    assert due.day == last_day.day or (due + timedelta(days=1)).day == 1


@pytest.mark.parametrize(
    ("last_day", "months", "due"),
    [
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2026, 8, 31), 24, date(2028, 8, 31)),
    ],
)
def test_leap_days_and_year_ends(last_day, months, due):
    assert calendar.offset_day(last_day, months) == due


@pytest.mark.parametrize(
    ("zone", "asked", "sent"),
    [
        # Samoa had no 30 December 2011: the Thursday was followed by the Saturday.
        ("Pacific/Apia", "2011-12-30T03:00", "2011-12-30T19:00"),
        # Lord Howe moves its clock by half an hour: 02:00 to 02:30 on 4 October 2026.
        ("Australia/Lord_Howe", "2026-10-03T15:20", "2026-10-03T22:00"),
        # Troll moves it by two hours.
        ("Antarctica/Troll", "2026-03-29T00:30", "2026-03-29T07:00"),
        # Three quarters of an hour.
        ("Pacific/Chatham", "2026-03-02T21:00", "2026-03-02T21:00"),
        ("Australia/Eucla", "2026-03-02T00:00", "2026-03-02T00:15"),
    ],
)
def test_where_clocks_do_odd_things(zone, asked, sent):
    after = datetime.fromisoformat(asked).replace(tzinfo=UTC)
    moment = calendar.next_instant(after, Place(zone, frozenset()), Hours(9, 16))
    assert moment == datetime.fromisoformat(sent).replace(tzinfo=UTC)
