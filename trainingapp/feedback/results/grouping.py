"""Which groups of a wave may be told apart, and of which questions. Pure: no database, no words.

What a reader is taken to know: who answered, and everyone's country, sex and kind (the ledger says it). What
they see: every page and file of a wave at once, of everybody and by each dimension. What they must not work
out by adding, subtracting, or ruling out: how many of any one to four people gave an answer.

Each dimension has one partition, made from who answered and never from what was said. Groups are merged
until every combination of told groups, over all told dimensions, holds five people or nobody; a dimension in
which that leaves a single group is not told. An answer is told by group only where in each of those
combinations some gave it and some did not; the others are told as one, under the same rule, or not at all.
So of any one to four people somebody stands in a combination with somebody outside who answered otherwise:
had these two said it the other way round, all that is published would be the same. (Files hold each question
in an order of its own, so that no row joins what one person answered to several.)

What is not hidden: an answer that everybody gave; and what a second look shows that comes after one more
answer. Anonymous answers are told only when no more can come; of others the coordinators may know.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from trainingapp.statistics import SMALLEST_GROUP

Group = tuple[str, ...]  # names that are told together
Cube = Mapping[tuple[str, ...], int]  # name in each dimension -> people
Told = Mapping[int, Mapping[str, Group]]  # place of a dimension -> name -> the group it is told in
Cell = tuple[Group, ...]  # one told group of each told dimension


def told(cube: Cube, order: Iterable[int]) -> Told:
    """The earlier a dimension stands in `order`, the finer it is told."""
    found: dict[int, Mapping[str, Group]] = {}
    for dimension in order:
        spread: dict[str, Counter[Cell]] = {}
        for names, people in cube.items():
            spread.setdefault(names[dimension], Counter())[cell(names, found)] += people
        groups = _merged(spread)
        if len(groups) > 1:
            found[dimension] = {name: group for group in groups for name in group}
    return found


def cell(names: Sequence[str], groups: Told) -> Cell:
    return tuple(group_of[names[dimension]] for dimension, group_of in groups.items())


def _merged(spread: Mapping[str, Counter[Cell]]) -> list[Group]:
    """Those that are too small anywhere stand together, with as many of the next smallest as that takes."""
    by_size = sorted(spread, key=lambda name: (spread[name].total(), name))
    together = [name for name in by_size if not _is_large(spread[name])]
    alone = [name for name in by_size if name not in together]
    while together and not _is_large(sum((spread[name] for name in together), Counter())) and alone:
        together.append(alone.pop(0))
    return [(name,) for name in alone] + ([tuple(sorted(together))] if together else [])


def _is_large(cells: Counter[Cell]) -> bool:
    return all(people >= SMALLEST_GROUP for people in cells.values())


Answered = Sequence[int]  # of each combination of told groups, in one order


def are_enough(people: Sequence[int], answered: Answered, *, is_for_some: bool) -> bool:
    """Whether a question may be told by group at all.

    One that is asked only after some answers tells those by who answered it: so everybody did, or of every
    combination some did and some did not.
    """
    if min(answered) < SMALLEST_GROUP:
        return False
    return not is_for_some or list(people) == list(answered) or all(map(int.__lt__, answered, people))


def is_mixed(counts: Sequence[int], answered: Answered) -> bool:
    """Some gave this answer and some did not, everywhere."""
    return all(0 < count < people for count, people in zip(counts, answered, strict=True))


def tellable(
    counts: Sequence[Sequence[int]], answered: Answered, *, one_each: bool
) -> tuple[list[int], list[int]]:
    """Which answers may be told by themselves, and which as one: their places in `counts`.

    What nobody or everybody said is no secret: the figures of everybody say it already. Where people gave
    one answer each, those that are told leave over how many gave any other: that must be mixed too.
    """
    open_ = [place for place, each in enumerate(counts) if 0 < sum(each) < sum(answered)]
    alone = [place for place in range(len(counts)) if place not in open_ or is_mixed(counts[place], answered)]
    rest = [place for place in open_ if place not in alone]
    if not one_each:
        return alone, []
    smallest_last = sorted(
        (place for place in alone if place in open_), key=lambda place: -sum(counts[place])
    )
    while rest and not is_mixed(
        [sum(each) for each in zip(*(counts[p] for p in rest), strict=True)], answered
    ):
        if not smallest_last:
            return [], []
        rest.append(smallest_last.pop())
    return [place for place in alone if place not in rest], sorted(rest)
