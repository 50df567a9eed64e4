"""How rows about people are coarsened until nobody stands out. Pure: no database, no words.

What an attacker is taken to have: every package that was ever published of the programme, and of anyone all
traits, whatever the level they are told at. Rows with the same traits as told are a group. What may not come
about, in one package or between two:

- a group of fewer than k people (Sweeney's k-anonymity); groups are of people, not of rows;
- by joining tables: all are told at the same levels and no row has an id, so that whoever is looked for in
  several has at least k doubles in each;
- by subtracting an earlier package: who came to a group since, or left it, are nobody or at least k. Fewer
  who came wait for a later package; where fewer left, the group is left out. One of two packages is always
  told at the coarser levels throughout, so that both can be laid over each other in only one way;
- a small group worked out from a total: who stand in groups left out for being small are nobody, or k.

What is left: a change in what is said of the same people. It is seen, and not whose it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from trainingapp.datasets.ladders import TRAITS

Levels = tuple[int, ...]  # one a trait; 0 is the finest
Group = tuple[str, ...]  # the traits as told, then what belongs to no person (`Record.of`)
MOST_LEFT_OUT = 0.1  # of the people of a table that steers; beyond it everything is told more coarsely


@dataclass(frozen=True, slots=True)
class Record:
    """One row about a person. `unit` says whose, among all tables; it goes nowhere."""

    unit: int
    traits: tuple[str, ...]
    of: tuple[str, ...] = ()  # told as it is: which wave, which indicator
    facts: tuple[str, ...] = ()  # what the row tells


Table = Sequence[Record]
Shown = Mapping[Group, Sequence[Record]]


@dataclass(frozen=True)
class Earlier:
    """A package that was published: table -> group -> who stood in it."""

    levels: Levels
    groups: Mapping[str, Mapping[Group, frozenset[int]]]


@dataclass(frozen=True)
class Kept:
    """What of a table may be told."""

    shown: Shown
    small: frozenset[int] = field(default=frozenset())  # people left out: their group is small, or one left
    waiting: frozenset[int] = field(default=frozenset())  # or too few came since an earlier package

    @property
    def people(self) -> int:
        return len(_units(self.shown.values()))

    @property
    def left_out(self) -> int:
        return len(self.small | self.waiting)


FINEST: Levels = (0,) * len(TRAITS)
COARSEST: Levels = tuple(len(trait.steps) for trait in TRAITS)
NOBODY = ("",) * len(TRAITS)  # traits of what is not told of people


def coarser(values: Sequence[str], begin: Levels, end: Levels) -> tuple[str, ...]:
    """Traits told at one level, as another level tells them."""
    found = []
    for trait, value, first, last in zip(TRAITS, values, begin, end, strict=True):
        for step in trait.steps[first:last]:
            value = step(value)  # noqa: PLW2901 - step by step
        found.append(value)
    return tuple(found)


def are_nested(one: Levels, other: Levels) -> bool:
    pairs = list(zip(one, other, strict=True))
    return all(a <= b for a, b in pairs) or all(a >= b for a, b in pairs)


def keep(table: Table, name: str, levels: Levels, k: int, earlier: Sequence[Earlier] = ()) -> Kept:
    """Takes out what may not be told until all that is left may."""
    groups: dict[Group, list[Record]] = defaultdict(list)
    told: dict[tuple[str, ...], Group] = {}
    for record in table:
        if record.traits not in told:
            told[record.traits] = coarser(record.traits, FINEST, levels)
        groups[told[record.traits] + record.of].append(record)
    small: set[int] = set()
    waiting: set[int] = set()
    while True:
        few, late = _unfit(groups, name, levels, k, earlier)
        if not few and not late and 0 < len(small) < k and groups:
            few = {min(groups, key=lambda group: (len(_units([groups[group]])), group))}
        if not few and not late:
            return Kept(dict(groups), frozenset(small), frozenset(waiting - small))
        for group in few:
            small |= _units([groups.pop(group)])
        for group, people in late.items():
            groups[group] = [record for record in groups[group] if record.unit not in people]
            waiting |= people
            if not groups[group]:
                del groups[group]


def _unfit(
    groups: Mapping[Group, Sequence[Record]],
    name: str,
    levels: Levels,
    k: int,
    earlier: Sequence[Earlier],
) -> tuple[set[Group], dict[Group, set[int]]]:
    """Groups that may not be told, and people of groups who have to wait."""
    late: dict[Group, set[int]] = {}
    for before in earlier:
        both = tuple(map(max, levels, before.levels))
        now: dict[Group, dict[Group, set[int]]] = defaultdict(dict)
        for group, records in groups.items():
            now[_lift(group, levels, both)][group] = _units([records])
        then: dict[Group, set[int]] = defaultdict(set)
        for group, people in before.groups.get(name, {}).items():
            then[_lift(group, before.levels, both)] |= people
        for over, parts in now.items():
            here = set().union(*parts.values())
            came, went = here - then[over], then[over] - here
            if 0 < len(went) < k:
                return set(parts), {}
            if 0 < len(came) < k:
                late.update({group: people & came for group, people in parts.items() if people & came})
        if late:
            return set(), late
    return {group for group, records in groups.items() if len(_units([records])) < k}, {}


def _lift(group: Group, begin: Levels, end: Levels) -> Group:
    count = len(TRAITS)
    return coarser(group[:count], begin, end) + group[count:]


def _units(groups: Iterable[Sequence[Record]]) -> set[int]:
    return {record.unit for records in groups for record in records}


def choose(
    tables: Mapping[str, Table], k: int, earlier: Sequence[Earlier] = (), finest: int | None = None
) -> Levels | None:
    """The levels that tell most: of those under which few are left out, the least discernibility
    (Bayardo and Agrawal 2005: each row costs the size of its group, one left out that of the table).
    One trait, by its place in TRAITS, may be told as finely as it goes at the cost of the others.
    None when nothing may be told.
    """
    steering = [(name, table) for name, table in tables.items() if len(_units([table])) >= k]
    best: tuple[int, int, int, Levels] | None = None
    for levels in _lattice():
        if steering and all(are_nested(levels, before.levels) for before in earlier):
            cost = _cost(steering, levels, k, earlier)
            wish = 0 if finest is None else levels[finest]
            if cost is not None and (best is None or (wish, cost, sum(levels), levels) < best):
                best = (wish, cost, sum(levels), levels)
    return best[-1] if best else None


def _lattice() -> Iterator[Levels]:
    return product(*(range(top + 1) for top in COARSEST))


def _cost(
    tables: Sequence[tuple[str, Table]], levels: Levels, k: int, earlier: Sequence[Earlier]
) -> int | None:
    """None when too many would be left out."""
    cost = 0
    for name, table in tables:
        kept = keep(table, name, levels, k, earlier)
        if kept.left_out > MOST_LEFT_OUT * len(_units([table])):
            return None
        shown = sum(len(records) ** 2 for records in kept.shown.values())
        rows = sum(map(len, kept.shown.values()))
        cost += shown + (len(table) - rows) * len(table)
    return cost


def diverse(shown: Shown, fact: int, least: int = 2) -> set[Group]:
    """Groups whose people may be told this fact: not all have the same.

    Never just one group is kept silent, nor several that would all say the same: the total would tell.
    """
    values = {group: {record.facts[fact] for record in records} - {""} for group, records in shown.items()}
    told = {group for group, found in values.items() if len(found) >= least}
    silent = [group for group, found in values.items() if group not in told and found]
    while silent and told and (len(silent) == 1 or len(set().union(*(values[g] for g in silent))) < least):
        smallest = min(told, key=lambda group: (len(shown[group]), group))
        told.remove(smallest)
        silent.append(smallest)
    return told
