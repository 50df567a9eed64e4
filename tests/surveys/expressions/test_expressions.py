"""One table of cases, for Python and for the browser; and the laws: any text, any values."""

import json
import math
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from playwright.sync_api import Error

from trainingapp.surveys.expressions import ExpressionUnreadable, parse, truth
from trainingapp.surveys.expressions.functions import FUNCTIONS, RARE

TABLE = json.loads(Path(__file__).with_name("cases.json").read_text(encoding="utf-8"))
NOW = datetime.fromisoformat(TABLE["now"])
STATIC = Path(__file__).parents[3] / "static"


def evaluated(text, **others):
    around = {name: TABLE[name] for name in ("values", "here", "facts")}
    return parse(text).evaluate(**{**around, "at": NOW, **others})


@pytest.mark.parametrize(("text", "value"), TABLE["cases"], ids=str)
def test_an_expression_comes_to_its_value(text, value):
    found = evaluated(text)
    assert (found, isinstance(found, bool)) == (value, isinstance(value, bool))


@pytest.fixture
def page(chromium):
    page = chromium.new_page()
    for name in ("when.js", "when-rare.js"):
        page.add_script_tag(path=STATIC / name)
    yield page
    page.close()


@pytest.mark.browser
def test_the_browser_comes_to_the_same_values(page):
    trees = [parse(text).as_json() for text, _value in TABLE["cases"]]
    found = page.evaluate(
        """([trees, { values, here, facts, now }]) =>
           trees.map((tree) => when(tree, values, here, facts, new Date(now)))""",
        [trees, TABLE],
    )
    wrong = [
        (text, value, there)
        for (text, value), there in zip(TABLE["cases"], found, strict=True)
        if (there, isinstance(there, bool)) != (value, isinstance(value, bool))
    ]
    assert not wrong


def called(known):
    return [[name, *["1"] * function.least] for name, function in known.items()]


@pytest.mark.browser
def test_the_second_script_holds_what_is_rare_and_nothing_else(chromium):
    page = chromium.new_page()
    page.add_script_tag(path=STATIC / "when.js")
    usual = {name: function for name, function in FUNCTIONS.items() if name not in RARE}
    page.evaluate("(trees) => trees.forEach((tree) => when(tree))", called(usual))
    for tree in called(RARE):
        with pytest.raises(Error, match="is not a function"):
            page.evaluate("(tree) => when(tree)", tree)
    page.close()


def test_an_expression_knows_whether_it_calls_what_is_rare():
    assert parse("${a} = 1 and substr(${b}, 0, 1) = 'x'").calls_rare
    assert not parse("selected(${a}, 'substr') and ${b} > today()").calls_rare


@pytest.mark.browser
def test_the_browser_knows_every_function(page):
    page.evaluate("(trees) => trees.forEach((tree) => when(tree))", called(FUNCTIONS))
    assert page.evaluate(
        "(tree) => when.names(tree)", parse("${a} = 1 or selected(${b}, 'x')").as_json()
    ) == [
        "a",
        "b",
    ]


@pytest.mark.parametrize(
    ("text", "position", "met"),
    [
        ("", 1, ""),
        ("1 +", 4, ""),
        ("${a} = = 2", 8, "="),
        ("(1", 3, ""),
        ("1)", 2, ")"),
        ("frobnicate(1)", 1, "frobnicate"),
        ("pulldata('x', 'y', 'z', 1)", 1, "pulldata"),
        ("instance('a')/list/item[b=1]/c", 1, "instance"),
        ("${last-saved#a}", 1, "$"),
        ("1 1", 3, "1"),
        ("${a} === 1", 7, "="),
        ("'open", 1, "'"),
        ("if(1, 2)", 1, "if"),
        ("selected(${a})", 1, "selected"),
        ("regex(., '(?=a)')", 1, "regex"),
        ("a[1]", 2, "["),
        ("..", 1, ".."),
        ("/data/*", 1, "/"),
        ("//a", 1, "//"),
        ("${a b}", 1, "$"),
        ("1 && 2", 3, "&"),
        ("count(${a})", 1, "count"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text, position, met):
    with pytest.raises(ExpressionUnreadable) as refused:
        parse(text)
    assert (refused.value.position, refused.value.met) == (position, met)
    assert str(refused.value).endswith(".")


def test_it_names_the_answers_and_the_facts_it_asks_for():
    found = parse("${a} = 1 or (if(${b}, state, ../c) = 2)")
    assert found.names == {"a", "b", "c"}
    assert found.columns == {"state"}
    assert found.text == "${a} = 1 or (if(${b}, state, ../c) = 2)"
    assert found.as_json() == [
        "or",
        ["=", ["$", "a"], 1],
        ["=", ["if", ["$", "b"], ["@", "state"], ["$", "c"]], 2],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "1" + ")" * 5000,
        "-" * 5000 + "1",
        "1" + " div 1" * 1500,
        "1" + " < 1" * 1500,
        "if(1," * 1500 + "1" + ",2)" * 1500,
        "1" * 20_000,
        "(" * 30 + "1" + (" div 1" * 10 + ")") * 30,
    ],
)
def test_depth_and_length_have_limits(text):
    with pytest.raises(ExpressionUnreadable):
        parse(text)


def test_long_but_flat_is_welcome():
    assert evaluated(" or ".join(["${n} = 1"] * 700 + ["${n} = 5"])) is True
    assert evaluated("1" + " + 1" * 2000) == 2001


def test_what_is_said_twice_in_each_step_stays_short():
    text = "x"
    for _step in range(20):
        text = evaluated("concat(${t}, ${t})", values={"t": text})
    assert len(text) == 10_000


def test_no_pattern_holds_the_server_up():
    assert evaluated("regex(., '(a+)+$')", here="a" * 10_000 + "b") is False


PIECES = st.sampled_from(
    [
        "${a}",
        "${b}",
        ".",
        "..",
        "/",
        "//",
        ",",
        "(",
        ")",
        "[",
        "]",
        "1",
        "2.5",
        "'x'",
        '"y"',
        "''",
        "=",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "+",
        "-",
        "*",
        "div",
        "mod",
        "and",
        "or",
        "not(",
        "if(",
        "selected(",
        "regex(",
        "min(",
        "coalesce(",
        "concat(",
        "today()",
        "now()",
        "true()",
        "number(",
        "round(",
        "substr(",
        "date(",
        "int(",
        "string-length(",
        "translate(",
        "'['",
        "state",
        "data",
        "instance(",
        "current()",
        "once(",
        "pow(",
        "'ab'",
        "1e9",
        "format-date(",
        "'%Y'",
        "selected-at(",
        "&",
        "$",
        "#",
        "{",
        "}",
    ]
)
ANY_VALUE = st.one_of(
    st.text(max_size=12), st.floats(), st.booleans(), st.integers(-(10**20), 10**20), st.dates().map(str)
)


@given(
    st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=25).map(" ".join)),
    st.dictionaries(st.sampled_from("ab"), ANY_VALUE),
    ANY_VALUE,
)
@example("date(1e9)", {}, "")
@example("regex('a', '\ud800')", {}, "")
def test_any_text_either_parses_or_is_refused_with_its_place(text, values, here):
    try:
        found = parse(text)
    except ExpressionUnreadable as refused:
        place = refused.position
    else:
        place = 1
        value = found.evaluate(values, here, {"state": here}, NOW)
        assert isinstance(value, str) or math.isfinite(value)
        assert truth(value) in {True, False}
        json.dumps(found.as_json(), allow_nan=False)
    assert 1 <= place <= len(text) + 1


def _calls():
    leaf = st.one_of(
        st.sampled_from(["${a}", "${b}", ".", "state", "today()", "now()", "''"]),
        st.integers(-99, 99).map(str),
        st.text("ab1 -:%Y[(", max_size=6).map(lambda text: f"'{text}'"),
    )

    def deeper(inner):
        calls = [
            st.lists(inner, min_size=function.least, max_size=min(function.most, function.least + 2)).map(
                lambda parts, name=name: f"{name}({', '.join(parts)})"
            )
            for name, function in FUNCTIONS.items()
        ]
        signs = st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod", "and", "or"])
        return st.one_of(
            *calls, st.tuples(inner, signs, inner).map(lambda three: "({} {} {})".format(*three))
        )

    return st.recursive(leaf, deeper, max_leaves=8)


@given(_calls(), st.fixed_dictionaries({"a": ANY_VALUE, "b": ANY_VALUE}), ANY_VALUE)
def test_every_function_has_a_value_for_any_values(text, values, here):
    try:
        found = parse(text)
    except ExpressionUnreadable:
        return  # a pattern that is none
    value = found.evaluate(values, here, {"state": here}, NOW)
    assert isinstance(value, str) or math.isfinite(value)
