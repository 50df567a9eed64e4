"""Whom mail goes out as, and through which relay.

The environment describes the sender "default". The file named by MAIL_SENDERS adds others and finer settings.
Both are read once and strictly: what is odd stops the start with a sentence that says what to set.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from email.utils import getaddresses, parseaddr
from functools import lru_cache
from pathlib import Path
from typing import TypeVar
from unicodedata import category
from urllib.parse import urlsplit

from trainingapp.config import Config, ConfigError
from trainingapp.outbox import addresses
from trainingapp.outbox.letters import signing
from trainingapp.outbox.lines import relays, smtp
from trainingapp.outbox.lines.contract import Line
from trainingapp.outbox.lines.maildir import Folder, Writing
from trainingapp.outbox.lines.relays import Relay

DEFAULT = "default"
NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
MOST_CONNECTIONS = 20
LONGEST_LOCAL = (
    36  # of an address that is tagged: 64 (RFC 5321) less +, the number of the message, and its proof
)

WORDS: dict[type, str] = {
    str: "a text in quotes",
    list: "a list in brackets",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}
VARIABLES = {
    "smtp": "SMTP_URL",
    "from": "MAIL_FROM",
    "reply_to": "MAIL_REPLY_TO",
    "return_path": "MAIL_RETURN_PATH",
    "answers": "MAIL_ANSWERS",
}
LABELS = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")

T = TypeVar("T")


@dataclass(frozen=True)
class Sender:
    name: str
    relay: Relay | Folder
    mail_from: str
    reply_to: str
    return_path: str  # where bounces arrive; each message adds its own +tag. Empty: mail_from
    topics: frozenset[str]
    dkim: tuple[signing.Key, ...]
    per_second: float | None
    per_domain_second: float | None
    connections: int
    success_notices: bool  # asks the relay to report success, as evidence for uncertain messages
    answers: str = ""  # where replies are read as answers, tagged as return_path. Empty: they go to reply_to

    @property
    def is_dry_run(self) -> bool:
        return isinstance(self.relay, Folder)

    @property
    def address(self) -> str:
        return parseaddr(self.mail_from)[1]


def of(settings: Config, name: str) -> Sender:
    """The default one when there is none of that name (any more)."""
    known = all(settings)
    return known.get(name) or known[DEFAULT]


def name_for(settings: Config, topic: str) -> str:
    """Which sender carries this topic."""
    return next((sender.name for sender in all(settings).values() if topic in sender.topics), DEFAULT)


def is_dry_run(settings: Config) -> bool:
    return any(sender.is_dry_run for sender in all(settings).values())


def connect(sender: Sender, helo: str) -> Line:
    """Nothing is opened before the first message."""
    if isinstance(sender.relay, Folder):
        return Writing(sender.relay)
    return smtp.Connection(sender.relay, helo)


@lru_cache(maxsize=8)
def all(settings: Config) -> Mapping[str, Sender]:  # noqa: A001 - read as senders.all(…)
    """By name, "default" first. What a sender does not say is as the environment says. Raises ConfigError."""
    usual = {
        "smtp": settings.smtp_url,
        "from": settings.mail_from,
        "reply_to": settings.mail_reply_to,
        "return_path": settings.mail_return_path,
        "answers": settings.mail_answers,
    }
    file = settings.mail_senders
    tables = {DEFAULT: {}, **_tables(file)}
    found = {name: _sender(name, _Table(f"{file}, [{name}]", tables[name], usual)) for name in tables}
    carried: dict[str, str] = {}
    for sender in found.values():
        for topic in sorted(sender.topics):
            if topic in carried:
                raise ConfigError(
                    f"{file}: {carried[topic]} and {sender.name} both carry {topic!r}; it needs one sender."
                )
            carried[topic] = sender.name
    return found


def check(settings: Config, topics: Iterable[str]) -> None:
    """At the start. Raises ConfigError, also for a topic that no message has."""
    known = sorted(set(topics))
    for sender in all(settings).values():
        for topic in sender.topics - set(known):
            raise ConfigError(
                f"{settings.mail_senders}, [{sender.name}]: no message is about {topic!r}. "
                f"Choose topics from {', '.join(known)}."
            )


def _tables(path: Path | None) -> dict[str, dict[str, object]]:
    if path is None:
        return {}
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except OSError as problem:
        raise ConfigError(f"MAIL_SENDERS names {path}, which cannot be read: {problem.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigError(f"MAIL_SENDERS names {path}, which is not TOML: {problem}.") from None
    for name, table in tables.items():
        if not NAME.fullmatch(name) or not isinstance(table, dict):
            raise ConfigError(
                f"{path}: {name!r} is no sender. Begin each with its name in small letters, as in [surveys]."
            )
    return tables


class _Table:
    """Values taken one by one; what is left over at the end was misspelt."""

    def __init__(self, where: str, told: Mapping[str, object], usual: Mapping[str, object]) -> None:
        self.where = where
        self._told = told
        self._left = {**usual, **told}

    def take(self, key: str, kind: type[T], usual: T) -> T:
        value = self._left.pop(key, usual)
        if kind is float and type(value) is int:
            value = float(value)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.wrong(key, f"must be {WORDS[kind]}")
        return value

    def take_tables(self, key: str) -> "list[_Table]":
        tables = self.take(key, list, [])
        if any(not isinstance(table, dict) for table in tables):
            raise self.wrong(key, f"must be tables, each begun with [[NAME.{key}]]")
        return [_Table(f"{self.where}: {key}", table, {}) for table in tables]

    def finish(self) -> None:
        if self._left:
            raise ConfigError(f"{self.where}: there is no setting {', '.join(sorted(self._left))}.")

    def name(self, key: str) -> str:
        """As whoever wrote it would look for it."""
        return f"{self.where}: {key}" if key in self._told else VARIABLES.get(key, f"{self.where}: {key}")

    def wrong(self, key: str, what: str) -> ConfigError:
        return ConfigError(f"{self.name(key)} {what}.")


def _sender(name: str, table: _Table) -> Sender:
    sender = Sender(
        name=name,
        relay=_relay(table),
        mail_from=_mailbox(table, "from"),
        reply_to=_mailbox(table, "reply_to"),
        return_path=_tagged(table, "return_path"),
        answers=_tagged(table, "answers"),
        topics=_topics(table),
        dkim=tuple(_key(each) for each in table.take_tables("dkim")),
        per_second=_rate(table, "per_second"),
        per_domain_second=_rate(table, "per_domain_second"),
        connections=table.take("connections", int, 2),
        success_notices=table.take("success_notices", bool, False),
    )
    if not 1 <= sender.connections <= MOST_CONNECTIONS:
        raise table.wrong("connections", f"must be between 1 and {MOST_CONNECTIONS}")
    if not sender.mail_from:
        raise table.wrong("from", "must be an address such as Lanjut <followup@example.org>")
    table.finish()
    return sender


def _relay(table: _Table) -> Relay | Folder:
    url = table.take("smtp", str, "")
    if urlsplit(url).scheme != "maildir":
        return relays.read_url(url, table.name("smtp"))
    path = Path(urlsplit(url).path)
    if not path.is_absolute():
        raise table.wrong("smtp", "needs a whole path for a dry run, such as maildir:/var/lib/lanjut/mail")
    return Folder(path)


def _mailbox(table: _Table, key: str) -> str:
    """One address, with or without a name, as a header wants it; empty where nothing is said."""
    text = table.take(key, str, "")
    name, address = parseaddr(text)
    is_line = not any(category(letter) in {"Cc", "Zl", "Zp"} for letter in text)
    is_one = is_line and len(getaddresses([text])) == 1 and _is_address(address)
    if text and not is_one:
        raise table.wrong(key, f"must be one address, such as Lanjut <followup@example.org>, not {text!r}")
    return str(Address(name, addr_spec=addresses.on_the_wire(address))) if text else ""


def _tagged(table: _Table, key: str) -> str:
    text = table.take(key, str, "")
    if text and (not _is_address(text) or not text.isascii() or len(text.rpartition("@")[0]) > LONGEST_LOCAL):
        raise table.wrong(
            key,
            f"must be a bare address such as mail@example.org, not {text!r}, with no more than "
            f"{LONGEST_LOCAL} letters before the @: each message adds its own tag",
        )
    return text


def _is_address(text: str) -> bool:
    """Ours go through every relay: letters beyond ASCII only in the domain."""
    return text.rpartition("@")[0].isascii() and addresses.on_the_wire(text) is not None


def _topics(table: _Table) -> frozenset[str]:
    topics = table.take("topics", list, [])
    if any(not isinstance(topic, str) for topic in topics):
        raise table.wrong("topics", "must be a list of texts")
    return frozenset(topics)


def _rate(table: _Table, key: str) -> float | None:
    rate = table.take(key, float, 0.0)
    if not 0 <= rate < float("inf"):
        raise table.wrong(key, "must be a number above 0, or left out for no limit")
    return rate or None


def _key(table: _Table) -> signing.Key:
    path = Path(table.take("key_file", str, ""))
    selector, domain = table.take("selector", str, ""), table.take("domain", str, "")
    table.finish()
    if not (LABELS.fullmatch(selector) and LABELS.fullmatch(domain) and path.name):
        raise ConfigError(f"{table.where}: selector, domain and key_file belong together, in plain letters.")
    return signing.read_key(path, selector, domain)
