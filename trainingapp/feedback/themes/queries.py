"""Questions about proposed themes. No writes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp.cohorts.models import Cohort
from trainingapp.db import db
from trainingapp.feedback.comments import queries as comments
from trainingapp.feedback.themes.models import (
    ProposalState,
    ProposedTheme,
    ThemeProposal,
    ThemeQuote,
    ThemeState,
)
from trainingapp.surveys.models import Survey

QUOTED = 20  # comments of a theme that its page shows; the tag's inbox has the rest
READ = 5000  # comments of an edition, the newest waves first, that a proposal reads
UNDER_WAY = (ProposalState.WAITING, ProposalState.READING)
GIVEN_UP = timedelta(minutes=2)  # its worker was stopped: it may be asked for again


@dataclass(frozen=True)
class Proposal:
    theme: ProposedTheme
    quotes: list[comments.Comment]
    count: int


def latest(cohort: Cohort) -> ThemeProposal | None:
    query = sa.select(ThemeProposal).where(ThemeProposal.cohort_id == cohort.id)
    return db.session.scalar(query.order_by(ThemeProposal.id.desc()).limit(1))


def is_under_way(proposal: ThemeProposal, now: datetime) -> bool:
    return proposal.state in UNDER_WAY and proposal.asked_at > now - GIVEN_UP


def theme(theme_id: int) -> ProposedTheme | None:
    way = joinedload(ProposedTheme.proposal).joinedload(ThemeProposal.cohort).joinedload(Cohort.theme)
    return db.session.scalar(sa.select(ProposedTheme).where(ProposedTheme.id == theme_id).options(way))


def of(proposal: ThemeProposal) -> list[Proposal]:
    """Those still to be decided first, then by size; four queries, however many."""
    rows = db.session.scalars(sa.select(ProposedTheme).where(ProposedTheme.proposal_id == proposal.id)).all()
    ids = [row.id for row in rows]
    counts = dict(db.session.execute(_counts(ids)).all())
    place = sa.func.row_number().over(
        partition_by=ThemeQuote.theme_id, order_by=(ThemeQuote.position, ThemeQuote.answer_id)
    )
    ranked = (
        sa.select(ThemeQuote.theme_id, ThemeQuote.answer_id, place.label("place"))
        .where(ThemeQuote.theme_id.in_(ids))
        .subquery()
    )
    first = sa.select(ranked.c.theme_id, ranked.c.answer_id).where(ranked.c.place <= QUOTED)
    chosen = db.session.execute(first.order_by(ranked.c.place)).all()
    found = {one.answer.id: one for one in comments.these(sa.true(), [answer for _theme, answer in chosen])}
    quotes: defaultdict[int, list[comments.Comment]] = defaultdict(list)
    for theme_id, answer_id in chosen:
        if answer_id in found:
            quotes[theme_id].append(found[answer_id])
    made = [Proposal(row, quotes[row.id], counts.get(row.id, 0)) for row in rows]
    order = list(ThemeState)
    return sorted(made, key=lambda one: (order.index(one.theme.state), -one.count, one.theme.id))


def _counts(theme_ids: Sequence[int]) -> sa.Select[int, int]:
    return (
        sa.select(ThemeQuote.theme_id, sa.func.count())
        .where(ThemeQuote.theme_id.in_(theme_ids))
        .group_by(ThemeQuote.theme_id)
    )


def answers_of(theme_ids: Sequence[int]) -> list[int]:
    query = sa.select(ThemeQuote.answer_id).where(ThemeQuote.theme_id.in_(theme_ids))
    return list(db.session.scalars(query.order_by(ThemeQuote.position, ThemeQuote.answer_id)))


def texts(cohort: Cohort) -> list[tuple[int, str]]:
    """Answer's id and words of what may be read of an edition, in an order that stays the same."""
    within: sa.ColumnElement[bool] = sa.and_(
        Cohort.id == cohort.id, Survey.programme_id == cohort.theme.programme_id
    )
    return comments.texts(within, READ)
