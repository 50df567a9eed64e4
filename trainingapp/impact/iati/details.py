"""Verbs and questions about what a programme says of itself in IATI files."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from trainingapp.accounts import audit
from trainingapp.cohorts.models import Cohort, CohortPartner
from trainingapp.db import db
from trainingapp.impact.iati.models import IatiDetails, PartnerIdentity, YearBudget
from trainingapp.programmes.models import Programme, Theme


def partners(programme: Programme) -> dict[str, PartnerIdentity | None]:
    """Every name that editions use, with who it is where somebody said so."""
    names = (
        sa.select(CohortPartner.name)
        .join(Cohort, Cohort.id == CohortPartner.cohort_id)
        .join(Theme, Theme.id == Cohort.theme_id)
        .where(Theme.programme_id == programme.id)
        .distinct()
        .order_by(CohortPartner.name)
    )
    known = {one.name: one for one in db.session.scalars(_of(PartnerIdentity, programme))}
    return {name: known.get(name) for name in db.session.scalars(names)}


def budgets(programme: Programme) -> Sequence[YearBudget]:
    return db.session.scalars(_of(YearBudget, programme).order_by(YearBudget.year)).all()


def save(
    programme: Programme,
    details: IatiDetails | None,
    facts: Mapping[str, Any],
    identities: Mapping[str, tuple[str, str]],
    money: Mapping[int, tuple[Decimal, bool]],
    now: datetime,
) -> IatiDetails:
    """`identities` are name -> (ref, type); `money` is year -> (amount, whether it is agreed), all of it."""
    details = details or IatiDetails.usual()
    details.programme_id = programme.id
    for name, value in facts.items():
        setattr(details, name, value)
    details.changed_at = now
    db.session.add(details)
    for name, identity in partners(programme).items():
        if name in identities:
            one = identity or PartnerIdentity(programme_id=programme.id, name=name)
            one.ref, one.type = identities[name]
            db.session.add(one)
    kept = {one.year: one for one in budgets(programme)}
    for year in kept.keys() - money.keys():
        db.session.delete(kept[year])
    for year, (amount, is_committed) in money.items():
        one_year = kept.get(year) or YearBudget(programme_id=programme.id, year=year)
        one_year.amount, one_year.is_committed = amount, is_committed
        db.session.add(one_year)
    db.session.flush()
    audit.record(details, "saved", after=details.organisation_ref, programme_id=programme.id)
    return details


def _of(table: type[Any], programme: Programme) -> sa.Select[Any]:
    return sa.select(table).where(table.programme_id == programme.id)
