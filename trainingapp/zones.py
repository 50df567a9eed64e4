"""IANA time zones, as people name them."""

from functools import cache
from zoneinfo import available_timezones

_AREAS = (
    "Africa/",
    "America/",
    "Antarctica/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)


@cache
def names() -> tuple[str, ...]:
    """Those named after a place, in order."""
    return tuple(sorted(zone for zone in available_timezones() if zone.startswith(_AREAS)))


@cache
def _meant() -> dict[str, str]:
    """Lower case; a city alone means its zone where one zone only bears it."""
    cities: dict[str, list[str]] = {}
    for zone in names():
        cities.setdefault(zone.rpartition("/")[2].lower(), []).append(zone)
    alone = {city: zones[0] for city, zones in cities.items() if len(zones) == 1}
    return alone | {zone.lower(): zone for zone in names()} | {"utc": "UTC"}


def find(text: str) -> str | None:
    """Asia/Jakarta for "asia/jakarta" or "Jakarta"; None when unknown."""
    return _meant().get(text.strip().lower().replace(" ", "_"))
