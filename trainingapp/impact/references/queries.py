"""Questions about what others reported: the list, one activity, what stands beside a frame's indicator."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp.db import db
from trainingapp.feedback.comments.searching import has_words
from trainingapp.impact.frames.models import FrameIndicator
from trainingapp.impact.references.models import (
    ReferenceActivity,
    ReferenceFile,
    ReferenceIndicator,
    ReferenceLink,
)
from trainingapp.programmes.frame_models import FrameKind

MOST_BESIDE = 50


@dataclass(frozen=True)
class Beside:
    """An indicator of others beside one of ours."""

    indicator: ReferenceIndicator
    link: ReferenceLink | None  # none: the same SDG is named, nobody picked it


def activities(words: str) -> sa.Select[ReferenceActivity]:
    """The latest version of each, for a page; `words` are sought in title, publisher and identifier."""
    query = sa.select(ReferenceActivity).where(ReferenceActivity.is_latest)
    if words:
        columns = (ReferenceActivity.title, ReferenceActivity.publisher, ReferenceActivity.identifier)
        query = query.where(sa.or_(*(has_words(column, words) for column in columns)))
    return query


def files(most: int) -> Sequence[ReferenceFile]:
    """The newest first."""
    query = sa.select(ReferenceFile).options(joinedload(ReferenceFile.read_by))
    return db.session.scalars(query.order_by(ReferenceFile.id.desc()).limit(most)).all()


def versions(of: ReferenceActivity) -> Sequence[ReferenceActivity]:
    """The newest first."""
    query = (
        sa.select(ReferenceActivity)
        .where(ReferenceActivity.identifier == of.identifier)
        .options(joinedload(ReferenceActivity.file))
    )
    return db.session.scalars(query.order_by(ReferenceActivity.version.desc())).all()


def indicators(of: ReferenceActivity) -> Sequence[ReferenceIndicator]:
    query = sa.select(ReferenceIndicator).where(ReferenceIndicator.activity_id == of.id)
    return db.session.scalars(query.order_by(ReferenceIndicator.position)).all()


def links(of: ReferenceActivity) -> dict[int, list[ReferenceLink]]:
    """Indicator -> what it stands beside."""
    query = (
        sa.select(ReferenceLink)
        .join(ReferenceLink.indicator)
        .where(ReferenceIndicator.activity_id == of.id, ReferenceLink.ended_at.is_(None))
        .options(joinedload(ReferenceLink.frame_indicator).joinedload(FrameIndicator.frame))
        .order_by(ReferenceLink.id)
    )
    found: dict[int, list[ReferenceLink]] = {}
    for link in db.session.scalars(query):
        found.setdefault(link.indicator_id, []).append(link)
    return found


def beside(ours: FrameIndicator) -> list[Beside]:
    """What somebody picked; then, for an indicator of the SDGs, what names the same target or its goal."""
    activity = joinedload(ReferenceIndicator.activity)
    picked = (
        sa.select(ReferenceLink)
        .where(ReferenceLink.frame_indicator_id == ours.id, ReferenceLink.ended_at.is_(None))
        .options(joinedload(ReferenceLink.indicator).options(activity))
        .order_by(ReferenceLink.id)
    )
    found = [Beside(link.indicator, link) for link in db.session.scalars(picked)]
    code = ours.item.code if ours.item and ours.frame.kind is FrameKind.SDG else ""
    if code:
        known = {one.indicator.id for one in found}
        named = (
            sa.select(ReferenceIndicator)
            .join(ReferenceIndicator.activity)
            .where(ReferenceActivity.is_latest, _names(code), ReferenceIndicator.id.not_in(known))
            .options(activity)
            .order_by(ReferenceIndicator.id)
            .limit(MOST_BESIDE)
        )
        found += [Beside(one, None) for one in db.session.scalars(named)]
    return found


def _names(code: str) -> sa.ColumnElement[bool]:
    """Codes hold letters, digits and points, so that one in quotes cannot be part of another."""
    return sa.cast(ReferenceIndicator.sdgs, sa.Text).like(f'%"{code}"%')
