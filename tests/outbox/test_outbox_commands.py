"""What an operator does at night."""

from dataclasses import replace
from datetime import timedelta

import pytest
from factories import NOW

from trainingapp.db import db
from trainingapp.outbox import queries
from trainingapp.outbox.models import EmailState
from trainingapp.outbox.sending import brakes, sender

TWO = """
[default]
per_second = 20
per_domain_second = 0.5

[surveys]
topics = ["follow-up"]
"""


@pytest.fixture
def run(app):
    def run(*arguments):
        db.session.commit()
        done = app.test_cli_runner().invoke(args=["outbox", *arguments])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.output

    return run


@pytest.fixture
def two(app, relay, tmp_path):
    """Follow-ups go out as "surveys", everything else as "default"."""
    (tmp_path / "senders.toml").write_text(TWO)
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail_senders=tmp_path / "senders.toml")


def drain(now=NOW):
    db.session.commit()
    return sender.drain("w", 20, lambda: now)


def test_the_brake_holds_everything_until_somebody_lets_go(run, relay, enqueue):
    email = enqueue()
    assert "Nothing goes out until" in run("hold", "--reason", "wrong template")
    assert drain() == {}
    assert email.state is EmailState.QUEUED
    assert "HELD since" in run("status")
    assert "everything (wrong template)" in run("status")
    assert "goes out again" in run("resume")
    assert drain() == {"sent": 1}
    assert "was not held" in run("resume")
    assert "HELD" not in run("status")


def test_a_message_that_goes_out_meanwhile_does_not_lift_the_brake(app, relay, enqueue):
    """Pulled while a batch is in hand: it ends its batch, and the next does not begin."""
    for number in range(sender.BATCH + 3):
        enqueue(f"person{number}@example.org")
    db.session.commit()

    def pull(stage, _recipient):
        if stage == "connect":
            with app.app_context():
                brakes.pull("something is odd", NOW)
                db.session.commit()

    relay.answer = pull
    assert drain() == {"sent": sender.BATCH}
    assert drain() == {}
    assert queries.due(NOW, 99) == 3


def test_the_brake_of_one_sender_leaves_the_others(run, relay, two, enqueue):
    enqueue("survey@example.org")
    enqueue("account@example.org", kind="account probe")
    run("hold", "--sender", "surveys", "--reason", "the wording")
    assert drain() == {"sent": 1}
    assert relay.recipients == ["account@example.org"]
    assert "HELD since" in run("status")
    assert ": surveys (the wording)" in run("status")
    assert "was not held" in run("resume")  # everything was not
    run("resume", "--sender", "surveys")
    assert drain() == {"sent": 1}


def test_a_brake_pulled_twice_keeps_its_first_hour_and_its_last_reason(run, relay):
    run("hold", "--reason", "one")
    run("hold", "--reason", "two")
    (pause,) = queries.pauses()
    assert pause.text == "two"


def test_there_is_no_brake_of_nobody(run, relay):
    assert "There is no sender x; there is default." in run("hold", "--sender", "x", "--reason", "y")


def test_the_status_says_who_sends_how_fast_and_whether_for_real(run, app, two, tmp_path):
    said = run("status")
    assert "sender default: Lanjut <followup@lanjut.example> through 127.0.0.1:" in said
    assert "20 a second; 0.5 a second to one domain; does not sign" in said
    assert "carries follow-up" in said
    assert "DRY RUN" not in said
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], smtp_url=f"maildir:{tmp_path / 'mail'}")
    assert "DRY RUN: nobody gets anything" in run("status")


def test_one_message_shows_its_whole_history_in_the_servers_words(run, relay, enqueue):
    email = enqueue("sita@example.org")
    answers = iter(["451 4.3.0 come back later", None])
    relay.answer = lambda stage, _recipient: next(answers, None) if stage == "rcpt" else None
    drain()
    drain(NOW + timedelta(minutes=2))
    said = run("show", str(email.id))
    assert f"message {email.id}: probe about invitation:1, to sita@example.org in en" in said
    assert "later: 451 4.3.0 come back later" in said
    assert "sent: 250 2.0.0 taken" in said
    assert email.message_id in said
    assert said.index("try 1") < said.index("try 2")
    assert "There is no message 999." in run("show", "999")
