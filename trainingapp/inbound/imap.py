"""A folder on an IMAP server. What has been read is moved to its subfolder Processed, what cannot be read to
Set aside; both are made when they are missing.
"""

import imaplib
import ipaddress
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

from trainingapp.inbound.inboxes import LARGEST, CannotReach, ImapAddress, Inbox, Waiting

PROCESSED, ASIDE = "Processed", "Set aside"
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
Answer = TypeVar("Answer")


class Imap(Inbox):
    """Signs in at once. Raises CannotReach."""

    def __init__(self, address: ImapAddress, trust: ssl.SSLContext | None = None) -> None:
        self.address = address
        self.folder = _quoted(address.folder)
        self.line = _asked(address, lambda: self._connect(trust or ssl.create_default_context()))
        try:
            self._settle_in()
        except BaseException:
            self.close()
            raise

    def _settle_in(self) -> None:
        self.separator = _asked(self.address, self._separator)
        self.can = (
            _flat(self._ask(self.line.capability)).decode().upper().split()
        )  # more than before the login
        for place in (PROCESSED, ASIDE):
            self._ask(self.line.create, self._beside(place), may_fail=True)  # it may be there already
        self._ask(self.line.select, self.folder)

    def _connect(self, trust: ssl.SSLContext) -> imaplib.IMAP4:
        at = self.address
        if at.is_tls:
            line: imaplib.IMAP4 = imaplib.IMAP4_SSL(at.host, at.port, ssl_context=trust, timeout=at.timeout)
        else:
            line = imaplib.IMAP4(at.host, at.port, timeout=at.timeout)
        try:
            if not (at.is_tls or _is_loopback(at.host)):  # a password never goes in the clear
                line.starttls(trust)
            line.login(at.user, at.password)
        except BaseException:
            line.shutdown()
            raise
        return line

    def _separator(self) -> str:
        """Between a folder and its subfolder: "/" or "."."""
        found = re.search(rb'\([^)]*\) "(.)"', _flat(self.line.list('""', '""')[1]))
        return found[1].decode() if found else "/"

    def _beside(self, place: str) -> str:
        return _quoted(f"{self.address.folder}{self.separator}{place}")

    def waiting(self, at_most: int) -> Iterator[Waiting]:
        for uid in self._search("UNDELETED")[:at_most]:
            sizes = [
                int(size)
                for each in self._uid("FETCH", uid, "(RFC822.SIZE)")
                for size in _SIZE.findall(_flat(each))
            ]
            if not sizes:
                continue  # another reader has moved it
            yield Waiting(uid.decode(), self._whole(uid) if sizes[0] <= LARGEST else None)

    def _whole(self, uid: bytes) -> bytes:
        parts = [each[1] for each in self._uid("FETCH", uid, "(BODY.PEEK[])") if isinstance(each, tuple)]
        return parts[0] if parts else b""

    def done(self, key: str) -> None:
        self._move(key, PROCESSED)

    def set_aside(self, key: str) -> None:
        self._move(key, ASIDE)

    def _move(self, key: str, place: str) -> None:
        """In one step where the server can (RFC 6851); else the copy first, so that a crash leaves two."""
        if "MOVE" in self.can:
            self._uid("MOVE", key, self._beside(place))
            return
        self._uid("COPY", key, self._beside(place))
        self._uid("STORE", key, "+FLAGS.SILENT", r"(\Deleted)")
        self._ask(self.line.expunge)

    def forget(self, before: datetime) -> int:
        self._ask(self.line.select, self._beside(PROCESSED))
        old = self._search("BEFORE", f"{before:%d}-{_MONTHS[before.month - 1]}-{before:%Y}")
        for start in range(0, len(old), 500):  # servers limit the length of a line
            self._uid("STORE", b",".join(old[start : start + 500]), "+FLAGS.SILENT", r"(\Deleted)")
        self._ask(self.line.expunge)
        self._ask(self.line.select, self.folder)
        return len(old)

    def close(self) -> None:
        with suppress(OSError, imaplib.IMAP4.error):
            self.line.logout()
        with suppress(OSError):  # a logout that nobody answers leaves the socket open
            self.line.shutdown()

    def _search(self, *wanted: str) -> list[bytes]:
        """Numbers; a server that finds nothing may say nothing at all."""
        return _flat(self._uid("SEARCH", *wanted)).split()

    def _uid(self, command: str, *arguments: Any) -> list[Any]:
        return self._ask(self.line.uid, command, *arguments)

    def _ask(
        self, command: Callable[..., tuple[str, list[Any]]], *arguments: Any, may_fail: bool = False
    ) -> list[Any]:
        word, answer = _asked(self.address, lambda: command(*arguments))
        if word != "OK" and not may_fail:
            raise CannotReach(
                f"{self.address!r} answers {word}: {_flat(answer[:1]).decode('utf-8', 'replace')}"
            )
        return answer


# strftime would write them in the language of the process.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _asked(address: ImapAddress, ask: Callable[[], Answer]) -> Answer:
    try:
        return ask()
    except (OSError, imaplib.IMAP4.error) as problem:
        words = str(problem).replace(address.password or "\0", "…")
        raise CannotReach(f"{address!r}: {type(problem).__name__}: {words}") from None


def _flat(answer: Any) -> bytes:
    if isinstance(answer, bytes):
        return answer
    return (
        b" ".join(_flat(each) for each in answer if each is not None)
        if isinstance(answer, list | tuple)
        else b""
    )


def _quoted(folder: str) -> str:
    """Modified UTF-7 is not needed: the address holds the folder as the server names it."""
    return f'"{folder}"'


def _is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"
