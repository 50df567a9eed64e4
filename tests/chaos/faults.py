"""What is done to the machinery, at random moments of a run."""

import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta

import redis
import sqlalchemy as sa

from tests.chaos import clockwork
from tests.chaos.scene import BEATS, WORKERS, Scene
from trainingapp.db import db, reading
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.outbox.sending import ledger

OF_BEATS = 0.2  # of the kills
A_LATE_ANSWER = 3.0  # seconds to wait for one


class Faults:
    def __init__(self, scene: Scene) -> None:
        self.scene, self.stack, self.dice = scene, scene.stack, scene.dice
        self.done: Counter[str] = Counter()
        times = asdict(scene.counts)
        self.plan = sorted((self.dice.uniform(0.01, 0.97), name) for name in Counter(times).elements())
        self.later: list[tuple[float, Callable[[], None]]] = []

    @property
    def are_over(self) -> bool:
        return not self.plan and not self.later

    def act(self, progress: float) -> None:
        """Whatever has its moment by now, and whatever was to come some seconds after another."""
        for moment, deed in list(self.later):
            if moment <= time.monotonic():
                self.later.remove((moment, deed))
                deed()
        if self.plan and self.plan[0][0] <= progress:
            _, name = self.plan.pop(0)
            getattr(self, name)()
            self.done[name] += 1

    def revive(self) -> None:
        """As a supervisor does with whoever ended by itself; it is told in the progress."""
        for names, start in ((WORKERS, self.scene.start_worker), (BEATS, self.scene.start_beat)):
            for name in names:
                if name in self.stack.processes and self.stack.processes[name].poll() is not None:
                    self.done[f"{name} gave up"] += 1
                    start(name)

    def after(self, seconds: float, deed: Callable[[], None]) -> None:
        self.later.append((time.monotonic() + seconds, deed))

    def kill(self) -> None:
        """A worker or a beat; every other worker just when the relay took its message and has not said so."""
        if self.dice.random() < OF_BEATS:
            name = self.dice.choice(BEATS)
            self.stack.kill(name)
            self.scene.start_beat(name)
            return
        time.sleep(self.dice.random() * 0.2)
        aimed = self._waits_for_its_answer() if self.dice.random() < 1 / 2 else None
        name = aimed or self.dice.choice(WORKERS)
        self.stack.kill(name)
        self.scene.start_worker(name)

    def _waits_for_its_answer(self) -> str | None:
        holder = sa.select(OutgoingEmail.lease_owner).where(OutgoingEmail.message_id == self.late_answer())
        try:
            with reading():  # there is no time to wait for whoever writes
                owner = db.session.scalar(holder) or ""
        except sa.exc.DBAPIError:  # the database has just been restarted
            owner = ""
        db.session.rollback()
        return next((name for name in WORKERS if owner.startswith(f"{name}@")), None)

    def late_answer(self) -> str | None:
        """The next message that was taken without the sender knowing yet, if one comes up soon."""
        log, end = self.scene.log, time.monotonic() + A_LATE_ANSWER
        log.news()
        while time.monotonic() < end:
            for message_id, word in log.news():
                if word == "late":
                    return message_id
            time.sleep(0.005)
        return None

    def flush(self) -> None:
        redis.Redis.from_url(self.scene.broker.url).flushall()

    def restart_broker(self) -> None:
        self.scene.broker.stop()
        self.scene.broker.start()

    def restart_database(self) -> None:
        if self.scene.database:
            self.scene.database.stop()  # at once, as in a crash
            self.scene.database.start()

    def restart_relay(self) -> None:
        self.stack.kill("relay")
        self.after(1, lambda: self.scene.start_relay(self.scene.options.trouble))

    def freeze(self) -> None:
        """Longer than its lease; then it goes on as if nothing had been."""
        name = self.dice.choice(WORKERS)
        self.stack.signal(name, signal.SIGSTOP)
        self.after(ledger.LEASE.total_seconds() + 3, lambda: self.stack.signal(name, signal.SIGCONT))

    def jump(self) -> None:
        """Every clock is suddenly set ten minutes ahead."""
        clockwork.set_ahead(clockwork.ahead() + timedelta(minutes=10))
