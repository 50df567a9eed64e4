"""What the environment says. Pure: a missing or odd value stops the start with what to set."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
TRUE = {"1", "true", "yes", "on"}
SHORTEST_SECRET = 32
REQUIRED = ("SECRET_KEY", "DATABASE_URL", "BASE_URL", "SMTP_URL", "MAIL_FROM")  # the try-out has its own
SMTP = {"smtp", "smtps", "maildir"}
SYNCHRONOUS = ("OFF", "NORMAL", "FULL", "EXTRA")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class ConfigError(Exception):
    """The start stops; the text says which variable to set, and to what."""


@dataclass(frozen=True)
class Config:
    secret_key: str = field(repr=False)  # no traceback, log or error page shows what holds a password
    database_url: str = field(repr=False)
    redis_url: str | None = field(repr=False)
    smtp_url: str = field(repr=False)
    base_url: str
    demo: bool
    mail_from: str
    mail_reply_to: str
    mail_return_path: str  # where bounces arrive; each message adds its own +tag. Empty: mail_from
    mail_answers: str  # where replies are read as answers; each mail adds its own +tag. Empty: they are not
    mail_senders: Path | None  # TOML: further senders, keys to sign with, rates
    mail_inbox: str  # where returned mail lies: imaps://user:password@host/folder or maildir:/path; or empty
    trusted_proxies: int
    synchronous: str  # SQLite only: FULL for processes that send mail
    var: Path

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""


def folder(environ: Mapping[str, str]) -> Path:
    """Where the embedded database, the logs and the local mailbox are."""
    return Path(environ.get("VAR_DIR") or VAR).absolute()


def load(environ: Mapping[str, str]) -> Config:
    """Raises ConfigError."""
    demo = environ.get("DEMO", "").lower() in TRUE
    missing = [name for name in REQUIRED if not environ.get(name)]
    if missing and not demo:
        raise ConfigError(
            f"Set {', '.join(missing)}: only the try-out (make run) has its own. README.md shows an example."
        )
    port = _whole("PORT", environ.get("PORT", "5050"))
    base_url = (environ.get("BASE_URL") or f"http://127.0.0.1:{port}").rstrip("/")
    address = _parts("BASE_URL", base_url)
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise ConfigError(f"BASE_URL must look like https://lanjut.example.org, not {base_url!r}.")
    if demo and address.hostname not in LOOPBACK:
        raise ConfigError("The demo serves only this machine: leave BASE_URL out, or start without DEMO.")
    var = folder(environ)
    return Config(
        secret_key=_secret(environ.get("SECRET_KEY", "")),
        database_url=_database(environ.get("DATABASE_URL") or f"sqlite:///{var / 'lanjut.sqlite3'}"),
        redis_url=_scheme("REDIS_URL", environ.get("REDIS_URL") or None, {"redis", "rediss", "unix"}),
        smtp_url=_scheme("SMTP_URL", environ.get("SMTP_URL") or "smtp://127.0.0.1:2525", SMTP) or "",
        base_url=base_url,
        demo=demo,
        mail_from=environ.get("MAIL_FROM") or "Lanjut <followup@lanjut.example>",
        mail_reply_to=environ.get("MAIL_REPLY_TO", ""),
        mail_return_path=environ.get("MAIL_RETURN_PATH", ""),
        mail_answers=environ.get("MAIL_ANSWERS", ""),
        mail_senders=Path(environ["MAIL_SENDERS"]) if environ.get("MAIL_SENDERS") else None,
        mail_inbox=_scheme("MAIL_INBOX", environ.get("MAIL_INBOX") or None, {"imaps", "imap", "maildir"})
        or "",
        trusted_proxies=_whole("TRUSTED_PROXIES", environ.get("TRUSTED_PROXIES", "0")),
        synchronous=_synchronous(environ.get("SQLITE_SYNCHRONOUS") or "NORMAL"),
        var=var,
    )


def _secret(value: str) -> str:
    if len(value) < SHORTEST_SECRET:
        raise ConfigError(
            f"Set SECRET_KEY to {SHORTEST_SECRET} or more random characters, for example from: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    return value


def _database(url: str) -> str:
    for old in ("postgres://", "postgresql://"):
        if url.startswith(old):
            return "postgresql+psycopg://" + url.removeprefix(old)
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ConfigError("DATABASE_URL must begin with postgresql:// or sqlite:///.")
    return url


def _scheme(name: str, url: str | None, schemes: set[str]) -> str | None:
    if url and _parts(name, url).scheme not in schemes:
        raise ConfigError(f"{name} must begin with {' or '.join(sorted(f'{s}:' for s in schemes))}.")
    return url


def _parts(name: str, url: str) -> SplitResult:
    """The refusal does not repeat the address: a password may stand in it."""
    try:
        return urlsplit(url)
    except ValueError as problem:
        raise ConfigError(f"{name} is no address: {problem}.") from problem


def _synchronous(word: str) -> str:
    if word.upper() not in SYNCHRONOUS:
        raise ConfigError(f"SQLITE_SYNCHRONOUS must be OFF, NORMAL, FULL or EXTRA, not {word!r}.")
    return word.upper()


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise ConfigError(f"{name} must be a whole number, not {text!r}.")
    return int(text)
