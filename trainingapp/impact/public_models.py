"""Which programmes anybody may read about."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.db import Base
from trainingapp.programmes.models import Programme


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
