"""One connection to the relay. It can stop before the last dot, which is where the fence stands."""

import re
import smtplib
import socket
from contextlib import suppress
from ipaddress import ip_address
from time import monotonic
from typing import Any

from trainingapp.outbox.lines import relays
from trainingapp.outbox.lines.contract import Letter
from trainingapp.outbox.lines.relays import Relay
from trainingapp.outbox.lines.replies import Reply, Stage

LONGEST_REPLY = 65_536  # bytes, over all its lines
SERVICE_CLOSES = 421
EXPECTED = {Stage.MAIL: {250}, Stage.RCPT: {250, 251}, Stage.DATA: {354}}
NOT_WITHOUT_SMTPUTF8 = "5.6.7 the relay offers no SMTPUTF8, which an address with such letters needs"


class Client(smtplib.SMTP):
    """smtplib's timeout counts from byte to byte, and its replies have any number of lines.

    Here it is for a whole reply of bounded size, so that no relay can hold a sender for ever.
    """

    timeout: float
    _unread = b""

    def getreply(self) -> tuple[int, bytes]:
        end, room = monotonic() + self.timeout, LONGEST_REPLY
        lines: list[bytes] = []
        try:
            while True:
                line = self._line(end, room)
                room -= len(line)
                lines.append(line[4:].strip())
                if line[3:4] != b"-":
                    break
            assert self.sock is not None
            self.sock.settimeout(self.timeout)
        except BaseException:
            self.close()
            raise
        return int(line[:3]) if line[:3].isdigit() else -1, b"\n".join(lines)

    def _line(self, end: float, room: int) -> bytes:
        while b"\n" not in self._unread:
            left = end - monotonic()
            if left <= 0:
                raise TimeoutError("the reply took too long")
            if len(self._unread) > room or self.sock is None:
                raise smtplib.SMTPServerDisconnected("the reply is endless, or the line is closed")
            self.sock.settimeout(left)
            more = self.sock.recv(8192)
            if not more:
                raise smtplib.SMTPServerDisconnected("the relay hung up")
            self._unread += more
        line, _, self._unread = self._unread.partition(b"\n")
        if len(line) > room:
            raise smtplib.SMTPServerDisconnected("the reply is endless")
        return line + b"\n"

    def starttls(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """What came in the clear behind the answer was put there by somebody else (CVE-2011-0411)."""
        done = super().starttls(*args, **kwargs)
        if self._unread:
            raise smtplib.SMTPServerDisconnected("the relay talked in the clear after STARTTLS")
        return done


class _SecureClient(Client, smtplib.SMTP_SSL):
    pass


def connect(relay: Relay, helo: str) -> Client:
    """Greeted, encrypted and signed in. Raises OSError and SMTPException."""
    client = (
        _SecureClient(local_hostname=helo, timeout=relay.timeout, context=relays.trust(relay.cafile))
        if relay.is_tls
        else Client(local_hostname=helo, timeout=relay.timeout)
    )
    # smtplib takes the name that the certificate must have from its constructor, which would connect at once.
    client._host = relay.host  # type: ignore[attr-defined]  # noqa: SLF001
    try:
        _greeted(*client.connect(relay.host, relay.port))
        # The dot must not wait for the acknowledgement of the body: it triples the uncertain window.
        assert client.sock is not None
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.ehlo_or_helo_if_needed()
        if relay.starttls:
            client.starttls(context=relays.trust(relay.cafile))
            client.ehlo()
        if relay.user:
            client.login(relay.user, relay.password)
    except BaseException:
        client.close()
        raise
    return client


def _greeted(code: int, text: bytes) -> None:
    if code != 220:  # noqa: PLR2004 - RFC 5321: ready
        raise smtplib.SMTPConnectError(code, text)


class Connection:
    """Made when first needed, kept for the messages that follow."""

    def __init__(self, relay: Relay, helo: str) -> None:
        self.relay = relay
        self.helo = greeting(helo)
        self._client: Client | None = None

    def offer(self, letter: Letter) -> Reply | None:
        is_used = self._client is not None
        refused = self._offer(letter)
        hung_up = refused and refused.stage is Stage.MAIL and refused.code in {None, SERVICE_CLOSES}
        if is_used and hung_up:  # a relay may close a line after so many messages: take a new one
            self.drop()
            refused = self._offer(letter)
        return refused

    def _offer(self, letter: Letter) -> Reply | None:
        try:
            client = self._client = self._client or connect(self.relay, self.helo)
        except smtplib.SMTPResponseException as problem:
            return Reply(Stage.CONNECT, problem.smtp_code, words(problem.smtp_error))
        except (OSError, smtplib.SMTPException) as problem:
            return Reply(Stage.CONNECT, None, f"{type(problem).__name__}: {problem}")
        if not letter.recipient.isascii() and not client.has_extn("smtputf8"):
            return Reply(Stage.RCPT, 553, NOT_WITHOUT_SMTPUTF8)
        return self._ask(client, _commands(letter, client)) or self._hand_over(client, letter.body)

    def _ask(self, client: Client, commands: dict[Stage, bytes]) -> Reply | None:
        """The first refusal. A relay that offers PIPELINING (RFC 2920) gets all commands in one flight."""
        is_flight = client.has_extn("pipelining")
        refused: Reply | None = None
        for stage, command in commands.items():
            try:
                if not is_flight:
                    client.send(command)
                elif stage is Stage.MAIL:
                    client.send(b"".join(commands.values()))
                code, text = client.getreply()
            except (OSError, smtplib.SMTPException) as problem:
                self.drop()
                return refused or Reply(stage, None, f"{type(problem).__name__}: {problem}")
            if code not in EXPECTED[stage]:
                refused = refused or Reply(stage, code, words(text))
                if not is_flight:
                    break
            elif refused and stage is Stage.DATA:
                self.drop()  # it waits for a message that nobody must get: only hanging up is safe
        return self._refused(refused) if refused else None

    def _hand_over(self, client: Client, body: bytes) -> Reply | None:
        try:
            client.send(stuffed(body))
        except (OSError, smtplib.SMTPException) as problem:
            self.drop()
            return Reply(Stage.DATA, None, f"{type(problem).__name__}: {problem}")
        return None

    def _refused(self, reply: Reply) -> Reply:
        """Keeps the line for the next message where the relay lets us."""
        if self._client is None:
            return reply
        try:
            if reply.code == SERVICE_CLOSES or self._client.rset()[0] != 250:  # noqa: PLR2004
                self.drop()
        except (OSError, smtplib.SMTPException):
            self.drop()
        return reply

    def dot(self) -> Reply:
        assert self._client is not None
        try:
            self._client.send(b".\r\n")
        except (OSError, smtplib.SMTPException) as problem:  # it never left: the line was cut before
            self.drop()
            return Reply(Stage.DATA, None, f"{type(problem).__name__}: {problem}")
        try:
            code, text = self._client.getreply()
        except (OSError, smtplib.SMTPException) as problem:
            self.drop()
            return Reply(Stage.DOT, None, f"{type(problem).__name__}: {problem}")
        if code == SERVICE_CLOSES:
            self.drop()
        return Reply(Stage.DOT, code, words(text))

    def drop(self) -> None:
        if self._client:
            self._client.close()
        self._client = None

    def quit(self) -> None:
        if self._client:
            with suppress(OSError, smtplib.SMTPException):
                self._client.quit()
        self.drop()


def _commands(letter: Letter, client: Client) -> dict[Stage, bytes]:
    mail, rcpt = f"MAIL FROM:<{letter.sender}>", f"RCPT TO:<{letter.recipient}>"
    if not letter.recipient.isascii():  # RFC 6531: then the header holds such letters too
        mail += " SMTPUTF8 BODY=8BITMIME"
    if client.has_extn("dsn"):  # RFC 3461
        mail += f" RET=HDRS ENVID={letter.envelope_id}"
        rcpt += f" NOTIFY={'SUCCESS,' if letter.is_evidence_wanted else ''}FAILURE,DELAY"
    return {Stage.MAIL: _line(mail), Stage.RCPT: _line(rcpt), Stage.DATA: b"DATA\r\n"}


def _line(command: str) -> bytes:
    if not command.isprintable():
        raise ValueError("a command to the relay holds a control character")
    return f"{command}\r\n".encode()


def greeting(host: str) -> str:
    """An address in digits is greeted with in brackets (RFC 5321, 4.1.3)."""
    with suppress(ValueError):
        address = ip_address(host)
        return f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"  # noqa: PLR2004
    return host


def stuffed(body: bytes) -> bytes:
    """As it goes over the line (RFC 5321, 4.5.2): CRLF ends every line, a leading dot is doubled."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", body)
    lines = re.sub(rb"^\.", b"..", lines, flags=re.MULTILINE)
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"


def words(text: bytes | str) -> str:
    return (text.decode("utf-8", "replace") if isinstance(text, bytes) else text).replace("\n", " ")[:500]
