"""The contract every kind of question keeps. A new kind needs a line in EXAMPLES, and nothing else here."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from trainingapp.config import ROOT
from trainingapp.refusals import Refusal
from trainingapp.responses.forms import AskedQuestion
from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types import QUESTION_TYPES, Asked, Counted

EN = Asked("en")

CHOICES = [
    {"value": "weekly", "text": {"en": "Every week", "fr": "Chaque semaine"}},
    {"value": "never", "text": {"en": "Not yet"}},
]


@dataclass
class Example:
    options: dict
    forms: list[dict[str, list[str]]]
    refused: list[dict[str, list[str]]] = field(default_factory=list)


EXAMPLES = {
    "text": Example({}, [{"q-k": ["Bought a dryer"]}], [{"q-k": ["x" * 301]}]),
    "long_text": Example({}, [{"q-k": ["Two lines\nof বাংলা"]}], [{"q-k": ["x" * 4001]}]),
    "number": Example(
        {"unit": {"en": "people", "fr": "personnes"}, "max": 10**6},
        [{"q-k": ["0"]}, {"q-k": ["1 200"]}, {"q-k": ["۱۲"]}],
        [{"q-k": ["many"]}, {"q-k": ["-1"]}, {"q-k": ["nan"]}, {"q-k": ["1e9"]}, {"q-k": ["2.5"]}],
    ),
    "yes_no": Example({}, [{"q-k": ["yes"]}, {"q-k": ["no"]}], [{"q-k": ["perhaps"]}]),
    "one_of": Example({"choices": CHOICES}, [{"q-k": ["weekly"]}], [{"q-k": ["<script>"]}]),
    "many_of": Example(
        {"choices": CHOICES, "other": True},
        [
            {"q-k": ["weekly", "never"]},
            {"q-k": ["other"], "q-k~other": ["The bank withdrew"]},
            {"q-k": ["other"]},
        ],
        [{"q-k": ["weekly", "daily"]}, {"q-k~other": ["x" * 301]}],
    ),
    "scale": Example(
        {"from": 0, "to": 10, "low": {"en": "Never"}, "high": {"en": "Certainly"}},
        [{"q-k": ["0"]}, {"q-k": ["10"]}],
        [{"q-k": ["11"]}, {"q-k": ["-1"]}, {"q-k": ["1.0"]}],
    ),
}


def asked(kind: str) -> Question:
    return Question(
        key="k",
        kind=kind,
        wording={"en": "How is it?", "fa_AF": "چطور است؟"},
        hint={},
        options=EXAMPLES[kind].options,
    )


def typed(form: dict[str, list[str]]) -> MultiDict[str, str]:
    return MultiDict([(name, text) for name, texts in form.items() for text in texts])


def test_every_kind_has_an_example_and_a_partial_of_its_own():
    assert set(EXAMPLES) == set(QUESTION_TYPES)
    partials = {path.name for path in Path(ROOT / "templates/responses/questions").glob("_*.html")} - {
        "_legend.html",
        "_other.html",
    }
    assert partials == {f"_{kind}.html" for kind in QUESTION_TYPES}


def test_nothing_else_asks_for_a_kind_by_name():
    by_name = re.compile(r"question\.kind (==|in)|\bkind\.kind\b")
    for path in [*Path(ROOT / "trainingapp").rglob("*.py"), *Path(ROOT / "templates").rglob("*.html")]:
        assert path.parent.name == "question_types" or not by_name.search(path.read_text()), path


@pytest.fixture
def in_request(app):
    with app.test_request_context():
        yield app


@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_kind_keeps_the_contract(in_request, kind):
    question, cls, example = asked(kind), QUESTION_TYPES[kind], EXAMPLES[kind]
    assert cls.read(question, typed({}), EN) == []
    assert cls.read(question, typed({"q-k": ["", " "]}), EN) == []
    for form in example.forms:
        values = cls.read(question, typed(form), EN)
        assert values, form
        assert len({value.choice for value in values}) == len(values), "one row a choice"
        assert cls.read(question, typed(cls.prefill(question, values)), EN) == values
        page = _on_page(in_request, question, cls.prefill(question, values))
        for name, texts in cls.prefill(question, values).items():
            assert not texts or f'name="{name}"' in page
            assert all(f'value="{text}"' in page or f">{text}</textarea>" in page for text in texts)
        assert page.count(" checked") == sum(bool(value.choice) for value in values)
        counted = [Counted(value.choice, value.number, 3) for value in values]
        summary = cls.summary(question, counted, 3, "en")
        assert summary.people == 3
        assert summary.lines or summary.has_words or summary.mean is not None
    for form in example.refused:
        with pytest.raises(Refusal) as refusal:
            cls.read(question, typed(form), EN)
        assert refusal.value.field == "q-k"
        assert str(refusal.value).endswith(".")
        assert "Look again." in _on_page(in_request, question, form)
    assert str(cls.title)
    assert 0 < cls.seconds < 60


def _on_page(app, question, form):
    kind = QUESTION_TYPES[question.kind]
    on_page = AskedQuestion(question, kind, typed(form), EN, error="Look again.")
    page = app.jinja_env.get_template(kind.partial).render(asked=on_page)
    assert "How is it?" in page
    return page


@given(st.lists(st.tuples(st.sampled_from(["q-k", "q-k~other", "x"]), st.text()), max_size=6))
def test_whatever_is_typed_is_read_or_refused_with_a_sentence(pairs):
    for kind, cls in QUESTION_TYPES.items():
        question = asked(kind)
        try:
            values = cls.read(question, MultiDict(pairs), EN)
        except Refusal:
            continue
        assert all("\0" not in (value.text or "") for value in values)
        assert cls.read(question, typed(cls.prefill(question, values)), EN) == values


def test_a_scale_is_counted_and_averaged(in_request):
    scale = QUESTION_TYPES["scale"]
    counted = [Counted("0", 0.0, 1), Counted("8", 8.0, 2), Counted("10", 10.0, 1)]
    summary = scale.summary(asked("scale"), counted, 4, "en")
    assert (summary.mean, summary.median) == (6.5, 8.0)
    assert [line.count for line in summary.lines] == [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1]
    assert summary.ends == ("Never", "Certainly")


def test_a_value_of_an_older_wording_is_still_counted(in_request):
    summary = QUESTION_TYPES["one_of"].summary(asked("one_of"), [Counted("yearly", None, 2)], 2, "fr")
    assert [(line.text, line.count) for line in summary.lines] == [
        ("Chaque semaine", 0),
        ("Not yet", 0),
        ("yearly", 2),
    ]
