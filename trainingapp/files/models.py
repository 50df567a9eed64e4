"""A file as somebody gave it, and the bytes, which equal files share.

The bytes lie in the database: one transaction, one backup, any number of machines.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainingapp.accounts.models import User
from trainingapp.db import Base


class FileContent(Base):
    """Asked for only when a file is sent out."""

    __tablename__ = "file_contents"

    sha256: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    data: Mapped[bytes] = mapped_column(sa.LargeBinary)


class StoredFile(Base):
    """One row an upload, also when the same bytes came before: who may see one sees nothing of another."""

    __tablename__ = "stored_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(sa.ForeignKey(FileContent.sha256), index=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    media_type: Mapped[str] = mapped_column(sa.String(100))
    size: Mapped[int]  # bytes
    width: Mapped[int | None]  # pixels, of pictures
    height: Mapped[int | None]
    uploaded_at: Mapped[datetime]
    uploaded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))  # none: by a personal link

    uploaded_by: Mapped[User | None] = relationship(User)

    @property
    def is_picture(self) -> bool:
        return self.width is not None
