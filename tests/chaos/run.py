"""One run on one database: an edition is invited and reminded while everything around it breaks."""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from celery import Celery
from celery.exceptions import OperationalError

from tests.chaos import clockwork
from tests.chaos.faults import Faults
from tests.chaos.scene import BEATS, WORKERS, Scene
from tests.chaos.story import REMINDER_DAYS, People, begin
from tests.chaos.truth import Verdict, judge
from trainingapp import clock
from trainingapp.db import db, reading
from trainingapp.followups.calendar import AHEAD
from trainingapp.followups.models import Invitation, InvitationState, LeftOut
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.outbox.sending import ledger

REMINDED = (InvitationState.SENT, InvitationState.OPENED, InvitationState.STARTED)
TELL_EVERY = 5.0  # seconds
RING_EVERY = 0.5  # seconds
IDLE = 1.0  # seconds without due mail, until the harness lets time pass


class Stuck(Exception):
    """What had to come did not come in time."""


@dataclass(frozen=True)
class Look:
    """The outbox at one moment."""

    counts: Counter[EmailState]
    next_at: datetime | None  # when the first that waits is due

    @property
    def on_the_way(self) -> int:
        return self.counts[EmailState.LEASED] + self.counts[EmailState.DOT]

    @property
    def is_quiet(self) -> bool:
        return not self.counts[EmailState.QUEUED] and not self.on_the_way


class Run:
    def __init__(self, scene: Scene) -> None:
        self.scene, self.options = scene, scene.options
        self.people = People(scene.flask, self.options.invitations, self.options.acting, scene.dice)
        self.faults = Faults(scene)
        self.bell = Celery(broker=scene.broker.url)
        self.began = self.told = self.busy = self.rung = time.monotonic()
        # A little less than what will be sent, so that every fault meets a run that is under way.
        rounds = 1 + self.options.reminders * (1 - self.options.acting)
        self.expected = self.options.invitations * rounds * 0.93

    def play(self) -> Verdict:
        """Until every mail of the wave has come to an end, or is uncertain."""
        begin(self.options.invitations, self.options.reminders)
        self.scene.start_relay(self.options.trouble)
        for name in WORKERS:
            self.scene.start_worker(name)
        for name in BEATS:
            self.scene.start_beat(name)
        self.mail_goes_out(0)
        for number, days in enumerate(REMINDER_DAYS[: self.options.reminders], start=1):
            self.let_pass(_last_invited_at() + timedelta(days=days) - AHEAD - clock.now())
            self.mail_goes_out(number)
        while not self.faults.are_over:
            self.turn(progress=1)
        return self.verdict(is_settled=False)

    def settle(self) -> Verdict:
        """The relay's log says what became of the uncertain; what it never took goes out once more."""
        self.scene.stack.kill("relay")
        self.scene.start_relay(0)
        self.let_pass(ledger.GRACE)
        whole = f"--whole-from 2000-01-01 --whole-until {clock.now():%Y-%m-%dT%H:%M:%S}"
        with self.scene.flask.app_context():
            command = ["outbox", "settle-from-log", str(self.scene.log.path), *whole.split()]
            told = self.scene.flask.test_cli_runner().invoke(args=command, catch_exceptions=False)
        self.say(told.output.strip())
        self.until(lambda look: look.is_quiet, "what goes out once more")
        return self.verdict(is_settled=True)

    def verdict(self, *, is_settled: bool) -> Verdict:
        with reading():
            found = judge(self.scene.log, self.options.reminders, self.people.done, is_settled=is_settled)
            db.session.rollback()
        return found

    def mail_goes_out(self, reminder: int) -> None:
        what = f"reminder {reminder}" if reminder else "the invitation"
        self.until(lambda _look: self.rings() and self.is_planned(reminder), f"{what} to be planned for all")
        self.until(lambda look: look.is_quiet, f"{what} to come to an end")

    def is_planned(self, reminder: int) -> bool:
        """For everybody: a wave opens and reminds in pieces, and mail goes out in between."""
        if not reminder:
            asked = sa.select(sa.func.count()).select_from(Invitation)
            left_out = sa.select(sa.func.count()).select_from(LeftOut)
            return (db.session.scalar(asked) or 0) + (
                db.session.scalar(left_out) or 0
            ) >= self.options.invitations
        silent = sa.select(Invitation.address).where(
            Invitation.state.in_(REMINDED), Invitation.reminders < reminder
        )
        return set(db.session.scalars(silent)) <= self.people.done.keys()

    def until(self, is_so: Callable[[Look], bool], what: str) -> None:
        """Goes on with faults, people and time. Raises Stuck."""
        while True:
            with suppress(sa.exc.DBAPIError):  # the database is being restarted
                with reading():  # a look must not lock the workers out
                    look = self.look()
                    is_there = is_so(look)
                    db.session.rollback()
                if is_there:
                    return
                self.turn(self.scene.log.total / self.expected)
                self.time_passes(look)
            db.session.rollback()
            if time.monotonic() - self.began > self.options.minutes * 60:
                raise Stuck(f"waited in vain for {what}")

    def turn(self, progress: float) -> None:
        self.scene.log.news()
        self.faults.revive()
        self.faults.act(progress)
        self.people.act(progress)
        time.sleep(0.05)

    def look(self) -> Look:
        state, due = OutgoingEmail.state, OutgoingEmail.next_attempt_at
        waiting = sa.func.min(sa.case((state == EmailState.QUEUED, due)))
        rows = db.session.execute(sa.select(state, sa.func.count(), waiting).group_by(state)).all()
        look = Look(Counter({row[0]: row[1] for row in rows}), next((row[2] for row in rows if row[2]), None))
        if time.monotonic() - self.told > TELL_EVERY:
            self.told = time.monotonic()
            self.say(self.progress(look))
        return look

    def progress(self, look: Look) -> str:
        faults = ", ".join(f"{name.replace('_', ' ')} {times}" for name, times in self.faults.done.items())
        states = ", ".join(f"{state} {number}" for state, number in sorted(look.counts.items()))
        return f"taken {self.scene.log.total:,} | {states} | stopped {len(self.people.done)} | {faults}"

    def say(self, text: str) -> None:
        print(f"{self.scene.kind:<10} {time.monotonic() - self.began:4.0f} s  {text}", flush=True)

    def time_passes(self, look: Look) -> None:
        """While nothing is due, to the moment when something is; an hour more, so that many are."""
        if look.next_at is None or look.next_at <= clock.now():
            self.busy = time.monotonic()
        elif time.monotonic() - self.busy > IDLE:
            self.let_pass(look.next_at - clock.now() + timedelta(hours=1))

    def let_pass(self, time_: timedelta) -> None:
        """For every process at once; and rings, so that nobody waits for the next beat."""
        clockwork.set_ahead(clockwork.ahead() + max(time_, timedelta(0)))
        self.busy = time.monotonic()
        self.rings("ring")

    def rings(self, task: str = "follow_up") -> bool:
        """A third beat, for the first two tick slowly. True, so that a condition can ring while it waits."""
        if time.monotonic() - self.rung > RING_EVERY:
            self.rung = time.monotonic()
            with suppress(OperationalError):  # the broker is away
                self.bell.send_task(task, queue="ticks", retry=False, expires=5)
        return True


def _last_invited_at() -> datetime:
    with reading():
        last = db.session.scalars(sa.select(sa.func.max(Invitation.sent_at))).one()
        db.session.rollback()
    return last
