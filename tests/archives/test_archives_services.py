"""How form services write their spreadsheets: headings, boxes, words of one's own."""

import pytest
from flask import Flask
from flask_babel import Babel

from trainingapp.archives import answers, guessing, moments, shapes, tables
from trainingapp.archives.headings import joined
from trainingapp.spreadsheets.reading import Sheet
from trainingapp.surveys.models import Question


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


def guessed(*rows):
    table = tables.find([Sheet("", [list(row) for row in rows])])
    a_map = guessing.guess(table, "old", [], has_survey=False)
    found = answers.read(table, a_map, questions_of(a_map))
    return a_map, found


def use(a_map):
    return {one.heading: (one.key, one.item) for one in a_map.columns if one.key}


def said(found, key):
    return [sorted((value.choice, value.text) for value in row.answers.get(key, [])) for row in found.rows]


def test_a_second_row_of_headings_says_what_can_be_chosen():
    a_map, found = guessed(
        ["Respondent ID", "Which days?", "", "", "How was it?"],
        ["", "Monday", "Friday", "Other (please specify)", "Response"],
        ["11", "Monday", "", "", "Good"],
        ["12", "Monday", "Friday", "Sunday night", "Poor"],
    )
    assert use(a_map) == {
        "Which days? [Monday]": ("which_days", "monday"),
        "Which days? [Friday]": ("which_days", "friday"),
        "Which days? [Other (please specify)]": ("which_days", "other"),
        "How was it?": ("how_was_it", ""),
    }
    assert a_map.questions["which_days"].kind == "many_of"
    assert said(found, "which_days") == [
        [("monday", None)],
        [("friday", None), ("monday", None), ("other", "Sunday night")],
    ]
    assert [row.row for row in found.rows] == [3, 4]


def test_codes_words_and_import_ids_are_three_rows_of_headings():
    a_map, found = guessed(
        ["RecordedDate", "Q1_1", "Q1_2", "Q2", "Q2_9_TEXT"],
        [
            "Recorded Date",
            "Rate: - Food",
            "Rate: - Room",
            "Which? - Selected Choice",
            "Which? - Other - Text",
        ],
        ['{"ImportId":"a"}', '{"ImportId":"b"}', '{"ImportId":"c"}', '{"ImportId":"d"}', '{"ImportId":"e"}'],
        ["2021-03-01 10:00:00", "Good", "Poor", "Visit", ""],
        ["2021-03-02 10:00:00", "Poor", "Good", "Visit", ""],
        ["2021-03-03 10:00:00", "Good", "Good", "Lecture", ""],
        ["2021-03-03 10:00:00", "Good", "Good", "Lecture", ""],
        ["2021-03-04 10:00:00", "Good", "Good", "Other", "A walk"],
    )
    assert use(a_map)["Rate: [Room]"] == ("rate", "room")
    assert a_map.questions["rate"].kind == "matrix"
    assert said(found, "which")[-1] == [("other", "A walk")]
    assert not found.problems


@pytest.mark.parametrize(
    "rows",
    [
        [["Name", "Age"], ["Sita", "31"], ["Bob", "29"]],
        [["Timestamp", "", "Q1"], ["", "x", "a"], ["2021-01-01", "y", "a"], ["2021-01-02", "z", "b"]],
        [["Q"]],
    ],
)
def test_answers_are_no_second_row_of_headings(rows):
    assert joined(rows) == (rows[0], 1)


def test_boxes_of_one_and_nought_are_one_question_and_their_sum_is_left_out():
    a_map, found = guessed(
        ["_submission_time", "about/name", "Crops?", "Crops?/Maize", "Crops?/Rice", "_uuid"],
        ["2021-03-01T09:00:00", "Sita", "Maize Rice", "1", "1", "u1"],
        ["2021-03-02T09:00:00", "Bob", "Rice", "0", "1", "u2"],
    )
    assert use(a_map) == {"Crops?/Maize": ("crops", "maize"), "Crops?/Rice": ("crops", "rice")}
    assert said(found, "crops") == [[("maize", None), ("rice", None)], [("rice", None)]]
    assert found.left_out["about/name"] == 2


def test_a_choice_with_the_mark_in_its_own_words_stays_one():
    cells = [
        "Films, videos, Books",
        "Books",
        "Films, videos",
        "Books, Visits",
        "Visits",
        "Visits, Films, videos",
    ]
    a_map, found = guessed(["Which?"], *([cell] for cell in cells))
    assert set(a_map.columns[0].choices.values()) == {"films_videos", "books", "visits"}
    assert said(found, "which")[0] == [("books", None), ("films_videos", None)]


@pytest.mark.parametrize("mark", [", ", ";", "\n", "|"])
def test_choices_are_parted_by_any_usual_mark(mark):
    cells = [["Alpha", "Beta"], ["Alpha"], ["Beta", "Gamma"], ["Alpha", "Gamma"], ["Alpha", "Beta", "Gamma"]]
    a_map, found = guessed(["Which?"], *([mark.join(parts)] for parts in cells * 2))
    assert a_map.questions["which"].kind == "many_of"
    assert said(found, "which")[2] == [("beta", None), ("gamma", None)]


def test_what_everybody_puts_in_order_is_a_ranking():
    a_map, found = guessed(["Order them"], ["A1;B1;C1;"], ["C1;A1;B1;"], ["B1;A1;C1;"])
    assert a_map.questions["order_them"].kind == "ranking"
    assert [value.choice for value in found.rows[1].answers["order_them"]] == ["c1", "a1", "b1"]


def test_words_behind_other_are_her_own():
    a_map, found = guessed(["Where?"], *([text] for text in ["Ministry", "Firm", "Other: my shop"] * 4))
    assert a_map.questions["where"].options["other"] is True
    assert said(found, "where")[2] == [("other", "my shop")]


def test_a_box_to_write_in_is_no_choice_whatever_was_written():
    a_map, _found = guessed(["Your comments", "Town"], *([["Great", "Dili"], ["", "Dili"]] * 9))
    assert {asked.kind for asked in a_map.questions.values()} == {"text"}


def test_do_not_know_is_no_point_of_a_scale_and_is_named():
    a_map, found = guessed(["Easy?"], *([text] for text in ["Agree", "Strongly agree", "Don't know"] * 3))
    assert a_map.questions["easy"].kind == "scale"
    assert any("Don't know" in line for line in a_map.check)
    assert found.cells == {"answers": 6, "left out": 3}


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (["1,200,000", "12,500"], [1_200_000, 12_500]),
        (["12,500", "3,200"], None),
        (["1 200 000", "7"], [1_200_000, 7]),
    ],
)
def test_marks_between_thousands_are_read_where_they_are_clear(values, numbers):
    assert shapes.thousands(values) == numbers


def test_a_code_that_begins_with_nought_is_no_number():
    assert shapes.numbers(["01234", "10115"]) is None


@pytest.mark.parametrize(
    ("texts", "first"),
    [
        (["13/07/2019", "03/04/2019"], True),
        (["05/02/2021 8.05.03", "06/02/2021 8.05.03", "01/03/2021 9.00.00"], True),
        (["02/05/2021", "02/06/2021", "03/01/2021"], False),
        (["01/03/2021", "02/03/2021"], None),
        (["2021-03-01"], None),
    ],
)
def test_the_order_of_day_and_month_is_told_by_the_days_or_by_their_order(texts, first):
    assert moments.day_first(texts) is first


def test_two_languages_in_columns_of_their_own_are_pointed_out():
    a_map, _found = guessed(
        ["Language", "How was it?", "Bagaimana?"],
        *([["English", "Good", ""], ["id", "", "Baik"], ["en", "Poor", ""], ["id", "", "Buruk"]] * 3),
    )
    assert any("Bagaimana?" in line for line in a_map.check)


def test_cells_right_of_the_headings_are_not_lost():
    _a_map, found = guessed(["Timestamp", "Q1"], ["2021-01-01", "a", "stray"], ["2021-01-02", "b", ""])
    assert sum(found.cells.values()) == 5


def test_headings_that_come_again_stay_apart():
    table = tables.find([Sheet("", [["A", "A", "A (2)"], ["1", "2", "3"]])])
    assert len(set(table.headings)) == 3
