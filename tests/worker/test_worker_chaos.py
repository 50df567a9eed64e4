"""Real workers, beat, broker, database and relay. What the relay took is the truth."""

import os
import random
import time

import probe_kind  # noqa: F401 - the kind must be known here too
import pytest
import redis
import sqlalchemy as sa
from relay import TAKE_AND_DROP

from trainingapp import clock
from trainingapp.db import db
from trainingapp.outbox import actions, queries
from trainingapp.outbox.models import EmailState, OutgoingEmail, Tick

MESSAGES = int(os.environ.get("CHAOS_MESSAGES", "100"))
KILLS = int(os.environ.get("CHAOS_KILLS", "4"))


# About the broker and the processes; the database behind them makes no difference.
on_one_database = pytest.mark.parametrize("app", ["sqlite"], indirect=True)


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


@pytest.mark.timeout(300)
def test_killed_workers_and_a_forgetful_broker_lose_nothing_and_double_nothing(stack, relay, until):
    chance = random.Random(7)

    def answer(stage, _recipient):
        time.sleep(chance.random() * 0.03)
        dice = chance.random()
        if stage == "rcpt" and dice < 0.03:
            return "451 4.3.0 busy"
        if stage == "dot" and dice < 0.02:
            return TAKE_AND_DROP
        return None

    relay.answer = answer
    enqueue(MESSAGES)
    stack.worker("w1")
    stack.worker("w2")
    stack.beat("beat1")
    stack.beat("beat2")
    broker = redis.Redis.from_url(stack.broker.url)
    for number in range(KILLS):
        goal = (number + 1) * MESSAGES // (KILLS + 2)
        until(lambda goal=goal: len(relay.taken) >= goal, 90)
        name = ("w1", "w2")[number % 2]
        stack.kill(name)
        if number % 2:
            broker.flushall()
        if number == KILLS // 2:
            stack.restart_broker()
        stack.worker(name)
    until(lambda: unfinished() == 0, 120)
    check_nothing_lost_nothing_doubled(relay)


@on_one_database
def test_a_restart_of_everything_catches_up(stack, relay, until):
    stack.worker()
    stack.beat()
    until(lambda: queries.last_beat_at() is not None)
    stack.kill("w1")
    stack.kill("beat")
    enqueue(20)
    stack.restart_broker()
    stack.worker()
    stack.beat()
    until(lambda: unfinished() == 0)
    assert len(relay.taken) == 20
    check_nothing_lost_nothing_doubled(relay)


@on_one_database
def test_a_broker_that_is_away_stops_nobody_for_good(stack, relay, until):
    stack.worker()
    stack.beat()
    until(lambda: queries.last_beat_at() is not None)
    stack.broker.stop()
    enqueue(10)
    time.sleep(4)
    assert relay.taken == []
    stack.broker.start()
    until(lambda: unfinished() == 0)
    check_nothing_lost_nothing_doubled(relay)


@on_one_database
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


@on_one_database
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
