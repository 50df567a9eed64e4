"""Differences and their chance, against SciPy and against published values."""

from collections import Counter

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from trainingapp.feedback.years import differences

shares = st.integers(5, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
points = st.lists(st.integers(1, 5), min_size=5, max_size=7)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [  # Newcombe (1998), Statistics in Medicine 17:873, table II, method 10
        ((48, 80), (56, 70), -0.3339, -0.0524),
        ((3, 10), (9, 10), -0.8090, -0.1705),
        ((2, 7), (6, 7), -0.8062, -0.0582),
        ((0, 29), (5, 56), -0.1922, 0.0386),
        ((0, 20), (10, 10), -1.0000, -0.6791),
    ],
)
def test_the_range_of_a_difference_is_the_published_one(first, second, low, high):
    """Ours is the second less the first, theirs the first less the second."""
    found = differences.of_shares(first, second)
    assert (-found.high, -found.low) == (pytest.approx(low, abs=6e-4), pytest.approx(high, abs=6e-4))


@given(shares, shares)
def test_chance_is_fishers(first, second):
    (k1, n1), (k2, n2) = first, second
    expected = scipy.stats.fisher_exact([[k1, n1 - k1], [k2, n2 - k2]]).pvalue
    found = differences.of_shares(first, second)
    assert found.chance == pytest.approx(expected, rel=1e-6)
    back = differences.of_shares(second, first)
    assert (back.size, back.low, back.high) == pytest.approx((-found.size, -found.high, -found.low))


@given(points, points)
@settings(deadline=None, max_examples=20)
def test_chance_of_means_is_that_of_every_shuffle(first, second):
    def apart(a, b, axis):
        return np.mean(b, axis=axis) - np.mean(a, axis=axis)

    expected = scipy.stats.permutation_test((first, second), apart, n_resamples=np.inf)
    found = differences.of_means(Counter(map(float, first)), Counter(map(float, second)))
    # SciPy doubles the smaller tail; ours counts both tails as they are
    one_sided = min(
        scipy.stats.permutation_test((first, second), apart, n_resamples=np.inf, alternative=side).pvalue
        for side in ("less", "greater")
    )
    assert one_sided - 1e-9 <= found.chance <= 1
    if len(first) == len(second):  # then the shuffles lie evenly on both sides
        assert found.chance == pytest.approx(min(1, expected.pvalue), abs=1e-9)


def test_a_few_people_with_as_many_numbers_are_told_exactly():
    first, second = (1, 3, 10, 31, 107, 350), (2, 7, 22, 4100, 13000, 45000)
    expected = scipy.stats.permutation_test(
        (first, second), lambda a, b, axis: b.mean(axis) - a.mean(axis), n_resamples=np.inf
    )
    found = differences.of_means(Counter(map(float, first)), Counter(map(float, second)))
    assert found.chance == pytest.approx(expected.pvalue)


def test_numbers_whose_sums_never_meet_are_not_followed_to_the_end():
    far_apart = {float(7**power): 3 for power in range(10)}
    everyone = {value: 2 * count for value, count in far_apart.items()}
    assert differences._by_every_shuffle(everyone, 30, 1.0) is None
    assert 0 < differences.of_means(far_apart, {**far_apart, 1.0: 1, 5.0: 2}).chance <= 1


@pytest.mark.parametrize(
    "pair", [((5900, 12_000), (6100, 12_000)), ((7000, 14_000), (7700, 15_000)), ((3000, 6000), (3180, 6100))]
)
def test_shares_of_many_people_are_told_as_fishers(pair):
    (k1, n1), (k2, n2) = pair
    found = differences.of_shares(*pair)
    assert found.chance == pytest.approx(
        scipy.stats.fisher_exact([[k1, n1 - k1], [k2, n2 - k2]]).pvalue, abs=0.005
    )


def test_many_people_are_told_as_every_shuffle_would():
    first = {1.0: 4, 2.0: 6, 3.0: 9, 4.0: 7, 5.0: 3}
    second = {1.0: 1, 2.0: 4, 3.0: 8, 4.0: 10, 5.0: 7}
    everyone = {value: first[value] + second[value] for value in first}
    exact = differences._by_every_shuffle(everyone, 29, 0.7)
    assert differences._by_variance(everyone, 29, 0.7) == pytest.approx(exact, abs=0.01)


@given(points, points)
def test_the_range_of_a_difference_of_means_is_hardly_narrower_than_welchs(first, second):
    found = differences.of_means(Counter(map(float, first)), Counter(map(float, second)))
    assert found.low <= np.mean(second) - np.mean(first) <= found.high
    if len({*first}) > 1 and len({*second}) > 1:
        welch = scipy.stats.ttest_ind(second, first, equal_var=False).confidence_interval()
        assert found.low <= welch.low * (1 + np.sign(welch.low) * 0.004) + 1e-9
        assert found.high >= welch.high * (1 - np.sign(welch.high) * 0.004) - 1e-9


def test_a_difference_that_chance_hardly_brings_says_how_seldom():
    found = differences.of_shares((2, 20), (15, 20))
    assert not found.may_be_chance
    assert found.once_in == 1000
    assert differences.of_shares((9, 20), (11, 20)).may_be_chance
    with pytest.raises(ValueError, match="two numbers"):
        differences.of_means({1.0: 1}, {2.0: 5})
