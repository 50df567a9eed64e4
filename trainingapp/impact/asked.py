"""What the address of a dashboard asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from trainingapp import countries
from trainingapp.forms import FIRST_YEAR, LAST_YEAR
from trainingapp.impact.scope import Scope
from trainingapp.numbers import whole
from trainingapp.plans.progress.models import EvidenceLevel

USUAL = EvidenceLevel.EXPLAINED  # a number, and where it comes from


@dataclass(frozen=True)
class Asked:
    scope: Scope
    level: EvidenceLevel
    is_odd: bool  # a day that is none

    @property
    def args(self) -> dict[str, Any]:
        """Back into an address, without what is usual."""
        values = {
            "on": self.scope.on.isoformat() if self.scope.on else None,
            "from": self.scope.first_year,
            "to": self.scope.last_year,
            "country": self.scope.country,
            "theme": self.scope.theme_id,
            "cohort": self.scope.cohort_id,
            "level": self.level.value if self.level is not USUAL else None,
        }
        return {name: value for name, value in values.items() if value is not None}


def read(programme_id: int, given: Mapping[str, str]) -> Asked:
    """What means nothing is left out; a day that cannot be read is said."""
    country, level, day = given.get("country", ""), given.get("level", ""), given.get("on", "")
    on = _day(day)
    scope = Scope(
        programme_id,
        on,
        _number(given.get("from")),
        _number(given.get("to")),
        country if countries.exists(country) else None,
        _number(given.get("theme")),
        _number(given.get("cohort")),
    )
    return Asked(scope, EvidenceLevel(level) if level in set(EvidenceLevel) else USUAL, bool(day) and not on)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year < LAST_YEAR else None


def _number(text: str | None) -> int | None:
    try:
        return whole(text) if text else None
    except ValueError:
        return None
