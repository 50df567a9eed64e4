"""How many came from least developed countries is told beside countries without their number."""

from datetime import date

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from trainingapp.cohorts.models import Mode
from trainingapp.impact.figures import (
    EditionFigures,
    ProgrammeFigures,
    Share,
    for_viewers,
    hidden_countries,
)

LEAST = {"NP", "LA", "KH"}


def edition(number, people):
    least = frozenset(people) & LEAST
    reached = sum(people.values())
    return EditionFigures(
        cohort_id=number,
        name=f"Edition {number}",
        year=2020 + number,
        theme_id=number,
        theme="",
        starts_on=date(2020 + number, 7, 1),
        ends_on=date(2020 + number, 7, 14),
        mode=Mode.IN_PERSON,
        people=people,
        completed=reached,
        from_ldcs=Share(sum(people[country] for country in least), reached),
        responses={},
        plans={},
        least_developed=least,
    )


def programme(*editions):
    return for_viewers(ProgrammeFigures([edition(*pair) for pair in enumerate(editions)], None, 0))


def test_the_only_least_developed_country_is_not_told_by_their_share():
    shown = programme({"NP": 2, "ID": 5, "MY": 6})
    assert shown.from_ldcs.n == 0
    shown = programme({"NP": 2, "LA": 5, "ID": 5, "MY": 6})
    assert (shown.from_ldcs.k, shown.from_ldcs.n) == (7, 18)
    assert set(hidden_countries(shown)) == {"NP", "LA"}


countries = st.dictionaries(
    st.sampled_from(["NP", "LA", "KH", "ID", "MY", "VN", "FJ"]), st.integers(1, 9), min_size=1
)


@given(st.lists(countries, min_size=1, max_size=4))
@settings(deadline=None)
def test_whoever_subtracts_finds_no_one_to_four_people(editions):
    shown = programme(*editions)
    assume(shown.editions and all(one.from_ldcs.n for one in shown.editions))
    hidden = set(hidden_countries(shown))
    for some in (hidden & LEAST, hidden - LEAST):
        left = sum(shown.countries[country] for country in some)
        assert left == 0 or left >= 5
        assert len(some) != 1 or left >= 5


@given(st.lists(countries, min_size=1, max_size=4))
@settings(deadline=None)
def test_no_edition_tells_of_one_to_four_people_that_they_did_or_did_not(editions):
    shown = programme(*editions)
    assert all(one.from_ldcs.is_of_many for one in shown.editions)
    assert shown.from_ldcs.n == sum(one.reached for one in shown.editions if one.from_ldcs.n)
