"""Nothing is dropped in silence: each cell of a workbook is carried over, or named."""

from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from workbooks import read_here, table, xlsx

from trainingapp.spreadsheets import reading as spreadsheets
from trainingapp.surveys.xlsform import reading
from trainingapp.surveys.xlsform.workbook import book_of

STRUCTURAL = {"type", "name", "list_name", "list name", "disabled", "allow_choice_duplicates", "repeat_count"}
MARKS = {"required", "readonly", "read_only", "rows", "clean_text_values"}  # what becomes a yes, or a kind
EXAMPLES = Path("/work/shared/data/xlsform")


def book(data):
    return book_of(spreadsheets.read(data, whole=True))


def cells_of(book):
    for table_ in book.all_tables:
        for row in table_.rows:
            for heading, text in {**row.cells, **row.loose}.items():
                yield table_.name, row.number, heading, text


def words_of(form):
    """Every text anywhere in the questionnaire."""

    def walk(part):
        if isinstance(part, dict):
            for key, value in part.items():
                yield str(key)
                yield from walk(value)
        elif isinstance(part, (list, tuple)):
            for value in part:
                yield from walk(value)
        else:
            yield str(part)

    return " \n".join(walk(asdict(form)))


def unaccounted(book, form, report):
    named = {(one.sheet, one.row, one.column) for one in (*report.left_behind, *report.refused)}
    carried = words_of(form).replace("'", "")
    for sheet, row, heading, text in cells_of(book):
        text = text.replace("'", "")
        if heading.lower() in MARKS and text.lower() in {
            "yes",
            "no",
            "true",
            "false",
            "true()",
            "false()",
            "12",
        }:
            continue
        if {(sheet, row, heading), (sheet, row, None), (sheet, None, None)} & named:
            continue
        if heading.lower() in STRUCTURAL or text in carried or " ".join(text.split()) in carried:
            continue
        yield sheet, row, heading, text


@pytest.mark.parametrize("column", [
    "appearance", "default", "media::image", "image::English (en)", "audio", "guidance_hint", "required_message",
    "read_only", "parameters", "bind::oc:itemgroup", "instance::odk:tag", "save_to", "trigger", "autoplay",
    "body::accept", "my own notes", "rows", "sms_field", "noAppErrorString", "query", "control::rows", "intent",
])  # fmt: skip
def test_a_column_that_we_have_no_use_for_is_named(column):
    text = "${a}" if column == "trigger" else ("yes" if column == "read_only" else "4")
    if column == "parameters":
        text = "randomize=true"
    data = xlsx(
        survey=[
            ["type", "name", "label", column],
            ["integer", "a", "A?", ""],
            ["select_one l", "b", "B?", text],
        ],
        choices=[["list_name", "name", "label"], ["l", "x", "X"]],
    )
    form, report = reading.read(data, "form.xlsx")
    if not form:
        assert report.refused[0].reason
        return
    assert ("survey", 3, column) in [(one.sheet, one.row, one.column) for one in report.left_behind]
    assert not list(unaccounted(book(data), form, report))


def test_rows_and_sheets_that_are_no_part_of_the_form_are_named():
    data = xlsx(
        survey=[
            ["type", "name", "label", "", "note to self"],
            ["text", "a", "A?", "no heading", ""],
            ["", "", "", "", "just a comment"],
            ["text", "b", "B?", "", ""],
        ],
        choices=[["list_name", "name", "label", "image"], ["unused", "x", "X", "x.jpg"], ["", "", "Y", ""]],
        settings=[["form_title", "style"], ["T", "pages"], ["second", "row"]],
        calculations=[["anything"], ["1"]],
        entities=[["list_name", "label"], ["trees", "${a}"]],
    )
    form, report = reading.read(data, "form.xlsx")
    assert report.is_accepted
    assert not list(unaccounted(book(data), form, report))
    named = {(one.sheet, one.row, one.column) for one in report.left_behind}
    assert {
        ("survey", 2, "D"),
        ("survey", 3, None),
        ("choices", 2, None),
        ("choices", 3, None),
        ("settings", 2, "style"),
        ("settings", 3, None),
        ("calculations", None, None),
        ("entities", 2, None),
    } <= named


@pytest.mark.skipif(
    not EXAMPLES.is_dir(), reason="needs the real forms, which are not part of the repository"
)
@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*")), ids=lambda path: path.name)
def test_every_cell_of_the_forms_of_others_is_accounted_for(path):
    data = path.read_bytes()
    form, report = reading.read(data, path.name)
    if report.is_accepted:
        assert not list(unaccounted(book(data), form, report))


WORDS = st.sampled_from(
    ["text", "integer", "decimal", "date", "time", "dateTime", "note", "select_one l", "select_multiple l", "rank l",
     "select_one l or_other", "select_multiple m", "geopoint", "geotrace", "image", "audio", "video", "file", "barcode",
     "acknowledge", "calculate", "hidden", "start", "today", "deviceid", "range", "begin group", "end group",
     "begin repeat", "end repeat", "begin_group", "select_one_from_file f.csv", "csv-external", "text ", "Text",
     "select_one none", "begin loop over l", "end loop", "xml-external", "audit", "username", "trigger", "email",
     "background-audio", "string", "select1 l", "select all that apply l", "percentage", "add text prompt"]
)  # fmt: skip
NAMES = st.one_of(
    st.sampled_from(["a", "b", "c", "d", "e", "g", "h", "A", "a-b", "a.b", "ü", ""]), st.text(max_size=4)
)
EXPRESSIONS = st.sampled_from(
    ["", "", "", "yes", "no", "TRUE", "${a} = 'x'", "${b} > 3", "selected(${c}, 'x')", ". > 3", "regex(., '[a-z]+')",
     "${zz} = 1", "1 +", "count(${a})", "pulldata('a','b','c',${a})", "../a = 1", "today() > .", "${g} != ''",
     "once(uuid())", "f = ${a}", "f = x", "sum(${a}) > 1", "if(${a} = 1, 'x', 'y')", "“x” = ‘x’", "position(..)",
     "${a}", "'it''s'", "jr:choice-name(${c}, '${c}')"]
)  # fmt: skip
LABELS = st.one_of(
    st.sampled_from(["", "A?", "Hello ${a}", "What is ${b}", "日本", "a\nb"]), st.text(max_size=6)
)
ROW = st.fixed_dictionaries(
    {"type": WORDS, "name": NAMES, "label": LABELS},
    optional={
        "relevant": EXPRESSIONS,
        "constraint": EXPRESSIONS,
        "constraint_message": LABELS,
        "calculation": EXPRESSIONS,
        "choice_filter": EXPRESSIONS,
        "required": EXPRESSIONS,
        "appearance": st.sampled_from(["", "minimal", "multiline", "month-year", "field-list"]),
        "parameters": st.sampled_from(
            ["", "start=1 end=5", "start=0 end=1 step=0.1", "rows=3", "x", "randomize=true"]
        ),
        "repeat_count": st.sampled_from(["", "2", "${a}", "${b} + 1", "99"]),
        "default": EXPRESSIONS,
        "label::French (fr)": LABELS,
        "hint": LABELS,
        "read_only": st.sampled_from(["", "yes", "true()"]),
        "media::image": st.sampled_from(["", "x.jpg"]),
        "disabled": st.sampled_from(["", "no", "yes"]),
        "other": LABELS,
    },
)
CHOICE = st.fixed_dictionaries(
    {
        "list_name": st.sampled_from(["l", "l", "l", "m", ""]),
        "name": st.sampled_from(["x", "y", "z", "x y", "1", "other", "~", "", "q" * 70]),
        "label": LABELS,
    },
    optional={"f": st.sampled_from(["", "x", "1", "x y"]), "label::French (fr)": LABELS, "image": LABELS},
)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(ROW, min_size=1, max_size=8),
    st.lists(CHOICE, min_size=1, max_size=6),
    st.sampled_from(["", "yes"]),
    st.booleans(),
)
def test_any_form_that_pyxform_takes_is_imported_or_refused_with_its_place(rows, choices, twice, closes):
    if closes:
        open_words = [
            row["type"].split()[-1].removeprefix("begin_") for row in rows if row["type"].startswith("begin")
        ]
        rows = [row for row in rows if not row["type"].startswith("end")]
        rows += [{"type": f"end {'loop' if word == 'l' else word}"} for word in reversed(open_words)]
    for number, row in enumerate(rows):
        row["name"] = row.get("name", "") or f"n{number}"
    form, report, book = read_here(
        {
            "survey": table(rows),
            "choices": table(choices),
            "settings": [["form_title", "allow_choice_duplicates"], ["Form", twice]],
        }
    )
    event(f"{form is not None} {report.is_accepted}")
    for one in report.refused:
        assert one.reason
        assert one.sheet
    if form is not None:  # pyxform takes it
        assert report.is_accepted or all(one.row for one in report.refused)
        assert not list(unaccounted(book, form, report))


@given(st.binary(max_size=300))
@settings(max_examples=15, deadline=None)
def test_any_bytes_are_refused_in_a_sentence(data):
    form, report = reading.read(data, "x")
    assert form or report.refused


def test_a_form_as_large_as_they_come_is_read():
    rows = [["type", "name", "label"], *(["text", f"q{number}", "Q?"] for number in range(900))]
    form, report = reading.read(xlsx(survey=rows), "x.xlsx")
    assert report.is_accepted
    assert len(form.questions) == 900
