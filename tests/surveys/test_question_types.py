"""The contract every kind of question keeps, over all that are registered.

A new kind is asked everything here as soon as it is registered; an example of it shows more than luck would.
"""

import re
from contextlib import suppress
from html.parser import HTMLParser
from pathlib import Path

import pytest
from examples import ACTIVITIES, EN, EXAMPLES, KINDS, LANGUAGES, POINTS, Example, question, typed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from trainingapp.config import ROOT
from trainingapp.responses.questions import AskedQuestion
from trainingapp.surveys.question_types import (
    QUESTION_TYPES,
    AnswerUnreadable,
    AnswerValue,
    Asked,
    Counted,
    OptionsUnfit,
    QuestionType,
    register,
)
from trainingapp.surveys.question_types.choices import OneOf

SHARED = {"_legend.html", "_other.html", "_taps.html"}
MORE_OPTIONS = {
    "matrix": [{"items": EXAMPLES["matrix"].options["items"], **POINTS}],
    "activities": [POINTS, {}],
    "number": [{"min": -(10**6), "max": 10**6, "decimals": places} for places in (1, 2, 3, 6)],
    "date": [{"form": form} for form in ("time", "datetime", "month", "year")],
    "place": [{"coordinates": False}],
    "many_of": [{"choices": EXAMPLES["many_of"].options["choices"]}],
}


def variants(kind: str) -> list:
    return [question(kind), *(question(kind, options) for options in MORE_OPTIONS.get(kind, []))]


@pytest.fixture
def in_request(app):
    with app.test_request_context():
        yield app


def on_page(app, asked, form, error="") -> str:
    kind = QUESTION_TYPES[asked.kind]
    shown = AskedQuestion(asked, kind, typed(form), EN, error=error)
    return app.jinja_env.get_template(kind.partial).render(asked=shown)


class Fields(HTMLParser):
    """What a browser would send: the names of fields, and the values of those that are picked."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.picked: dict[str, list[str]] = {}
        self.written: dict[str, str] = {}
        self.checked = 0
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        facts = dict(attributes)
        if tag == "input" and facts.get("type") in {"radio", "checkbox"}:
            self.picked.setdefault(facts["name"], []).append(facts["value"])
            self.checked += "checked" in facts
        elif tag in {"input", "textarea"}:
            self.written[facts["name"]] = facts.get("type", "text")


def test_every_kind_has_an_example_and_a_partial_of_its_own():
    assert set(EXAMPLES) == set(QUESTION_TYPES)
    partials = {path.name for path in Path(ROOT / "templates/responses/questions").glob("_*.html")} - SHARED
    assert partials == {f"_{kind}.html" for kind, cls in QUESTION_TYPES.items() if not cls.computes}


def test_nothing_asks_for_a_kind_by_name():
    names = "|".join(KINDS)
    by_name = re.compile(rf"kind (==|!=|in) ?[\"'({{\[]+({names})[\"']|\bkind\.kind\b")
    for path in [*Path(ROOT / "trainingapp").rglob("*.py"), *Path(ROOT / "templates").rglob("*.html")]:
        about_questions = {"surveys", "responses", "feedback"} & set(path.parts)
        # The one has kinds of tokens; the other translates our names into XLSForm's and back.
        has_other_names = {"expressions", "xlsform"} & set(path.parts)
        assert has_other_names or not about_questions or not by_name.search(path.read_text()), path


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_asked_answered_shown_and_refused(in_request, kind):
    asked, cls, example = question(kind), QUESTION_TYPES[kind], EXAMPLES[kind]
    cls.check_options(asked.options)
    assert str(cls.title)
    assert 0 <= cls.seconds < 60
    assert cls.read(asked, typed({}), EN) == []
    for form in example.forms:
        values = cls.read(asked, typed(form), EN)
        assert values, form
        keeps_the_laws(cls, asked, values)
        shown = cls.prefill(asked, values)
        page = on_page(in_request, asked, shown)
        assert "How is it?" in page
        assert all(f'name="{name}"' in page for name, texts in shown.items() if texts)
        again = Fields(page)
        assert again.checked == sum(
            text in again.picked.get(name, []) or (cls.takes_file and name in again.picked)
            for name, texts in shown.items()
            for text in texts
        )
    for form in example.refused:
        with pytest.raises(AnswerUnreadable) as refusal:
            cls.read(asked, typed(form), EN)
        assert refusal.value.field == "q-k"
        assert str(refusal.value).endswith((".", "?"))
        assert "Look again." in on_page(in_request, asked, form, "Look again.")
    for options in example.unfit:
        with pytest.raises(OptionsUnfit) as unfit:
            cls.check_options(options)
        assert str(unfit.value).endswith(".")


def keeps_the_laws(cls: QuestionType, asked, values) -> None:
    """What is read is stored, shown again and carried by a spreadsheet without a change."""
    assert len({(value.item, value.choice) for value in values}) == len(values), "one row an item and choice"
    assert cls.read(asked, typed(cls.prefill(asked, values)), EN) == values
    assert set(cls.prefill(asked, values)) <= {
        name for name in cls.prefill(asked, values) if name.partition("~")[0] == "q-k"
    }
    for language in ("", *LANGUAGES):
        cells = cls.write(asked, values, language)
        assert set(cells) <= set(cls.columns(asked))
        assert isinstance(cls.spoken(asked, values, language or "en"), str)
        if not cls.takes_file:
            texts = {column: str(cell) for column, cell in cells.items()}
            assert cls.read_cells(asked, texts, LANGUAGES) == values, texts
    assert isinstance(cls.value(asked, values), str | float)
    counted = [Counted(value.choice or value.text or "", value.number, 3, value.item) for value in values]
    summary = cls.summary(asked, counted, 3, "en")
    assert summary.people == 3


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_is_read_as_people_fill_it(in_request, kind):
    asked, cls = question(kind), QUESTION_TYPES[kind]
    assert cls.read_cells(asked, {}, LANGUAGES) == []
    for cells, form in EXAMPLES[kind].cells:
        assert cls.read_cells(asked, cells, LANGUAGES) == cls.read(asked, typed(form), EN), cells


TEXTS = st.one_of(
    st.text(max_size=40),
    st.integers(-9, 2000).map(str),
    st.integers(1, 3).map(str),
    st.floats(allow_nan=True).map(str),
    st.decimals(-1000, 1000, places=3).map(str),
    st.dates().map(str),
    st.datetimes().map(lambda moment: moment.isoformat()[:16]),
    st.times().map(lambda time: f"{time:%H:%M}"),
    st.tuples(st.integers(1, 31), st.sampled_from("/-. "), st.integers(1, 12), st.integers(1900, 2600)).map(
        lambda parts: f"{parts[0]}{parts[1]}{parts[2]}{parts[1]}{parts[3]}"
    ),
    st.tuples(st.floats(-95, 95), st.floats(-190, 190)).map(lambda at: f"{at[0]:.7f}, {at[1]:.7f}"),
    st.sampled_from(["x", "X", "no", "“x”", "other", "Laos", "1.200", "Every week", "=1+1", "\0", "¹", "٣"]),
)


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_whatever_its_page_can_send_is_read_and_kept_or_refused_with_a_sentence(in_request, kind, data):
    """The fields are those of the page itself, so that nothing about a kind is known here."""
    cls = QUESTION_TYPES[kind]
    asked = data.draw(st.sampled_from(variants(kind)))
    fields = Fields("" if cls.computes else on_page(in_request, asked, {}))
    form: MultiDict[str, str] = MultiDict()
    for name, values in fields.picked.items():
        form.setlist(name, data.draw(st.lists(st.sampled_from(values), max_size=3)))
    for name in fields.written:
        form.add(name, data.draw(TEXTS))
    try:
        values = cls.read(asked, form, EN)
    except AnswerUnreadable:
        return
    assert all("\0" not in (value.text or "") for value in values)
    keeps_the_laws(cls, asked, values)


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_nothing_that_is_sent_or_stands_in_a_table_breaks_a_kind(in_request, kind, data):
    cls = QUESTION_TYPES[kind]
    asked = data.draw(st.sampled_from(variants(kind)))
    items = ["", "~other", "~at", "~7", "~costs", "~weekly", "~then", "~", "~~"]
    names = st.sampled_from([f"q-k{item}" for item in items])
    form = MultiDict(data.draw(st.lists(st.tuples(names, TEXTS), max_size=6)))
    columns = st.sampled_from([*cls.columns(asked), "", "other", "nobody asked"])
    cells = data.draw(st.dictionaries(columns, TEXTS, max_size=6))
    for read in (lambda: cls.read(asked, form, EN), lambda: cls.read_cells(asked, cells, LANGUAGES)):
        try:
            values = read()
        except AnswerUnreadable:
            continue
        assert all(isinstance(value, AnswerValue) for value in values)
        assert isinstance(cls.value(asked, values), str | float)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60)
@given(
    options=st.dictionaries(
        st.sampled_from(
            ["choices", "items", "from", "to", "form", "min", "max", "decimals", "other", "unit"]
        ),
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(),
            st.text(max_size=5),
            st.lists(st.text(max_size=3), max_size=2),
        ),
    )
)
def test_options_are_fit_or_refused(kind, options):
    with suppress(OptionsUnfit):
        QUESTION_TYPES[kind].check_options(options)


def test_a_new_kind_needs_a_class_and_a_partial_and_nothing_else(app, in_request, monkeypatch, make):
    """No migration: what it stores fits into the rows there are."""

    class Traffic(OneOf):
        kind = "traffic_light"

        def options(self, question, asked):
            return [option for option in super().options(question, asked) if option.value != "never"]

        @property
        def partial(self):
            return "responses/questions/_one_of.html"

    monkeypatch.setitem(EXAMPLES, "traffic_light", Example(options=EXAMPLES["one_of"].options))
    register(Traffic)
    try:
        asked = question("traffic_light")
        values = QUESTION_TYPES["traffic_light"].read(asked, typed({"q-k": "weekly"}), EN)
        assert values == [AnswerValue(choice="weekly")]
        keeps_the_laws(QUESTION_TYPES["traffic_light"], asked, values)
        stored = make.question(kind="traffic_light", options=asked.options)
        assert stored.id
    finally:
        del QUESTION_TYPES["traffic_light"]


def test_a_scale_is_counted_and_averaged(in_request):
    counted = [Counted("0", 0.0, 1), Counted("8", 8.0, 2), Counted("10", 10.0, 1)]
    summary = QUESTION_TYPES["scale"].summary(question("scale"), counted, 4, "en")
    assert (summary.mean, summary.median) == (6.5, 8.0)
    assert [line.count for line in summary.lines] == [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1]
    assert summary.ends == ("Never", "Certainly")


def test_a_value_of_an_older_wording_is_still_counted(in_request):
    options = {"choices": EXAMPLES["one_of"].options["choices"][:2]}
    asked = question("one_of", options)
    summary = QUESTION_TYPES["one_of"].summary(asked, [Counted("yearly", None, 2)], 2, "fr")
    assert [(line.text, line.count) for line in summary.lines] == [
        ("Chaque semaine", 0),
        ("Not yet", 0),
        ("yearly", 2),
    ]


def test_a_ranking_says_which_two_are_tied(in_request):
    tied = EXAMPLES["ranking"].refused[0]
    with pytest.raises(AnswerUnreadable, match="“Every week” and “Not yet” are both in place 1"):
        QUESTION_TYPES["ranking"].read(question("ranking"), typed(tied), EN)


def test_a_ranking_is_summed_up_with_the_best_place_first(in_request):
    counted = [Counted("weekly", 3.0, 2), Counted("never", 1.0, 2), Counted("1", 2.0, 2)]
    rows = QUESTION_TYPES["ranking"].summary(question("ranking"), counted, 2, "en").rows
    assert [(row.value, row.mean) for row in rows] == [("never", 1.0), ("1", 2.0), ("weekly", 3.0)]
    assert [line.count for line in rows[0].lines] == [2, 0, 0]


def test_a_consent_keeps_the_words_that_were_agreed_to(in_request):
    consent, dari = QUESTION_TYPES["consent"], Asked("fa_AF")
    assert consent.read(question("consent"), typed({"q-k": "yes"}), dari)[0].text == "چطور است؟"
    assert not consent.takes_one_tap, "never chosen by a link in a mail"


def test_a_file_that_is_not_hers_is_no_answer(in_request):
    with pytest.raises(AnswerUnreadable):
        QUESTION_TYPES["file"].read(question("file"), typed({"q-k": "3"}), Asked("en"))


def test_only_her_own_activities_are_answered(in_request):
    activities = QUESTION_TYPES["activities"]
    form = typed({"q-k~7": "weekly", "q-k~99": "weekly"})
    assert [value.item for value in activities.read(question("activities"), form, EN)] == ["7"]
    assert [option.text for option in activities.items(question("activities"), EN)] == [
        what for _, what in ACTIVITIES
    ]
