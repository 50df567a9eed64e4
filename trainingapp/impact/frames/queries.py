"""Questions about frames: what they measure, who leads what, what countries gave."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp.db import db
from trainingapp.impact.frames.models import FrameIndicator, FrameLine, FrameValue, MonitoringRound
from trainingapp.programmes.frame_models import FrameItem, ReferenceFrame


@dataclass(frozen=True)
class Known:
    """A frame in a list."""

    frame: ReferenceFrame
    indicators: int
    lines: int
    rounds: int
    follows: ReferenceFrame | None
    successor: ReferenceFrame | None


@dataclass(frozen=True)
class Group:
    """A goal or outcome, with what measures it and what is done for it."""

    item: FrameItem | None
    indicators: list[FrameIndicator] = field(default_factory=list)
    lines: list[FrameLine] = field(default_factory=list)


@dataclass(frozen=True)
class Answers:
    """What countries gave to one indicator in a round. No mean: definitions differ."""

    indicator: FrameIndicator
    values: list[FrameValue]  # by country

    @property
    def given(self) -> list[FrameValue]:
        return [value for value in self.values if not value.is_gap]

    @property
    def definitions(self) -> set[str]:
        return {value.definition for value in self.given}


def every() -> list[Known]:
    """The earliest first."""
    frames = db.session.scalars(
        sa.select(ReferenceFrame).order_by(ReferenceFrame.valid_from, ReferenceFrame.key)
    ).all()
    by_key = {frame.key: frame for frame in frames}
    after = {frame.follows: frame for frame in frames if frame.follows}
    indicators = _counts(FrameIndicator, FrameIndicator.is_offered & (FrameIndicator.name != ""))
    lines, rounds = (
        _counts(FrameLine, FrameLine.is_offered.is_(sa.true())),
        _counts(MonitoringRound, sa.true()),
    )
    return [
        Known(
            frame,
            indicators.get(frame.id, 0),
            lines.get(frame.id, 0),
            rounds.get(frame.id, 0),
            by_key.get(frame.follows),
            after.get(frame.key),
        )
        for frame in frames
    ]


def _counts(
    table: type[FrameIndicator] | type[FrameLine] | type[MonitoringRound], which: sa.ColumnElement[bool]
) -> dict[int, int]:
    query = sa.select(table.frame_id, sa.func.count().label("many")).where(which).group_by(table.frame_id)
    return {row.frame_id: row.many for row in db.session.execute(query)}


def of_frame(frame: ReferenceFrame) -> list[Group]:
    """Its goals in order, what belongs to none at the end."""
    items = db.session.scalars(
        sa.select(FrameItem)
        .where(FrameItem.frame_id == frame.id, FrameItem.is_offered)
        .order_by(FrameItem.position)
    )
    groups: dict[int | None, Group] = {item.id: Group(item) for item in items}
    for indicator in indicators_of(frame):
        groups.setdefault(indicator.item_id, Group(indicator.item)).indicators.append(indicator)
    lines = sa.select(FrameLine).where(FrameLine.frame_id == frame.id, FrameLine.is_offered)
    lines = lines.options(joinedload(FrameLine.indicator), joinedload(FrameLine.item))
    for line in db.session.scalars(lines.order_by(FrameLine.position)):
        groups.setdefault(line.item_id, Group(line.item)).lines.append(line)
    return list(groups.values())


def indicators_of(frame: ReferenceFrame) -> Sequence[FrameIndicator]:
    query = sa.select(FrameIndicator).where(FrameIndicator.frame_id == frame.id, FrameIndicator.is_offered)
    query = query.options(joinedload(FrameIndicator.item))
    return db.session.scalars(query.order_by(FrameIndicator.position, FrameIndicator.id)).all()


def fed_by_plans(day: date) -> Sequence[FrameIndicator]:
    """Indicators of frames that hold on a day and say in what plans are counted."""
    query = (
        sa.select(FrameIndicator)
        .join(FrameIndicator.frame)
        .where(
            FrameIndicator.is_offered,
            FrameIndicator.counted_in != "",
            ReferenceFrame.valid_from <= day,
            sa.or_(ReferenceFrame.valid_until.is_(None), ReferenceFrame.valid_until >= day),
        )
        .options(joinedload(FrameIndicator.frame), joinedload(FrameIndicator.item))
        .order_by(ReferenceFrame.name, FrameIndicator.position, FrameIndicator.id)
    )
    return db.session.scalars(query).all()


def rounds_of(frame: ReferenceFrame) -> Sequence[MonitoringRound]:
    """The next or latest first."""
    query = sa.select(MonitoringRound).where(MonitoringRound.frame_id == frame.id)
    return db.session.scalars(query.order_by(MonitoringRound.due_on.desc(), MonitoringRound.id)).all()


def answers(of: MonitoringRound, until: datetime | None = None) -> list[Answers]:
    """Every indicator of the frame, answered or not; of several values of a country the latest."""
    query = sa.select(FrameValue).where(FrameValue.round_id == of.id).order_by(FrameValue.id)
    if until:
        query = query.where(FrameValue.recorded_at < until)
    latest = {(value.indicator_id, value.country): value for value in db.session.scalars(query)}
    ordered = sorted(latest.values(), key=lambda value: value.country)
    return [
        Answers(indicator, [value for value in ordered if value.indicator_id == indicator.id])
        for indicator in indicators_of(of.frame)
    ]
