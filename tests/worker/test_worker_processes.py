"""What worker and beat do when one of them stops, or the broker. All of it at once is in tests/chaos."""

import time

import probe_kind  # noqa: F401 - the kind must be known here too
import sqlalchemy as sa
from databases import on_sqlite_alone

from trainingapp import clock
from trainingapp.db import db
from trainingapp.outbox import actions, queries
from trainingapp.outbox.models import EmailState, OutgoingEmail, Tick

# About the broker and the processes; the database behind them makes no difference.
pytestmark = on_sqlite_alone


def enqueue(number):
    for n in range(number):
        actions.enqueue(
            "chaos",
            f"chaos:{n}",
            f"person{n}@example.org",
            now=clock.now(),
            language="en",
            about=f"invitation:{n}",
            facts={},
        )
    db.session.commit()


def count(*states):
    held = sa.select(sa.func.count()).where(OutgoingEmail.state.in_(states))
    return db.session.scalar(held)


def unfinished():
    return count(EmailState.QUEUED, EmailState.LEASED, EmailState.DOT)


def check_nothing_lost_nothing_doubled(relay):
    db.session.rollback()
    assert relay.twice == []
    taken = set(relay.recipients)
    for email in db.session.scalars(sa.select(OutgoingEmail)):
        assert email.state in {EmailState.SENT, EmailState.UNCERTAIN}, email.last_text
        assert email.state is EmailState.UNCERTAIN or email.address in taken


def test_a_restart_of_everything_catches_up(stack, broker, relay, until):
    stack.worker()
    stack.beat()
    until(lambda: queries.last_beat_at() is not None)
    stack.kill("w1")
    stack.kill("beat")
    enqueue(20)
    broker.stop()
    broker.start()
    stack.worker()
    stack.beat()
    until(lambda: unfinished() == 0)
    assert len(relay.taken) == 20
    check_nothing_lost_nothing_doubled(relay)


def test_a_broker_that_is_away_stops_nobody_for_good(stack, broker, relay, until):
    stack.worker()
    stack.beat()
    until(lambda: queries.last_beat_at() is not None)
    broker.stop()
    enqueue(10)
    time.sleep(4)
    assert relay.taken == []
    broker.start()
    until(lambda: unfinished() == 0)
    check_nothing_lost_nothing_doubled(relay)


def test_of_two_beats_one_ring_counts(stack, until):
    stack.worker()
    stack.beat("beat1")
    stack.beat("beat2")
    rung = sa.select(sa.func.count()).where(Tick.job == "ring")
    until(lambda: db.session.scalar(rung) >= 3)
    due = db.session.scalars(sa.select(Tick.due_at).where(Tick.job == "ring").order_by(Tick.due_at)).all()
    assert len(set(due)) == len(due)
    assert all(moment.second % 5 == 0 and moment.microsecond == 0 for moment in due)
    until(lambda: stack.log("w1").count("Task ring[") >= 2 * len(due) - 1)


def test_a_worker_that_is_asked_to_stop_finishes_what_it_holds(stack, relay, until):
    relay.answer = lambda stage, _: time.sleep(0.05) if stage == "dot" else None
    enqueue(60)
    stack.worker()
    stack.beat()
    until(lambda: len(relay.taken) >= 5)
    process = stack.processes.pop("w1")
    process.terminate()
    process.wait(30)
    db.session.rollback()
    assert count(EmailState.LEASED, EmailState.DOT, EmailState.UNCERTAIN) == 0
    assert count(EmailState.SENT) == len(relay.taken)
