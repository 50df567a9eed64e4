"""Releases of a programme's anonymised data."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.models import User
from trainingapp.db import Base
from trainingapp.programmes.models import Programme


class Release(Base):
    """A data package as it was made: its bytes never change. Nobody outside sees it before it is published.

    What was published once may lie anywhere, so that later releases are held against it for good, withdrawn
    or not.
    """

    __tablename__ = "dataset_releases"
    __table_args__ = (sa.UniqueConstraint("programme_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey(Programme.id))
    number: Mapped[int]  # of the programme's releases, from 1; those thrown away leave a gap
    licence: Mapped[str] = mapped_column(sa.String(40))
    as_of: Mapped[date]
    k: Mapped[int]  # no group may be smaller
    levels: Mapped[list[Any]]  # how coarse each trait is, in the order of ladders.TRAITS
    check: Mapped[dict[str, Any]]  # what the re-identification check found, as packing.Check
    sha256: Mapped[str] = mapped_column(sa.String(64))
    data: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    size: Mapped[int]  # bytes
    # Who stands in which group, as ids of our own, to hold later releases against. Never given out.
    groups: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))
    published_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    programme: Mapped[Programme] = relationship(Programme)
    made_by: Mapped[User | None] = relationship(User)

    @property
    def is_shown(self) -> bool:
        return self.published_at is not None and self.withdrawn_at is None
