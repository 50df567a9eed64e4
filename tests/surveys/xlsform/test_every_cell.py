"""Nothing is dropped in silence: each cell of a workbook is carried over, or named."""

import re
from dataclasses import asdict

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from workbooks import read_here, table, xlsx

from trainingapp.spreadsheets import reading as spreadsheets
from trainingapp.surveys.xlsform import reading
from trainingapp.surveys.xlsform.workbook import book_of

STRUCTURAL = {"type", "name", "list_name", "list name", "disabled", "allow_choice_duplicates", "repeat_count"}
# Where a yes or no is said in other words.
MARKS = {
    "required",
    "relevant",
    "constraint",
    "choice_filter",
    "calculation",
    "default",
    "readonly",
    "read_only",
}
MARKS |= {"rows", "appearance", "clean_text_values"}
SAID = {"yes", "no", "true", "false", "true()", "false()", "12", "multiline", "month-year"}


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
    for sheet, row, heading, written in cells_of(book):
        text = written.replace("'", "")
        if heading.lower() in MARKS and text.lower() in SAID:
            continue
        if {(sheet, row, heading), (sheet, row, None), (sheet, None, None)} & named:
            continue
        if heading.lower() in STRUCTURAL or text in carried or " ".join(text.split()) in carried:
            continue
        yield sheet, row, heading, written


NO_USE = """appearance|default|media::image|image::English (en)|audio|guidance_hint|required_message|read_only
parameters|bind::oc:itemgroup|instance::odk:tag|save_to|trigger|autoplay|body::accept|my own notes|rows
sms_field|noAppErrorString|query|control::rows|intent""".replace("\n", "|").split("|")


@pytest.mark.parametrize("column", NO_USE)
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


WORDS = st.sampled_from(
    """text|integer|decimal|date|time|dateTime|note|select_one l|select_multiple l|rank l
select_one l or_other|select_multiple m|geopoint|geotrace|image|audio|video|file|barcode|acknowledge
calculate|hidden|start|today|deviceid|range|select_one_from_file f.csv|csv-external|xml-external|username
trigger|email|background-audio|string|select1 l|select all that apply l|percentage|add text prompt
phone number|select_one m""".replace("\n", "|").split("|")
)
EXPRESSIONS = st.sampled_from(
    """||||yes|no|TRUE|${q0} = 'x'|${q1} > 3|selected(${q2}, 'x')|. > 3|regex(., '[a-z]+')|1 +|count(${q1})
pulldata('a','b','c',${q0})|../q0 = 1|today() > .|once(uuid())|f = ${q0}|f = x|sum(${q1}) > 1|position(..)
if(${q0} = 1, 'x', 'y')|“x” = ‘x’|${q0}|'it''s'|jr:choice-name(${q2}, '${q2}')|${q3} + 1|${ghost} = 1
string-length(.) < 10""".replace("\n", "|").split("|")
)
LABELS = st.one_of(
    st.sampled_from(["A?", "Hello ${q0}", "What is ${q1}", "日本", "a\nb", "-"]), st.text(max_size=6)
)
ROW = st.fixed_dictionaries(
    {"type": WORDS, "label": LABELS},
    optional={
        "relevant": EXPRESSIONS,
        "constraint": EXPRESSIONS,
        "constraint_message": LABELS,
        "calculation": EXPRESSIONS,
        "choice_filter": EXPRESSIONS,
        "required": EXPRESSIONS,
        "appearance": st.sampled_from(["", "minimal", "multiline", "month-year", "field-list"]),
        "default": EXPRESSIONS,
        "label::French (fr)": LABELS,
        "hint": LABELS,
        "read_only": st.sampled_from(["", "yes", "true()"]),
        "media::image": st.sampled_from(["", "x.jpg"]),
        "disabled": st.sampled_from(["", "", "no", "yes"]),
        "other": LABELS,
    },
)
AROUND = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["begin group", "begin_group", "begin repeat", "begin loop over l"]),
        "label": LABELS,
    },
    optional={
        "relevant": EXPRESSIONS,
        "repeat_count": st.sampled_from(["", "2", "${q0}", "99", "0", "${q1} + 1"]),
    },
)
PARTS = st.recursive(
    ROW.map(lambda row: [row]),
    lambda inside: st.tuples(AROUND, st.lists(inside, min_size=1, max_size=3)).map(
        lambda pair: [
            pair[0],
            *(row for part in pair[1] for row in part),
            {"type": "end " + pair[0]["type"].replace("_", " ").split()[1]},
        ]
    ),
    max_leaves=5,
)
CHOICES = st.lists(
    st.fixed_dictionaries(
        {
            "list_name": st.sampled_from(["l", "l", "m", ""]),
            "name": st.sampled_from(["x", "y", "z", "x y", "1", "other", "~", "q" * 70]),
            "label": LABELS,
        },
        optional={"f": st.sampled_from(["", "x", "1", "x y"]), "label::French (fr)": LABELS, "image": LABELS},
    ),
    max_size=4,
    unique_by=lambda row: (row["list_name"], row["name"]),
)
FIRST = [{"list_name": name, "name": "first", "label": "First", "f": "x"} for name in "lm"]


def cleaned(rows):
    """As a spreadsheet's texts come to us."""
    return [{heading: text.replace("\0", "").strip() for heading, text in row.items()} for row in rows]


def mostly_valid(rows):
    """What pyxform would refuse at once is of no interest."""
    for number, row in enumerate(row for row in rows if not row["type"].startswith("end")):
        row |= {"name": f"q{number}", "label": row["label"].strip() or "L"}
        if row["type"] == "calculate":
            row["calculation"] = row.get("calculation") or "1 + 1"
        if "or_other" in row["type"]:
            row["choice_filter"] = ""
    for row in rows:
        for heading, text in row.items():
            text = re.sub(r"\$\{q[123]\}", "${q0}", text) if len(rows) < 6 else text  # noqa: PLW2901
            row[heading] = "${q0} = 1" if "ghost" in text and len(rows) % 5 else text
    return rows


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(PARTS, min_size=1, max_size=6), CHOICES, st.sampled_from(["", "yes"]))
def test_any_form_that_pyxform_takes_is_imported_or_refused_with_its_place(parts, choices, twice):
    rows = mostly_valid([dict(row) for part in parts for row in part])
    form, report, book = read_here(
        {
            "survey": table(cleaned(rows)),
            "choices": table(cleaned([*FIRST, *choices])),
            "settings": [["form_title", "allow_choice_duplicates"], ["Form", twice]],
        }
    )
    event(f"valid: {form is not None}, imported: {report.is_accepted}")
    for one in report.refused:
        assert one.reason
        assert one.sheet
    if form is not None:
        assert report.is_accepted or all(one.row for one in report.refused)
        repeats = any(row["type"].startswith(("begin repeat", "begin loop")) for row in rows)
        if not repeats:  # there names and texts change with each copy
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
