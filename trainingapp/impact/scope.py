"""What is counted: which editions of a programme, of which country, and as of which day."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.programmes.models import Theme


@dataclass(frozen=True)
class Scope:
    """Without `on` everything counts as it stands now; with it, as it stood at the end of that day in UTC."""

    programme_id: int
    on: date | None = None
    first_year: int | None = None
    last_year: int | None = None
    country: str | None = None
    theme_id: int | None = None
    cohort_id: int | None = None
    cohort_ids: tuple[int, ...] | None = None  # only these of them: such as the editions that may be told

    @property
    def until(self) -> datetime | None:
        """The first moment that does not count any more."""
        return None if self.on is None else datetime.combine(self.on + timedelta(days=1), time(), UTC)

    def but(self, **changes: Any) -> "Scope":
        return replace(self, **changes)

    def holds(self) -> Iterator[sa.ColumnElement[bool]]:
        """Of a query that joins Theme and Cohort."""
        yield Theme.programme_id == self.programme_id
        if self.first_year is not None:
            yield Theme.year >= self.first_year
        if self.last_year is not None:
            yield Theme.year <= self.last_year
        if self.theme_id is not None:
            yield Theme.id == self.theme_id
        if self.cohort_id is not None:
            yield Cohort.id == self.cohort_id
        if self.cohort_ids is not None:
            yield Cohort.id.in_(self.cohort_ids)

    def holds_people(self) -> Iterator[sa.ColumnElement[bool]]:
        """As `holds`, of a query that joins Enrolment too."""
        yield from self.holds()
        if self.country is not None:
            yield Enrolment.country == self.country
