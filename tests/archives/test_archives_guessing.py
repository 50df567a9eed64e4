"""What a column looks like, and that no cell of a file is lost on the way."""

import json

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import given, settings
from hypothesis import strategies as st

from trainingapp.archives import answers, guessing, keys, maps, matching, moments, shapes, tables
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
        (["Sangat Puas", "Cukup Puas", "Kurang Puas"], [5, 3, 2]),
        (["Sangat bermanfaat", "Bermanfaat"], [5, 4]),
        (["Extremely useful", "Very useful", "Not at all useful"], [5, 4, 1]),
        (["Agree", "Setuju", "agree."], [4, 4, 4]),
        (["Agree", "Somewhat agree", "Disagree"], None),
        (["Agree", "Excellent"], None),
        (["Agree"], None),
    ],
)
def test_words_of_a_scale_are_known_in_three_languages(values, points):
    found = shapes.points_in_words(values)
    assert ([found[value] for value in values] if found else None) == points


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
        ("17-Mei-2023 8.05.03", None, "2023-05-17T08:05:03+00:00"),
        ("1 Desember 2022", None, "2022-12-01T00:00:00+00:00"),
        ("5 août 2021 14:00", None, "2021-08-05T14:00:00+00:00"),
        ("05.10.2023 10:31:42", None, "2023-10-05T10:31:42+00:00"),
        ("10:31:42 05/10/2023", True, "2023-10-05T10:31:42+00:00"),
        ("29/2/2567, 10:31:42", True, "2024-02-29T10:31:42+00:00"),
        ("2023/10/05 10:31:42 AM MEZ", None, "2023-10-05T10:31:42+00:00"),
    ],
)
def test_moments_are_read_as_form_services_write_them(text, day_first, day):
    assert moments.read(text, day_first=day_first).isoformat() == day


@pytest.mark.parametrize(
    "text", ["3/4/2019", "14:00 03/04/2019", "yesterday", "", "99999999999999999999", "12:30", "1850-01-01"]
)
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


def guessed(*rows, known=()):
    table = tables.find([Sheet("", [list(row) for row in rows])])
    return guessing.guess(table, "s", known, has_survey=False), table


def test_a_row_of_totals_is_no_answer_and_is_named():
    rows = [("Day", "Rating"), *(("2023-05-01", f"{point}") for point in (1, 2, 3, 4, 5, 5))]
    a_map, table = guessed(*rows, ("Average", "3.33"), ("Total", "20"))
    assert table.totals == [8, 9]
    assert a_map.questions["rating"].kind == "scale"
    assert any("8, 9" in line for line in a_map.check)
    found = answers.read(table, a_map, questions_of(a_map))
    assert (len(found.rows), found.empty_rows, found.problems) == (6, [8, 9], [])


def test_a_total_among_the_rows_stays():
    _map, table = guessed(("Word", "Why"), ("total", "a"), ("part", "b"))
    assert not table.totals


def test_codes_before_all_headings_are_no_part_of_them():
    a_map, _table = guessed(
        ("id. Response ID", "submitdate. Date submitted", "G01Q02[SQ001]. Please rate: [Talks]",
         "G01Q02[SQ002]. Please rate: [Visits]", "G02Q01. Your remarks"),
        ("7", "2022-11-01 12:00:00", "1", "5", "Fine"),
        ("9", "2022-11-02 12:00:00", "4", "2", "Cold"),
    )  # fmt: skip
    assert [(one.use.value, one.key, one.item) for one in a_map.columns] == [
        ("leave out", "", ""),
        ("answered_at", "", ""),
        ("answer", "please_rate", "talks"),
        ("answer", "please_rate", "visits"),
        ("answer", "your_remarks", ""),
    ]


def test_a_grid_that_is_called_like_one_of_another_survey_has_its_own_rows():
    asked = maps.Asked("matrix", wording={"en": "Rate"}, options={"items": [], "from": 1, "to": 5})
    food = {"food": ("Food",)}
    other = matching.Known("rate", "matrix", ("Rate",), {}, food, (1, 5), asked, False, False)
    a_map, _table = guessed(("Rate [Talks]", "Rate [Visits]"), ("1", "5"), ("4", "2"), known=[other])
    assert [one.item for one in a_map.columns] == ["talks", "visits"]
    assert [one["value"] for one in a_map.questions["rate"].options["items"]] == ["talks", "visits"]


@pytest.mark.parametrize(
    "heading",
    ["Full name (as in passport)", "Your mobile number", "Passport number", "Nomor paspor", "Date of birth",
     "What is your full name?", "Home address", "Numéro de téléphone", "Email (work)", "Participant's name",
     "Nombre completo", "الاسم"],
)  # fmt: skip
def test_what_says_who_answered_is_no_answer(heading):
    a_map, _table = guessed((heading, "Useful?"), ("Ann of A", "yes"), ("Bo of B", "no"))
    assert a_map.columns[0].use is not maps.Use.ANSWER


def test_words_of_two_languages_at_the_ends_of_a_scale_are_shown_in_the_first():
    words = ["Sangat setuju", "Strongly agree", "Sangat tidak setuju", "Strongly disagree"]
    a_map, _table = guessed(("Fine",), *((word,) for word in words))
    assert a_map.questions["fine"].options["low"] == {"en": "Strongly disagree"}
    assert a_map.questions["fine"].options["high"] == {"en": "Strongly agree"}


def test_a_comma_within_a_choice_is_seen_where_some_wrote_words_of_their_own():
    said = ["Lectures, talks and panels, Visits", "Visits", "Lectures, talks and panels", "Visits, my boss",
            "Visits, war", "Lectures, talks and panels", "Visits, Lectures, talks and panels",
            "Visits, Coaching", "Coaching"]  # fmt: skip
    a_map, _table = guessed(("What helped?",), *((text,) for text in said))
    (asked,) = a_map.questions.values()
    offered = [one["text"]["en"] for one in asked.options["choices"]]
    assert set(offered) == {"Visits", "Lectures, talks and panels", "Coaching"}


def asked_before(kind, choices, takes_several):
    asked = maps.Asked(kind, wording={"en": "Help"})
    return matching.Known("help", kind, ("Help",), choices, {}, None, asked, takes_several, True)


def test_choices_that_we_know_are_parted_in_the_only_cell_there_is():
    choices = {"a": ("Advice, money and time",), "b": ("More training",)}
    known = asked_before("many_of", choices, takes_several=True)
    a_map, _table = guessed(("Help",), ("More training, Advice, money and time",), known=[known])
    assert (a_map.columns[0].split, a_map.columns[0].choices) == (
        ",",
        {"Advice, money and time": "a", "More training": "b"},
    )


def test_a_column_of_files_is_left_out():
    known = asked_before("file", {}, takes_several=False)
    a_map, _table = guessed(("Help",), ("https://drive.example/1",), known=[known])
    assert a_map.columns[0].use is maps.Use.LEAVE_OUT
    assert a_map.columns[0].why


def uses(a_map):
    return [one.use.value for one in a_map.columns]


@pytest.mark.parametrize(
    "headings",
    [
        ("ID", "Heure de début", "Heure de fin", "Adresse de messagerie", "Nom"),
        ("ID", "Waktu mulai", "Waktu penyelesaian", "Email", "Nama"),
        ("Id", "Hora de inicio", "Hora de finalización", "Correo electrónico", "Nombre"),
        ("ID", "Begun, in no language we know", "Sent, in none", "E-mail", "Name"),
    ],
)
def test_what_microsoft_forms_writes_before_the_answers_is_known_in_any_language(headings):
    rows = [
        (f"{number}", "2023-03-01 09:10", "2023-03-01 09:20", f"a{number}@example.org", "A", "5")
        for number in (2, 3, 7)
    ]
    a_map, _table = guessed((*headings, "Useful?"), *rows)
    assert uses(a_map) == ["leave out", "leave out", "answered_at", "respondent", "leave out", "answer"]


def test_addresses_and_telephone_numbers_are_left_out_whatever_they_are_called():
    a_map, _table = guessed(
        ("Timestamp", "Where can we reach you?", "Who else should hear of us?", "Useful?"),
        ("2023-03-01 09:10", "ann@example.org", "+62 812 3456 789", "5"),
        ("2023-03-01 09:11", "bo@example.org", "+977 98 1234567", "4"),
    )
    assert uses(a_map) == ["answered_at", "leave out", "leave out", "answer"]


def test_points_of_a_quiz_are_no_answers():
    a_map, _table = guessed(
        ("Timestamp", "Capital?", "Capital? [Score]", "Capital? [Feedback]"),
        ("2023/10/01 10:31:42 AM GMT+8", "Kathmandu", "1.00 / 1", "Well done"),
        ("2023/10/01 10:35:42 AM GMT+8", "Pokhara", "0.00 / 1", ""),
    )
    assert uses(a_map) == ["answered_at", "answer", "leave out", "leave out"]


def test_the_answers_of_one_or_two_people_are_no_numbers_of_rows():
    a_map, _table = guessed(
        ("Timestamp", "Firms helped", "Useful?"),
        ("2023-10-01 10:31", "1", "1"),
        ("2023-10-01 10:35", "2", "2"),
    )
    assert uses(a_map) == ["answered_at", "answer", "answer"]


def test_days_of_answers_are_read_in_the_order_of_the_other_days():
    a_map, table = guessed(
        ("Timestamp", "When did you begin?"),
        ("13/10/2023 10:31:42", "03/04/2023"),
        ("14/10/2023 10:35:00", "5/4/2023"),
    )
    assert a_map.questions["when_did_you_begin"].kind == "date"
    found = answers.read(table, a_map, questions_of(a_map))
    assert [row.answers["when_did_you_begin"][0].text for row in found.rows] == ["2023-04-03", "2023-04-05"]


def test_days_that_may_be_two_stay_as_they_are_written():
    a_map, table = guessed(
        ("Timestamp", "When?"), ("2023-10-01 10:31", "03/04/2023"), ("2023-10-02 10:35", "05/04/2023")
    )
    assert a_map.questions["when"].kind == "text"
    assert not answers.read(table, a_map, questions_of(a_map)).problems


def test_who_cannot_say_gives_no_point_of_a_scale_of_numbers():
    a_map, table = guessed(
        ("Rate [Talks]", "Rate [Food]"), ("1", "5"), ("4", "Not applicable"), ("5", "3"), ("2", "2")
    )
    assert (a_map.questions["rate"].options["from"], a_map.questions["rate"].options["to"]) == (1, 5)
    found = answers.read(table, a_map, questions_of(a_map))
    assert (found.problems, found.cells["left out"]) == ([], 1)


def test_the_highest_point_of_an_old_scale_may_be_one_that_nobody_gave():
    found = matching.rescaled(["6", "8", "9"], (1, 5))
    assert found.theirs == (1, 10)
    assert found.choices == {"6": "3", "8": "4", "9": "5"}


def test_fewer_points_than_ours_are_shown_to_somebody():
    asked = maps.Asked("scale", wording={"en": "Useful?"}, options={"from": 0, "to": 10})
    points = {f"{point}": (f"{point}",) for point in range(11)}
    known = matching.Known("useful", "scale", ("Useful?",), points, {}, (0, 10), asked, False, True)
    a_map, _table = guessed(("Useful?",), ("5",), ("4",), ("5",), known=[known])
    assert any("ours are 0 to 10" in line for line in a_map.check)


def test_a_key_longer_than_a_key_may_be_is_refused():
    with pytest.raises(maps.MapUnfit):
        maps.read({"survey": "s", "columns": [{"heading": "A", "use": "answer", "key": "k" * 61}]})


def test_days_that_lie_together_tell_which_number_is_the_day():
    together = [f"{day:02d}/02/2024 10:31:42" for day in (1, 3, 4, 9)]
    assert moments.day_first(together) is True
    assert moments.day_first(together[::-1]) is True
    assert moments.day_first(together[:1]) is None
    a_map, _table = guessed(("Timestamp", "Useful?"), *((moment, "yes") for moment in together))
    assert any("2024-02-01" in line for line in a_map.check)


@pytest.mark.parametrize(
    ("heading", "points", "ends"),
    [
        ("Would you recommend us?", ["8", "9", "10"], (0, 10)),
        ("How useful was it (1-5)?", ["2", "3", "4"], (1, 5)),
        ("How useful was it, from 0 to 10?", ["2", "3"], (0, 10)),
        ("How useful was it (1-5)?", ["2", "7"], (1, 7)),
        ("How useful was it?", ["2", "3", "4"], (1, 4)),
    ],
)
def test_a_scale_has_the_ends_that_its_heading_names(heading, points, ends):
    a_map, _table = guessed((heading,), *((point,) for point in points))
    (asked,) = a_map.questions.values()
    assert (asked.options["from"], asked.options["to"]) == ends
