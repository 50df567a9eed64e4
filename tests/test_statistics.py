"""Intervals against published values, and the small-cell rule against a reader who tries everything."""

import statistics
from collections import Counter
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainingapp.statistics import (
    SMALLEST_GROUP,
    Hidden,
    bucket_width,
    buckets,
    mean_range,
    median,
    wilson,
    withheld,
)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [  # Newcombe (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (11, 21, 0.3237, 0.7166),
    ],
)
def test_the_interval_is_the_published_one(k, n, low, high):
    assert wilson(k, n) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@given(st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_mirrors(pair):
    k, n = pair
    low, high = wilson(k, n)
    assert 0 <= low <= (k / n if n else 0.5) <= high <= 1
    assert wilson(n - k, n) == (pytest.approx(1 - high), pytest.approx(1 - low))


def test_a_small_group_is_hidden_and_so_is_the_one_that_would_reveal_it():
    rows = {"under 3": [2], "3 to 7": [8], "8 or more": [6]}
    assert withheld(rows, {"under 3": 3, "3 to 7": 9, "8 or more": 8}) == {
        "under 3": Hidden.SMALL,
        "8 or more": Hidden.REVEALS,
    }


def test_large_groups_are_all_shown():
    assert withheld({"a": [3], "b": [4]}, {"a": 5, "b": 9}) == {}


def test_two_tiny_groups_take_a_third_with_them():
    assert set(withheld({"a": [1], "b": [1], "c": [3]}, {"a": 2, "b": 2, "c": 5})) == {"a", "b", "c"}


def compositions(total, parts):
    if parts == 1:
        yield (total,)
        return
    for head in range(total + 1):
        for tail in compositions(total - head, parts - 1):
            yield (head, *tail)


def what_a_reader_can_work_out(rows, sizes, hidden):
    """For each hidden cell, every value that fits what is published: brute force."""
    names = list(hidden)
    columns = len(next(iter(rows.values())))
    left = [sum(rows[name][column] for name in names) for column in range(columns)]
    possible = {(name, column): set() for name in names for column in range(columns)}
    for guess in product(*(list(compositions(sizes[name], columns)) for name in names)):
        if [sum(column) for column in zip(*guess, strict=True)] == left:
            for name, row in zip(names, guess, strict=True):
                for column, value in enumerate(row):
                    possible[name, column].add(value)
    return possible


@st.composite
def tables(draw):
    columns = draw(st.integers(2, 3))
    groups = draw(st.lists(st.integers(1, 7), min_size=2, max_size=4))
    rows = {
        f"g{number}": draw(st.sampled_from(list(compositions(size, columns))))
        for number, size in enumerate(groups)
    }
    return rows, {name: sum(row) for name, row in rows.items()}


@given(tables())
@settings(deadline=None, max_examples=150)
def test_no_hidden_cell_can_be_worked_out(table):
    rows, sizes = table
    hidden = withheld(rows, sizes)
    for name, size in sizes.items():
        assert size >= SMALLEST_GROUP or name in hidden
    if not hidden:
        return
    assert sum(sizes[name] for name in hidden) >= SMALLEST_GROUP or set(hidden) == set(rows)
    everyone = sum(sizes.values())
    totals = [sum(column) for column in zip(*rows.values(), strict=True)]
    for (_name, column), values in what_a_reader_can_work_out(rows, sizes, hidden).items():
        assert len(values) > 1 or totals[column] in {0, everyone}


@given(tables(), st.data())
@settings(deadline=None, max_examples=100)
def test_what_is_hidden_first_stays_hidden_and_safe(table, data):
    rows, sizes = table
    first = data.draw(st.sets(st.sampled_from(sorted(rows))))
    hidden = withheld(rows, sizes, first)
    assert first <= set(hidden)
    totals = [sum(column) for column in zip(*rows.values(), strict=True)]
    assert len(hidden) != 1 or set(totals) <= {0, sum(sizes.values())}  # all said the same


@pytest.mark.parametrize(
    ("least", "most", "width"), [(0, 40, 5), (0, 7, 1), (3, 3, 1), (0, 1000, 200), (0, 0.4, 0.05)]
)
def test_buckets_are_round_numbers(least, most, width):
    assert bucket_width(least, most) == pytest.approx(width)


@given(st.lists(st.integers(-500, 5000), min_size=1))
def test_buckets_hold_every_number_once_and_the_median_is_the_middle(numbers):
    tally = dict(sorted(Counter(map(float, numbers)).items()))
    found = buckets(tally, whole=True)
    assert sum(count for _low, _high, count in found) == len(numbers)
    assert found[0][0] <= min(numbers)
    assert max(numbers) < found[-1][1]
    assert len(found) <= 10
    assert median(tally) == statistics.median(numbers)


def test_nobody_has_no_median():
    with pytest.raises(ValueError, match="nobody"):
        median({})


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    [
        (1, 12.7062),
        (2, 4.3027),
        (3, 3.1824),
        (4, 2.7764),
        (5, 2.5706),
        (10, 2.2281),
        (30, 2.0423),
        (120, 1.9799),
    ],
)
def test_the_range_of_a_mean_is_students(freedom, quantile):
    numbers = list(range(freedom + 1))
    found = mean_range(Counter(map(float, numbers)))
    half = quantile * statistics.stdev(numbers) / len(numbers) ** 0.5
    assert found.mean == pytest.approx(statistics.mean(numbers))
    assert found.high - found.mean == pytest.approx(half, rel=0.004)
    assert found.mean - found.low == pytest.approx(half, rel=0.004)


def test_one_number_has_no_range_and_equal_ones_have_none_to_speak_of():
    assert mean_range({4.0: 1}) is None
    found = mean_range({4.0: 6})
    assert (found.low, found.mean, found.high) == (4, 4, 4)
