"""What we hold of a programme that texts for others say too: its figures, and who and what stands behind."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from trainingapp.cohorts.models import Cohort, CohortPartner, CohortState, PartnerRole
from trainingapp.db import db
from trainingapp.impact import queries, results
from trainingapp.impact.asked import USUAL
from trainingapp.impact.figures import ProgrammeFigures, Result, Share
from trainingapp.impact.scope import Scope
from trainingapp.plans.models import ActionPlan, PlanVersion, Problem
from trainingapp.programmes.frame_models import FrameKind
from trainingapp.programmes.models import Programme, Theme

A_YEAR = 12  # months
OVER = (CohortState.CLOSED, CohortState.CANCELLED, CohortState.POSTPONED)
NEVER = (CohortState.CANCELLED, CohortState.POSTPONED)


@dataclass(frozen=True)
class Edition:
    year: int
    name: str
    people: int
    countries: list[str]  # codes


@dataclass(frozen=True)
class Figure:
    """What plans add up to, under one indicator."""

    frame: str
    code: str
    name: str
    unit: str
    actual: str
    counted: int  # plans with a value
    plans: int


@dataclass(frozen=True)
class Held:
    """Of the editions that had begun by the day; the earliest first."""

    day: date
    editions: list[Edition]
    countries: list[str]  # codes, most people first
    completed: Share
    answered: Share  # a year after the end
    finished: Share  # plans
    figures: list[Figure] = field(default_factory=list)
    different: int | None = None  # people, where it is known

    @property
    def people(self) -> int:
        return sum(edition.people for edition in self.editions)

    def kept(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "day": self.day.isoformat(),
            "editions": [vars(one) for one in self.editions],
            "countries": self.countries,
            **{name: [share.k, share.n] for name, share in self.shares.items()},
            "figures": [vars(one) for one in self.figures],
            "different": self.different,
        }

    @property
    def shares(self) -> dict[str, Share]:
        return {"completed": self.completed, "answered": self.answered, "finished": self.finished}


def read(kept: Mapping[str, Any]) -> Held:
    """What `kept` wrote."""
    return Held(
        date.fromisoformat(kept["day"]),
        [Edition(**one) for one in kept["editions"]],
        kept["countries"],
        Share(*kept["completed"]),
        Share(*kept["answered"]),
        Share(*kept["finished"]),
        [Figure(**one) for one in kept["figures"]],
        kept["different"],
    )


def of(programme_id: int, as_of: date | None, today: date) -> Held:
    """As of the end of a day, or as it stands now."""
    scope = Scope(programme_id, as_of)
    day = as_of or today
    every = queries.programme(scope)
    begun = sorted(
        (one for one in every.editions if one.starts_on <= day),
        key=lambda one: (one.starts_on, one.cohort_id),
    )
    figured = ProgrammeFigures(begun, every.different_people, every.undated)
    return Held(
        day,
        [Edition(one.year, one.name, one.reached, sorted(one.people)) for one in begun],
        list(figured.countries),
        figured.completion,
        figured.response(A_YEAR),
        figured.finished,
        [_figure(one) for one in results.results(scope, USUAL) if _is_told(one)],
        figured.different_people if len(begun) == len(every.editions) else None,
    )


def _is_told(one: Result) -> bool:
    """Only what plans add up to by itself: under a share of a country's firms a count would read as one."""
    return one.indicator.frame.kind is FrameKind.RESULTS and one.amount.counted > 0


def _figure(one: Result) -> Figure:
    indicator = one.indicator
    return Figure(
        indicator.frame.key,
        indicator.code,
        indicator.name,
        one.unit,
        f"{one.amount.actual.normalize():f}",
        one.amount.counted,
        one.amount.plans,
    )


@dataclass(frozen=True)
class Background:
    """More that a first text is made from."""

    programme: Programme
    held: Held
    themes: list[str]
    first_year: int | None
    last_year: int | None
    goes_on: bool  # an edition is planned, runs or is followed up
    partners: Sequence[tuple[str, PartnerRole]]
    problems: Counter[Problem]  # of plans that were sent and name one
    goals: Counter[str]  # Sustainable Development Goals that plans name, each once a plan

    def named(self, *roles: PartnerRole) -> list[str]:
        return list(dict.fromkeys(name for name, role in self.partners if role in roles))


def background(programme: Programme, as_of: date | None, today: date) -> Background:
    """As of the end of a day, or as it stands now."""
    held = of(programme.id, as_of, today)
    cohorts = db.session.execute(
        sa.select(Cohort.starts_on, Cohort.ends_on, Cohort.state, Theme.title)
        .join(Theme, Theme.id == Cohort.theme_id)
        .where(Theme.programme_id == programme.id, Cohort.state.not_in(NEVER))
        .order_by(Cohort.starts_on)
    ).all()
    plans = db.session.execute(_sent(Scope(programme.id, as_of), held.day)).all()
    begun = [row for row in cohorts if row.starts_on <= held.day]
    return Background(
        programme,
        held,
        list(dict.fromkeys(row.title for row in begun)),
        min((row.starts_on.year for row in cohorts), default=None),
        max((row.ends_on.year for row in cohorts), default=None),
        any(row.state not in OVER for row in cohorts),
        _partners(programme),
        Counter(row.problem_kind for row in plans if row.problem_kind),
        Counter(goal for row in plans for goal in {code.partition(".")[0] for code in row.sdg_targets}),
    )


def _sent(scope: Scope, day: date) -> sa.Select[Any]:
    """What plans set out from and aim for: of people who hold a place in an edition that had begun by
    the day, first sent before the scope ends.
    """
    places = queries.places(scope).where(Cohort.starts_on <= day)
    first = sa.and_(PlanVersion.plan_id == ActionPlan.id, PlanVersion.number == 1)
    sent_at = sa.func.coalesce(PlanVersion.submitted_at, ActionPlan.submitted_at)
    return (
        sa.select(ActionPlan.problem_kind, ActionPlan.sdg_targets)
        .outerjoin(PlanVersion, first)
        .where(
            ActionPlan.enrolment_id.in_(places),
            sent_at < scope.until if scope.until else sent_at.is_not(None),
        )
    )


def _partners(programme: Programme) -> list[tuple[str, PartnerRole]]:
    query = (
        sa.select(CohortPartner.name, CohortPartner.role)
        .join(Cohort, Cohort.id == CohortPartner.cohort_id)
        .join(Theme, Theme.id == Cohort.theme_id)
        .where(Theme.programme_id == programme.id, Cohort.state.not_in(NEVER))
        .order_by(Cohort.starts_on, CohortPartner.id)
    )
    return list(dict.fromkeys((name, role) for name, role in db.session.execute(query)))
