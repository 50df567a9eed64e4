"""What is different between two versions: nothing more, nothing less."""

from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st

from trainingapp.plans.versions.content import LISTS, apply, diff

WORDS = st.sampled_from(["", "a", "b", "c"])


def lines(fields):
    line = st.fixed_dictionaries(dict.fromkeys(fields, WORDS))
    ids = st.lists(st.integers(1, 9), unique=True, max_size=7)
    return st.tuples(ids, st.lists(line, min_size=7, max_size=7)).map(
        lambda made: [{"id": number, **values} for number, values in zip(made[0], made[1], strict=False)]
    )


DOCUMENTS = st.fixed_dictionaries(
    {
        "title": WORDS,
        "goal": WORDS,
        "activities": lines(["what", "due_on"]),
        "objectives": lines(["text"]),
        "indicators": lines(["name", "target"]),
        "risks": lines(["risk", "response"]),
    }
)


@given(DOCUMENTS, DOCUMENTS)
def test_the_differences_applied_to_the_old_version_give_the_new(old, new):
    untouched = deepcopy(old)
    assert apply(old, diff(old, new)) == new
    assert old == untouched


@given(DOCUMENTS)
def test_a_version_does_not_differ_from_itself(document):
    assert diff(document, deepcopy(document)) == []


@given(DOCUMENTS, DOCUMENTS)
def test_no_difference_can_be_left_out(old, new):
    changes = diff(old, new)
    for number in range(len(changes)):
        some = changes[:number] + changes[number + 1 :]
        try:
            assert apply(old, some) != new
        except (KeyError, StopIteration):
            continue  # a later step needs the one that was left out


@given(DOCUMENTS, DOCUMENTS)
def test_every_difference_says_two_different_things(old, new):
    for change in diff(old, new):
        assert change.before != change.after
        assert change.of in {"", *LISTS}
