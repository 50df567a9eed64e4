"""What an IATI file of a programme holds: the programme as parent (hierarchy 1), each edition as its child
(hierarchy 2), so that every figure and every budget stands once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from trainingapp.impact.iati.models import IatiDetails, YearBudget
from trainingapp.impact.iati.telling import Part

OUTPUT, OUTCOME, IMPACT = "1", "2", "3"  # the standard's kinds of results
FUNDING, ACCOUNTABLE, EXTENDING, IMPLEMENTING = "1", "2", "3", "4"  # its roles
PIPELINE, GOING_ON, FINALISING, CLOSED, CANCELLED, SUSPENDED = "123456"  # its states of an activity
PARENT, CHILD = "1", "2"  # its kinds of relatives


@dataclass(frozen=True)
class Document:
    """Something published that readers can open; whoever holds it hands it in."""

    url: str
    media_type: str
    title: str
    published_on: date
    category: str = "A08"  # results, outcomes and outputs
    language: str = "en"
    cohort_id: int | None = None  # none: of the programme


@dataclass(frozen=True)
class Organisation:
    role: str
    name: str
    ref: str
    type: str


@dataclass(frozen=True)
class Measure:
    """One indicator, and what it came to in one period."""

    type: str
    result: str
    title: str
    starts_on: date
    ends_on: date
    actual: Decimal
    target: Decimal | None = None
    baseline: Decimal | None = None  # of the year in which the period starts
    parts: Sequence[Part] = ()
    comment: str = ""
    sdg: str = ""  # "9.3.1", where it is one of their indicators


@dataclass(frozen=True)
class Activity:
    identifier: str
    hierarchy: int
    title: str
    description: str
    status: str
    planned: tuple[date, date | None]
    actual: tuple[date | None, date | None]
    organisations: Sequence[Organisation]
    shares: Mapping[str, Decimal]  # country -> per cent; empty: nobody has come yet
    measures: Sequence[Measure]
    documents: Sequence[Document]
    budgets: Sequence[YearBudget] = ()
    related: Mapping[str, str] = field(default_factory=dict)  # identifier -> "1" parent, "2" child


@dataclass(frozen=True)
class Contents:
    details: IatiDetails
    updated_at: datetime
    activities: Sequence[Activity]
