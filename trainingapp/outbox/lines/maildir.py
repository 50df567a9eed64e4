"""The dry run: messages go into a folder that any mail program opens, and to nobody.

Writing to tmp/ is the offer, the rename into new/ is the dot. The name comes from the Message-ID, so a crash
between the rename and our note of it leaves evidence.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from trainingapp.outbox.lines.contract import Letter
from trainingapp.outbox.lines.replies import Reply, Stage


@dataclass(frozen=True)
class Folder:
    path: Path

    @property
    def name(self) -> str:
        return f"maildir:{self.path}"

    def holds(self, message_id: str) -> bool:
        """Whether this message arrived, read or not."""
        name = _name(message_id)
        return (self.path / "new" / name).exists() or any((self.path / "cur").glob(f"{name}*"))


class Writing:
    """One folder, one message at a time."""

    def __init__(self, folder: Folder) -> None:
        self.path = folder.path
        self._waiting: Path | None = None

    def offer(self, letter: Letter) -> Reply | None:
        try:
            for part in ("tmp", "new", "cur"):
                (self.path / part).mkdir(mode=0o700, parents=True, exist_ok=True)
            self._waiting = self.path / "tmp" / f"{_name(letter.message_id)}.{os.getpid()}"
            with open(self._waiting, "wb", opener=_private) as file:
                file.write(_envelope(letter) + letter.body.replace(b"\r\n", b"\n"))
                file.flush()
                os.fsync(file.fileno())
        except OSError as problem:
            self.drop()
            return Reply(Stage.CONNECT, None, f"the folder cannot be written: {problem.strerror}")
        return None

    def dot(self) -> Reply:
        assert self._waiting is not None
        new = self.path / "new"
        try:
            self._waiting.rename(new / self._waiting.stem)
        except OSError as problem:
            self.drop()
            return Reply(Stage.DOT, 451, f"the folder cannot be written: {problem.strerror}")
        self._waiting = None
        try:
            folder = os.open(new, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as problem:  # there, but perhaps not after a power cut
            return Reply(Stage.DOT, None, f"the folder cannot be written: {problem.strerror}")
        return Reply(Stage.DOT, 250, "written to the folder")

    def drop(self) -> None:
        if self._waiting:
            with suppress(OSError):
                self._waiting.unlink(missing_ok=True)
        self._waiting = None

    def quit(self) -> None:
        self.drop()


def _private(path: str, flags: int) -> int:
    """Personal links lie in these messages."""
    return os.open(path, flags, 0o600)


def _name(message_id: str) -> str:
    return sha256(message_id.encode()).hexdigest()[:40]


def _envelope(letter: Letter) -> bytes:
    """As the last server writes it (RFC 5321, 4.4): the envelope is otherwise lost in a folder."""
    return f"Return-Path: <{letter.sender}>\nDelivered-To: {letter.recipient}\n".encode()
