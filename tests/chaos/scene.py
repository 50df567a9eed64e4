"""What one run stands on: database, broker, relay, workers and beats, all real and all its own."""

import random
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from tests.chaos import clockwork
from tests.chaos.truth import Log
from tests.clients import REAL
from tests.servers import PostgreSQL, Redis, free_port
from tests.stack import Stack
from trainingapp import config, create_app
from trainingapp.db import db

SILENCE = 2  # seconds until a sender gives up on an answer of the relay
WORKERS = ("w1", "w2")
BEATS = ("beat1", "beat2")


@dataclass(frozen=True)
class Counts:
    """How often of each fault; the names are those of `Faults`."""

    kill: int
    flush: int
    restart_broker: int
    restart_database: int
    restart_relay: int
    freeze: int
    jump: int


@dataclass(frozen=True)
class Options:
    invitations: int
    reminders: int  # a person, at most
    counts: Counts
    acting: float  # the share of people who answer or stop meanwhile
    trouble: float  # how often the relay misbehaves; 1 is bad enough
    late: float  # the share of messages whose acceptance is told late
    minutes: float  # the longest a run may take
    seed: int


class Scene:
    """All of it ends with `servers`."""

    def __init__(self, kind: str, folder: Path, options: Options, servers: ExitStack) -> None:
        self.kind, self.options = kind, options
        self.counts = options.counts if kind == "postgresql" else replace(options.counts, restart_database=0)
        self.dice = random.Random(options.seed)
        self.log = Log(folder / "relay.txt")
        self.relay_port = free_port()
        self.relays = 0
        clockwork.set_ahead(_next_monday() - datetime.now(UTC))
        self.broker = Redis(folder)
        servers.callback(self.broker.stop)
        self.database: PostgreSQL | None = None
        url = f"sqlite:///{folder}/chaos.sqlite3"
        if kind == "postgresql":
            place = folder / "postgresql"
            place.mkdir()
            self.database = PostgreSQL(place, is_durable=True)
            servers.callback(self.database.stop)
            url = self.database.url("postgres")
        environ = {
            **REAL,
            "DATABASE_URL": url,
            "SMTP_URL": f"smtp://127.0.0.1:{self.relay_port}?timeout={SILENCE}",
            "VAR_DIR": str(folder),
        }
        self.flask = create_app(config.load(environ))
        self.stack = Stack(folder, {**environ, "REDIS_URL": self.broker.url}, "tests.chaos.clockwork")
        servers.callback(self.stack.kill_all)
        with self.flask.app_context():
            db.create_all()

    def start_relay(self, trouble: float, late: float | None = None) -> None:
        self.relays += 1
        late = self.options.late if late is None else late
        seed = self.options.seed + self.relays
        arguments = f"{self.relay_port} {self.log.path} {seed} {trouble} {late}"
        self.stack.start("relay", "tests.chaos.sink", *arguments.split())

    def start_worker(self, name: str) -> None:
        self.stack.worker(name, level="WARNING")

    def start_beat(self, name: str) -> None:
        self.stack.beat(name, level="WARNING")


def _next_monday() -> datetime:
    """So that a run does not depend on the day of the week on which it is started."""
    today = datetime.combine(datetime.now(UTC).date(), time(1), UTC)
    return today + timedelta(days=7 - today.weekday())
