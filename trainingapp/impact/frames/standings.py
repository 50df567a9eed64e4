"""Which countries belonged to a group on a day: the least developed, the members of the Colombo Plan."""

import tomllib
from collections import Counter
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from trainingapp import countries
from trainingapp.db import db
from trainingapp.impact.frames.models import CountryGroup, CountryStanding
from trainingapp.refusals import Refusal

SHIPPED = Path(__file__).with_name("standings.toml")


class StandingsUnreadable(Refusal):
    """The file is not what load-standings reads; says where."""


def load(text: str) -> int:
    """Takes the groups of a TOML file, whole, in place of what was known of them.

    Raises StandingsUnreadable, and then nothing changed.
    """
    try:
        rows = [_row(number, facts) for number, facts in enumerate(tomllib.loads(text)["standing"], 1)]
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as problem:
        raise StandingsUnreadable(f"The file holds no [[standing]] that can be read: {problem}") from problem
    made = [row for some in rows for row in some]
    keys = Counter((row.group.value, row.country, row.valid_from) for row in made)
    if twice := [key for key, often in keys.items() if often > 1]:
        raise StandingsUnreadable(f"Named twice from the same day: {', '.join(map(str, twice[0][:2]))}.")
    db.session.execute(
        sa.delete(CountryStanding).where(CountryStanding.group.in_({row.group for row in made}))
    )
    db.session.add_all(made)
    db.session.flush()
    return len(made)


def _row(number: int, facts: dict[str, object]) -> list[CountryStanding]:
    group, codes, source = facts.get("group"), facts.get("countries"), facts.get("source")
    days = [facts.get("from"), facts.get("until")]
    if (
        group not in set(CountryGroup)
        or not isinstance(codes, str)
        or not isinstance(source, str)
        or not all(map(countries.exists, codes.split()))
        or any(type(day) not in {date, type(None)} for day in days)
    ):
        raise StandingsUnreadable(f"Standing {number}: its group, countries, days or source cannot be read.")
    return [
        CountryStanding(
            group=CountryGroup(str(group)),
            country=country,
            valid_from=days[0],
            valid_until=days[1],
            source=source,
            note=str(facts.get("note", "")),
        )
        for country in codes.split()
    ]


def ship() -> None:
    """What came with the product, where nobody has loaded any."""
    if db.session.scalar(sa.select(CountryStanding.id).limit(1)) is None:
        load(SHIPPED.read_text(encoding="utf-8"))


class Standings:
    """One group over all days, read once."""

    def __init__(self, group: CountryGroup) -> None:
        query = sa.select(CountryStanding).where(CountryStanding.group == group)
        self._rows = db.session.scalars(query).all()

    def on(self, day: date) -> frozenset[str]:
        """Codes of the countries that belonged to it."""
        return frozenset(
            row.country
            for row in self._rows
            if (row.valid_from is None or row.valid_from <= day)
            and (row.valid_until is None or row.valid_until >= day)
        )

    def of(self, country: str) -> list[CountryStanding]:
        return [row for row in self._rows if row.country == country]

    @property
    def is_known(self) -> bool:
        return bool(self._rows)
