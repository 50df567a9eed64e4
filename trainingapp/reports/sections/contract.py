"""A kind of section: what it is called, what it shows, and which sentences it offers."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from flask_babel import LazyString

from trainingapp.cohorts.models import Cohort
from trainingapp.impact import queries as impact
from trainingapp.impact.figures import ProgrammeFigures, for_viewers
from trainingapp.impact.scope import Scope
from trainingapp.plans.progress.models import EvidenceLevel
from trainingapp.programmes.models import Programme
from trainingapp.reports.pieces import Piece


@dataclass(frozen=True)
class About:
    """What a report is about, as its sections ask for it; figures that several need are counted once."""

    programme: Programme
    cohort: Cohort | None  # none: of several years
    scope: Scope  # always as of a day
    level: EvidenceLevel
    language: str
    quoted: Sequence[int] = ()  # answers, in their order

    @cached_property
    def figures(self) -> ProgrammeFigures:
        """Nothing about fewer than five people: whatever is written down may be published."""
        return for_viewers(impact.programme(self.scope))

    @cached_property
    def told(self) -> Scope:
        """The editions that `figures` tells of: whatever else is counted is of the same, or one that was too
        small to be told stands there by subtraction.
        """
        return self.scope.but(cohort_ids=tuple(one.cohort_id for one in self.figures.editions))

    @property
    def of_edition(self) -> Cohort:
        assert self.cohort is not None
        return self.cohort


@dataclass(frozen=True)
class Told:
    """What a section has to say. `missing` says why there is nothing, and what to do about it."""

    pieces: Sequence[Piece] = ()
    sentences: Sequence[str] = ()  # that the writer may take over; never put in by themselves
    missing: str = ""


class Section(ABC):
    key: ClassVar[str]
    title: ClassVar[LazyString]
    hint: ClassVar[LazyString]  # what to write beside it
    picks_quotes: ClassVar[bool] = False  # its writer chooses what it shows

    @abstractmethod
    def tell(self, about: About) -> Told:
        """What the record holds of it by the report's day, or what is missing and what to do about it."""


SECTIONS: dict[str, Section] = {}


def register(cls: type[Section]) -> type[Section]:
    SECTIONS[cls.key] = cls()
    return cls
