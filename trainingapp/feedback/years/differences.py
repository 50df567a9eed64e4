"""Whether two groups differ by more than chance would bring about. Pure: no database, no words.

Both groups are taken to be different people who answered by themselves. For few people the tests are exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import comb, erfc, exp, lgamma, sqrt

from trainingapp.statistics import Range, mean_range, wilson

LIKELY = 0.05  # what chance brings about more often than this is not told as a difference
MOST_PEOPLE = 60  # of an exact test of means; the next is near enough for more
MOST_WAYS = 20_000  # sums that it follows at once: those of values far apart hardly ever meet
MOST_TABLES = 5_000  # of an exact test of shares; beyond, it and the next tell the same

Tally = Mapping[float, int]  # number -> how often it was given


@dataclass(frozen=True)
class Difference:
    """`size` is that of the second less the first, with its 95 % range; `chance` is of one as large, if the
    two were alike.
    """

    size: float
    low: float
    high: float
    chance: float

    @property
    def may_be_chance(self) -> bool:
        return self.chance > LIKELY

    @property
    def once_in(self) -> int:
        """Chance brings it about once in so many times, a thousand at most."""
        return min(1000, round(1 / max(self.chance, 1e-3)))


def of_shares(first: tuple[int, int], second: tuple[int, int]) -> Difference:
    """Of (k, n) each. The range is Newcombe's (1998, method 10), the test Fisher's, two-sided."""
    (k1, n1), (k2, n2) = first, second
    p1, p2 = k1 / n1, k2 / n2
    first_range, second_range = Range(p1, *wilson(k1, n1)), Range(p2, *wilson(k2, n2))
    everyone = {1.0: k1 + k2, 0.0: n1 + n2 - k1 - k2}
    is_small = min(n1, n2, *everyone.values()) <= MOST_TABLES
    chance = _fisher(k1, n1, k2, n2) if is_small else _by_variance(everyone, n1, p2 - p1)
    return _difference(first_range, second_range, chance)


def _difference(one: Range, two: Range, chance: float) -> Difference:
    """Its range from those of both, which need not lie evenly about them (Zou and Donner 2008)."""
    size = two.mean - one.mean
    below = sqrt((two.mean - two.low) ** 2 + (one.high - one.mean) ** 2)
    above = sqrt((two.high - two.mean) ** 2 + (one.mean - one.low) ** 2)
    return Difference(size, size - below, size + above, chance)


def _fisher(k1: int, n1: int, k2: int, n2: int) -> float:
    """All tables of the same sums that are no likelier than this one."""
    said, everyone = k1 + k2, n1 + n2
    whole = _log_comb(everyone, said)
    least, most = max(0, said - n2), min(said, n1)
    likely = [exp(_log_comb(n1, k) + _log_comb(n2, said - k) - whole) for k in range(least, most + 1)]
    here = likely[k1 - least] * (1 + 1e-7)
    return min(1.0, sum(one for one in likely if one <= here))


def _log_comb(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def of_means(first: Tally, second: Tally) -> Difference:
    """The range is of Student's ranges of both; the test shuffles everyone over both groups."""
    one, two = mean_range(first), mean_range(second)
    if one is None or two is None:
        raise ValueError("a mean needs two numbers")
    everyone = {value: first.get(value, 0) + second.get(value, 0) for value in {**first, **second}}
    drawn, size = sum(first.values()), two.mean - one.mean
    is_small = sum(everyone.values()) <= MOST_PEOPLE
    exact = _by_every_shuffle(everyone, drawn, size) if is_small else None
    return _difference(one, two, _by_variance(everyone, drawn, size) if exact is None else exact)


def _by_every_shuffle(everyone: Tally, first: int, size: float) -> float | None:
    """The share of all ways to draw the first group from everyone that set the means as far apart; None
    where there are too many to follow.
    """
    people, total = sum(everyone.values()), sum(value * count for value, count in everyone.items())
    ways: dict[tuple[int, float], int] = {(0, 0.0): 1}  # (drawn, their sum) -> ways
    for value, count in everyone.items():
        more: dict[tuple[int, float], int] = {}
        for (drawn, so_far), number in ways.items():
            for taken in range(min(count, first - drawn) + 1):
                place = drawn + taken, so_far + taken * value
                more[place] = more.get(place, 0) + number * comb(count, taken)
        if len(more) > MOST_WAYS:
            return None
        ways = more
    far = abs(size) * (1 - 1e-9) - 1e-12
    extreme = sum(
        number
        for (drawn, mine), number in ways.items()
        if drawn == first and abs((total - mine) / (people - first) - mine / first) >= far
    )
    return extreme / comb(people, first)


def _by_variance(everyone: Tally, first: int, size: float) -> float:
    """What shuffling many comes to: a normal curve with the variance of them all."""
    people = sum(everyone.values())
    mean = sum(value * count for value, count in everyone.items()) / people
    squares = sum((value - mean) ** 2 * count for value, count in everyone.items())
    spread = squares / (people - 1) * (1 / first + 1 / (people - first))
    return erfc(abs(size) / sqrt(2 * spread)) if spread else 1.0
