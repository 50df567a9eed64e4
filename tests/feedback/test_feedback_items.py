"""Summaries of the kinds that ask about several things, and of days, places and files."""

import factories as make_rows
import feedback_rows as rows
import pytest

from trainingapp.db import db
from trainingapp.feedback.results import charts
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.surveys.models import Question

CHOICES = {"choices": [{"value": value, "text": {"en": value.title()}} for value in ("money", "staff")]}
POINTS = {"from": 1, "to": 5}


def wave_of(kind, options, *people):
    """Each person's answer is a list of columns of `answers`."""
    wave, _asked = rows.wave(keys=("role",))
    question = make_rows.add(
        Question(
            version_id=wave.survey_version_id,
            key="k",
            kind=kind,
            position=9,
            wording={"en": "About ${it}"},
            options=options,
        )
    )
    for values in people:
        facts = {"state": ResponseState.SENT, "language": "en", "saved_at": make_rows.NOW}
        response = make_rows.add(Response(wave_id=wave.id, **facts))
        for value in values:
            make_rows.add(Answer(response_id=response.id, question_id=question.id, **value))
    return wave, question


def chart(app, wave, question):
    with app.test_request_context():
        return charts.of_gathered(wave, [question], "en")[0]


def pair(then, now):
    return [
        {"item": "then", "choice": str(then), "number": then},
        {"item": "now", "choice": str(now), "number": now},
    ]


def test_then_and_now_counts_those_who_gave_both_and_says_how_sure_the_change_is(app, make):
    people = [pair(1, 3), pair(2, 3), pair(2, 4), pair(3, 4), pair(2, 4)]
    wave, question = wave_of("then_now", POINTS, *people, pair(1, 5)[:1])
    found = chart(app, wave, question)
    assert found.people == 5
    assert [row.mean for row in found.rows] == [2.0, 3.6]
    assert found.change.mean == pytest.approx(1.6)
    assert 0.9 < found.change.low < 1.6 < found.change.high < 2.3
    assert found.text == "About …", "a summary quotes nobody"


def test_then_and_now_of_four_is_hidden(app, make):
    wave, question = wave_of("then_now", POINTS, *[pair(1, 2)] * 4, pair(1, 2)[:1])
    found = chart(app, wave, question)
    assert found.is_hidden
    assert found.rows == []
    assert found.change is None


def test_a_row_of_a_matrix_that_few_answered_is_hidden_by_itself(app, make):
    items = {"items": [{"value": value, "text": {"en": value}} for value in ("costs", "sales")]}
    both = [{"item": "costs", "choice": "money"}, {"item": "sales", "choice": "staff"}]
    wave, question = wave_of("matrix", items | CHOICES, *[both] * 4, both[:1])
    costs, sales = chart(app, wave, question).rows
    assert (costs.counts, costs.is_hidden) == ([5, 0], False)
    assert (sales.people, sales.is_hidden) == (4, True)


def test_the_best_ranked_stands_first(app, make):
    ranked = [{"choice": "staff", "number": 1.0}, {"choice": "money", "number": 2.0}]
    wave, question = wave_of("ranking", CHOICES, *[ranked] * 5)
    assert [(row.text, row.mean) for row in chart(app, wave, question).rows] == [
        ("Staff", 1.0),
        ("Money", 2.0),
    ]


def test_days_are_counted_by_month_and_long_spans_by_year(app, make):
    days = [737425.0, 737425.0, 737460.0, 737500.0, 737500.0]  # two of January 2020, one of March …
    wave, question = wave_of("date", {}, *[[{"number": day, "text": ""}] for day in days])
    assert [line.count for line in chart(app, wave, question).lines] == [2, 1, 2]
    days = [737425.0, 737425.0, 737460.0, 730000.0, 730001.0]
    wave, question = wave_of("date", {}, *[[{"number": day, "text": ""}] for day in days])
    found = chart(app, wave, question).lines
    assert found[0].text == "1999"
    assert sum(line.count for line in found) == 5


def test_a_place_in_another_case_is_the_same_place(app, make):
    places = [[{"text": name}] for name in ("Solo", "solo", " SOLO", "Bogor", "Kandy")]
    wave, question = wave_of("place", {}, *places)
    assert next((line.text.strip(), line.count) for line in chart(app, wave, question).lines)[1] == 3


def test_countries_have_names_and_the_most_named_stands_first(app, make):
    wave, question = wave_of("country", {}, *[[{"choice": code}] for code in ("NP", "LA", "LA", "ID", "LA")])
    assert next((line.text, line.count) for line in chart(app, wave, question).lines) == ("Lao PDR", 3)


def test_the_number_of_queries_does_not_grow_with_the_questions(app, make):
    from clients import counting

    people = [pair(1, 2)] * 5
    wave, question = wave_of("then_now", POINTS, *people)
    db.session.flush()
    with app.test_request_context():
        with counting() as few:
            charts.of_gathered(wave, [question], "en")
        with counting() as many:
            charts.of_gathered(wave, [question] * 3, "en")
    assert len(few) == len(many)
