"""A worker that is told to stop, by its own process or by all of them at once."""

import os
import signal
import time

import probe_kind  # noqa: F401 - the kind must be known here too
import pytest
import sqlalchemy as sa
from databases import on_sqlite_alone

from trainingapp import clock
from trainingapp.db import db
from trainingapp.outbox import actions
from trainingapp.outbox.models import DeliveryAttempt, EmailState, OutgoingEmail

MESSAGES = 30


def enqueue():
    for n in range(MESSAGES):
        address = f"person{n}@example.org"
        facts = {"now": clock.now(), "language": "en", "about": f"invitation:{n}", "facts": {}}
        actions.enqueue("chaos", address, address, **facts)
    db.session.commit()


def states():
    db.session.rollback()
    return set(db.session.scalars(sa.select(OutgoingEmail.state)))


@pytest.mark.timeout(120)
@on_sqlite_alone  # about processes: the database makes no difference
@pytest.mark.parametrize("tell", [os.kill, os.killpg], ids=["the main process", "every process"])
def test_told_to_stop_it_finishes_the_message_in_hand_and_hands_back_the_rest(stack, relay, until, tell):
    relay.answer = lambda stage, _recipient: time.sleep(0.2) if stage == "dot" else None
    enqueue()
    stack.worker()
    stack.beat()
    until(lambda: len(relay.taken) >= 3)
    worker = stack.processes.pop("w1")
    tell(worker.pid, signal.SIGTERM)
    worker.wait(30)
    assert states() == {EmailState.SENT, EmailState.QUEUED}  # nothing in hand, nothing uncertain
    handed_back = sa.select(DeliveryAttempt.id).where(DeliveryAttempt.reply == "the sender was stopped")
    assert db.session.scalars(handed_back).all()
    relay.answer = lambda _stage, _recipient: None
    stack.worker("w2")
    until(lambda: states() == {EmailState.SENT})
    assert (len(relay.taken), relay.twice) == (MESSAGES, [])
