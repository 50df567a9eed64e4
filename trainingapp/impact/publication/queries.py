"""What of a programme is published, and its figures as viewers see them: nothing about fewer than five."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp.db import db
from trainingapp.impact import figures, queries, results
from trainingapp.impact.figures import ProgrammeFigures, Result
from trainingapp.impact.publication.models import Publication
from trainingapp.impact.scope import Scope
from trainingapp.programmes.models import Programme
from trainingapp.statistics import SMALLEST_GROUP, Hidden


@dataclass(frozen=True)
class Figures:
    publication: Publication
    figures: ProgrammeFigures
    results: list[Result]
    hidden: dict[str, Hidden]  # countries whose people are not told, and why

    def is_told(self, result: Result) -> bool:
        return result.amount.counted >= SMALLEST_GROUP


def of(programme: Programme) -> Sequence[Publication]:
    """Those that were not withdrawn, the latest day first."""
    query = sa.select(Publication).where(
        Publication.programme_id == programme.id, Publication.withdrawn_at.is_(None)
    )
    ordered = query.order_by(Publication.as_of.desc(), Publication.id.desc())
    return db.session.scalars(ordered.options(joinedload(Publication.programme))).all()


def scope(publication: Publication) -> Scope:
    return Scope(publication.programme_id, publication.as_of, publication.first_year, publication.last_year)


def read(publication: Publication) -> Figures:
    """Worked out anew: as of that day they are the same again."""
    figured = figures.for_viewers(queries.programme(scope(publication)))
    hidden = figures.hidden_countries(figured)
    return Figures(publication, figured, results.results(scope(publication), publication.level), hidden)
