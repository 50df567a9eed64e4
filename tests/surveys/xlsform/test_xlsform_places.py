"""What is wrong in a form is said where it stands, and all of it at once where we can."""

import pytest
from workbooks import form, xlsx

from trainingapp.surveys.xlsform import reading

YES_NO = [("yn", "yes", "Yes"), ("yn", "no", "No")]


def refused(data, name="form.xlsx"):
    return [(one.sheet, one.row, one.column) for one in reading.read(data, name)[1].refused]


@pytest.mark.parametrize(
    ("rows", "places"),
    [
        ([("text", "a", "A"), ("include", "b", "")], [("survey", 3, "type")]),
        ([("text", "a", "A"), ("select_one yn", "b", "B")], [("survey", 3, "type")]),
        ([("text", "a", "A"), ("begin loop over yn", "b", "B"), ("end loop",)], [("survey", 3, "type")]),
        ([("text", "meta", "A")], [("survey", 2, "name")]),
        ([("txt", "a", "A"), ("text", "b", "B"), ("nbr", "c", "C")],
         [("survey", 2, "type"), ("survey", 4, "type")]),
        ([{"type": "range", "name": "a", "label": "A", "parameters": "start=one"}],
         [("survey", 2, "parameters")]),
        ([{"type": "image", "name": "a", "label": "A", "parameters": "app=x"}],
         [("survey", 2, "parameters")]),
        ([{"type": "text", "name": "a", "label": "A", "relevant": "${last-saved#a} = 1"}],
         [("survey", 2, "relevant")]),
    ],
)  # fmt: skip
def test_a_form_of_a_problem_is_refused_at_its_place(rows, places):
    assert refused(form(*rows)) == places


def test_headings_that_are_not_in_the_first_row_are_missing_there():
    assert refused(xlsx(survey=[["My form"], ["type", "name", "label"], ["text", "a", "A"]])) == [
        ("survey", 1, None)
    ]


def test_a_sheet_with_nearly_the_right_name_is_asked_about():
    data = xlsx(surveys=[["type", "name", "label"], ["text", "a", "A"]], choices=[["list_name", "name"]])
    _form, report = reading.read(data, "form.xlsx")
    assert "surveys" in report.refused[0].reason


def test_a_sheet_that_is_too_wide_is_named():
    row = [f"x{number}" for number in range(500)]
    assert refused(xlsx(survey=[["type", "name", *row]], choices=[["list_name"]])) == [("survey", 1, None)]


@pytest.mark.parametrize(
    "text", ["uuid()", "once(random())", "pulldata('f', 'n', 'k', ${a})", "jr:choice-name(${a}, '${a}')"]
)
def test_what_only_a_device_can_work_out_is_left_behind_where_nobody_asks_for_it(text):
    rows = [
        ("select_one yn", "a", "A"),
        {"type": "calculate", "name": "b", "calculation": text},
        ("note", "n", "See ${b}."),
    ]
    found, report = reading.read(form(*rows, choices=YES_NO), "form.xlsx")
    assert report.is_accepted
    assert [one.key for one in found.questions] == ["a", "n"]
    assert found.questions[1].wording == {"en": "See …."}
    assert [(one.row, one.column) for one in report.left_behind] == [(3, "calculation"), (4, "label")]
    rows.append({"type": "text", "name": "c", "label": "C", "relevant": "${b} = 1"})
    assert refused(form(*rows, choices=YES_NO)) == [("survey", 5, "relevant")]


def test_choices_that_are_searched_for_in_another_file_are_not_the_headings_of_that_file():
    rows = [
        ("text", "a", "A"),
        {"type": "select_one yn", "name": "b", "label": "B", "appearance": "minimal search('towns')"},
    ]
    found, report = reading.read(form(*rows, choices=YES_NO), "form.xlsx")
    assert [one.key for one in found.questions] == ["a"]
    assert (3, "type") in [(one.row, one.column) for one in report.left_behind]


def test_a_form_may_be_a_table_in_markdown():
    data = b"""| survey |             |      |        |
|        | type        | name | label  |
| ------ | :---------- | ---- | ------ |
|        | select_one l | a   | A, "b" |
| choices |            |      |        |
|        | list_name   | name | label  |
|        | l           | x    | X      |
"""
    found, report = reading.read(data, "form.md")
    assert report.is_accepted
    assert found.questions[0].wording == {"en": 'A, "b"'}
    assert found.questions[0].options["choices"][0]["value"] == "x"


@pytest.mark.parametrize(
    ("rows", "places"),
    [
        ([("text", "a", "A"),
          {"type": "image", "name": "b", "label": "B", "parameters": "max-pixels=many"}],
         [("survey", 3, "parameters")]),
        ([("text", "foo", "A"), {"type": "audit", "name": "audit", "parameters": "track-changes=foo"}],
         [("survey", 3, "parameters")]),
        ([("text", "a", "A"),
          {"type": "select_one yn", "name": "b", "label": "B", "parameters": "randomize=maybe"}],
         [("survey", 3, "parameters")]),
        ([("text", "a", "A"), {"type": "audio", "name": "b", "label": "B", "parameters": "quality=loud"}],
         [("survey", 3, "parameters")]),
        ([{"type": "calculate", "name": "a", "calculation": "1"},
          {"type": "dateTime", "name": "c", "label": "C", "calculation": "now()", "trigger": "${a}"}],
         [("survey", 3, "trigger")]),
        ([("text", "a", "A"), ("begin_score", "b", "B"), ("end_score",)],
         [("survey", 3, "type"), ("survey", 4, "type")]),
        ([("text", "a", "A"), ("rank", "b", "B")], [("survey", 3, "type")]),
    ],
)  # fmt: skip
def test_what_pyxform_refuses_without_a_place_is_looked_for(rows, places):
    assert refused(form(*rows, choices=YES_NO)) == places
