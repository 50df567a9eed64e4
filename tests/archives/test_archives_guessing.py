"""What a column looks like, and that no cell of a file is lost on the way."""

import json

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import given, settings
from hypothesis import strategies as st

from trainingapp.archives import answers, guessing, keys, maps, moments, shapes, tables
from trainingapp.spreadsheets.reading import Sheet
from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types import QUESTION_TYPES


@pytest.fixture(autouse=True)
def _request():
    bare = Flask(__name__)
    Babel(bare)
    with bare.test_request_context():
        yield


def questions_of(a_map):
    return {
        key: Question(key=key, kind=asked.kind, wording=asked.wording, options=asked.options)
        for key, asked in a_map.questions.items()
    }


TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["Yes", "No", "Ya", "Tidak", "NA", "5", "4", "1,5", "Strongly agree", "Agree", "A, B", "A;B;", "B",
         "A", "4 - Good", "5 - Very good", "2019-07-13", "3/4/2019", "other", "۵"]
    ),
)  # fmt: skip


@given(
    headings=st.lists(
        st.one_of(
            st.text(max_size=15), st.sampled_from(["Timestamp", "Email", "Rate [A]", "Rate [B]", "Language"])
        ),
        min_size=1,
        max_size=6,
    ),
    rows=st.lists(st.lists(TEXTS, max_size=6), min_size=1, max_size=12),
)
@settings(max_examples=300, deadline=None)
def test_every_cell_is_accounted_for(headings, rows):
    app = Flask(__name__)
    Babel(app)
    with app.test_request_context():
        stripped = [[cell.strip() for cell in row] for row in rows]
        try:
            table = tables.find([Sheet("", [[one.strip() for one in headings], *stripped])])
        except tables.NoTable:
            return
        a_map = guessing.guess(table, "old", [], has_survey=False)
        assert maps.read(json.loads(json.dumps(maps.write(a_map)))) == a_map
        for asked in a_map.questions.values():
            QUESTION_TYPES[asked.kind].check_options(asked.options)
        found = answers.read(table, a_map, questions_of(a_map))
        assert sum(found.cells.values()) == sum(bool(cell) for _number, row in table.rows for cell in row)


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["Money, Time", "Money", "Time"], ","),
        (["Money;Time;", "Money;"], ";"),
        (["In files (e.g. CSV, JSON)", "On paper", "In files (e.g. CSV, JSON)", "On paper"], ""),
        (["Yes, it met my expectations", "No, it did not", "Yes, it met my expectations"], ""),
        (["I liked it, but it was long", "Good, really", "More, please"], ""),
        ([], ""),
    ],
)
def test_several_choices_in_a_cell_are_told_from_commas_in_a_sentence(cells, mark):
    assert shapes.separator(cells) == mark


@pytest.mark.parametrize(
    ("values", "points"),
    [
        (["Strongly agree", "Disagree"], [5, 2]),
        (["sangat setuju", "tidak setuju"], [5, 2]),
        (["Tout à fait d’accord", "Pas d'accord"], [5, 2]),
        (["Agree", "Excellent"], None),
        (["Agree"], None),
    ],
)
def test_words_of_a_scale_are_known_in_three_languages(values, points):
    found = shapes.points_in_words(values)
    assert (list(found.values()) if found else None) == points


def test_a_number_before_the_words_is_the_point():
    assert shapes.points_in_front(["1 - Poor", "2", "3 (good)"]) == {"1 - Poor": 1, "2": 2, "3 (good)": 3}
    assert shapes.points_in_front(["1", "2"]) is None
    assert shapes.points_in_front(["3 visits", "2 lectures a day"]) is None


@pytest.mark.parametrize(
    ("text", "day_first", "day"),
    [
        ("2019/07/13 2:22:10 PM GMT+7", None, "2019-07-13T07:22:10+00:00"),
        ("2023-10-05T10:31:42Z", None, "2023-10-05T10:31:42+00:00"),
        ("13/7/2019 14:00:00", None, "2019-07-13T14:00:00+00:00"),
        ("3/4/2019 14:00", True, "2019-04-03T14:00:00+00:00"),
        ("3/4/2019 14:00", False, "2019-03-04T14:00:00+00:00"),
        ("2019-04-03", True, "2019-04-03T00:00:00+00:00"),
    ],
)
def test_moments_are_read_as_form_services_write_them(text, day_first, day):
    assert moments.read(text, day_first=day_first).isoformat() == day


@pytest.mark.parametrize("text", ["3/4/2019", "yesterday", "", "99999999999999999999", "12:30", "1850-01-01"])
def test_a_moment_that_is_none_or_two_is_refused(text):
    with pytest.raises(moments.NoMoment):
        moments.read(text, day_first=None)


def test_keys_and_values_are_short_and_different():
    found = keys.values(["A barrier", "a barrier.", "Not a barrier", "۱", "!!!", "A" * 100, "A" * 99])
    assert found["A barrier"] == found["a barrier."] == "a_barrier"
    assert len(set(found.values())) == 6
    assert all(len(value) <= 60 for value in found.values())


def test_a_title_above_the_headings_is_passed_over():
    rows = [["Course survey 2019"], [], ["Age", "Country"], ["31", "Nepal"], [], ["29", "Bhutan"]]
    table = tables.find([Sheet("notes", [["x"]]), Sheet("Answers", rows)])
    assert (table.sheet, table.heading_row) == ("Answers", 3)
    assert [number for number, _cells in table.rows] == [4, 6]
