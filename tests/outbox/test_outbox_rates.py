"""How fast a sender goes: in all, to a domain, and to one that asks for patience."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from databases import on_postgresql_alone
from factories import NOW
from hypothesis import given
from hypothesis import strategies as st

from trainingapp.db import db
from trainingapp.outbox import bulk, senders
from trainingapp.outbox.models import EmailState, OutgoingEmail, RateBucket
from trainingapp.outbox.sending import claims, ledger, rates, sender

SECOND = timedelta(seconds=1)


def drain(now=NOW):
    db.session.commit()
    return sender.drain("w", 60, lambda: now)


def bucket(domain, **facts):
    db.session.rollback()
    return db.session.get(RateBucket, ("default", domain), **facts)


@pytest.fixture
def limited(app, relay, tmp_path):
    """Gives the default sender these settings."""

    def limit(**settings):
        path = tmp_path / "senders.toml"
        path.write_text("[default]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items()))
        app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail_senders=path)
        senders.all.cache_clear()

    yield limit
    senders.all.cache_clear()


@given(
    st.floats(0.02, 50),
    st.lists(st.tuples(st.floats(0, 30), st.integers(1, 20)), min_size=1, max_size=40),
)
def test_no_stretch_of_time_sees_more_than_its_rate_and_a_ring(per_second, asks):
    held = RateBucket(paid_until=NOW - timedelta(days=1))
    went, now = [], NOW
    for pause, wanted in asks:
        now += pause * SECOND
        for _ in range(min(wanted, rates.room(held, per_second, now))):
            rates.pay(held, 1, per_second, now)
            went.append(now)
    for number, first in enumerate(went):
        for last in range(number, len(went)):
            seconds = (went[last] - first + rates.SAVED) / SECOND
            assert last - number + 1 <= seconds * per_second + 1.01


@given(st.floats(0.02, 50), st.integers(-3000, 3000))
def test_a_clock_that_jumped_stops_nobody_for_longer_than_a_message_and_a_ring(per_second, hours):
    held = RateBucket(paid_until=NOW + timedelta(hours=hours))
    longest = timedelta(seconds=1 / per_second) + rates.SAVED
    assert rates.room(held, per_second, NOW) or rates.room(held, per_second, NOW + longest)
    rates.pay(held, 1, per_second, NOW)
    assert held.paid_until <= NOW + 2 * longest


def test_a_limit_in_all_holds_over_every_domain(relay, enqueue, limited):
    limited(per_second=2)
    for number in range(40):
        enqueue(f"p@d{number}.example")
    assert drain() == {"sent": 11}  # two a second, for the five seconds of a ring, and the one that is free
    assert drain(NOW + 3 * SECOND) == {"sent": 6}
    assert drain(NOW + timedelta(hours=1)) == {"sent": 11}  # an hour's rest is not saved up


def test_a_domain_without_room_holds_up_nobody_else_and_loses_nothing(relay, enqueue, limited):
    limited(per_domain_second=1)
    for number in range(30):
        enqueue(f"p{number}@slow.example", send_at=NOW - timedelta(hours=1))  # all of them before the others
    for number in range(12):
        enqueue(f"p@d{number}.example")
    assert drain() == {"sent": 18}
    assert sum("slow.example" in recipient for recipient in relay.recipients) == 6
    now, turns = NOW, 0
    while len(relay.taken) < 42:
        now, turns = now + 5 * SECOND, turns + 1
        drain(now)
    assert turns == 5
    assert relay.twice == []
    assert db.session.scalar(sa.select(sa.func.count()).where(OutgoingEmail.lane != "")) == 0


def test_what_waits_in_a_lane_is_held_released_and_cancelled_as_any_other(relay, enqueue, limited):
    limited(per_domain_second=0.1)
    for number in range(6):
        enqueue(f"p{number}@slow.example", about=f"invitation:{number % 2}")
    drain()
    even = sa.select(sa.literal("invitation:0"))
    assert bulk.hold_all(even) > 0
    rates.forget(NOW + timedelta(days=3))
    assert bulk.release_all(even, "x") > 0
    assert bulk.cancel_all(sa.select(sa.literal("invitation:1")), "declined") > 0
    for hour in range(1, 9):
        drain(NOW + timedelta(hours=hour))
    states = set(db.session.scalars(sa.select(OutgoingEmail.state)))
    assert states == {EmailState.SENT, EmailState.CANCELLED}


@pytest.mark.parametrize(("stage", "reply"), [("rcpt", "421 4.3.2 slowly"), ("dot", "450 4.7.0 slowly")])
def test_a_domain_that_asks_for_patience_gets_half_and_recovers(relay, enqueue, stage, reply):
    for number in range(4):
        enqueue(f"p{number}@slow.example")
    enqueue("p@fine.example")
    relay.answer = lambda at, to: reply if at == stage and to.endswith("slow.example") else None
    assert drain() == {"later": 4, "sent": 1}
    held = bucket("slow.example")
    assert held.slowed_to == rates.OPEN / 2  # once for the whole batch
    assert bucket("fine.example") is None
    assert rates.rate(held, None, NOW) == rates.OPEN / 2
    assert rates.rate(held, None, NOW + rates.DOUBLES / 2) < rates.OPEN
    assert rates.rate(held, None, NOW + rates.DOUBLES) is None  # as many as come
    assert rates.rate(held, 2.0, NOW + rates.DOUBLES) == 2.0
    drain(NOW + timedelta(minutes=2))
    assert rates.OPEN / 4 < bucket("slow.example").slowed_to < rates.OPEN / 3


def test_a_passing_trouble_of_one_mailbox_slows_nobody(relay, enqueue):
    enqueue("p@example.org")
    relay.answer = lambda at, _: "452 4.2.2 full" if at == "rcpt" else None
    drain()
    assert bucket("example.org") is None


@on_postgresql_alone  # SQLite has one writer at a time
def test_two_senders_together_keep_the_limit(relay, enqueue, limited, app):
    limited(per_domain_second=1)
    for number in range(20):
        enqueue(f"p{number}@slow.example")
    db.session.commit()
    first = ledger.claim("one", 4, NOW)
    db.session.commit()
    with app.app_context():
        second = ledger.claim("two", 10, NOW)
        db.session.commit()
    assert (len(first), len(second)) == (4, 2)


def test_a_large_wave_to_one_domain_is_passed_by_within_one_claim(app, relay, enqueue, limited):
    limited(per_domain_second=0.1)
    row = {"language": "en", "about": "x:1", "facts": {}, "send_at": NOW, "not_after": None}
    wave = [
        {**row, "dedupe_key": f"w{number}", "address": f"p{number}@slow.example"} for number in range(3000)
    ]
    bulk.enqueue_many("probe", wave, NOW)
    enqueue("p@fine.example")
    db.session.commit()
    ledger.claim("w", 1, NOW)  # the only one that has room
    statements = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    [lease] = ledger.claim("w", 10, NOW)
    assert lease.email.address == "p@fine.example"
    assert len(statements) < 3000 / claims.WIDE * 8
    assert db.session.scalar(sa.select(sa.func.count()).where(OutgoingEmail.lane == "slow.example")) == 2999


def test_full_buckets_are_forgotten_and_lanes_are_not(relay, enqueue, limited):
    limited(per_domain_second=1)
    enqueue("p@fine.example")
    for number in range(8):
        enqueue(f"p{number}@slow.example")
    drain()
    rates.forget(NOW + timedelta(seconds=30))
    assert bucket("fine.example") is not None
    rates.forget(NOW + timedelta(seconds=30))
    db.session.commit()
    assert bucket("fine.example") is None
    assert bucket("slow.example") is not None


def test_with_a_limit_in_all_each_message_is_claimed_once(app, relay, enqueue, limited):
    limited(per_second=5)
    for number in range(3):  # fewer than there is room for
        enqueue(f"p{number}@example.org")
    db.session.commit()
    assert len({lease.email_id for lease in ledger.claim("w", 10, NOW)}) == 3
    assert len(ledger.claim("w", 10, NOW)) == 0
