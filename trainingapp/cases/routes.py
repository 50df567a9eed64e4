"""What may help with one cause: people who agreed to be named, and material in her language."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from trainingapp.cases import causes
from trainingapp.cases.causes import Solved
from trainingapp.cases.models import HostSolution, Material
from trainingapp.db import db
from trainingapp.plans.progress.models import Blocker
from trainingapp.programmes.models import Theme
from trainingapp.visits.models import Host


@dataclass(frozen=True)
class Route:
    blocker: Blocker
    peers: list[Solved]
    hosts: list[HostSolution]
    material: list[Material]


def for_her(
    blockers: Iterable[Blocker], programmes: sa.Select[int], herself: int | None, language: str
) -> list[Route]:
    """One for each cause that somebody or something helps with. `herself` is a participant."""
    named = dict.fromkeys(blockers)
    every = (_route(blocker, programmes, herself, language) for blocker in named)
    return [one for one in every if one.peers or one.hosts or one.material]


def material(material_id: int, programmes: sa.Select[int]) -> Material | None:
    """That she may read, since she took part in an edition of its programme."""
    found = sa.select(Material).where(
        Material.id == material_id, Material.removed_at.is_(None), Material.programme_id.in_(programmes)
    )
    return db.session.scalar(found)


def _route(blocker: Blocker, programmes: sa.Select[int], herself: int | None, language: str) -> Route:
    library = causes.material(blocker, Material.programme_id.in_(programmes))
    return Route(
        blocker,
        causes.solved_by_others(blocker, Theme.programme_id.in_(programmes), herself),
        list(causes.hosts(blocker, Host.programme_id.in_(programmes))),
        causes.reads(language, library),
    )
