"""Out and in again: the same questionnaire, whatever it asks; and pyxform takes what we write."""

import io
import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from workbooks import form, read_here, xlsx

from trainingapp.surveys.models import Anonymity, Level
from trainingapp.surveys.question_types import QUESTION_TYPES
from trainingapp.surveys.xlsform import own_columns, reading, writing
from trainingapp.surveys.xlsform.contents import Form, Item, Section

LANGUAGES = ["en", "id", "fr", "fa_AF", "tpi", "xx"]
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="${}"),
    min_size=1,
    max_size=8,
)
TEXTS = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)
KEYS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.\-]{0,20}", fullmatch=True)
VALUES = st.from_regex(r"[A-Za-z0-9_.\-]{1,12}", fullmatch=True)


def texts(languages, least=1):
    return st.dictionaries(st.sampled_from(languages), TEXTS, min_size=least, max_size=len(languages))


def choices(languages, least=1):
    facts = st.dictionaries(st.sampled_from(["region", "kind of firm"]), VALUES, min_size=1)
    one = st.fixed_dictionaries(
        {"value": VALUES.filter(lambda value: value != "other"), "text": texts(languages)},
        optional={"facts": facts},
    )
    return st.lists(one, min_size=least, max_size=4, unique_by=lambda choice: choice["value"])


def things(languages):
    """What a matrix asks about: choices without facts."""
    return choices(languages).map(
        lambda listed: [{"value": one["value"], "text": one["text"]} for one in listed]
    )


def points(languages):
    ends = {"low": texts(languages), "high": texts(languages)}
    return st.tuples(st.integers(0, 3), st.integers(1, 8)).flatmap(
        lambda pair: st.fixed_dictionaries(
            {"from": st.just(pair[0]), "to": st.just(sum(pair))}, optional=ends
        )
    )


def options(kind, languages):
    limits = st.tuples(st.integers(-50, 50), st.integers(0, 100)).map(lambda pair: (pair[0], sum(pair)))
    both = {
        "number": limits.flatmap(
            lambda pair: st.fixed_dictionaries(
                {},
                optional={
                    "min": st.just(min(pair[0], 0)),
                    "max": st.just(max(pair[1], 0)),
                    "decimals": st.integers(1, 6),
                    "unit": texts(languages),
                },
            )
        ),
        "one_of": st.fixed_dictionaries({"choices": choices(languages)}, optional={"other": st.just(True)}),
        "many_of": st.fixed_dictionaries({"choices": choices(languages)}, optional={"other": st.just(True)}),
        "ranking": st.fixed_dictionaries({"choices": choices(languages, 2)}),
        "scale": points(languages),
        "matrix": st.one_of(
            st.fixed_dictionaries({"items": things(languages), "choices": choices(languages)}),
            st.tuples(points(languages), things(languages)).map(lambda pair: {**pair[0], "items": pair[1]}),
        ),
        "then_now": st.tuples(
            points(languages),
            st.fixed_dictionaries({}, optional={"then": texts(languages), "now": texts(languages)}),
        ).map(lambda pair: {**pair[0], **pair[1]}),
        "date": st.sampled_from(
            [
                {},
                {"form": "time"},
                {"form": "datetime"},
                {"form": "month", "min": "2020-01"},
                {"form": "year"},
                {"min": "2020-01-01", "max": "2020-12-31"},
            ]
        ),
        "file": st.sampled_from([{}, {"form": "photo"}]),
        "place": st.sampled_from([{}, {"coordinates": False}]),
        "activities": st.one_of(st.just({}), points(languages)),
    }
    return both.get(kind, st.just({}))


def items(kind, languages):
    is_asked = QUESTION_TYPES[kind].takes_answer
    picks = kind in {"one_of", "many_of"}
    return st.builds(
        Item,
        key=KEYS,
        kind=st.just(kind),
        level=st.sampled_from(Level),
        is_required=st.booleans() if is_asked else st.just(False),
        wording=texts(languages),
        hint=texts(languages, 0),
        options=options(kind, languages),
        relevant=st.sampled_from(["", "${first} = 'a'", "${first} != '' and not(false())"]),
        required_if=st.sampled_from(["", "${first} = 'b'"]) if is_asked else st.just(""),
        constraint=st.sampled_from(["", "string-length(.) < 100", ". >= 0 or . = 'x'"])
        if is_asked
        else st.just(""),
        constraint_text=texts(languages, 0) if is_asked else st.just({}),
        calculation=st.sampled_from(["1 + 1", "concat(${first}, 'x')"])
        if kind == "computed"
        else st.just(""),
        choice_filter=st.sampled_from(["", "name != ${first}"]) if picks else st.just(""),
        appearance=st.sampled_from(["", "minimal", "w1 likert"]),
    )


@st.composite
def forms(draw, kinds=tuple(QUESTION_TYPES)):
    languages = draw(st.lists(st.sampled_from(LANGUAGES), min_size=1, max_size=3, unique=True))
    asked = draw(
        st.lists(
            st.sampled_from(kinds).flatmap(lambda kind: items(kind, languages)),
            min_size=1,
            max_size=5,
            unique_by=lambda item: item.key.lower(),
        )
    )
    reserved = {"first", "meta", "data", "instanceid", "instancename"}
    asked = [item for item in asked if item.key.lower() not in reserved]
    sections = draw(
        st.lists(
            st.builds(
                Section,
                key=KEYS,
                title=texts(languages, 0),
                hint=texts(languages, 0),
                relevant=st.sampled_from(["", "${first} = 'a'"]),
            ),
            max_size=3,
            unique_by=lambda section: section.key.lower(),
        )
    )
    for number, section in enumerate(sections):
        section.parent = sections[number - 1].key if number and draw(st.booleans()) else ""
    around = 0
    for item in asked:
        around = draw(st.integers(around, max(around, len(sections))))
        item.section = sections[around - 1].key if around else ""
    first = Item("first", "text", wording={languages[0]: "First"})
    whole = Form(
        draw(TEXTS),
        draw(st.from_regex(r"[a-z][a-z0-9\-]{0,20}", fullmatch=True)),
        languages,
        sections,
        [first, *asked],
        draw(st.sampled_from(Anonymity)),
        draw(st.booleans()),
        str(draw(st.integers(1, 99))),
    )
    return in_reading_order(whole)


def in_reading_order(form):
    """As builder and import keep it: a section is read where its first question stands."""
    sections, questions = [], []

    def walk(key):
        for part in writing.in_order(form, key):
            if isinstance(part, Section):
                sections.append(part)
                walk(part.key)
            else:
                questions.append(part)

    walk("")
    form.sections, form.questions = sections, questions
    return form


def back(form):
    """Through the sheets, in this process."""
    sheets = {}
    for name, rows in writing.Writer(form).sheets().items():
        headings = list(dict.fromkeys(heading for row in rows for heading in row))
        sheets[name] = [headings, *([row.get(heading, "") for heading in headings] for row in rows)]
    found, report, _book = read_here(sheets)
    return found, report


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(forms())
@example(Form("T", "t", ["en"], [], [Item("a", "activities", wording={"en": "?"})], version="1"))
def test_any_questionnaire_of_ours_comes_back_as_it_was(form):
    found, report = back(form)
    assert not report.refused
    for mine, theirs in zip(
        (*form.sections, *form.questions), (*found.sections, *found.questions), strict=True
    ):
        assert theirs == mine
    assert found == form
    assert all("appearance" in (one.column or "") for one in report.left_behind)


CHOICES = [
    {"value": "a", "text": {"en": "A", "id": "Huruf A"}, "facts": [{"region": "x"}, {"region": "y"}]},
    {"value": "b", "text": {"en": "B", "id": "Huruf B"}, "facts": {"region": "y"}},
]
POINTS = {"from": 1, "to": 5, "low": {"en": "Never"}, "high": {"en": "Always", "id": "Selalu"}}
OPTIONS = {
    "number": {"min": 1, "max": 5, "decimals": 2, "unit": {"en": "people"}},
    "one_of": {"choices": CHOICES, "other": True},
    "many_of": {"choices": CHOICES},
    "ranking": {"choices": CHOICES},
    "scale": POINTS,
    "matrix": {**POINTS, "items": [{"value": "x", "text": {"en": "X"}}, {"value": "y", "text": {"en": "Y"}}]},
    "then_now": {**POINTS, "then": {"en": "Before the course"}},
    "date": {"form": "month"},
    "file": {"form": "photo"},
}


def test_every_kind_of_question_goes_through_a_real_file():
    sections = [
        Section("s", title={"en": "Part"}),
        Section("t", "s", {"en": "Inner"}, {}, "${long_text} != ''"),
    ]
    questions = [
        Item(
            kind,
            kind,
            "s" if number % 2 else "t",
            Level.RESULTS,
            wording={"en": f"The {kind}?", "id": "Apa?"},
            hint={"id": "\u2026"},
            options=OPTIONS.get(kind, {}),
            calculation="1 + 1" if kind == "computed" else "",
        )
        for number, kind in enumerate(QUESTION_TYPES)
    ]
    questions.sort(key=lambda item: item.section, reverse=True)
    form = in_reading_order(Form("All of it", "all", ["id", "en", "fr"], sections, questions, version="3"))
    found, report = reading.read(writing.workbook(form), "form.xlsx")
    assert not report.refused
    assert found.sections == form.sections
    for mine, theirs in zip(form.questions, found.questions, strict=True):
        assert theirs == mine
    assert found == form


def test_limits_of_a_number_are_said_to_other_programs_too():
    item = Item("a", "number", wording={"en": "A"}, options={"min": 1, "max": 9}, constraint=". != 5")
    (row,) = writing.Writer(Form("T", "t", ["en"], [], [item])).sheets()["survey"]
    assert row["constraint"] == "(. != 5) and . >= 1 and . <= 9"


def test_limits_that_someone_changed_in_the_file_are_believed():
    data = form(
        {
            "type": "integer",
            "name": "a",
            "label": "A",
            "constraint": "(. != 5) and . >= 1 and . <= 12",
            own_columns.MORE: json.dumps({"options": {"min": 1, "max": 9}, "constraint": ". != 5"}),
        }
    )
    found, _report = reading.read(data, "form.xlsx")
    assert found.questions[0].constraint == "(. != 5) and . >= 1 and . <= 12"


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"options": 3}', '{"key": 4}', "[" * 5000, '{"options": {"min": "x"}}']
)
def test_a_column_of_ours_that_someone_broke_is_named(text):
    data = form({"type": "integer", "name": "a", "label": "A", own_columns.MORE: text})
    found, report = reading.read(data, "form.xlsx")
    places = [(one.row, one.column) for one in (*report.left_behind, *report.refused)]
    assert places
    assert found


def test_the_file_says_its_texts_as_texts():
    import openpyxl

    item = Item("a", "text", wording={"en": "=1+1"}, hint={"en": "x" * 40_000})
    book = openpyxl.load_workbook(io.BytesIO(writing.workbook(Form("=T", "t", ["en"], [], [item]))))
    assert book["survey"]["C2"].data_type == "s"
    assert xlsx(survey=[["a"]])
