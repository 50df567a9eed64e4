"""The shapes of what is counted: what pages, reports and exports read."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from trainingapp.cohorts.models import Mode
from trainingapp.impact.frames.models import FrameIndicator
from trainingapp.plans.progress.models import EvidenceLevel
from trainingapp.statistics import SMALLEST_GROUP, TOO_FEW_FOR_PERCENT, Hidden, wilson, withheld


@dataclass(frozen=True)
class Share:
    """k of n people or plans."""

    k: int
    n: int

    def __add__(self, other: "Share") -> "Share":
        return Share(self.k + other.k, self.n + other.n)

    @property
    def may_show(self) -> bool:
        """As a rate; the counts themselves may stand where the reader sees the people anyway."""
        return self.n >= SMALLEST_GROUP

    @property
    def has_percent(self) -> bool:
        return self.n >= TOO_FEW_FOR_PERCENT

    @property
    def is_of_many(self) -> bool:
        """Neither part of it is one to four."""
        return all(not part or part >= SMALLEST_GROUP for part in (self.k, self.n - self.k))

    @property
    def range(self) -> tuple[float, float]:
        """Wilson, 95 %."""
        return wilson(self.k, self.n)


NONE = Share(0, 0)


class PlanFate(StrEnum):
    """What became of a plan, in the words of a dashboard."""

    DONE = "done"
    MOVING = "moving"
    SENT = "sent"  # and nothing reported on it
    UNDATED = "undated"  # sent by then; the record does not say how it stood that day
    STOPPED = "stopped"


@dataclass(frozen=True)
class EditionFigures:
    cohort_id: int
    name: str
    year: int
    theme_id: int
    theme: str
    starts_on: date
    ends_on: date
    mode: Mode
    people: Mapping[str, int]  # country -> who hold a place
    completed: int
    from_ldcs: Share  # of its people, as of its first day; n counts those whose country is known
    responses: Mapping[int, Share]  # months after the end -> answered of asked
    plans: Mapping[PlanFate, int]  # that were sent
    least_developed: frozenset[str] = frozenset()  # of its countries, as of its first day

    @property
    def reached(self) -> int:
        return sum(self.people.values())

    @property
    def completion(self) -> Share:
        return Share(self.completed, self.reached)

    @property
    def sent(self) -> int:
        return sum(self.plans.values())

    @property
    def finished(self) -> Share:
        return Share(self.plans.get(PlanFate.DONE, 0), self.sent)


@dataclass(frozen=True)
class ThemeFigures:
    title: str
    year: int
    reached: int
    finished: Share


@dataclass(frozen=True)
class ProgrammeFigures:
    """Of the editions that had begun and had people; the newest first."""

    editions: list[EditionFigures]
    different_people: int | None  # none for a past day: records of one person may have been joined since
    undated: int  # plans whose state on that day was not recorded

    @property
    def reached(self) -> int:
        """Places taken: who came twice counts twice."""
        return sum(edition.reached for edition in self.editions)

    @property
    def countries(self) -> dict[str, int]:
        """Most people first."""
        found: dict[str, int] = {}
        for edition in self.editions:
            for country, people in edition.people.items():
                found[country] = found.get(country, 0) + people
        return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))

    @property
    def themes(self) -> list[ThemeFigures]:
        """The editions of each together, the newest first."""
        found: dict[int, ThemeFigures] = {}
        for edition in self.editions:
            was = found.get(edition.theme_id, ThemeFigures(edition.theme, edition.year, 0, NONE))
            found[edition.theme_id] = ThemeFigures(
                was.title, was.year, was.reached + edition.reached, was.finished + edition.finished
            )
        return list(found.values())

    @property
    def completion(self) -> Share:
        return sum((edition.completion for edition in self.editions), NONE)

    @property
    def from_ldcs(self) -> Share:
        return sum((edition.from_ldcs for edition in self.editions), NONE)

    @property
    def finished(self) -> Share:
        return sum((edition.finished for edition in self.editions), NONE)

    def response(self, months: int) -> Share:
        return sum((edition.responses.get(months, NONE) for edition in self.editions), NONE)


def for_viewers(figures: ProgrammeFigures) -> ProgrammeFigures:
    """Without anything about fewer than five people or plans: the totals are of what is left."""
    editions = [
        replace(
            edition,
            responses={
                months: share for months, share in edition.responses.items() if share.n >= SMALLEST_GROUP
            },
            plans=edition.plans if edition.sent >= SMALLEST_GROUP else {},
            from_ldcs=edition.from_ldcs if edition.from_ldcs.is_of_many else NONE,
        )
        for edition in figures.editions
        if edition.reached >= SMALLEST_GROUP
    ]
    return replace(figures, editions=editions)


def hidden_countries(figures: ProgrammeFigures) -> dict[str, Hidden]:
    """Whose people a viewer is not told, and why. How many came from least developed countries is told, and
    which they are everybody knows: so those hidden among them hold five people or more, and so do the others.
    """
    kinds: dict[frozenset[bool], dict[str, int]] = {}
    for country, people in figures.countries.items():
        there = [edition for edition in figures.editions if country in edition.people]
        kind = frozenset(country in edition.least_developed for edition in there)
        kinds.setdefault(kind, {})[country] = people
    found: dict[str, Hidden] = {}
    for sizes in kinds.values():
        found |= withheld({country: [people] for country, people in sizes.items()}, sizes)
    return found


class Dimension(StrEnum):
    """What a result can be told apart by."""

    COHORT = "cohort"
    THEME = "theme"
    YEAR = "year"
    COUNTRY = "country"


@dataclass(frozen=True)
class Amount:
    """Added up over plans; of those counted alike only one. Every figure is in one unit, or one currency.

    A plan need not state a baseline or a target: a sum over some of them is told as none.
    """

    plans: int = 0  # that feed it
    counted: int = 0  # with a value at the level or above
    with_baseline: int = 0  # of those counted
    with_target: int = 0  # of all that feed it
    actual: Decimal = Decimal(0)
    baselines: Decimal = Decimal(0)  # of those counted that state one
    changes: Decimal = Decimal(0)  # actual less baseline, of the same
    targets: Decimal = Decimal(0)  # of all that state one
    aims: Decimal = Decimal(0)  # target less baseline, of all that state both

    @property
    def left_out(self) -> int:
        return self.plans - self.counted

    @property
    def baseline(self) -> Decimal | None:
        return self.baselines if self._has_baseline else None

    @property
    def change(self) -> Decimal | None:
        """Since the baseline."""
        return self.changes if self._has_baseline else None

    @property
    def target(self) -> Decimal | None:
        """Of all that feed it, counted or not."""
        return self.targets if self.plans and self.with_target == self.plans else None

    @property
    def way(self) -> float | None:
        """The share of the way to the target that is shown, of plans that state from where; who has no value
        yet has gone none of it.
        """
        return None if self.target is None or self.aims <= 0 else float(self.changes / self.aims)

    @property
    def _has_baseline(self) -> bool:
        return 0 < self.with_baseline == self.counted


@dataclass(frozen=True)
class Result:
    """One indicator of a frame, fed by a programme's plans."""

    indicator: FrameIndicator
    currency: str  # "" unless money is counted
    level: EvidenceLevel
    amount: Amount
    alike: int  # feeds left out: the same firms are counted already
    parts: Mapping[str, Decimal]  # "women", "micro" … of plans.models.PARTS: the actual of plans that tell
    by_country: Mapping[str, Amount]

    @property
    def unit(self) -> str:
        return self.currency or self.indicator.counted_in
