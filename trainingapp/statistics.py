"""Figures with their doubt, and which of them may be shown. Pure: no database, no words.

Small groups: a figure about fewer than five people is not shown, nor is one from which such a figure could
be worked out. What is assumed of a reader: they know how many answered in each group and the total of every
column, and they can subtract.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from math import floor, log10, sqrt
from typing import TypeVar

SMALLEST_GROUP = 5
TOO_FEW_FOR_PERCENT = 10  # below this many, one person is more than ten points: write counts
_Z = 1.959964  # the normal quantile of a two-sided 95 %
_FEW = {1: 12.7062, 2: 4.30265, 3: 3.18245}  # Student's, where its expansion is too rough


Named = TypeVar("Named", bound=str)


def most_often(counts: Mapping[Named, int]) -> list[tuple[Named, int]]:
    """The largest first; as large ones by name, so that whoever looks again finds the same order."""
    return sorted(counts.items(), key=lambda found: (-found[1], found[0]))


def wilson(k: int, n: float) -> tuple[float, float]:
    """The 95 % score interval of k successes in n, as shares of 1 (Wilson 1927)."""
    if n == 0:
        return 0.0, 1.0
    share, spread = k / n, _Z * _Z / n
    middle = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * sqrt(share * (1 - share) / n + spread / (4 * n))
    low = 0.0 if k == 0 else max(0.0, middle - half)
    high = 1.0 if k == n else min(1.0, middle + half)
    return low, high


BUCKETS = 8  # about so many bars for numbers

Tally = Mapping[float, int]  # number -> how often it was given, lowest first


def median(tally: Tally) -> float:
    """The middle number, or half-way between the two in the middle. Raises ValueError when there is none."""
    count = sum(tally.values())
    if not count:
        raise ValueError("nobody gave a number")
    reached = list(accumulate(tally.values()))
    given = list(tally)
    low, high = (given[bisect_right(reached, place)] for place in ((count - 1) // 2, count // 2))
    return (low + high) / 2


@dataclass(frozen=True)
class Range:
    """A mean with its 95 % range."""

    mean: float
    low: float
    high: float


def mean_range(tally: Tally) -> Range | None:
    """Student's, for numbers that came with how often each was given; None of fewer than two."""
    count = sum(tally.values())
    if count < 2:  # noqa: PLR2004
        return None
    mean = sum(number * often for number, often in tally.items()) / count
    squares = sum((number - mean) ** 2 * often for number, often in tally.items())
    half = _student(count - 1) * sqrt(squares / (count - 1) / count)
    return Range(mean, mean - half, mean + half)


def _student(freedom: int) -> float:
    """The two-sided 95 % quantile; expanded in 1/freedom it is right to 0.3 % from 4 on."""
    if freedom in _FEW:
        return _FEW[freedom]
    z = _Z
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )


def bucket_width(least: float, most: float) -> float:
    """1, 2 or 5 times a power of ten, so that about eight buckets hold everything."""
    rough = (most - least) / BUCKETS
    if rough <= 0:
        return 1.0
    power = 10.0 ** floor(log10(rough))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= rough)


def buckets(tally: Tally, *, whole: bool) -> list[tuple[float, float, int]]:
    """(from, below, how many) in order, the empty ones between too. Whole numbers have no parts."""
    width = bucket_width(min(tally), max(tally))
    width = max(width, 1.0) if whole else width
    first = floor(min(tally) / width)
    filled: Counter[int] = Counter()
    for number, count in tally.items():
        filled[floor(number / width)] += count
    return [(place * width, (place + 1) * width, filled[place]) for place in range(first, max(filled) + 1)]


class Hidden(StrEnum):
    SMALL = "small"  # fewer than five people
    REVEALS = "reveals"  # its figure would let a reader work out a small group's


def withheld(
    rows: Mapping[str, Sequence[int]], sizes: Mapping[str, int], first: Collection[str] = ()
) -> dict[str, Hidden]:
    """Which rows of a published table to hide, and why.

    `rows`: group -> how many of it chose each column; `sizes`: group -> how many answered;
    `first`: groups to hide in any case. The column totals are taken to be published.
    """
    hidden = {group: Hidden.SMALL for group in rows if sizes[group] < SMALLEST_GROUP}
    hidden |= {group: Hidden.REVEALS for group in first if group in rows and group not in hidden}
    shown = sorted((group for group in rows if group not in hidden), key=lambda group: (sizes[group], group))
    while hidden and shown and _can_be_worked_out(rows, sizes, hidden):
        hidden[shown.pop(0)] = Hidden.REVEALS
    return hidden


def _can_be_worked_out(
    rows: Mapping[str, Sequence[int]], sizes: Mapping[str, int], hidden: Collection[str]
) -> bool:
    """Whether the hidden rows are few people together, or one of their cells has one possible value left.

    The bounds are Fréchet's, which are sharp for a table with known margins. A column that nobody or
    everybody chose is no secret of the table: its total says it by itself.
    """
    people = sum(sizes[group] for group in hidden)
    if people < SMALLEST_GROUP:
        return True
    everyone = sum(sizes.values())
    for column in zip(*rows.values(), strict=True):
        if sum(column) in {0, everyone}:
            continue
        left = sum(count for group, count in zip(rows, column, strict=True) if group in hidden)
        for group in hidden:
            most = min(sizes[group], left)
            least = max(0, left - (people - sizes[group]))
            if most == least:
                return True
    return False
