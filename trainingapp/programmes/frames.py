"""Reference frames: read from a file, offered by date, named by the codes that plans keep."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp.accounts import audit
from trainingapp.db import db
from trainingapp.programmes.frame_models import FrameItem, FrameKind, ReferenceFrame
from trainingapp.refusals import Refusal

SHIPPED = Path(__file__).with_name("frames.toml")
FRAME_FIELDS = {"key": str, "kind": str, "name": str, "valid_from": date, "source": str, "items": list}
LONGEST_KEY, LONGEST_NAME, LONGEST_CODE, LONGEST_TEXT = 40, 200, 20, 300  # as the columns


class FramesUnreadable(Refusal):
    """The file is not what load-frames reads; says where."""


@dataclass(frozen=True)
class Offer:
    """One frame as a picker shows it."""

    frame: ReferenceFrame
    groups: list[tuple[str, list[FrameItem]]]  # heading, items


def code_of(frame: ReferenceFrame, item: FrameItem) -> str:
    """What a plan keeps: SDG targets are known by their number alone."""
    return item.code if frame.kind == FrameKind.SDG else f"{frame.key}:{item.code}"


def load(text: str, now: datetime) -> list[ReferenceFrame]:
    """Adds the frames of a TOML file, or changes them. Raises FramesUnreadable, and then nothing changed."""
    try:
        given = tomllib.loads(text).get("frame", [])
    except tomllib.TOMLDecodeError as problem:
        raise FramesUnreadable(_("This is not a TOML file: %(why)s.", why=problem)) from problem
    if not isinstance(given, list) or not given:
        raise FramesUnreadable(_("The file holds no [[frame]]."))
    for number, facts in enumerate(given, 1):
        _check(number, facts)
    return [_load(facts, now) for facts in given]


def ship(now: datetime) -> None:
    """What came with the product, where nobody has loaded any."""
    if db.session.scalar(sa.select(ReferenceFrame.id).limit(1)) is None:
        load(SHIPPED.read_text(encoding="utf-8"), now)


def offered(kind: FrameKind, day: date) -> list[Offer]:
    """The frames that hold on that day, the oldest first, each with its items in order."""
    frames = db.session.scalars(
        sa.select(ReferenceFrame)
        .where(
            ReferenceFrame.kind == kind,
            ReferenceFrame.valid_from <= day,
            sa.or_(ReferenceFrame.valid_until.is_(None), ReferenceFrame.valid_until >= day),
        )
        .order_by(ReferenceFrame.valid_from, ReferenceFrame.key)
    ).all()
    items = sa.select(FrameItem).where(FrameItem.frame_id.in_([frame.id for frame in frames]))
    groups: dict[int, dict[str, list[FrameItem]]] = {frame.id: {} for frame in frames}
    for item in db.session.scalars(items.where(FrameItem.is_offered).order_by(FrameItem.position)):
        groups[item.frame_id].setdefault(item.heading, []).append(item)
    return [Offer(frame, list(groups[frame.id].items())) for frame in frames]


def texts() -> dict[str, str]:
    """What every code says, also of frames that no longer hold: plans of then still name them."""
    every = sa.select(ReferenceFrame, FrameItem).join(FrameItem, FrameItem.frame_id == ReferenceFrame.id)
    return {code_of(frame, item): item.text for frame, item in db.session.execute(every)}


def _check(number: int, facts: Any) -> None:
    for field, kind in FRAME_FIELDS.items():
        if not isinstance(facts, dict) or not isinstance(facts.get(field), kind) or not facts[field]:
            raise FramesUnreadable(
                _("Frame %(number)d: “%(field)s” is missing or cannot be read.", number=number, field=field)
            )
    if max(len(facts["key"]), len(_follows(facts))) > LONGEST_KEY or len(facts["name"]) > LONGEST_NAME:
        raise FramesUnreadable(_("Frame %(number)d: its key or its name is too long.", number=number))
    if facts["kind"] not in set(FrameKind) or not isinstance(facts.get("valid_until", date.max), date):
        raise FramesUnreadable(_("Frame %(number)d: its kind or its last day is unknown.", number=number))
    codes = [code for item in facts["items"] for code in _code(number, item)]
    twice = next((code for code in codes if codes.count(code) > 1), None)
    if twice:
        raise FramesUnreadable(
            _("Frame %(number)d: the code %(code)s stands there twice.", number=number, code=twice)
        )


def _follows(facts: dict[str, Any]) -> str:
    return str(facts.get("follows", ""))


def _code(number: int, item: Any) -> Iterable[str]:
    is_read = isinstance(item, dict) and all(
        isinstance(item.get(field), str) and item[field] and len(item[field]) <= longest
        for field, longest in (("code", LONGEST_CODE), ("text", LONGEST_TEXT))
    )
    heading = item.get("heading", "") if isinstance(item, dict) else None
    is_read = is_read and isinstance(heading, str) and len(heading) <= LONGEST_NAME
    if not is_read or " " in item["code"]:
        raise FramesUnreadable(
            _(
                "Frame %(number)d: an item needs a code without spaces and a short text: %(item)s.",
                number=number,
                item=item,
            )
        )
    yield item["code"]


def _load(facts: dict[str, Any], now: datetime) -> ReferenceFrame:
    frame = db.session.scalar(sa.select(ReferenceFrame).where(ReferenceFrame.key == facts["key"]))
    if frame is None:
        frame = ReferenceFrame(key=facts["key"])
        db.session.add(frame)
    frame.kind = FrameKind(facts["kind"])
    frame.name, frame.source = facts["name"], facts["source"]
    frame.valid_from, frame.valid_until = facts["valid_from"], facts.get("valid_until")
    frame.follows, frame.loaded_at = _follows(facts), now
    db.session.flush()
    known = {
        item.code: item
        for item in db.session.scalars(sa.select(FrameItem).where(FrameItem.frame_id == frame.id))
    }
    for item in known.values():
        item.is_offered = False
    for position, said in enumerate(facts["items"], 1):
        row = known.get(said["code"]) or FrameItem(frame_id=frame.id, code=said["code"])
        row.heading, row.text = said.get("heading", ""), said["text"]
        row.position, row.is_offered = position, True
        db.session.add(row)
    db.session.flush()
    audit.record(frame, "loaded", after=f"{frame.valid_from}/{frame.valid_until or '..'}")
    return frame
