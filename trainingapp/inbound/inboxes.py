"""Where returned mail lies until it has been read: a Maildir, or a folder on an IMAP server.

Both work alike: what lies in the inbox is to be read, and what has been read is moved away after the commit.
No position is remembered: a crash, a restored backup or a new UIDVALIDITY costs at most a second look.
"""

import re
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from trainingapp.config import ConfigError

LARGEST = 25 * 1024 * 1024  # bytes; what is larger is set aside unread
LOOK_LIKE = (
    "MAIL_INBOX must look like imaps://user:password@mail.example.org/INBOX or maildir:/var/mail/returned."
)


class CannotReach(Exception):
    """The inbox is away, or does not let us in; the text holds no password."""


@dataclass(frozen=True)
class Waiting:
    key: str
    raw: bytes | None  # None: larger than LARGEST


class Inbox(ABC):
    """Use as a context. Every method may raise CannotReach."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: object) -> None:
        self.close()

    @abstractmethod
    def waiting(self, at_most: int) -> Iterator[Waiting]:
        """One mail in memory at a time, oldest first."""

    @abstractmethod
    def done(self, key: str) -> None:
        """It has been read, and that is committed."""

    @abstractmethod
    def set_aside(self, key: str) -> None:
        """It cannot be read: kept where a person finds it."""

    @abstractmethod
    def forget(self, before: datetime) -> int:
        """Deletes what was read before that day; returns how many."""

    def close(self) -> None:  # noqa: B027 - a folder needs no goodbye
        pass


class Maildir(Inbox):
    """new/ is read; what has been read goes to cur/, what cannot be read to the subfolder .aside."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for place in (folder, folder / ".aside"):
            for part in ("tmp", "new", "cur"):
                (place / part).mkdir(parents=True, exist_ok=True)

    def waiting(self, at_most: int) -> Iterator[Waiting]:
        for path in islice(sorted((self.folder / "new").iterdir()), at_most):
            try:
                is_too_large = path.stat().st_size > LARGEST
                raw = None if is_too_large else path.read_bytes()
            except (FileNotFoundError, IsADirectoryError):
                continue  # another reader was quicker; or it is no mail
            yield Waiting(path.name, raw)

    def done(self, key: str) -> None:
        self._move(key, self.folder / "cur" / f"{key.partition(':')[0]}:2,S")

    def set_aside(self, key: str) -> None:
        self._move(key, self.folder / ".aside" / "new" / key)

    def _move(self, key: str, to: Path) -> None:
        try:
            (self.folder / "new" / key).rename(to)
        except FileNotFoundError:
            return  # another reader has moved it

    def forget(self, before: datetime) -> int:
        old = [path for path in (self.folder / "cur").iterdir() if path.stat().st_mtime < before.timestamp()]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def keep(self, raw: bytes, name: str) -> None:
        """Puts a mail straight into .aside: what came through the pipe and cannot be read."""
        temporary = self.folder / ".aside" / "tmp" / name
        temporary.write_bytes(raw)
        shutil.move(temporary, self.folder / ".aside" / "new" / name)


class Nowhere(Inbox):
    """No inbox is set: nothing comes, or a mail server pipes it in."""

    def waiting(self, _at_most: int) -> Iterator[Waiting]:
        return iter(())

    def done(self, _key: str) -> None:
        pass

    def set_aside(self, _key: str) -> None:
        pass

    def forget(self, _before: datetime) -> int:
        return 0


@dataclass(frozen=True)
class ImapAddress:
    host: str
    port: int
    user: str
    password: str
    folder: str
    is_tls: bool  # from the first byte; else STARTTLS, unless the server is on this machine
    timeout: float

    def __repr__(self) -> str:
        return f"imap {self.host}:{self.port}/{self.folder}"  # never the password


def read_url(url: str) -> ImapAddress | Path:
    """Raises ConfigError."""
    parts = urlsplit(url)
    if parts.scheme == "maildir":
        path = unquote(parts.path)
        if not path.startswith("/"):
            raise ConfigError(LOOK_LIKE)
        return Path(path)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    try:
        port, timeout = (
            parts.port or (993 if parts.scheme == "imaps" else 143),
            float(options.get("timeout", "30")),
        )
    except ValueError:
        raise ConfigError(LOOK_LIKE) from None
    folder = unquote(parts.path.strip("/")) or "INBOX"
    if not parts.hostname or not parts.username or re.search(r'["\\\r\n]', folder):
        raise ConfigError(LOOK_LIKE)
    return ImapAddress(
        host=parts.hostname,
        port=port,
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=folder,
        is_tls=parts.scheme == "imaps",
        timeout=timeout,
    )
