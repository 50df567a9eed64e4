"""A mail server hands us mail over LMTP (RFC 2033): one answer a recipient, 451 while we cannot keep it."""

import asyncio
import signal
import socket
from collections.abc import Callable
from pathlib import Path

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from trainingapp.inbound.inboxes import LARGEST

Take = Callable[[bytes, str], bool]  # a mail and whom it came to; False: it should come again
TAKEN, AGAIN = "250 2.0.0 Taken", "451 4.3.0 Cannot keep it now: try again later"


class ListenUnfit(Exception):
    """The text says how to write it."""


class Handler:
    """Mail is kept one at a time in a thread of its own, so that a slow database stops no conversation."""

    def __init__(self, take: Take) -> None:
        self.take = take

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        answers = [await asyncio.to_thread(self.take, content, to) for to in envelope.rcpt_tos]
        return "\r\n".join(TAKEN if is_taken else AGAIN for is_taken in answers)


def place(listen: str) -> tuple[str, int] | Path:
    """HOST:PORT or unix:/path. Raises ListenUnfit."""
    if listen.startswith("unix:/"):
        return Path(listen.removeprefix("unix:"))
    host, _colon, port = listen.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:  # noqa: PLR2004 - the highest port
        raise ListenUnfit("--listen must look like 127.0.0.1:2424 or unix:/run/lanjut/lmtp.sock.")
    return host.strip("[]"), int(port)


def _socket(path: Path) -> socket.socket:
    """For the mail server's group; in place of what a server that was killed has left."""
    path.unlink(missing_ok=True)
    made = socket.socket(socket.AF_UNIX)
    made.bind(str(path))
    path.chmod(0o660)
    return made


async def serve(at: tuple[str, int] | Path, take: Take, ready: Callable[[], None]) -> None:
    """Until SIGTERM or Ctrl-C. Raises OSError where it may not listen."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stopped.set)

    def line() -> LMTP:
        return LMTP(Handler(take), data_size_limit=LARGEST, enable_SMTPUTF8=True, ident="Lanjut", timeout=300)

    if isinstance(at, Path):
        server: asyncio.Server = await loop.create_unix_server(line, sock=_socket(at))
    else:
        server = await loop.create_server(line, *at)
    ready()
    async with server:
        await stopped.wait()
