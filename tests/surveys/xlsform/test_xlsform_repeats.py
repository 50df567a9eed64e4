"""What a form asks about its repeats, said of the copies that they are written out in."""

import pytest
from workbooks import form

from trainingapp.surveys.expressions import parse
from trainingapp.surveys.xlsform import reading
from trainingapp.surveys.xlsform.gathering import Repeat, picked, without_paths

CHILD = (("text", "name", "Name"), ("integer", "age", "Age"), ("end repeat",))


def read(*rows, **sheets):
    found, report = reading.read(form(*rows, **sheets), "form.xlsx")
    return {one.key: one for one in found.questions} if found else {}, report


def begin(**more):
    return {"type": "begin repeat", "name": "child", "label": "Child", **more}


def calculate(name, text):
    return {"type": "calculate", "name": name, "calculation": text}


def test_a_repeat_is_counted_by_what_it_says_or_was_answered():
    fixed, _report = read(begin(repeat_count="3"), *CHILD, calculate("many", "count(${child})"))
    asked, _report = read(
        ("integer", "n", "How many?"),
        begin(repeat_count="${n}"),
        *CHILD,
        calculate("many", "count(${child})"),
    )
    endless, _report = read(begin(), *CHILD, calculate("many", "count(${child}) + 0"))
    assert parse(fixed["many"].calculation).evaluate({}) == 3
    assert [parse(asked["many"].calculation).evaluate({"n": n}) for n in ("", "2", "9")] == [0, 2, 5]
    more = {"child_more_1": "yes", "child_more_2": "yes", "child_more_3": "no"}
    assert [parse(endless["many"].calculation).evaluate(said) for said in ({}, more)] == [1, 3]


def test_a_repeat_that_is_not_asked_counts_for_nothing():
    found, report = read(
        ("text", "has", "Any?"),
        {"type": "begin group", "name": "g", "label": "G", "relevant": "${has} = 'yes'"},
        begin(repeat_count="2"),
        *CHILD,
        ("end group",),
        calculate("many", "count(${child})"),
    )
    assert report.is_accepted
    text = parse(found["many"].calculation)
    assert [text.evaluate({"has": has}) for has in ("yes", "no")] == [2, 0]


def test_a_copy_knows_its_place_and_the_copy_before_it():
    found, report = read(
        begin(repeat_count="2"),
        calculate("place", "position(..)"),
        calculate("before", "indexed-repeat(${name}, ${child}, position(..) - 1)"),
        ("begin group", "g", "G"),
        calculate("also", "position(../..)"),
        ("end group",),
        *CHILD,
    )
    assert report.is_accepted
    assert [found[f"place_{n}"].calculation for n in (1, 2)] == ["1", "2"]
    assert [found[f"before_{n}"].calculation for n in (1, 2)] == ["''", "${name_1}"]
    assert found["also_2"].calculation == "2"


def test_one_copy_is_picked_by_a_number_or_by_an_answer():
    found, report = read(
        ("integer", "n", "Which?"),
        begin(repeat_count="2"),
        *CHILD,
        calculate("first", "indexed-repeat(${name}, ${child}, 1)"),
        calculate("chosen", "concat('(', indexed-repeat(${name}, ${child}, ${n}), ')')"),
    )
    assert report.is_accepted
    assert found["first"].calculation == "${name_1}"
    said = {"name_1": "Sita", "name_2": "Bob"}
    chosen = parse(found["chosen"].calculation)
    assert [chosen.evaluate({**said, "n": n}) for n in ("1", "2", "3")] == ["(Sita)", "(Bob)", "()"]


def test_what_is_asked_in_a_repeat_of_a_repeat_is_gathered_whole():
    found, _report = read(
        {"type": "begin repeat", "name": "house", "label": "House", "repeat_count": "2"},
        begin(repeat_count="2"),
        *CHILD,
        ("end repeat",),
        calculate("oldest", "max(${age})"),
    )
    assert found["oldest"].calculation == "max(${age_1_1}, ${age_2_1}, ${age_1_2}, ${age_2_2})"


def test_a_path_follows_its_question_into_each_copy():
    found, _report = read(
        begin(repeat_count="2"),
        ("text", "name", "Name"),
        {"type": "integer", "name": "age", "label": "Age", "relevant": "../name != 'a/b' and . > ./name"},
        ("end repeat",),
    )
    assert found["age_2"].relevant == "${name_2} != 'a/b' and . > ${name_2}"


def test_an_answer_of_a_repeat_that_nobody_gathers_is_refused_and_said_why():
    _found, report = read(
        begin(),
        *CHILD,
        {"type": "text", "name": "b", "label": "About ${name}", "relevant": "${age} > 3"},
    )
    assert [(one.row, one.column) for one in report.refused] == [(6, "relevant")]
    assert "sum()" in report.refused[0].reason
    assert (6, "label") in [(one.row, one.column) for one in report.left_behind]


def test_a_loop_speaks_of_each_choice_in_its_own_language():
    found, _report = read(
        {"type": "begin loop over l", "name": "each"},
        {"type": "integer", "name": "n", "label::en": "How many %(label)s?", "label::fr": "%(label)s ?"},
        {"type": "end loop"},
        choices=[{"list_name": "l", "name": "car", "label::en": "Car", "label::fr": "Voiture"}],
    )
    assert found["n_car"].wording == {"en": "How many Car?", "fr": "Voiture ?"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("indexed-repeat(${x}, ${r}, 2)", "${x_2}"),
        ("indexed-repeat(${x}, ${r}, 9)", "''"),
        ("indexed-repeat(${x}, ${r}, (1 + 1))", "${x_2}"),
        ("indexed-repeat(${x}, ${other}, 2)", "indexed-repeat(${x}, ${other}, 2)"),
        ("indexed-repeat(${x}, ${r}", "indexed-repeat(${x}, ${r}"),
        ("concat(indexed-repeat(${x}, ${r}, 1), ',)', count(${r}))", "concat(${x_1}, ',)', (3))"),
    ],
)
def test_calls_are_exchanged_whole_or_not_at_all(text, found):
    assert picked(text, Repeat("r", frozenset({"x"}), ["_1", "_2", "_3"], "3")) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/data/a/b = 1", "${b} = 1"),
        ("current()/../b", "${b}"),
        ("'../b' = ../c", "'../b' = ${c}"),
        ("position(..)", "position(..)"),
        (". > 3.5 div 2", ". > 3.5 div 2"),
    ],
)
def test_a_path_means_the_question_at_its_end(text, found):
    assert without_paths(text) == found


def test_a_question_that_is_called_like_a_copy_keeps_its_name_and_its_conditions():
    found, report = read(
        ("integer", "age_1", "How old are you?"),
        {"type": "text", "name": "first", "label": "Since when?", "relevant": "${age_1} > 17"},
        begin(repeat_count="2"),
        ("integer", "age", "How old?"),
        {"type": "text", "name": "school", "label": "Which school?", "relevant": "${age} > 5"},
        ("end repeat",),
        calculate("all", "sum(${age})"),
        calculate("second", "indexed-repeat(${age}, ${child}, 2)"),
    )
    assert report.is_accepted
    assert found["first"].relevant == "${age_1} > 17"
    assert found["school__1"].relevant == "${age__1} > 5"
    assert found["all"].calculation == "sum(${age__1}, ${age__2})"
    assert found["second"].calculation == "${age__2}"


def test_two_repeats_may_ask_under_the_same_names():
    found, report = read(
        begin(repeat_count="1"),
        ("integer", "age", "How old?"),
        {"type": "text", "name": "school", "label": "Which school?", "relevant": "../age > 5"},
        ("end repeat",),
        {"type": "begin repeat", "name": "adult", "label": "Adult", "repeat_count": "1"},
        ("integer", "age", "How old?"),
        {"type": "text", "name": "work", "label": "Which work?", "relevant": "../age > 17"},
        ("end repeat",),
    )
    assert report.is_accepted
    assert (found["school_1"].relevant, found["work__1"].relevant) == ("${age_1} > 5", "${age__1} > 17")


def test_a_path_to_a_name_that_stands_in_two_groups_is_refused():
    _found, report = read(
        ("begin group", "her", "Her"),
        ("integer", "age", "How old is she?"),
        {"type": "text", "name": "a", "label": "A?", "relevant": "../age > 5"},
        ("end group",),
        ("begin group", "him", "Him"),
        ("integer", "age", "How old is he?"),
        {"type": "text", "name": "b", "label": "B?", "relevant": "../age > 5"},
        ("end group",),
    )
    assert [(one.row, one.column) for one in report.refused] == [(4, "relevant"), (8, "relevant")]
    assert "several questions have this name" in report.refused[0].reason
