"""What of people may be told in a public file: never a figure about fewer than five, nor one from which such
a figure could be worked out. Pure.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from trainingapp.feedback.results import grouping
from trainingapp.statistics import SMALLEST_GROUP

HUNDREDTHS = 10_000  # of a per cent, in the whole
Cell = tuple[str, ...]  # a name in each dimension
Part = tuple[str, str, Decimal]  # name of the dimension, its values, how much


def parts(names: Cell, cube: Mapping[Cell, int], amounts: Mapping[Cell, Decimal]) -> list[Part]:
    """Each dimension by itself, in groups that together hide everybody who could be singled out.

    `cube` counts the people, or plans, behind `amounts`. Earlier dimensions are told finer.
    """
    if sum(cube.values()) < SMALLEST_GROUP:
        return []
    found: list[Part] = []
    for place, groups in grouping.told(cube, range(len(names))).items():
        sums: dict[grouping.Group, Decimal] = {}
        for key, amount in amounts.items():
            group = groups[key[place]]
            sums[group] = sums.get(group, Decimal(0)) + amount
        found += [(names[place], ", ".join(group), sums[group]) for group in sorted(sums)]
    return found


Shares = Mapping[str, Decimal]  # country -> part of 1


def shares(people: Mapping[str, int]) -> Shares:
    """Countries that may not be told apart share equally what they have together."""
    alone = grouping.told({(country,): count for country, count in people.items()}, (0,)).get(0)
    group_of = alone or dict.fromkeys(people, tuple(sorted(people)))
    together: dict[grouping.Group, int] = {}
    for country, count in people.items():
        together[group_of[country]] = together.get(group_of[country], 0) + count
    total = Decimal(sum(people.values()))
    return {country: together[group] / (len(group) * total) for country, group in group_of.items()}


def together(editions: Iterable[tuple[int, Shares]]) -> Shares:
    """Of several editions, by their people. It is made from what each tells already, so that nothing of one
    comes out when another is taken away from the whole; editions of fewer than five have no weight.
    """
    counted = [(people, held) for people, held in editions if people >= SMALLEST_GROUP]
    total = Decimal(sum(people for people, _held in counted))
    found: dict[str, Decimal] = {}
    for people, held in counted:
        for country, part in held.items():
            found[country] = found.get(country, Decimal(0)) + part * people / total
    return found


def percentages(held: Shares) -> dict[str, Decimal]:
    """To the hundredth, and 100 in all."""
    exact = {country: held[country] * HUNDREDTHS for country in sorted(held)}
    whole = {country: int(part) for country, part in exact.items()}
    left = HUNDREDTHS - sum(whole.values())
    for country in sorted(exact, key=lambda one: (whole[one] - exact[one], one))[:left]:
        whole[country] += 1
    return {country: Decimal(part) / 100 for country, part in whole.items()}
