"""A question of each kind, with what may be typed and what is refused."""

from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types import QUESTION_TYPES, Asked

CHOICES = [
    {"value": "weekly", "text": {"en": "Every week", "id": "Setiap minggu", "fr": "Chaque semaine"}},
    {"value": "never", "text": {"en": "Not yet", "id": "Belum"}},
    {"value": "1", "text": {"en": "Once, or twice", "fa_AF": "یک یا دو بار"}},
]
ITEMS = [
    {"value": "costs", "text": {"en": "Cost records"}},
    {"value": "sales", "text": {"en": "Sales, by month"}},
]
POINTS = {"from": 1, "to": 5, "low": {"en": "Not at all"}, "high": {"en": "Fully", "fr": "Tout à fait"}}
ACTIVITIES = [("7", "Train five firms"), ("12", "Agree a price")]
FILES = {3: "stall.jpg", 4: "letter.pdf"}
EN = Asked("en", ACTIVITIES, FILES)
LANGUAGES = ["en", "id", "fr", "fa_AF"]

Form = dict[str, str | list[str]]


@dataclass
class Example:
    """`cells` are rows of a table, each with the form that says the same."""

    forms: list[Form] = field(default_factory=list)
    refused: list[Form] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    cells: list[tuple[dict[str, str], Form]] = field(default_factory=list)
    unfit: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)


EXAMPLES = {
    "text": Example([{"q-k": "Bought a dryer"}], [{"q-k": "x" * 301}]),
    "long_text": Example([{"q-k": "Two lines\nof বাংলা"}], [{"q-k": "x" * 4001}]),
    "number": Example(
        [{"q-k": "0"}, {"q-k": "1 200"}, {"q-k": "۱۲"}],
        [{"q-k": text} for text in ("many", "-1", "nan", "1e9", "2.5")],
        {"unit": {"en": "people", "fr": "personnes"}, "max": 10**6},
        [({"": "1200.0"}, {"q-k": "1200"})],
        [{"min": 5, "max": 1}, {"decimals": 9}, {"min": True}, {"max": 10**16}],
    ),
    "yes_no": Example(
        [{"q-k": "yes"}, {"q-k": "no"}],
        [{"q-k": "perhaps"}],
        cells=[
            ({"": "Ya"}, {"q-k": "yes"}),
            ({"": " NON "}, {"q-k": "no"}),
            ({"": "0"}, {"q-k": "no"}),
            ({"": "بلی"}, {"q-k": "yes"}),
        ],
    ),
    "one_of": Example(
        [{"q-k": "weekly"}, {"q-k": "other"}, {"q-k~other": "Every full moon"}],
        [{"q-k": "<script>"}, {"q-k~other": "x" * 301}],
        {"choices": CHOICES, "other": True},
        [
            ({"": "chaque  SEMAINE"}, {"q-k": "weekly"}),
            ({"": "۱"}, {"q-k": "1"}),
            ({"": "Now and then"}, {"q-k": "other", "q-k~other": "Now and then"}),
        ],
        [
            {},
            {"choices": []},
            {"choices": [*CHOICES, CHOICES[0]]},
            {"choices": [{"value": "two words", "text": {"en": "x"}}]},
            {"choices": [{"value": "a", "text": {}}]},
            {"choices": ["a"]},
            {"choices": [{"value": "other", "text": {"en": "x"}}], "other": True},
        ],
    ),
    "many_of": Example(
        [
            {"q-k": ["weekly", "never"]},
            {"q-k": ["other"], "q-k~other": "The bank withdrew"},
            {"q-k": "other"},
            {"q-k": "1", "q-k~other": "No"},
        ],
        [{"q-k": ["weekly", "daily"]}, {"q-k~other": "x" * 301}],
        {"choices": CHOICES, "other": True},
        [
            ({"weekly": "x", "never": "0", "1": "✓"}, {"q-k": ["weekly", "1"]}),
            ({"": "Once, or twice; Not yet"}, {"q-k": ["never", "1"]}),
            ({"": "weekly never"}, {"q-k": ["weekly", "never"]}),
            ({"": "Setiap minggu, Not yet"}, {"q-k": ["weekly", "never"]}),
            ({"weekly": "Every week"}, {"q-k": "weekly"}),
        ],
    ),
    "scale": Example(
        [{"q-k": "0"}, {"q-k": "10"}],
        [{"q-k": "11"}, {"q-k": "-1"}, {"q-k": "1.0"}],
        {"from": 0, "to": 10, "low": {"en": "Never"}, "high": {"en": "Certainly"}},
        [({"": "7.0"}, {"q-k": "7"}), ({"": "certainly"}, {"q-k": "10"})],
        [{"from": 1, "to": 1}, {"from": 0, "to": 11}, {}, {"from": "1", "to": "5"}, {"from": 5, "to": 1}],
    ),
    "matrix": Example(
        [{"q-k~costs": "weekly"}, {"q-k~costs": "never", "q-k~sales": "1"}],
        [{"q-k~costs": "daily"}],
        {"items": ITEMS, "choices": CHOICES},
        [({"costs": "belum", "sales": ""}, {"q-k~costs": "never"})],
        [{"choices": CHOICES}, {"items": ITEMS}, {"items": ITEMS, "from": 1, "to": 1}],
    ),
    "ranking": Example(
        [{"q-k~weekly": "2", "q-k~never": "۱", "q-k~1": "3"}],
        [
            {"q-k~weekly": "1", "q-k~never": "1", "q-k~1": "2"},
            {"q-k~weekly": "1"},
            {"q-k~weekly": "1", "q-k~never": "2", "q-k~1": "4"},
            {"q-k~weekly": "first", "q-k~never": "2", "q-k~1": "3"},
        ],
        {"choices": CHOICES},
        [({"weekly": "1.0", "never": "3", "1": "2"}, {"q-k~weekly": "1", "q-k~never": "3", "q-k~1": "2"})],
        [{"choices": CHOICES[:1]}],
    ),
    "then_now": Example(
        [{"q-k~then": "2", "q-k~now": "4"}, {"q-k~now": "5"}],
        [{"q-k~then": "0"}, {"q-k~now": "6"}],
        {**POINTS, "then": {"en": "When I arrived"}},
        [({"then": "not at all", "now": "tout à fait"}, {"q-k~then": "1", "q-k~now": "5"})],
        [{"from": 1, "to": 12}],
    ),
    "date": Example(
        [{"q-k": "2024-02-29"}, {"q-k": "31/12/2023"}, {"q-k": "9 mars 2020"}, {"q-k": "۲۰۲۰/۰۳/۰۹"}],
        [
            {"q-k": text}
            for text in ("3/4/2024", "30 Feb 2024", "soon", "1/2/0000", "9 Mar 1850", "2026-01-01")
        ],
        {"form": "date", "min": "1980-01-01", "max": "2025-12-31"},
        [({"": "2024-02-29 00:00:00"}, {"q-k": "29 Feb 2024"}), ({"": "9 Mar 2563"}, {"q-k": "2020-03-09"})],
        [{"form": "week"}, {"min": "yesterday"}, {"form": "year", "max": "2024-01-01"}],
    ),
    "place": Example(
        [
            {"q-k": "Pasar Baru"},
            {"q-k": "Bogor", "q-k~at": "-6.5944, 106.7892"},
            {"q-k~at": "6°35'40\"S 106°47'21\"E"},
            {"q-k~at": "106,7892 E; 6,5944 S"},
        ],
        [{"q-k": "x" * 301}, {"q-k~at": "here"}, {"q-k~at": "-91, 0"}, {"q-k~at": "1, 2, 3"}],
        cells=[
            ({"": "Bogor", "lat": "-6.5944", "lon": "1e-05"}, {"q-k": "Bogor", "q-k~at": "-6.5944, 0.00001"})
        ],
    ),
    "country": Example(
        [{"q-k": "Laos"}, {"q-k": "NPL"}, {"q-k": "Viêt Nam"}, {"q-k": "افغانستان"}],
        [{"q-k": "Atlantis"}, {"q-k": "Indonesa"}],
        cells=[({"": "LA"}, {"q-k": "Lao PDR"})],
    ),
    "file": Example(
        [{"q-k": "3"}, {"q-k": ["3", "4"]}], [{"q-k": "5"}, {"q-k": "x"}], unfit=[{"form": "film"}]
    ),
    "activities": Example(
        [{"q-k~7": "weekly", "q-k~12": "never"}],
        [{"q-k~7": "daily"}],
        {"choices": CHOICES},
        [({"": "7: Every week\n 12 : never"}, {"q-k~7": "weekly", "q-k~12": "never"})],
        [{"choices": []}],
    ),
    "consent": Example(
        [{"q-k": "yes"}, {"q-k": "no"}],
        [{"q-k": "perhaps"}],
        cells=[({"": "yes"}, {"q-k": "yes"})],
    ),
    "note": Example(),
    "computed": Example(facts={"calculation": "3 * 4"}),
}


def question(kind: str, options: dict[str, Any] | None = None, **facts: Any) -> Question:
    example = EXAMPLES.get(kind, Example())
    values = {
        "key": "k",
        "kind": kind,
        "wording": {"en": "How is it?", "fa_AF": "چطور است؟"},
        "hint": {},
        "options": example.options if options is None else options,
        "relevant": "",
        "required_if": "",
        "constraint": "",
        "constraint_text": {},
        "calculation": "",
        "choice_filter": "",
        **example.facts,
        **facts,
    }
    return Question(**values)


def typed(form: Form) -> MultiDict[str, str]:
    return MultiDict(form)


KINDS = list(QUESTION_TYPES)
