"""Editions side by side, and the same question over the years."""

import pytest
from report_rows import DAY, asked, edition, over_years, plans, promise

from trainingapp.programmes.models import Role
from trainingapp.reports import composing


@pytest.fixture
def programme(make):
    return make.programme()


@pytest.fixture
def report(make, programme):
    first, second = edition(programme, year=2018), edition(programme, year=2019, people=10)
    for cohort in (first, second):
        asked(cohort)
        plans(cohort)
    promise(second)
    edition(programme, year=2021)  # outside
    return over_years(programme, make.user((programme, Role.COORDINATOR)))


def told(report, key):
    return next(one for one in composing.parts(report) if one.place.key == key).told


def tables(report, key):
    return [piece for piece in told(report, key).pieces if piece["kind"] == "table"]


def test_editions_stand_side_by_side_in_the_order_of_years(report):
    people, answers = tables(report, "editions")
    assert [row[0]["text"] for row in people["rows"]] == ["2018", "2019"]
    assert [row[1]["text"] for row in people["rows"]] == ["12", "10"]
    assert [row[1]["text"] for row in answers["rows"]] == ["8 of 8", "8 of 8"]


def test_the_sum_is_said_in_a_sentence(report):
    assert "22 people from 2 countries" in told(report, "years_short").sentences[0]


def test_a_question_asked_twice_is_compared_and_its_doubt_is_said(report):
    (useful,) = [one for one in tables(report, "trends") if one["caption"] == "About useful"]
    assert [row[0]["text"].split()[0] for row in useful["rows"]] == ["2018", "2019"]
    assert all("likely range" in row[2]["detail"] for row in useful["rows"])
    notes = " ".join(one["text"] for one in told(report, "trends").pieces if one["kind"] == "note")
    assert "The difference can be chance." in notes


def test_a_change_of_words_is_marked(make, programme):
    first, second = edition(programme, year=2018), edition(programme, year=2019)
    asked(first)
    _wave, questions = asked(second)
    questions["useful"].wording = {"en": "In other words"}
    report = over_years(programme, make.user())
    (useful,) = [one for one in tables(report, "trends") if one["caption"] == "In other words"]
    assert [row[3]["text"] for row in useful["rows"]] == ["as before", "changed"]
    assert "About useful" in useful["rows"][1][3]["detail"]
    assert "The words changed between them" in str(told(report, "trends").pieces)


def test_what_was_asked_in_one_edition_only_is_no_trend(make, programme):
    asked(edition(programme, year=2018))
    edition(programme, year=2019)
    report = over_years(programme, make.user())
    assert told(report, "trends").missing


def test_waves_that_were_open_and_editions_outside_do_not_count(make, programme):
    asked(edition(programme, year=2018))
    asked(edition(programme, year=2019), closes_on=DAY)
    asked(edition(programme, year=2021))
    report = over_years(programme, make.user())
    assert told(report, "trends").missing


def test_themes_promises_and_those_who_did_not_answer_are_told(report):
    assert len(tables(report, "themes")[0]["rows"]) == 2
    (promises,) = tables(report, "promises_by_edition")
    assert [one["text"] for one in promises["rows"][0]] == ["2019", "1", "0", "0"]
    assert len(tables(report, "silent")[0]["rows"]) == 2


def test_years_without_an_edition_say_what_to_do(make, programme):
    report = over_years(programme, make.user())
    for one in composing.parts(report):
        assert one.told.missing or one.place.key == "method", one.place.key
