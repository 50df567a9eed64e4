"""XLSForms coming in: what is carried over, what is left behind, what is refused, and where."""

import pytest
from workbooks import form, xlsx

from trainingapp.surveys.xlsform import reading

YES_NO = [("yn", "yes", "Yes"), ("yn", "no", "No")]


def read(data, name="form.xlsx"):
    return reading.read(data, name)


def items(data):
    found, report = read(data)
    assert not report.refused, report.refused
    return found.questions


def only(data):
    (item,) = items(data)
    return item


def refusals(data):
    return [(one.sheet, one.row, one.column) for one in read(data)[1].refused]


def reasons(data):
    return [one.reason for one in read(data)[1].refused]


TYPES = [
    ("text", "text", {}),
    ("string", "text", {}),
    ("q string", "text", {}),
    ("add text prompt", "text", {}),
    ("integer", "number", {"min": -(10**12)}),
    ("int", "number", {"min": -(10**12)}),
    ("decimal", "number", {"min": -(10**12), "decimals": 6}),
    ("percentage", "number", {"min": 0, "max": 100}),
    ("number of days in last month", "number", {"min": 0, "max": 31}),
    ("range", "scale", {"from": 1, "to": 10}),
    ("note", "note", {}),
    ("date", "date", {}),
    ("time", "date", {"form": "time"}),
    ("dateTime", "date", {"form": "datetime"}),
    ("datetime", "date", {"form": "datetime"}),
    ("geopoint", "place", {}),
    ("gps", "place", {}),
    ("image", "file", {"form": "photo"}),
    ("photo", "file", {"form": "photo"}),
    ("file", "file", {}),
    ("barcode", "text", {}),
    ("acknowledge", "many_of", {"choices": [{"value": "OK", "text": {"en": "OK"}}]}),
    ("trigger", "many_of", {"choices": [{"value": "OK", "text": {"en": "OK"}}]}),
]


def test_a_type_becomes_a_kind():
    found = items(form(*((word, f"a{row}", f"{word}?") for row, (word, _kind, _options) in enumerate(TYPES))))
    assert [(one.key, one.wording, one.kind, one.options) for one in found] == [
        (f"a{row}", {"en": f"{word}?"}, kind, options) for row, (word, kind, options) in enumerate(TYPES)
    ]


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("select_one yn", "one_of"),
        ("select one yn", "one_of"),
        ("select one from yn", "one_of"),
        ("select1 yn", "one_of"),
        ("add select one prompt using yn", "one_of"),
        ("select_multiple yn", "many_of"),
        ("select all that apply yn", "many_of"),
        ("select all that apply from yn", "many_of"),
        ("select_multiple  yn", "many_of"),
        ("rank yn", "ranking"),
    ],
)
def test_a_list_of_choices_comes_with_its_question(word, kind):
    item = only(form((word, "a", "A?"), choices=YES_NO))
    assert item.kind == kind
    assert item.options == {
        "choices": [{"value": "yes", "text": {"en": "Yes"}}, {"value": "no", "text": {"en": "No"}}]
    }


@pytest.mark.parametrize("words", ["or_other", "or other", "or specify other"])
def test_or_other_lets_her_add_her_own(words):
    assert only(form((f"select_one yn {words}", "a", "A?"), choices=YES_NO)).options["other"] is True


@pytest.mark.parametrize(
    ("parameters", "kind", "options", "constraint"),
    [
        ("start=0 end=10 step=1", "scale", {"from": 0, "to": 10}, ""),
        ("start=1,end=5", "scale", {"from": 1, "to": 5}, ""),
        ("start=5; end=1; step=-1", "scale", {"from": 1, "to": 5}, ""),
        ("start=0 end=100 step=1", "number", {"min": 0, "max": 100}, ""),
        (
            "start=0 end=100 step=10",
            "number",
            {"min": 0, "max": 100},
            "abs(((. - 0) div 10) - round((. - 0) div 10)) < 0.000001",
        ),
        (
            "start=0.5 end=5.0 step=0.5",
            "number",
            {"min": 0.5, "max": 5, "decimals": 1},
            "abs(((. - 0.5) div 0.5) - round((. - 0.5) div 0.5)) < 0.000001",
        ),
    ],
)
def test_a_range_is_a_scale_where_its_points_are_few(parameters, kind, options, constraint):
    item = only(form({"type": "range", "name": "a", "label": "A?", "parameters": parameters}))
    assert (item.kind, item.options, item.constraint) == (kind, options, constraint)


def test_the_words_at_the_ends_of_a_range_come_along():
    item = only(
        form(
            {"type": "range", "name": "a", "label": "A", "parameters": "start=1 end=5 tick_labelset=ends"},
            choices=[("ends", "1", "Never"), ("ends", "5", "Always")],
        )
    )
    assert item.options == {"from": 1, "to": 5, "low": {"en": "Never"}, "high": {"en": "Always"}}


def test_languages_are_told_by_name_code_or_setting():
    found, _report = read(
        form(
            {
                "type": "text",
                "name": "a",
                "label::English (en)": "Name",
                "label::Français": "Nom",
                "hint": "?",
            },
            {"type": "text", "name": "b", "label::English (en)": "Age", "label::Dari (fa-AF)": "سن"},
            settings={"default_language": "Français"},
        )
    )
    assert found.languages == ["fr", "en", "fa_AF"]
    assert found.questions[0].wording == {"en": "Name", "fr": "Nom"}
    assert found.questions[0].hint == {"fr": "?"}
    assert found.questions[1].wording == {"en": "Age", "fa_AF": "سن"}


def test_one_colon_parts_a_language_in_old_forms():
    found, _report = read(form({"type": "text", "name": "a", "label:English": "Name", "label:French": "Nom"}))
    assert found.questions[0].wording == {"en": "Name", "fr": "Nom"}


def test_conditions_come_as_they_are_written():
    found = items(
        form(
            ("select_one yn", "a", "A?"),
            {
                "type": "integer",
                "name": "b",
                "label": "B?",
                "relevant": "${a} = 'yes'",
                "constraint": ". >= 0 and . <= 120",
                "constraint_message": "Between 0 and 120.",
                "required": "yes",
            },
            {"type": "text", "name": "c", "label": "C?", "required": "${b} > 3", "relevant": "no"},
            {"type": "calculate", "name": "d", "calculation": "${b} * 2"},
            choices=YES_NO,
        )
    )
    _a, b, c, d = found
    assert (b.relevant, b.constraint, b.is_required) == ("${a} = 'yes'", ". >= 0 and . <= 120", True)
    assert b.constraint_text == {"en": "Between 0 and 120."}
    assert "min" not in b.options
    assert (c.required_if, c.relevant, c.is_required) == ("${b} > 3", "false()", False)
    assert (d.kind, d.calculation) == ("computed", "${b} * 2")


def test_groups_are_sections_one_in_another():
    found, report = read(
        form(
            {"type": "begin group", "name": "out", "label": "Outer", "relevant": "${a} != ''"},
            {"type": "begin_group", "name": "in"},
            ("text", "b", "B"),
            ("end_group",),
            ("text", "c", "C"),
            ("end group",),
            ("text", "a", "A"),
        )
    )
    assert not report.refused
    assert [(one.key, one.parent, one.title, one.relevant) for one in found.sections] == [
        ("out", "", {"en": "Outer"}, "${a} != ''"),
        ("in", "out", {}, ""),
    ]
    assert [(one.key, one.section) for one in found.questions] == [("b", "in"), ("c", "out"), ("a", "")]


def test_a_repeat_that_says_how_often_is_written_out():
    found = items(
        form(
            {"type": "begin repeat", "name": "child", "label": "Child", "repeat_count": "2"},
            ("text", "name", "Name"),
            {"type": "integer", "name": "age", "label": "Age of ${name}", "relevant": "${name} != ''"},
            ("end repeat",),
            {"type": "calculate", "name": "ages", "calculation": "sum(${age})"},
        )
    )
    assert [one.key for one in found] == ["name_1", "age_1", "name_2", "age_2", "ages"]
    assert found[3].relevant == "${name_2} != ''"
    assert found[3].wording == {"en": "Age of ${name_2}"}
    assert found[4].calculation == "sum(${age_1}, ${age_2})"


def test_a_repeat_without_end_asks_whether_there_is_another():
    found, report = read(form(("begin repeat", "child", "Child"), ("text", "name", "Name"), ("end repeat",)))
    assert [one.key for one in found.questions][:4] == ["name_1", "child_more_1", "name_2", "child_more_2"]
    assert found.questions[1].kind == "yes_no"
    assert found.sections[1].relevant == "${child_more_1} = 'yes'"
    assert [(one.row, one.column) for one in report.left_behind] == [(2, "type")]


def test_a_repeat_counted_by_an_answer_asks_as_often():
    found, report = read(
        form(
            ("integer", "n", "How many?"),
            {"type": "begin repeat", "name": "child", "label": "Child", "repeat_count": "${n}"},
            ("text", "name", "Name"),
            ("end repeat",),
        )
    )
    assert not report.refused
    assert [one.relevant for one in found.sections] == [f"(${{n}}) >= {number}" for number in range(1, 6)]


def test_repeats_in_repeats_keep_their_names_apart():
    found = items(
        form(
            {"type": "begin repeat", "name": "house", "label": "House", "repeat_count": 2},
            {"type": "begin repeat", "name": "child", "label": "Child", "repeat_count": 2},
            ("integer", "age", "Age"),
            ("end repeat",),
            {"type": "calculate", "name": "oldest", "calculation": "max(${age})"},
            ("end repeat",),
        )
    )
    assert [one.key for one in found][:3] == ["age_1_1", "age_2_1", "oldest_1"]
    assert found[5].calculation == "max(${age_1_2}, ${age_2_2})"


def test_a_loop_asks_the_same_of_each_choice():
    found = items(
        form(
            ("begin loop over yn", "each", "Each"),
            ("integer", "count", "How often %(label)s?"),
            ("end loop",),
            choices=YES_NO,
        )
    )
    assert [(one.key, one.wording["en"]) for one in found] == [
        ("count_yes", "How often Yes?"),
        ("count_no", "How often No?"),
    ]


def test_a_filter_of_choices_comes_with_the_facts_it_asks_for():
    found = items(
        form(
            ("select_one states", "state", "State"),
            {
                "type": "select_one counties",
                "name": "county",
                "label": "County",
                "choice_filter": "cf=${state}",
            },
            choices=[
                {"list_name": "states", "name": "tx", "label": "Texas"},
                {"list_name": "states", "name": "wa", "label": "Washington"},
                {"list_name": "counties", "name": "king", "label": "King", "cf": "tx"},
                {"list_name": "counties", "name": "king", "label": "King", "cf": "wa"},
            ],
            settings={"allow_choice_duplicates": "yes"},
        )
    )
    assert found[1].choice_filter == "cf=${state}"
    assert found[1].options["choices"] == [
        {"value": "king", "text": {"en": "King"}, "facts": [{"cf": "tx"}, {"cf": "wa"}]}
    ]


def test_a_choice_of_several_words_is_kept_as_one_word_everywhere():
    found, report = read(
        form(
            ("select_one cities", "city", "City"),
            {"type": "text", "name": "b", "label": "B", "relevant": "${city} = 'New York'"},
            choices=[("cities", "New York", "NYC"), ("cities", "Rome", "Rome")],
        )
    )
    assert not report.refused
    assert found.questions[0].options["choices"][0]["value"] == "New_York"
    assert found.questions[1].relevant == "${city} = 'New_York'"
    assert [(one.sheet, one.row, one.column) for one in report.left_behind] == [("choices", 2, "name")]


def test_a_cascade_in_a_sheet_of_its_own_comes_too():
    found = items(
        form(
            ("text", "state", "State"),
            {
                "type": "select_one_external cities",
                "name": "city",
                "label": "City",
                "choice_filter": "state=${state}",
            },
            external_choices=[
                ["list_name", "name", "label", "state"],
                ["cities", "aus", "Austin", "tx"],
                ["cities", "sea", "Seattle", "wa"],
            ],
        )
    )
    assert found[1].kind == "one_of"
    assert [one["facts"] for one in found[1].options["choices"]] == [{"state": "tx"}, {"state": "wa"}]


NOT_ASKED = (
    *(
        "audio",
        "video",
        "geotrace",
        "geoshape",
        "deviceid",
        "start",
        "end",
        "username",
        "phonenumber",
        "audit",
    ),
    *("csv-external", "xml-external", "background-audio", "start-geopoint", "simserial", "subscriberid"),
)


def test_what_cannot_be_asked_is_left_behind_by_name():
    names = [word if word == "audit" else f"x{row}" for row, word in enumerate(NOT_ASKED)]
    found, report = read(
        form(("text", "a", "A"), *((word, name, word) for word, name in zip(NOT_ASKED, names, strict=True)))
    )
    assert report.is_accepted
    assert [one.key for one in found.questions] == ["a"]
    assert {(one.sheet, one.row, one.column, one.what) for one in report.left_behind} == {
        ("survey", row, column, word)
        for row, word in enumerate(NOT_ASKED, start=3)
        for column in ("type", "label")
    }


def test_what_cannot_be_asked_and_must_be_answered_is_refused():
    assert refusals(form({"type": "audio", "name": "a", "label": "A", "required": "yes"})) == [
        ("survey", 2, "type")
    ]


def test_a_condition_on_what_is_not_asked_is_refused():
    data = form(
        {"type": "audio", "name": "a", "label": "A", "relevant": ""},
        {"type": "text", "name": "b", "label": "B", "relevant": "${a} != ''"},
    )
    assert refusals(data) == [("survey", 3, "relevant")]
    assert "Sound and video" in reasons(data)[0]


def test_a_text_that_quotes_what_is_not_asked_has_a_gap():
    found, report = read(form(("deviceid", "d", ""), ("note", "n", "You are ${d}.")))
    assert found.questions[0].wording == {"en": "You are …."}
    assert ("survey", 3, "label") in [(one.sheet, one.row, one.column) for one in report.left_behind]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("relevant", "${a} = "),
        ("relevant", "a > 3"),
        ("relevant", "pulldata('x', 'y', 'z', ${a}) = 1"),
        ("constraint", ". >"),
        ("calculation", "because it should"),
        ("choice_filter", "${a} = ="),
    ],
)
def test_an_expression_that_cannot_be_read_is_refused_with_its_place(column, text):
    rows = [("integer", "a", "A"), {"type": "select_one yn", "name": "b", "label": "B", column: text}]
    if column == "calculation":
        rows[1]["type"] = "calculate"
    assert refusals(form(*rows, choices=YES_NO)) == [("survey", 3, column)]


def test_a_check_that_we_cannot_make_is_left_behind():
    _found, report = read(
        form({"type": "text", "name": "a", "label": "A", "constraint": "pulldata('f', 'n', 'k', .) = 1"})
    )
    assert report.is_accepted
    assert [(one.row, one.column) for one in report.left_behind] == [(2, "constraint")]


def test_questions_that_wait_for_each_other_are_refused():
    data = form(
        {"type": "text", "name": "a", "label": "A", "relevant": "${b} = 'x'"},
        {"type": "text", "name": "b", "label": "B", "relevant": "${a} = 'x'"},
    )
    assert [row for _sheet, row, _column in refusals(data)] in ([2], [3])


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([("txt", "a", "A")], ("survey", 2, "type")),
        ([("text", "1a", "A")], ("survey", 2, "name")),
        ([("text", "", "A")], ("survey", 2, "name")),
        ([("", "a", "A")], ("survey", 2, "type")),
        ([("text", "a", "A"), ("text", "a", "B")], ("survey", 3, "name")),
        ([("begin group", "g", "G"), ("text", "a", "A")], ("survey", 2, "type")),
        ([("text", "a", "A"), ("end group",)], ("survey", 3, "type")),
        ([("select_one none", "a", "A")], ("survey", 2, "type")),
        ([("text", "a", "A of ${b}")], ("survey", 2, "label")),
        ([{"type": "calculate", "name": "a"}], ("survey", 2, "calculation")),
        ([{"type": "text", "name": "a", "label": "A", "parameters": "x"}], ("survey", 2, "parameters")),
    ],
)
def test_what_pyxform_refuses_is_refused_with_its_place_in_our_words(rows, place):
    data = form(*rows, choices=YES_NO)
    assert refusals(data) == [place]
    assert "pyxform" not in reasons(data)[0]


def test_two_columns_of_one_name_are_refused():
    data = xlsx(survey=[["type", "name", "label", "label"], ["text", "a", "A", "B"]])
    assert refusals(data) == [("survey", 1, "label")]


def test_a_choice_of_several_words_is_refused_where_several_may_be_chosen():
    data = form(("select_multiple l", "a", "A"), choices=[("l", "a b", "AB")])
    assert refusals(data) == [("choices", 2, "name")]


def test_a_form_of_nothing_we_can_ask_is_refused():
    assert refusals(form(("audio", "a", "A"))) == [("survey", 2, None)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 1000,
        b"PK\x03\x04 broken",
        b"%PDF-1.4",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        b"a,b\n1,2\n",
        b"<html></html>",
        xlsx(Sheet1=[["a"]], Sheet2=[["b"]]),
        xlsx(survey=[]),
        xlsx(survey=[["type", "name", "label"]]),
        xlsx(Survey_=[["type", "name"], ["text", "a"]], choices=[["x"]]),
    ],
)
def test_what_is_no_form_is_refused_in_one_sentence(data):
    found, report = read(data)
    assert report.refused
    assert found is None or not report.is_accepted
    assert all(one.reason.endswith((".", "…")) for one in report.refused)


def test_a_form_may_be_a_csv():
    data = b'"survey"\n,"type","name","label"\n,"text","a","A?"\n"settings"\n,"form_title"\n,"My form"\n'
    found, report = read(data, "form.csv")
    assert report.is_accepted
    assert (found.title, [one.key for one in found.questions]) == ("My form", ["a"])


def test_a_sheet_of_any_name_is_the_survey_when_it_is_the_only_one():
    found, report = read(xlsx(Sheet1=[["type", "name", "label"], ["text", "a", "A?"]]))
    assert report.is_accepted
    assert [one.key for one in found.questions] == ["a"]


def test_names_of_sheets_and_columns_are_read_in_any_letters():
    found, report = read(
        xlsx(Survey=[["TYPE", "Name", "Label", "Read Only"], ["text", "a", "A?", "no"]], x=[])
    )
    assert report.is_accepted
    assert [one.key for one in found.questions] == ["a"]


def test_settings_may_stand_among_the_questions():
    found, _report = read(form(("form_title", "My form", ""), ("form_id", "f1", ""), ("text", "a", "A")))
    assert (found.title, found.key) == ("My form", "f1")


def test_a_name_that_stands_in_two_groups_is_told_apart():
    found, report = read(
        form(
            ("begin group", "g", "G"), ("text", "a", "A"), ("end group",),
            ("begin group", "h", "H"), ("text", "a", "A"), ("end group",),
        )
    )  # fmt: skip
    assert [one.key for one in found.questions] == ["a", "a_2"]
    assert [(one.row, one.column) for one in report.left_behind] == [(6, "name")]


def test_choices_that_would_get_the_same_name_stay_two():
    rows = [
        ("select_one t", "a", "A"),
        {"type": "text", "name": "b", "label": "B", "relevant": "${a} = 'very good'"},
    ]
    asked, after = items(form(*rows, choices=[("t", "very good", "Best"), ("t", "very_good", "Next")]))
    names = [(one["value"], one["text"]["en"]) for one in asked.options["choices"]]
    assert names == [("very_good_2", "Best"), ("very_good", "Next")]
    assert after.relevant == "${a} = 'very_good_2'"


def test_texts_of_a_choice_that_are_not_shown_are_named_where_they_stand():
    found, report = read(
        form(
            ("select_one t or_other", "a", "A?"),
            ("select_one u", "b", "B?"),
            {"type": "range", "name": "c", "label": "C?", "parameters": "start=1 end=5 tick_labelset=v"},
            choices=[
                ("t", "x", "X"),
                ("t", "other", "Somewhere else"),
                ("u", "x", "X"),
                ("u", "x", "Y"),
                ("v", "1", "Never"),
                ("v", "3", "At times"),
                ("v", "5", "Always"),
            ],
            settings={"allow_choice_duplicates": "yes"},
        )
    )
    assert [(one.sheet, one.row, one.column, one.what) for one in report.left_behind] == [
        ("choices", 3, "label", "Somewhere else"),
        ("choices", 5, "label", "Y"),
        ("choices", 7, "label", "At times"),
    ]
    assert found.questions[1].options["choices"] == [{"value": "x", "text": {"en": "X"}}]


def test_how_high_a_box_was_and_a_second_id_are_named():
    _found, report = read(
        form(
            {"type": "text", "name": "a", "label": "A", "rows": "12"},
            {"type": "text", "name": "b", "label": "B", "parameters": "rows=3"},
            settings={"form_id": "one", "id_string": "two"},
        )
    )
    assert [(one.row, one.column) for one in report.left_behind if one.sheet == "survey"] == [
        (2, "rows"),
        (3, "parameters"),
    ]
    assert [one.row for one in report.left_behind if one.sheet == "settings"] == [2]


def test_spaces_that_do_not_break_lines_are_spaces():
    found = items(form(("select_one\xa0yn", "a", "Vraiment\xa0?"), ("text\xa0", "b", "B"), choices=YES_NO))
    assert [(one.kind, one.wording["en"]) for one in found] == [("one_of", "Vraiment\xa0?"), ("text", "B")]


@pytest.mark.parametrize(
    ("heading", "tag"),
    [
        ("Portuguese (Brazil)", "pt"),
        ("Français (FR)", "fr"),
        ("English (UK)", "en"),
        ("English (en)", "en"),
        ("Portuguese (pt-BR)", "pt_BR"),
        ("Dari (prs)", "fa_AF"),
        ("prs", "fa_AF"),
        ("Indonesian (in)", "id"),
        ("Tok (XX)", "XX"),
    ],
)
def test_what_stands_in_brackets_behind_a_language_may_be_a_country(heading, tag):
    assert only(form({"type": "text", "name": "a", f"label::{heading}": "A"})).wording == {tag: "A"}


def test_no_sheet_of_a_form_is_passed_over_however_many_there_are():
    others = {f"notes {number}": [["x"]] for number in range(40)}
    data = xlsx(**others, survey=[["type", "name", "label"], ["text", "a", "A"]])
    found, report = read(data)
    assert [one.key for one in found.questions] == ["a"]
    assert len(report.left_behind) == 40


def test_words_at_the_ends_of_a_number_are_named():
    found, report = read(
        form(
            {"type": "range", "name": "a", "label": "A", "parameters": "start=0 end=90 tick_labelset=v"},
            choices=[("v", "0", "Nothing"), ("v", "90", "All")],
        )
    )
    assert found.questions[0].kind == "number"
    assert [(one.sheet, one.row, one.column) for one in report.left_behind] == [
        ("choices", 2, "label"),
        ("choices", 3, "label"),
    ]


def test_a_first_language_that_nothing_is_written_in_is_named():
    rows = {"type": "text", "name": "a", "label::English": "A"}
    _found, report = read(form(rows, settings={"default_language": "French"}))
    assert [(one.sheet, one.row, one.column) for one in report.left_behind] == [
        ("settings", 2, "default_language")
    ]
    _found, report = read(form(("text", "a", "A"), settings={"default_language": "French"}))
    assert not report.left_behind
