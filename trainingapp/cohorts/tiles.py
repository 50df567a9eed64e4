"""A map of equal tiles, so that Bhutan weighs as much as India."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from trainingapp import countries

# Column and row, roughly where each lies from the others. Who is not here gets the rows below.
_LIES_AT = {
    "UZ": (0, 0), "TJ": (1, 0), "MN": (6, 0), "KR": (8, 0), "JP": (9, 0),
    "IR": (0, 1), "AF": (1, 1), "IN": (2, 1), "NP": (3, 1), "BT": (4, 1), "CN": (5, 1),
    "LA": (6, 1), "VN": (7, 1),
    "PK": (1, 2), "BD": (4, 2), "MM": (5, 2), "TH": (6, 2), "KH": (7, 2), "PH": (8, 2),
    "MV": (2, 3), "LK": (3, 3), "MY": (6, 3), "BN": (7, 3), "SG": (5, 3),
    "ID": (6, 4), "TL": (7, 4), "PG": (8, 4), "FJ": (9, 4), "SB": (9, 3),
}  # fmt: skip
COLUMNS = 10
STEP = 34  # units of the drawing from tile to tile
STRENGTHS = ("", "q1", "q2", "q3")


@dataclass(frozen=True)
class Tile:
    code: str
    name: str
    people: int
    strength: str  # a class of the style sheet: three steps up to the largest
    x: int
    y: int


@dataclass(frozen=True)
class TileMap:
    tiles: list[Tile]
    width: int
    height: int


def draw(people: Mapping[str, int], ever: Collection[str]) -> TileMap:
    """`people` by country; `ever` are the countries that are outlined even with nobody."""
    codes = set(people) | set(ever)
    spots = {code: _LIES_AT[code] for code in codes if code in _LIES_AT}
    first_free = max((row for _column, row in spots.values()), default=-1) + 1
    rest = sorted(codes - set(spots), key=lambda code: countries.key(countries.name_of(code)))
    for number, code in enumerate(rest):
        spots[code] = (number % COLUMNS, first_free + number // COLUMNS)
    most = max(people.values(), default=1)
    top = min((row for _column, row in spots.values()), default=0)
    tiles = [
        Tile(
            code,
            countries.name_of(code),
            people.get(code, 0),
            STRENGTHS[_strength(people.get(code, 0), most)],
            column * STEP,
            (row - top) * STEP,
        )
        for code, (column, row) in sorted(spots.items(), key=lambda spot: spot[1][::-1])
    ]
    rows = max((row for _column, row in spots.values()), default=-1) - top + 1
    return TileMap(tiles, COLUMNS * STEP, rows * STEP)


def _strength(people: int, most: int) -> int:
    """0 for nobody, then 1 to 3; few people are never drawn as many."""
    return 0 if people == 0 else min(people, -(-3 * people // most), 3)
