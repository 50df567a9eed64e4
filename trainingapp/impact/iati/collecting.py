"""From editions, people and plans to the contents of an IATI file, as of a day.

People are an output of an edition, plans that were carried out an outcome. What plans add to shared frames is
a result of the programme: an outcome, or for indicators of the SDGs its contribution to impact. Sentences of
our own are in English and say so: readers of IATI files expect it; names are in the programme's language.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from trainingapp.cohorts.models import Cohort, CohortPartner, CohortState, PartnerRole
from trainingapp.db import db
from trainingapp.impact import queries, results
from trainingapp.impact.figures import EditionFigures, PlanFate, Result
from trainingapp.impact.iati import changes, telling
from trainingapp.impact.iati.contents import (
    ACCOUNTABLE,
    CANCELLED,
    CHILD,
    CLOSED,
    EXTENDING,
    FINALISING,
    FUNDING,
    GOING_ON,
    IMPACT,
    IMPLEMENTING,
    OUTCOME,
    OUTPUT,
    PARENT,
    PIPELINE,
    SUSPENDED,
    Activity,
    Contents,
    Document,
    Measure,
    Organisation,
)
from trainingapp.impact.iati.models import IatiDetails, PartnerIdentity, YearBudget
from trainingapp.impact.iati.writing import plain
from trainingapp.impact.scope import Scope
from trainingapp.plans.progress.models import EvidenceLevel
from trainingapp.programmes.frame_models import FrameKind
from trainingapp.programmes.models import Programme, Theme
from trainingapp.statistics import SMALLEST_GROUP

ROLES: dict[PartnerRole, str] = {
    PartnerRole.FUNDER: FUNDING,
    PartnerRole.OWNER: ACCOUNTABLE,
    PartnerRole.CONTENT: EXTENDING,
    PartnerRole.NOMINATING: EXTENDING,
    PartnerRole.IMPLEMENTER: IMPLEMENTING,
    PartnerRole.HOST: IMPLEMENTING,
}
STOPPED = {CohortState.CANCELLED: CANCELLED, CohortState.POSTPONED: SUSPENDED}
TRAINED = "People from small firms, and those who serve them, are trained"


class Collection:
    """Of one programme, as of one day."""

    def __init__(self, programme: Programme, details: IatiDetails, scope: Scope, now: datetime) -> None:
        self.programme, self.details, self.scope = programme, details, scope
        self.today = min(scope.on or now.date(), now.date())
        self.updated_at = min(now, _changed_at(scope, now))
        self.figures = {one.cohort_id: one for one in queries.programme(scope).editions}
        self.people = queries.by_country_and_sex(scope)
        self.cohorts = db.session.scalars(_cohorts(scope)).all()
        identities = sa.select(PartnerIdentity).where(PartnerIdentity.programme_id == programme.id)
        self._known = {one.name: one for one in db.session.scalars(identities)}
        self._partners: dict[int, list[CohortPartner]] = {}
        for partner in db.session.scalars(_partners(scope)):
            self._partners.setdefault(partner.cohort_id, []).append(partner)

    def contents(self, level: EvidenceLevel, documents: Sequence[Document]) -> Contents:
        return Contents(
            self.details,
            self.updated_at.astimezone(UTC),
            [self.whole(level, documents), *(self.edition(cohort, documents) for cohort in self.cohorts)],
        )

    @property
    def identifier(self) -> str:
        return f"{self.details.organisation_ref}-{self.programme.slug}"

    def identifier_of(self, cohort: Cohort) -> str:
        return f"{self.identifier}-{cohort.theme.year}-{cohort.id}"

    def whole(self, level: EvidenceLevel, documents: Sequence[Document]) -> Activity:
        programme = self.programme
        begun = [cohort for cohort in self.cohorts if cohort.starts_on <= self.today]
        starts = min((cohort.starts_on for cohort in self.cohorts), default=programme.created_at.date())
        shares = telling.together((one.reached, telling.shares(one.people)) for one in self.figures.values())
        budgets = sa.select(YearBudget).where(YearBudget.programme_id == programme.id)
        return Activity(
            identifier=self.identifier,
            hierarchy=1,
            title=programme.name,
            description=programme.description,
            status=GOING_ON if begun else PIPELINE,
            planned=(starts, None),
            actual=(min((cohort.starts_on for cohort in begun), default=None), None),
            organisations=self._organisations(self.cohorts),
            shares=telling.percentages(shares),
            measures=[
                _frame_measure(one, starts, self.today)
                for one in results.results(self.scope, level)
                if one.amount.counted >= SMALLEST_GROUP
            ],
            documents=[one for one in documents if one.cohort_id is None],
            budgets=db.session.scalars(budgets.order_by(YearBudget.year)).all(),
            related={self.identifier_of(cohort): CHILD for cohort in self.cohorts},
        )

    def edition(self, cohort: Cohort, documents: Sequence[Document]) -> Activity:
        theme, figures = cohort.theme, self.figures.get(cohort.id)
        title = f"{theme.title} ({cohort.name}, {theme.year})"
        return Activity(
            identifier=self.identifier_of(cohort),
            hierarchy=2,
            title=title,
            description=theme.description if plain(theme.description) else title,
            status=self._status(cohort),
            planned=(cohort.starts_on, cohort.ends_on),
            actual=self._actual(cohort),
            organisations=self._organisations([cohort]),
            shares=telling.percentages(telling.shares(figures.people)) if figures else {},
            measures=self._measures(cohort, figures) if figures else [],
            documents=[one for one in documents if one.cohort_id == cohort.id],
            related={self.identifier: PARENT},
        )

    def _status(self, cohort: Cohort) -> str:
        """By its dates, but for what was called off; a past day knows no follow-up."""
        if cohort.state in STOPPED:
            return STOPPED[cohort.state]
        if self.today < cohort.starts_on:
            return PIPELINE
        if self.today <= cohort.ends_on:
            return GOING_ON
        return CLOSED if cohort.state is CohortState.CLOSED else FINALISING

    def _actual(self, cohort: Cohort) -> tuple[date | None, date | None]:
        if cohort.state in STOPPED:
            return None, None
        begins, ends = cohort.starts_on, cohort.ends_on
        return (begins if begins <= self.today else None), (ends if ends < self.today else None)

    def _organisations(self, cohorts: Iterable[Cohort]) -> list[Organisation]:
        """Each once a role; who reports is accountable where nobody else is said to be."""
        found: dict[tuple[str, str], Organisation] = {}
        for cohort in cohorts:
            for partner in self._partners.get(cohort.id, ()):
                role, known = ROLES[partner.role], self._known.get(partner.name)
                ref, kind = (known.ref, known.type) if known else ("", "")
                if not plain(partner.name + ref):
                    continue
                found.setdefault((role, partner.name), Organisation(role, partner.name, ref, kind))
        if not any(one.role == ACCOUNTABLE for one in found.values()):
            mine = self.details
            ours = Organisation(
                ACCOUNTABLE, mine.organisation_name, mine.organisation_ref, mine.organisation_type
            )
            return [ours, *found.values()]
        return list(found.values())

    def _measures(self, cohort: Cohort, figures: EditionFigures) -> list[Measure]:
        if figures.reached < SMALLEST_GROUP or cohort.starts_on > self.today:
            return []  # who is enrolled has not taken part yet
        cube = self.people[cohort.id]
        amounts = {key: Decimal(count) for key, count in cube.items()}
        ends_on = max(cohort.starts_on, min(cohort.ends_on, self.today))
        output = partial(Measure, OUTPUT, TRAINED, starts_on=cohort.starts_on, ends_on=ends_on)
        parts = telling.parts(("country", "sex"), cube, amounts)
        reached, places = Decimal(figures.reached), Decimal(cohort.capacity)
        found = [output("People who took part", actual=reached, target=places, parts=parts)]
        if cohort.ends_on < self.today:
            found.append(output("People who completed", actual=Decimal(figures.completed), target=reached))
        if figures.sent >= SMALLEST_GROUP:
            finished, sent = Decimal(figures.plans.get(PlanFate.DONE, 0)), Decimal(figures.sent)
            found.append(
                Measure(
                    OUTCOME,
                    "Participants carry out at home what they planned",
                    "Action plans that were carried out",
                    cohort.starts_on,
                    max(cohort.starts_on, self.today),
                    actual=finished,
                    target=sent,
                    comment="The target is the number of plans that were sent in.",
                )
            )
        return found


def _changed_at(scope: Scope, now: datetime) -> datetime:
    """Figures of a past day stand since its end; what is told beside them may have changed later. Those of
    today tell of a period that ends today.
    """
    if scope.until and scope.until <= now:
        return max(filter(None, (scope.until, changes.last(scope.programme_id))))
    today = datetime.combine(now.date(), time(), UTC)
    return max(filter(None, (today, changes.newest(scope.programme_id))))


def _frame_measure(one: Result, starts_on: date, today: date) -> Measure:
    """Contribution, not attribution: so the comment says, and how well the figure is shown."""
    is_sdg = one.indicator.frame.kind is FrameKind.SDG
    amount = one.amount
    cube: dict[telling.Cell, int] = {
        (country,): part.counted for country, part in one.by_country.items() if part.counted
    }
    amounts: dict[telling.Cell, Decimal] = {key: one.by_country[key[0]].actual for key in cube}
    return Measure(
        IMPACT if is_sdg else OUTCOME,
        one.indicator.frame.name,
        _title(one),
        min(starts_on, today),
        today,
        actual=amount.actual,
        target=amount.target,
        baseline=amount.baseline,
        parts=telling.parts(("country",), cube, amounts),
        comment=(
            f"Added up over {amount.counted} of {amount.plans} plans, from evidence level "
            f"{one.level.rank} ({one.level.value}) of {len(EvidenceLevel)} up. The programme contributed; "
            "it does not claim the change as its own."
            + ("" if amount.target is None else " The target is that of all plans.")
        ),
        sdg=one.indicator.code if is_sdg else "",
    )


def _title(one: Result) -> str:
    """Where countries measure a share and plans count loans, the loans are not the share."""
    name = one.indicator.name or one.indicator.code
    is_ours = one.indicator.frame.kind is FrameKind.RESULTS
    return f"{name} ({one.unit})" if is_ours else f"Counted in plans, towards: {name} ({one.unit})"


def _cohorts(scope: Scope) -> sa.Select[Cohort]:
    """In the order of their dates; an edition is told of once it is more than a draft."""
    query = (
        sa.select(Cohort)
        .join(Cohort.theme)
        .where(*scope.holds(), Cohort.state != CohortState.DRAFT)
        .options(contains_eager(Cohort.theme))
        .order_by(Cohort.starts_on, Cohort.id)
    )
    if scope.on is None:
        return query
    # Of those to come, as many as were known then; old editions are often written down later.
    return query.where(sa.or_(Cohort.starts_on <= scope.on, Cohort.created_at < scope.until))


def _partners(scope: Scope) -> sa.Select[CohortPartner]:
    query = sa.select(CohortPartner).join(Cohort, Cohort.id == CohortPartner.cohort_id)
    query = query.join(Theme, Theme.id == Cohort.theme_id).where(*scope.holds())
    return query.order_by(CohortPartner.cohort_id, CohortPartner.id)
