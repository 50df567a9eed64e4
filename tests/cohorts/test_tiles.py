"""The map of equal tiles."""

from hypothesis import given
from hypothesis import strategies as st

from trainingapp import countries
from trainingapp.cohorts import tiles

CODES = sorted(countries._zones())
people = st.dictionaries(st.sampled_from(CODES), st.integers(1, 40), max_size=60)


@given(people, st.sets(st.sampled_from(CODES), max_size=60))
def test_every_country_has_one_tile_inside_the_drawing_and_none_covers_another(here, ever):
    drawn = tiles.draw(here, ever)
    assert {tile.code for tile in drawn.tiles} == set(here) | ever
    assert len({(tile.x, tile.y) for tile in drawn.tiles}) == len(drawn.tiles)
    for tile in drawn.tiles:
        assert 0 <= tile.x < drawn.width
        assert 0 <= tile.y < drawn.height
        assert (tile.strength == "") == (tile.people == 0)


def test_one_of_one_is_pale_and_the_most_is_deep():
    drawn = {tile.code: tile.strength for tile in tiles.draw({"NP": 1, "BT": 9, "LA": 5}, {"FJ"}).tiles}
    assert drawn == {"NP": "q1", "BT": "q3", "LA": "q2", "FJ": ""}
