"""Where a relay is and how it is spoken to, as SMTP_URL or a sender's `smtp` says it."""

import math
import os
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from trainingapp.config import TRUE, ConfigError

PORTS = {"smtp": 25, "smtps": 465}
OPTIONS = {"starttls", "timeout", "cafile", "password_file", "password_env"}
LONGEST_WAIT = 300.0  # seconds: a batch must be done within its lease


@dataclass(frozen=True)
class Relay:
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    is_tls: bool  # from the first byte
    starttls: bool
    timeout: float  # seconds, for each whole answer
    cafile: Path | None = None  # an authority beside the machine's own

    @property
    def name(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def read_url(url: str, name: str = "SMTP_URL") -> Relay:
    """smtp://user:password@host:587?starttls=1&timeout=30, or smtps://…:465.

    cafile=…, and password_file=… or password_env=… instead of the password. Raises ConfigError, which never
    quotes the address: a password may stand in it.
    """
    parts = urlsplit(url)
    options = {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
    if set(options) - OPTIONS or parts.scheme not in PORTS or not _is_host(parts) or parts.path.strip("/"):
        raise ConfigError(
            f"{name} must look like smtp://user:password@mail.example.org:587?starttls=1, and what is not a "
            f"letter or digit in the password as %2F and the like. Options: {', '.join(sorted(OPTIONS))}."
        )
    relay = Relay(
        host=parts.hostname or "",
        port=_port(parts, name),
        user=unquote(parts.username or ""),
        password=_password(parts, options, name),
        is_tls=parts.scheme == "smtps",
        starttls=options.get("starttls", "").lower() in TRUE,
        timeout=_timeout(options.get("timeout", "30"), name),
        cafile=Path(options["cafile"]) if "cafile" in options else None,
    )
    if relay.user and not (relay.is_tls or relay.starttls or is_loopback(relay.host)):
        raise ConfigError(f"{name} would send its password in the clear: use smtps:// or add ?starttls=1.")
    if relay.is_tls and relay.starttls:
        raise ConfigError(f"{name}: smtps:// is encrypted from the first byte; leave starttls out.")
    try:
        trust(relay.cafile)
    except (OSError, ssl.SSLError):
        raise ConfigError(f"{name}: cafile must name a file of certificates in PEM.") from None
    return relay


def _is_host(parts: SplitResult) -> bool:
    try:
        return bool((parts.hostname or "").encode("idna"))
    except UnicodeError:
        return False


def _port(parts: SplitResult, name: str) -> int:
    with suppress(ValueError):
        return parts.port or PORTS[parts.scheme]
    raise ConfigError(f"{name} has a port that is no number up to 65535.")


def _timeout(text: str, name: str) -> float:
    with suppress(ValueError):
        seconds = float(text)
        if math.isfinite(seconds) and 0 < seconds <= LONGEST_WAIT:
            return seconds
    raise ConfigError(f"{name}: timeout must be a number of seconds up to {LONGEST_WAIT:.0f}.")


def _password(parts: SplitResult, options: dict[str, str], name: str) -> str:
    told = [parts.password, options.get("password_file"), options.get("password_env")]
    if sum(each is not None for each in told) > 1:
        raise ConfigError(f"{name} has more than one of password, password_file and password_env.")
    if "password_env" in options:
        if options["password_env"] not in os.environ:
            raise ConfigError(f"{name} takes its password from {options['password_env']}, which is not set.")
        return os.environ[options["password_env"]]
    if "password_file" not in options:
        return unquote(parts.password or "")
    try:
        return Path(options["password_file"]).read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(
            f"{name} takes its password from {options['password_file']}, which cannot be read."
        ) from None


def is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


@lru_cache(maxsize=8)
def trust(cafile: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if cafile:
        context.load_verify_locations(cafile)
    return context
