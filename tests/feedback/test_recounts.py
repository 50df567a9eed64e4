"""Large waves are counted ahead: the page shows what it would have counted itself, from fewer questions."""

from datetime import timedelta

import feedback_rows as rows
import pytest
import sqlalchemy as sa

from trainingapp.db import db
from trainingapp.feedback import charts, counting, recounts
from trainingapp.feedback.models import CountedWave
from trainingapp.programmes.models import Role
from trainingapp.responses.models import Response
from trainingapp.surveys import queries as surveys

VERY_MANY = 6  # for these tests


@pytest.fixture
def wave(make):
    """Everything that is counted is in it."""
    wave, asked = rows.wave()
    for number in range(14):
        given = {
            "useful": 1 + number % 5,
            "started": "yes" if number % 2 else "no",
            "obstacles": ["money", "staff"],
        }
        country = "NP" if number < 7 else "LA"
        rows.response(
            wave,
            asked,
            enrolment=make.enrolment(wave.schedule.cohort, country=country),
            firms=number,
            **given,
        )
    db.session.commit()
    return wave


def drawn(wave):
    questions = surveys.questions_of(wave.survey_version)
    found = charts.of_gathered(wave, questions, "en")
    return charts.Groups.of(wave, questions).tell(found, "country")


def test_what_was_counted_ahead_is_what_the_page_would_count(wave, make):
    live = drawn(wave)
    assert recounts.count_due(make.NOW, VERY_MANY) == 1
    db.session.commit()
    assert counting.ahead(wave)
    assert drawn(wave) == live
    assert any(chart.groups for chart in live)


def test_it_is_counted_again_when_an_answer_changes_and_after_a_day(wave, make):
    recounts.count_due(make.NOW, VERY_MANY)
    assert recounts.count_due(make.NOW, VERY_MANY) == 0
    first = db.session.scalars(sa.select(Response)).first()
    first.saved_at += timedelta(minutes=1)
    db.session.flush()
    assert recounts.count_due(make.NOW, VERY_MANY) == 1
    assert recounts.count_due(make.NOW + timedelta(days=2), VERY_MANY) == 1


def test_a_wave_that_became_small_is_counted_while_the_page_waits(wave, make):
    recounts.count_due(make.NOW, VERY_MANY)
    assert recounts.count_due(make.NOW) == 0
    assert counting.ahead(wave) is None
    assert db.session.query(CountedWave).count() == 0


def test_the_page_says_when_it_was_counted_and_counts_nothing_itself(client, make, wave):
    address = f"/feedback/waves/{wave.id}?by=country"
    client.sign_in(make.user((wave.schedule.cohort.theme.programme, Role.COORDINATOR)))
    assert "Counted on" not in client.get(address).text
    live = client.statements(address)
    recounts.count_due(make.NOW, VERY_MANY)
    db.session.commit()
    assert "Counted on" in client.get(address).text
    assert client.statements(address) < live
