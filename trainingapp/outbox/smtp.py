"""One connection to the relay. It can stop before the last dot, which is where the fence stands."""

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import parse_qs, unquote, urlsplit

from trainingapp.config import TRUE, ConfigError
from trainingapp.outbox.replies import Reply, Stage

PORTS = {"smtp": 25, "smtps": 465}
SERVICE_CLOSES = 421


@dataclass(frozen=True)
class Relay:
    host: str
    port: int
    user: str
    password: str
    is_tls: bool  # from the first byte
    starttls: bool
    timeout: float  # seconds, for each answer

    @property
    def name(self) -> str:
        return f"{self.host}:{self.port}"


def read_url(url: str) -> Relay:
    """smtp://user:password@host:587?starttls=1&timeout=30, or smtps://…:465. Raises ConfigError."""
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    unknown = sorted(set(options) - {"starttls", "timeout"})
    if unknown or not parts.hostname:
        raise ConfigError("SMTP_URL must look like smtp://user:password@mail.example.org:587?starttls=1.")
    try:
        port, timeout = parts.port or PORTS[parts.scheme], float(options.get("timeout", "30"))
    except ValueError as problem:
        raise ConfigError(f"SMTP_URL has a port or timeout that is no number: {problem}.") from None
    relay = Relay(
        host=parts.hostname,
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        is_tls=parts.scheme == "smtps",
        starttls=options.get("starttls", "").lower() in TRUE,
        timeout=timeout,
    )
    if relay.user and not (relay.is_tls or relay.starttls or _is_loopback(relay.host)):
        raise ConfigError("SMTP_URL would send its password in the clear: use smtps:// or add ?starttls=1.")
    return relay


def _is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


class Connection:
    """Made when first needed, kept for the messages that follow."""

    def __init__(self, relay: Relay, helo: str) -> None:
        self.relay = relay
        self.helo = helo
        self._client: smtplib.SMTP | None = None

    def offer(self, sender: str, recipient: str, body: bytes) -> Reply | None:
        """Everything but the last dot. None when the relay now waits for it; else why not.

        Whatever is returned or raised here, nothing was accepted.
        """
        is_used = self._client is not None
        refused = self._offer(sender, recipient, body)
        hung_up = refused and refused.stage is Stage.MAIL and refused.code in {None, SERVICE_CLOSES}
        if is_used and hung_up:  # a relay may close a line after so many messages: take a new one
            self.drop()
            refused = self._offer(sender, recipient, body)
        return refused

    def _offer(self, sender: str, recipient: str, body: bytes) -> Reply | None:
        stage = Stage.CONNECT
        try:
            client = self._client = self._client or self._connect()
            for stage, command in (
                (Stage.MAIL, f"MAIL FROM:<{sender}>"),
                (Stage.RCPT, f"RCPT TO:<{recipient}>"),
                (Stage.DATA, "DATA"),
            ):
                code, text = client.docmd(command)
                if code not in {250, 251, 354}:
                    return self._refused(Reply(stage, code, _words(text)))
            client.send(stuffed(body))
        except smtplib.SMTPResponseException as problem:
            self.drop()
            return Reply(stage, problem.smtp_code, _words(problem.smtp_error))
        except (OSError, smtplib.SMTPException) as problem:
            self.drop()
            return Reply(stage, None, f"{type(problem).__name__}: {problem}")
        return None

    def dot(self) -> Reply:
        """Ends the message offered before. From here on only the reply tells what became of it."""
        assert self._client is not None
        try:
            self._client.send(b".\r\n")
            code, text = self._client.getreply()
        except (OSError, smtplib.SMTPException) as problem:
            self.drop()
            return Reply(Stage.DOT, None, f"{type(problem).__name__}: {problem}")
        if code == SERVICE_CLOSES:
            self.drop()
        return Reply(Stage.DOT, code, _words(text))

    def drop(self) -> None:
        """Hangs up at once; a message without its dot is forgotten by the relay."""
        if self._client:
            self._client.close()
        self._client = None

    def quit(self) -> None:
        if self._client:
            with suppress(OSError, smtplib.SMTPException):
                self._client.quit()
        self.drop()

    def _connect(self) -> smtplib.SMTP:
        relay = self.relay
        secure = ssl.create_default_context() if relay.is_tls or relay.starttls else None
        client = (
            smtplib.SMTP_SSL(relay.host, relay.port, self.helo, timeout=relay.timeout, context=secure)
            if relay.is_tls
            else smtplib.SMTP(relay.host, relay.port, self.helo, timeout=relay.timeout)
        )
        try:
            # The dot must not wait for the acknowledgement of the body: it triples the uncertain window.
            assert client.sock is not None
            client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.ehlo_or_helo_if_needed()
            if relay.starttls:
                client.starttls(context=secure)
                client.ehlo()
            if relay.user:
                client.login(relay.user, relay.password)
        except BaseException:
            client.close()
            raise
        return client

    def _refused(self, reply: Reply) -> Reply:
        """Keeps the line for the next message where the relay lets us."""
        assert self._client is not None
        try:
            if reply.code == SERVICE_CLOSES or self._client.rset()[0] != 250:  # noqa: PLR2004
                self.drop()
        except (OSError, smtplib.SMTPException):
            self.drop()
        return reply


def stuffed(body: bytes) -> bytes:
    """As it goes over the line (RFC 5321, 4.5.2): CRLF ends every line, a leading dot is doubled."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", body)
    lines = re.sub(rb"^\.", b"..", lines, flags=re.MULTILINE)
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"


def _words(text: bytes | str) -> str:
    return (text.decode("utf-8", "replace") if isinstance(text, bytes) else text).replace("\n", " ")[:500]
