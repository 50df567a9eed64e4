"""The lists that forms of other platforms offer, as they hold on a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import sqlalchemy as sa

from trainingapp.db import db
from trainingapp.programmes import frames
from trainingapp.programmes.frame_models import FrameKind, ReferenceFrame

SHIPPED = Path(__file__).with_name("lists.toml")
SDG, AREAS, DOMAINS = "sdg", "unesco-areas", "unesco-domains"

Option = tuple[str, str]  # code, text
Group = tuple[str, list[Option]]  # heading, options


@dataclass(frozen=True)
class Lists:
    """Read once a page."""

    day: date
    groups: Mapping[str, list[Group]]  # key of a list -> its groups

    def of(self, key: str) -> list[Group]:
        return self.groups.get(key, [])

    def with_goals(self, key: str) -> list[Group]:
        """Each group begins with the goal itself, whose code is what its items' codes begin with."""
        return [(heading, [(goal_of(items[0][0]), heading), *items]) for heading, items in self.of(key)]

    def goals(self, key: str) -> list[Group]:
        return [("", [(goal_of(items[0][0]), heading) for heading, items in self.of(key)])]


def goal_of(code: str) -> str:
    """Of a target or an area: 17.10 belongs to 17."""
    return code.partition(".")[0]


def on(day: date) -> Lists:
    groups: dict[str, list[Group]] = {}
    for kind in (FrameKind.SDG, FrameKind.FORM):
        for offer in frames.offered(kind, day):
            key = SDG if kind is FrameKind.SDG else offer.frame.key
            groups.setdefault(key, []).extend(
                (heading, [(item.code, item.text) for item in items]) for heading, items in offer.groups
            )
    return Lists(day, groups)


def ship(now: datetime) -> None:
    """What came with the product, where nobody has loaded it or a newer one."""
    if db.session.scalar(sa.select(ReferenceFrame.id).where(ReferenceFrame.key == AREAS)) is None:
        frames.load(SHIPPED.read_text(encoding="utf-8"), now)
