"""A mail relay for tests: a real server on a real socket that refuses, delays and drops as it is told.

`taken` is the truth: what it accepted, in order, whatever the sender believes.
"""

import asyncio
import re
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import NamedTuple

DROP = "drop"  # hang up instead of answering
HANG = "hang"  # never answer
TAKE_AND_DROP = "take and drop"  # after the dot: accept, then hang up without a word
TAKE_AND_HANG = "take and hang"  # after the dot: accept, and never say so

END = b"\r\n.\r\n"
LARGEST = 2**22  # bytes of a message
GONE = (ConnectionError, TimeoutError, asyncio.IncompleteReadError)

Answer = Callable[[str, str], str | None]  # (stage, recipient) -> a reply or one of the words above


class Taken(NamedTuple):
    sender: str
    recipient: str
    body: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.body, policy=default)


class Relay:
    """Stages: connect, mail, rcpt, data, body, dot. `answer` returns None for the usual reply."""

    patience: float | None = None  # seconds without a word from the sender, until it hangs up

    def __init__(self, answer: Answer | None = None, port: int = 0) -> None:
        self.answer: Answer = answer or (lambda _stage, _recipient: None)
        self.taken: list[Taken] = []
        self.said: list[str] = []  # every command, as it came
        self.connections = 0
        self.refuse: dict[str, str] = {}  # recipient -> reply to RCPT
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(port, ready), daemon=True)
        self._thread.start()
        assert ready.wait(5)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?timeout=4"

    @property
    def recipients(self) -> list[str]:
        return [taken.recipient for taken in self.taken]

    @property
    def twice(self) -> list[str]:
        times = Counter(taken.message["Message-ID"] for taken in self.taken)
        return [name for name, number in times.items() if number > 1]

    async def keep(self, taken: Taken) -> None:
        """It is the relay's from here on, whatever the sender hears of it."""
        self.taken.append(taken)

    async def wait_before(self, stage: str) -> None:
        """A slow relay takes its time here."""

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _run(self, port: int, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", port, limit=LARGEST)
        )
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(asyncio.gather(*asyncio.all_tasks(self._loop)))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(*GONE, asyncio.CancelledError, _HungUp):
            await _Talk(self, reader, writer).run()
        writer.close()


class _Talk:
    """One connection."""

    def __init__(self, relay: Relay, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.relay, self.reader, self.writer = relay, reader, writer
        self.sender = self.recipient = ""

    async def run(self) -> None:
        usual = {
            "ehlo": "250-relay\r\n250 8BITMIME",
            "mail": "250 2.1.0 ok",
            "rset": "250 2.0.0 ok",
            "quit": "221 2.0.0 bye",
        }
        await self.say("connect", "220 relay ESMTP")
        while line := (await self.hear()).decode("latin1").strip():
            self.relay.said.append(line)
            word = line[:4].lower()
            if word == "mail":
                self.sender = _address(line)
            if word == "rcpt":
                self.recipient = _address(line)
                await self.say("rcpt", self.relay.refuse.get(self.recipient, "250 2.1.5 ok"))
            elif word == "data":
                if (await self.say("data", "354 go on")).startswith("3"):
                    await self.take()
            else:
                await self.say(word, usual.get(word, "502 5.5.2 what?"))

    async def hear(self) -> bytes:
        async with asyncio.timeout(self.relay.patience):
            return await self.reader.readline()

    async def say(self, stage: str, usual: str) -> str:
        await self.relay.wait_before(stage)
        return await self.speak(self.relay.answer(stage, self.recipient) or usual)

    async def speak(self, reply: str) -> str:
        if reply in {HANG, TAKE_AND_HANG}:
            await asyncio.sleep(30)
        if reply in {DROP, HANG, TAKE_AND_DROP, TAKE_AND_HANG}:
            raise _HungUp
        self.writer.write(f"{reply}\r\n".encode())
        await self.writer.drain()
        if reply.startswith(("221", "421")):
            raise _HungUp
        return reply

    async def take(self) -> None:
        """Up to the dot. A line that is cut before it has brought nothing."""
        if self.relay.answer("body", self.recipient) == DROP:
            raise _HungUp
        async with asyncio.timeout(self.relay.patience):
            stuffed = await self.reader.readuntil(END)
        body = re.sub(rb"^\.\.", b".", stuffed.removesuffix(b".\r\n"), flags=re.MULTILINE)
        reply = self.relay.answer("dot", self.recipient) or "250 2.0.0 taken"
        if reply.startswith("2") or reply in {TAKE_AND_DROP, TAKE_AND_HANG}:
            await self.relay.keep(Taken(self.sender, self.recipient, body))
        await self.relay.wait_before("dot")
        await self.speak(reply)


class _HungUp(Exception):
    pass


def _address(line: str) -> str:
    found = re.search(r"<(.*?)>", line)
    return found[1] if found else ""
