"""Two versions beside each other: every word of both, the fewest moves, nothing left out."""

from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st

from trainingapp.plans.versions.comparison import Kind, compare, words
from trainingapp.plans.versions.content import KINDS, LINE_FIELDS, LISTS, PLAN_FIELDS, rows_in, whole

TEXTS = st.text(st.sampled_from("ab \n.,नी\u0301ก"), max_size=30) | st.text(max_size=40)
ORDERS = st.lists(st.integers(1, 12), unique=True, max_size=9)
SENT_BEFORE = {  # a version as issue 2 kept it
    "title": "Cost records for weavers",
    "problem_kind": "finance",
    "problem": "Nobody knows what a metre costs.",
    "goal": "40 weavers keep records.",
    "inspired_by_id": None,
    "activities": [
        {
            "id": 7,
            "what": "Buy scales",
            "who": "I",
            "first_step": "Ask a price",
            "starts_on": None,
            "due_on": "2026-06-01",
            "cost": "4500.00",
            "currency": "NPR",
        }
    ],
    "indicators": [{"id": 3, "name": "Weavers", "unit": "people", "baseline": None, "target": "40.00"}],
}


def said(_field, value):
    return str(value or "")


def document(**lists):
    lines = {
        of: [{"id": number, **dict.fromkeys(LINE_FIELDS[of], "")} for number in lists.get(of, [])]
        for of in LISTS
    }
    return {**dict.fromkeys(PLAN_FIELDS, ""), **lines}


def joined(pieces):
    return "".join(piece.text for piece in pieces)


@given(TEXTS, TEXTS)
def test_the_pieces_make_both_texts_again(before, after):
    pieces = words(before, after)
    assert joined(piece for piece in pieces if piece.kind != Kind.NEW) == before
    assert joined(piece for piece in pieces if piece.kind != Kind.GONE) == after


@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text):
    assert all(piece.kind == Kind.SAME for piece in words(text, text))


def test_only_the_words_that_changed_are_marked():
    pieces = words("Train 20 weavers in Palpa.", "Train 40 weavers in Palpa.")
    assert [(piece.kind, piece.text) for piece in pieces] == [
        ("same", "Train "),
        ("gone", "20"),
        ("new", "40"),
        ("same", " weavers in Palpa."),
    ]


def test_two_very_long_texts_are_compared_at_once():
    """Ten thousand letters of the same few words would keep a careful comparison busy for minutes."""
    before, after = "a b " * 2500, "b a " * 2500
    pieces = words(f"{before}x", f"{after}y")
    assert joined(piece for piece in pieces if piece.kind != Kind.GONE) == f"{after}y"


@given(ORDERS, ORDERS)
def test_every_line_that_came_went_or_moved_is_told(before, after):
    told = compare(document(activities=before), document(activities=after), said)
    assert {change.line for change in told if change.was is None} == set(after) - set(before)
    assert {change.line for change in told if change.now is None} == set(before) - set(after)
    moved = {change.line for change in told if change.moved}
    stayed = [line for line in before if line in after and line not in moved]
    assert stayed == [line for line in after if line in before and line not in moved]


def test_one_line_that_jumps_is_the_only_one_that_moved():
    told = compare(document(risks=[1, 2, 3, 4, 5]), document(risks=[5, 1, 2, 3, 4]), said)
    assert [(change.line, change.was, change.now) for change in told] == [(5, 5, 1)]


@given(st.data())
def test_every_field_that_differs_is_told_and_no_other(data):
    old, new = document(activities=[1, 2], indicators=[3]), document(activities=[1, 2], indicators=[3])
    changed = set()
    every = [(of, field) for of, fields in [("", PLAN_FIELDS), *LINE_FIELDS.items()] for field in fields]
    for of, field in every:
        for place in [new] if not of else new[of]:
            if data.draw(st.booleans()):
                place[field] = "x"
                changed.add((of, place.get("id"), field))
    told = compare(old, new, said)
    assert {(change.of, change.line, one.field) for change in told for one in change.fields} == changed


def test_a_version_of_before_these_fields_reads_as_one_that_says_nothing_there():
    kept = deepcopy(SENT_BEFORE)
    read = whole(kept)
    assert kept == SENT_BEFORE
    assert [read["objectives"], read["risks"], read["sdg_targets"]] == [[], [], []]
    assert read["activities"][0]["cost"] == "4500.00"
    assert whole(read) == read
    assert set(rows_in(read)) == set(KINDS)
    assert rows_in(read)["activities"][0].due_on.isoformat() == "2026-06-01"


def test_a_plan_of_before_is_compared_with_one_of_today_without_false_changes():
    today = whole(SENT_BEFORE)
    assert compare(whole(SENT_BEFORE), deepcopy(today), said) == []
    today["risks"] = [{"id": 1, "risk": "The budget is late", "response": "Begin with the training"}]
    today["activities"][0]["payer"] = "My office"
    told = compare(whole(SENT_BEFORE), today, said)
    assert [(change.of, change.was, change.now) for change in told] == [
        ("activities", 1, 1),
        ("risks", None, 1),
    ]
