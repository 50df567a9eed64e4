"""What viewers see of a programme, and which programmes anybody may read about."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.models import User
from trainingapp.db import Base
from trainingapp.plans.progress.models import EvidenceLevel
from trainingapp.programmes.models import Programme


class Publication(Base):
    """Figures that a viewer may see: which editions, as of which day and from which level of evidence.

    The figures themselves are worked out anew: as of that day they are the same again.
    """

    __tablename__ = "publications"

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey(Programme.id), index=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    as_of: Mapped[date]
    level: Mapped[EvidenceLevel]
    first_year: Mapped[int | None]
    last_year: Mapped[int | None]
    published_at: Mapped[datetime]
    published_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))
    withdrawn_at: Mapped[datetime | None]

    programme: Mapped[Programme] = relationship(Programme)
    published_by: Mapped[User | None] = relationship(User)


class PublicPage(Base):
    """Whether a programme's page for its donors opens without an account. No row: it never did."""

    __tablename__ = "public_pages"

    programme_id: Mapped[int] = mapped_column(
        sa.ForeignKey(Programme.id), primary_key=True, autoincrement=False
    )
    is_open: Mapped[bool] = mapped_column(default=False)
    may_be_found: Mapped[bool] = mapped_column(default=False)  # by search engines
    changed_at: Mapped[datetime]

    programme: Mapped[Programme] = relationship(Programme)
