"""Whether the harness can see at all: the naive sender goes through its trouble, and must send twice."""

import time
from collections.abc import Sequence
from typing import Any

import redis
import sqlalchemy as sa
from celery import Celery

from tests.chaos.faults import Faults
from tests.chaos.scene import WORKERS, Scene
from tests.chaos.story import begin, is_good
from trainingapp import clock
from trainingapp.db import db
from trainingapp.followups import actions as followups
from trainingapp.followups.models import Wave
from trainingapp.outbox.models import OutgoingEmail

LAST_KILL = 0.35  # of what goes out
BEFORE_FLUSH = 5  # messages
LATE = 0.2  # the share of messages acknowledged late: enough to strike at each time
TELL_EVERY = 5.0  # seconds
IDLE = 3.0  # seconds without any work in the broker


class Kills(Faults):
    """All workers at once, just when one of them waits to hear of its message."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        moments = [self.dice.uniform(0.02, LAST_KILL) for _ in range(scene.options.counts.kill)]
        self.plan = sorted((moment, "kill") for moment in moments)

    def kill(self) -> None:
        self.late_answer()
        for name in WORKERS:
            self.stack.kill(name)
        for name in WORKERS:
            self.scene.start_worker(name)


def play(scene: Scene) -> bool:
    """Kills during the first half, a flush during the second: a dead worker's task must come back before."""
    wave = db.session.get_one(Wave, begin(scene.options.invitations, reminders=0))
    followups.send_wave_now(wave, clock.now())
    db.session.commit()
    emails = db.session.execute(sa.select(OutgoingEmail.id, OutgoingEmail.message_id, OutgoingEmail.address))
    mails = emails.all()
    db.session.rollback()
    scene.stack.app = "tests.chaos.naive"
    scene.start_relay(scene.options.trouble, LATE)
    for name in WORKERS:
        scene.start_worker(name)
    faults = Kills(scene)
    half = len(mails) // 2
    _ring(scene, mails[:half])
    _until_idle(scene, faults)
    faults.plan = [((scene.log.total + BEFORE_FLUSH) / len(mails), "flush")]
    _ring(scene, mails[half:])
    _until_idle(scene, faults)
    lost = sum(is_good(mail.address) and not scene.log.times[mail.message_id] for mail in mails)
    twice = sum(times > 1 for times in scene.log.times.values())
    print(
        f"naive: {len(mails)} invitations, {faults.done['kill']} kills, lost {lost}, sent twice {twice}",
        flush=True,
    )
    if not twice:
        print("The harness is blind: a sender that must send twice was not seen to.")
    return twice > 0


def _ring(scene: Scene, mails: Sequence[Any]) -> None:
    bell = Celery(broker=scene.broker.url)
    for mail in mails:
        bell.send_task("naive", [mail.id])


def _until_idle(scene: Scene, faults: Faults) -> None:
    broker = redis.Redis.from_url(scene.broker.url)
    busy = told = time.monotonic()
    while time.monotonic() - busy < IDLE:
        faults.act(scene.log.total / scene.options.invitations)
        if scene.log.news() or broker.llen("celery") or broker.hlen("unacked"):
            busy = time.monotonic()
        if time.monotonic() - told > TELL_EVERY:
            told = time.monotonic()
            print(f"{scene.kind:<10} taken {scene.log.total:,}, kills {faults.done['kill']}", flush=True)
        time.sleep(0.05)
