from datetime import date, timedelta

import pytest
import time_machine

from trainingapp.cohorts.models import EnrolmentState
from trainingapp.db import db
from trainingapp.followups import queries
from trainingapp.followups.models import WaveState
from trainingapp.followups.schedules import timeline
from trainingapp.programmes.models import Role

DAY = timedelta(days=1)
TODAY = date(2026, 3, 2)


@pytest.fixture
def schedule(make):
    """Of an edition that ended on 2 December 2025, with waves after 3, 6 and 24 months."""
    made = make.schedule(make.cohort(ends_on=date(2025, 12, 2)))
    version = make.survey_version(made.cohort.theme.programme)
    for months, opens_on in ((3, TODAY), (6, date(2026, 6, 2)), (24, date(2027, 12, 2))):
        make.wave(
            made, offset_months=months, version=version, opens_on=opens_on, closes_on=opens_on + 28 * DAY
        )
    db.session.commit()
    return made


def drawn(schedule):
    return timeline.of(schedule, queries.waves_of(schedule), TODAY)


def test_it_runs_from_the_last_day_to_the_end_of_the_last_wave(make, schedule):
    chart = drawn(schedule)
    assert (chart.begins_on, chart.ends_on) == (date(2025, 12, 2), date(2027, 12, 30))
    assert chart.marks[0] == (0, 0)
    assert 11 < chart.today < 13
    first = chart.rows[0]
    assert first.bar.x == chart.today
    assert [day for _x, day in first.reminders] == [date(2026, 3, 12), date(2026, 3, 19)]
    assert all(0 <= x <= 100 for row in chart.rows for x in (row.bar.x, row.bar.x + row.bar.width))


def test_a_long_silence_is_named(make, schedule):
    [gap] = drawn(schedule).gaps
    assert (gap.begins_on, gap.ends_on) == (date(2026, 6, 30), date(2027, 12, 2))


def test_waves_of_other_editions_to_the_same_people_are_shown_where_they_meet(make, schedule):
    other = make.wave(opens_on=TODAY + 3 * DAY, closes_on=TODAY + 30 * DAY)
    make.wave()  # of an edition that shares nobody
    both = make.alumna(schedule.cohort, "Sita Palpali").participant
    make.enrolment(other.schedule.cohort, both, state=EnrolmentState.COMPLETED)
    make.alumna(schedule.cohort, "Only here")
    db.session.commit()
    chart = drawn(schedule)
    assert [(row.wave, row.shared) for row in chart.others] == [(other, 1)]
    [clash] = chart.clashes
    assert (clash.first.offset_months, clash.second, clash.people) == (3, other, 1)


def test_what_was_cancelled_or_is_over_meets_nothing(make, schedule):
    waves = queries.waves_of(schedule)
    waves[0].closes_on = waves[1].opens_on + DAY
    assert len(drawn(schedule).clashes) == 1
    waves[0].state = WaveState.CLOSED
    assert drawn(schedule).clashes == []
    waves[1].state = WaveState.CANCELLED
    assert drawn(schedule).gaps[0].begins_on == waves[0].closes_on


def test_the_page_says_in_words_what_the_chart_draws(make, client, schedule):
    make.alumna(schedule.cohort, "Sita Palpali")
    db.session.commit()
    with time_machine.travel(make.NOW, tick=False):
        client.sign_in(make.user((schedule.cohort.theme.programme, Role.COORDINATOR)))
        page = client.get(f"/followups/cohorts/{schedule.cohort_id}").text
    assert "Open from 2 Mar 2026 to 30 Mar 2026" in page
    assert "Silence from 30 Jun 2026 to 2 Dec 2027" in page
    assert "Today, 2 Mar" in page


def test_the_page_asks_as_much_for_three_waves_as_for_twenty(make, client, schedule):
    place = f"/followups/cohorts/{schedule.cohort_id}"
    client.sign_in(make.user((schedule.cohort.theme.programme, Role.COORDINATOR)))
    few = client.statements(place)
    version = queries.waves_of(schedule)[0].survey_version
    for months in range(30, 50):
        make.wave(schedule, offset_months=months, version=version)
    db.session.commit()
    assert client.statements(place) == few
