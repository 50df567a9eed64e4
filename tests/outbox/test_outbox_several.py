"""Several senders, urgent mail, content that is refused, being told to stop, a database that goes away."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import servers
import sqlalchemy as sa
from clients import settings
from databases import on_postgresql_alone
from factories import NOW
from relay import Relay

from trainingapp import create_app
from trainingapp.db import db
from trainingapp.outbox import actions, bulk, queries, senders
from trainingapp.outbox.kinds import Message
from trainingapp.outbox.models import DeliveryAttempt, EmailState, OutgoingEmail
from trainingapp.outbox.sending import desk, ledger, sender

SPAM = "554 5.7.1 looks like spam"


def drain(now=NOW, **more):
    db.session.commit()
    return sender.drain("w", 60, lambda: now, **more)


def states():
    db.session.rollback()
    return {email.address: email.state.value for email in db.session.scalars(sa.select(OutgoingEmail))}


@pytest.fixture
def second(app, relay, tmp_path):
    """A relay of its own for mail about accounts."""
    server = Relay()
    path = tmp_path / "senders.toml"
    path.write_text(f'[signing]\nsmtp = "{server.url}"\nfrom = "in@lanjut.example"\ntopics = ["account"]\n')
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail_senders=path)
    yield server
    server.stop()


def test_each_topic_goes_through_the_relay_of_its_sender(relay, second, enqueue):
    enqueue("a@example.org")
    enqueue("b@example.org", kind="account probe")
    assert drain() == {"sent": 2}
    assert (relay.recipients, second.recipients) == (["a@example.org"], ["b@example.org"])
    assert second.taken[0].message["From"] == "in@lanjut.example"


def test_a_relay_that_rests_stops_only_its_own_sender(relay, second, enqueue):
    for number in range(3):
        enqueue(f"a{number}@example.org")
        enqueue(f"b{number}@example.org", kind="account probe")
    relay.answer = lambda at, _: "554 5.7.1 you are on a list" if at == "connect" else None
    assert drain()["sent"] == 3
    assert second.recipients == ["b0@example.org", "b1@example.org", "b2@example.org"]
    [pause] = queries.pauses()
    assert pause.relay.startswith("default (")
    enqueue("late@example.org", kind="account probe")
    assert drain() == {"sent": 1}


def test_what_waits_for_a_sender_that_is_gone_goes_with_the_default_one(app, relay, second, enqueue):
    enqueue("b@example.org", kind="account probe")
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail_senders=None)
    assert drain() == {}
    assert actions.adopt(senders.all(app.config["SETTINGS"])) == 1
    assert drain() == {"sent": 1}
    assert relay.recipients == ["b@example.org"]


def test_a_password_link_overtakes_a_wave(relay, enqueue):
    for number in range(30):
        enqueue(f"p{number}@example.org", send_at=NOW - timedelta(hours=5))
    enqueue("waits@example.org", kind="account probe")
    drain()
    assert relay.recipients[0] == "waits@example.org"


@pytest.fixture
def in_wave(enqueue):
    def put(number, batch="wave:1", **facts):
        return enqueue(f"p{number}@example.org", batch=batch, about=f"invitation:{number}", **facts)

    return put


def test_content_that_is_refused_for_several_holds_the_rest_and_says_so(relay, in_wave, enqueue, caplog):
    for number in range(20):
        in_wave(number)
    other = enqueue("other@example.org", send_at=NOW + timedelta(minutes=1))
    relay.answer = lambda at, _: SPAM if at == "dot" else None
    drain()
    assert list(states().values()).count("held") == 20  # those who were refused as well
    assert len(relay.taken) == 0
    [fault] = queries.content_faults()
    assert (fault.batch, fault.code, fault.text, fault.since) == ("wave:1", 554, "5.7.1 looks like spam", NOW)
    assert "wave:1 is held" in caplog.text
    tried = db.session.scalars(sa.select(DeliveryAttempt).where(DeliveryAttempt.outcome == "refused")).all()
    assert len(tried) == actions.CONTENT_TELLING
    relay.answer = lambda _at, _: None
    assert drain(NOW + timedelta(minutes=2)) == {"sent": 1}
    assert other.state is EmailState.SENT


def test_a_wave_that_was_mended_goes_out_whole_and_once(relay, in_wave):
    for number in range(6):
        in_wave(number)
    relay.answer = lambda at, _: SPAM if at == "dot" else None
    drain()
    late = in_wave(9)
    drain()
    assert late.state is EmailState.HELD  # what joins the batch meanwhile waits with it
    relay.answer = lambda _at, _: None
    actions.clear_content_fault("wave:1")
    bulk.release_all(sa.select(OutgoingEmail.about), "x")
    assert drain(NOW + timedelta(hours=1)) == {"sent": 7}
    assert (queries.content_faults(), relay.twice) == ([], [])


def test_refusals_with_somebody_between_who_got_it_are_single_failures(relay, in_wave):
    for number in range(8):
        in_wave(number)
    relay.answer = lambda at, to: SPAM if at == "dot" and to[1] in "02457" else None
    assert drain() == {"refused": 5, "sent": 3}
    assert queries.content_faults() == []


def test_refusals_count_however_few_a_process_sends_at_a_time(relay, in_wave):
    relay.answer = lambda at, _: SPAM if at == "dot" else None
    for number in range(3):
        in_wave(number)
        drain(NOW + timedelta(minutes=number))
    assert set(states().values()) == {"held"}


def test_messages_of_no_batch_fail_one_by_one(relay, in_wave):
    for number in range(5):
        in_wave(number, batch=None)
    relay.answer = lambda at, _: SPAM if at == "dot" else None
    assert drain() == {"refused": 5}


def test_told_to_stop_it_ends_the_message_in_hand_and_hands_the_rest_back(relay, enqueue):
    for number in range(8):
        enqueue(f"p{number}@example.org")
    assert drain(is_told_to_stop=lambda: len(relay.taken) >= 2) == {"sent": 2}
    assert sorted(states().values()) == ["queued"] * 6 + ["sent"] * 2
    assert drain() == {"sent": 6}  # nobody waits for a lease
    assert relay.twice == []


def test_what_was_written_long_ago_is_written_again(relay, enqueue, probe, monkeypatch):
    """Through a slow relay the last of a batch would say what was true minutes before."""
    words = iter(f"Number {number}" for number in range(99))
    monkeypatch.setattr(probe, "render", lambda _self, _email: Message(next(words), "text", "<p>text</p>"))
    for number in range(3):
        enqueue(f"p{number}@example.org")
    drain()
    monkeypatch.setattr(desk, "STALE", 0.0)
    for number in range(3):
        enqueue(f"q{number}@example.org")
    drain()
    said = [taken.message["Subject"] for taken in relay.taken]
    assert said == ["Number 0", "Number 1", "Number 2", "Number 3", "Number 6", "Number 8"]


def test_a_process_beyond_the_connections_of_a_sender_leaves_it_alone(relay, enqueue):
    enqueue()
    assert drain(nth=2) == {}
    assert drain(nth=1) == {"sent": 1}


@pytest.fixture
def own(tmp_path_factory, relay, app):
    """A PostgreSQL that can be taken away, with the product on it."""
    folder = tmp_path_factory.mktemp("own")
    server = servers.PostgreSQL(folder)
    admin = sa.create_engine(server.url("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text("CREATE DATABASE own"))
    admin.dispose()
    other = create_app(settings(server.url("own")))
    other.config["SETTINGS"] = replace(other.config["SETTINGS"], smtp_url=relay.url)
    with other.app_context():
        db.create_all()
        yield server
        db.session.remove()
        db.engine.dispose()
    server.stop()


def put(number):
    for n in range(number):
        address = f"p{n}@example.org"
        actions.enqueue("probe", address, address, now=NOW, language="en", about="x:1", facts={})


@on_postgresql_alone  # a file does not go away
def test_a_database_that_restarts_behind_the_dot_still_hears_the_reply(own, relay):
    put(5)
    restarts = []

    def answer(stage, _recipient):
        if stage == "dot" and not restarts:
            own.stop()
            restarts.append(threading.Timer(1, own.start))
            restarts[0].start()

    relay.answer = answer
    assert drain() == {"sent": 5}
    restarts[0].join()
    assert (len(relay.taken), relay.twice) == (5, [])


@on_postgresql_alone  # a file does not go away
def test_a_database_that_goes_away_before_the_fence_ends_the_drain_and_loses_nothing(own, relay, caplog):
    put(5)

    def answer(stage, recipient):
        if stage == "data" and recipient == "p2@example.org":
            relay.answer = lambda _at, _: None
            own.stop()

    relay.answer = answer
    assert drain() == {"sent": 2}
    assert "the database is away" in caplog.text
    own.start()
    later = NOW + ledger.LEASE + timedelta(seconds=1)
    assert ledger.sweep(later) == (3, 0)
    assert drain(later) == {"sent": 3}
    assert (len(relay.taken), relay.twice) == (5, [])
