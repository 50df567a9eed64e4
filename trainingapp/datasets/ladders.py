"""What others may know of a person, and how it is told more coarsely, step by step, down to nothing."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REGIONS = Path(__file__).with_name("regions.toml")
SPAN = 3  # years; counted from year 0, so that spans of later releases are those of earlier ones
DECADE = 10

Step = Callable[[str], str]


@dataclass(frozen=True)
class Trait:
    """`columns` names it at each level but the last, where it is not told at all."""

    name: str
    columns: tuple[str, ...]
    steps: tuple[Step, ...]  # from each level to the next; what is not known stays ""


def span(year: str) -> str:
    first = int(year) // SPAN * SPAN if year else 0
    return f"{first}-{first + SPAN - 1}" if year else ""


def region(country: str) -> str:
    return _regions().get(country, "")


def age_band(years: int | None) -> str:
    if years is None:
        return ""
    first = years // DECADE * DECADE
    return f"{first}-{first + DECADE - 1}"


def nothing(_value: str) -> str:
    return ""


@cache
def _regions() -> dict[str, str]:
    """Country -> the region it lies in."""
    regions = tomllib.loads(REGIONS.read_text(encoding="utf-8"))["regions"]
    return {code: name for name, codes in regions.items() for code in codes.split()}


TRAITS = (
    Trait("year", ("year", "years"), (span, nothing)),
    Trait("place", ("country", "region"), (region, nothing)),
    Trait("age", ("age",), (nothing,)),
    Trait("sex", ("sex",), (nothing,)),
    Trait("kind", ("kind",), (nothing,)),
)
