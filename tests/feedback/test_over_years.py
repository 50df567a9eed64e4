"""One key over the years: each asking with its doubt, words that changed marked, old answers named."""

import pytest
from factories import NOW

from trainingapp.archives import actions, maps, tables
from trainingapp.db import db
from trainingapp.feedback.years import queries as over_years
from trainingapp.programmes.models import Role
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.spreadsheets.reading import Sheet
from trainingapp.surveys.models import Question, Survey, SurveyVersion


@pytest.fixture
def programme(app, make):
    return make.programme()


@pytest.fixture
def asked(make, programme):
    """Makes a wave of an edition of its own, whose people gave these points."""
    survey = make.add(Survey(programme_id=programme.id, key="month-6", title="After 6 months"))

    def ask(points, wording="How useful is it?", months=6):
        number = db.session.query(SurveyVersion).count() + 1
        version = make.add(SurveyVersion(survey_id=survey.id, number=number, published_at=NOW))
        question = make.add(
            Question(
                version_id=version.id,
                key="useful",
                kind="scale",
                position=1,
                wording={"en": wording},
                options={"from": 1, "to": 5},
            )
        )
        schedule = make.schedule(make.cohort(make.theme(programme)))
        wave = make.wave(schedule, version=version, offset_months=months)
        for point in points:
            response = make.add(
                Response(wave_id=wave.id, state=ResponseState.SENT, language="en", saved_at=NOW, sent_at=NOW)
            )
            make.add(
                Answer(response_id=response.id, question_id=question.id, choice=str(point), number=point)
            )
        db.session.commit()
        return wave

    return ask


def brought_in(programme, points, source="Google Forms, 2017"):
    rows = [
        ["Timestamp", "useful"],
        *([f"2017-08-09 18:{n:02}", str(point)] for n, point in enumerate(points)),
    ]
    table = tables.find([Sheet("", rows)])
    a_map = maps.read(
        {
            "survey": "end-2017",
            "source": source,
            "columns": [
                {"heading": "Timestamp", "use": "answered_at"},
                {"heading": "useful", "use": "answer", "key": "useful"},
            ],
            "questions": {
                "useful": {
                    "kind": "scale",
                    "wording": {"en": "Was it useful?"},
                    "options": {"from": 1, "to": 5},
                }
            },
        }
    )
    prepared = actions.prepare(programme, table, a_map, NOW)
    archive = actions.bring_in(prepared, a_map, data=str(rows).encode(), file_name="old.csv", now=NOW)
    db.session.commit()
    return archive


def test_old_answers_stand_beside_new_ones_with_their_source(programme, asked):
    asked([4, 5, 5, 4, 3])
    archive = brought_in(programme, [2, 3, 3, 4, 3, 2])
    first, second = over_years.askings(programme, "useful")
    assert first.of == archive
    assert first.source == "Google Forms, 2017"
    assert first.people == 6
    assert second.source == ""
    assert second.mean.mean == pytest.approx(4.2)
    assert second.changed_from is first.question


def test_a_change_of_words_is_marked_once(programme, asked):
    asked([4] * 5)
    asked([4] * 5)
    asked([4] * 5, wording="How useful is it for your work?")
    asked([4] * 5, wording="How useful is it for your work?")
    assert [bool(one.changed_from) for one in over_years.askings(programme, "useful")] == [
        False,
        False,
        True,
        False,
    ]


def test_fewer_than_five_people_are_hidden_on_the_page(programme, asked, client, make):
    asked([5, 5, 5, 5])
    asked([1, 2, 3, 4, 5])
    client.sign_in(make.user((programme, Role.COORDINATOR)))
    page = client.get(f"/feedback/programmes/{programme.id}/years/useful").text
    assert "hidden: too few people" in page
    assert "3" in page
    assert "mean" not in page.split("hidden: too few people")[0].rsplit("<tr>", 1)[-1]


def test_one_time_after_the_edition_can_be_looked_at_alone(programme, asked, client, make):
    asked([4] * 5, months=6)
    asked([2] * 5, months=12)
    assert [one.of.offset_months for one in over_years.askings(programme, "useful", 12)] == [12]
    client.sign_in(make.user((programme, Role.COORDINATOR)))
    page = client.get(f"/feedback/programmes/{programme.id}/years/useful?months=24")
    assert "Nobody answered it then" in page.text


def test_taken_back_answers_are_gone_from_everywhere(programme, asked, client, make):
    archive = brought_in(programme, [2, 3, 3, 4, 3, 2])
    client.sign_in(make.user((programme, Role.COORDINATOR)))
    address = f"/feedback/archives/{archive.id}"
    assert "Google Forms, 2017" in client.get(address).text
    assert client.post(f"/archives/{archive.id}/take-back").status_code == 303
    assert over_years.askings(programme, "useful") == []
    assert db.session.query(Response).count() == 0
    assert "Taken back" in client.get(address).text
    again = client.post(f"/archives/{archive.id}/take-back")
    assert "taken back already" in again.text
    brought_in(programme, [2, 3, 3, 4, 3, 2])


def test_the_answers_of_an_archive_are_downloaded_by_key_and_without_persons(programme, client, make):
    archive = brought_in(programme, [2, 3, 3, 4, 3, 2])
    client.sign_in(make.user((programme, Role.COORDINATOR)))
    lines = client.post(f"/feedback/archives/{archive.id}/answers.csv").text.split()
    assert lines[0].lstrip("\ufeff") == "useful"
    assert sorted(lines[1:]) == ["2", "2", "3", "3", "3", "4"]


def test_every_question_that_was_answered_is_listed_and_the_page_asks_the_same_for_many(
    programme, asked, client, make
):
    client.sign_in(make.user((programme, Role.COORDINATOR)))
    asked([4] * 5)
    few = client.statements(f"/feedback/programmes/{programme.id}/years/useful")
    assert "How useful is it?" in client.get(f"/feedback/programmes/{programme.id}/years").text
    for _ in range(4):
        asked([3] * 6)
    assert client.statements(f"/feedback/programmes/{programme.id}/years/useful") == few


def test_nobody_else_sees_them(programme, asked, client, make):
    asked([4] * 5)
    client.sign_in(make.user((make.programme(), Role.COORDINATOR)))
    assert client.get(f"/feedback/programmes/{programme.id}/years").status_code == 404
    client.sign_in(make.user((programme, Role.VIEWER)))
    assert client.get(f"/feedback/programmes/{programme.id}/years/useful").status_code == 403
