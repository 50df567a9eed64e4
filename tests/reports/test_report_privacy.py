"""What a report may be published with: nothing of fewer than five people, nor of answers still to come."""

from datetime import timedelta

import pytest
from report_rows import CHOICES, DAY, asked, begun, edition

from trainingapp.db import db
from trainingapp.programmes.models import Role
from trainingapp.reports import composing
from trainingapp.responses.models import Answer, Response


@pytest.fixture
def programme(make):
    return make.programme()


@pytest.fixture
def writer(make, programme):
    return make.user((programme, Role.COORDINATOR))


def told(report, key):
    return next(one for one in composing.parts(report) if one.place.key == key).told


def asked_for_contribution(make, wave, answers):
    """So many of those who answered the wave said how much came from the programme."""
    question = make.question(
        wave.survey_version,
        key="contribution",
        kind="one_of",
        position=8,
        wording={"en": "How much came of it?"},
        options=CHOICES,
    )
    responses = db.session.query(Response).filter_by(wave_id=wave.id).order_by(Response.id.desc())
    for response in responses.limit(answers):
        make.add(Answer(response_id=response.id, question_id=question.id, choice="staff"))


def test_how_much_came_from_the_programme_waits_until_the_wave_has_closed(make, writer, programme):
    cohort = edition(programme)
    wave, _questions = asked(cohort, closes_on=DAY)
    asked_for_contribution(make, wave, 8)
    assert "How much came of it?" not in str(told(begun(cohort, writer), "impact").pieces)
    wave.closes_on = DAY - timedelta(days=1)
    assert "How much came of it?" in str(told(begun(cohort, writer), "impact").pieces)


def test_how_much_came_from_the_programme_counts_no_wave_of_few(make, writer, programme):
    """Beside a report of the day before it would be that one person's answer."""
    cohort = edition(programme)
    for months, answers in ((0, 6), (6, 1)):
        wave, _questions = asked(cohort, months=months, answers=8)
        asked_for_contribution(make, wave, answers)
    shown = str(told(begun(cohort, writer), "impact").pieces)
    assert "of 6" in shown
    assert "of 7" not in shown
