"""Laws of the re-identification check, tried on random people by an attacker who knows everybody's traits."""

from collections import Counter, defaultdict
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from trainingapp.datasets import anonymity
from trainingapp.datasets.anonymity import COARSEST, FINEST, Earlier, Record
from trainingapp.datasets.ladders import TRAITS, age_band, region, span

K = 5
WHO = st.tuples(
    st.sampled_from(["2019", "2020", "2022"]),
    st.sampled_from(["LA", "VN", "KE", "FJ", "NP"]),
    st.sampled_from(["30-39", "40-49", ""]),
    st.sampled_from(["female", "male"]),
    st.sampled_from(["official", "entrepreneur"]),
)
FACTS = st.tuples(st.sampled_from(["done", "moving"]), st.sampled_from(["", "finance", "skills"]))


def table(people, begin=0):
    return [Record(begin + n, traits, facts=facts) for n, (traits, facts) in enumerate(people)]


def shown(people, levels, earlier=(), name="people"):
    return anonymity.keep(people, name, levels, K, earlier)


def remembered(kept, levels, name="people"):
    groups = {group: frozenset(row.unit for row in rows) for group, rows in kept.shown.items()}
    return Earlier(levels, {name: groups})


def candidates(package, levels, truth, known):
    """Everybody in a package who fits what is known of one person, as far as the package tells it."""
    told = anonymity.coarser(truth, FINEST, levels)
    return {
        row.unit
        for group, rows in package.items()
        if all(group[trait] in {told[trait], ""} for trait in known)
        for row in rows
    }


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(WHO, FACTS), max_size=70))
def test_whatever_is_known_of_somebody_five_or_nobody_fit_in_every_table(people):
    everyone = table(people)
    plans = everyone[::2]
    levels = anonymity.choose({"people": everyone, "plans": plans}, K)
    if levels is None:
        assert len(everyone) < K
        return
    tables = [shown(everyone, levels).shown, shown(plans, levels, name="plans").shown]
    subsets = [known for size in range(6) for known in combinations(range(len(TRAITS)), size)]
    for record in everyone:
        for known in subsets:
            for package in tables:
                assert len(candidates(package, levels, record.traits, known)) not in range(1, K)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(WHO, FACTS), min_size=5, max_size=40),
    st.lists(st.tuples(WHO, FACTS), max_size=12),
    st.sets(st.integers(0, 40), max_size=6),
    st.sampled_from(["a last time", "once more"]),
)
def test_no_package_less_an_earlier_one_leaves_one_to_four_people(first, later, gone, times):
    before = table(first)
    levels = anonymity.choose({"people": before}, K)
    earlier = [remembered(shown(before, levels), levels)] if levels else []
    crowd = [row for row in before if row.unit not in gone]
    for step in range(2 if times == "once more" else 1):
        crowd = crowd + table(later[step::2], begin=100 * (step + 1))
        levels = anonymity.choose({"people": crowd}, K, earlier)
        if levels is None:
            continue
        kept = shown(crowd, levels, earlier)
        for old in earlier:
            assert anonymity.are_nested(levels, old.levels)
            both = tuple(map(max, levels, old.levels))
            came, went = differences(kept.shown, levels, old, both)
            assert not [len(people) for people in came + went if 0 < len(people) < K]
        earlier.append(remembered(kept, levels))


def differences(now, levels, old, both):
    new_people, old_people = defaultdict(set), defaultdict(set)
    for group, rows in now.items():
        new_people[anonymity.coarser(group, levels, both)] |= {row.unit for row in rows}
    for group, people in old.groups["people"].items():
        old_people[anonymity.coarser(group, old.levels, both)] |= people
    # Where nothing of a group is told now, the earlier package says no more than it did.
    return (
        [new_people[group] - old_people[group] for group in new_people],
        [old_people[group] - new_people[group] for group in new_people],
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(WHO, FACTS), max_size=60))
def test_a_group_in_which_all_say_the_same_keeps_silent_and_no_total_speaks_for_it(people):
    everyone = table(people)
    package = shown(everyone, (*COARSEST[:3], 0, 0)).shown
    for fact in range(2):
        told = anonymity.diverse(package, fact)
        said = {group: {row.facts[fact] for row in rows} - {""} for group, rows in package.items()}
        assert all(len(said[group]) >= 2 for group in told)
        silent = [group for group in package if group not in told and said[group]]
        if told and silent:
            assert len(silent) > 1
            assert len(set().union(*(said[group] for group in silent))) > 1


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(WHO, FACTS), max_size=60))
def test_who_is_left_out_for_a_small_group_is_nobody_or_five(people):
    everyone = table(people)
    for levels in ((0, 0, 1, 1, 1), (2, 1, 1, 0, 1), COARSEST):
        kept = shown(everyone, levels)
        assert len(kept.small) not in range(1, K) or not kept.shown
        assert kept.people + kept.left_out == len(everyone)


def test_twenty_people_of_ten_countries_are_not_told_by_country():
    countries = ("LA", "VN", "KH", "MM", "KE", "TZ", "UG", "NP", "BD", "LK")
    everyone = table(
        [
            (("2019", country, "30-39", sex, "official"), ("done", "finance"))
            for country in countries
            for sex in ("female", "male")
        ]
    )
    levels = anonymity.choose({"people": everyone}, K)
    assert levels in {(0, 1, 0, 1, 0), (0, 2, 0, 0, 0)}
    sizes = Counter(len(rows) for rows in shown(everyone, levels).shown.values())
    assert min(sizes) >= K


def test_a_newcomer_waits_and_the_others_stay():
    four = [((year, "LA", "", "female", "official"), ("done", "")) for year in ("2019",) * 6]
    before = table(four)
    first = remembered(shown(before, FINEST), FINEST)
    kept = shown([*before, *table(four[:1], begin=100)], FINEST, [first])
    assert kept.waiting == {100}
    assert kept.people == 6
    kept = shown([*before, *table(four[:5], begin=100)], FINEST, [first])
    assert (kept.people, kept.left_out) == (11, 0)


def test_where_one_left_the_group_is_left_out():
    six = table([(("2019", "LA", "", "female", "official"), ("done", ""))] * 6)
    first = remembered(shown(six, FINEST), FINEST)
    assert shown(six[1:], FINEST, [first]).shown == {}


def test_a_person_of_two_rows_counts_once():
    twice = [Record(1, ("2019", "LA", "", "male", "official")) for _ in range(9)]
    assert shown(twice, COARSEST).shown == {}


def test_the_steps_of_a_ladder():
    assert (span("2017"), span("2018"), span("")) == ("2016-2018", "2016-2018", "")
    assert (region("LA"), region("KE"), region("XX")) == ("South-eastern Asia", "Eastern Africa", "")
    assert (age_band(39), age_band(40), age_band(None)) == ("30-39", "40-49", "")
