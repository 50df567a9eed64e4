"""The sender against a real server: what each reply does to the message, the address and the relay."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from factories import NOW
from relay import DROP, HANG, TAKE_AND_DROP

from trainingapp.db import db
from trainingapp.outbox import actions, addresses, queries
from trainingapp.outbox.models import DeliveryAttempt, EmailState, OutgoingEmail
from trainingapp.outbox.sending import ledger, sender


def drain(now=NOW):
    db.session.commit()
    return sender.drain("w", 20, lambda: now)


def states():
    db.session.rollback()
    return {email.address: email.state.value for email in db.session.scalars(sa.select(OutgoingEmail))}


def attempts():
    return db.session.scalars(sa.select(DeliveryAttempt).order_by(DeliveryAttempt.id)).all()


def test_due_mail_goes_out_once_over_one_connection(relay, enqueue, probe):
    for number in range(25):
        enqueue(f"person{number}@example.org")
    later = enqueue("later@example.org", send_at=NOW + timedelta(hours=1))
    assert drain() == {"sent": 25}
    assert drain() == {}
    assert sorted(relay.recipients) == sorted(f"person{number}@example.org" for number in range(25))
    assert relay.connections == 1
    assert len(probe.gone) == 25
    assert later.state is EmailState.QUEUED
    assert {attempt.outcome for attempt in attempts()} == {"sent"}


def test_what_arrives_is_a_proper_letter(relay, enqueue):
    email = enqueue("sita@example.org", facts={"name": "Sita\nBcc: all@example.org"}, language="fr")
    key = email.message_id
    drain()
    assert states() == {"sita@example.org": "set_aside"}  # a line break in a header is refused, never sent
    actions.release(NOW)
    email.facts = {"name": "Sitá गुरुङ"}
    drain()
    message = relay.taken[0].message
    assert message["Message-ID"] == key
    assert message["Subject"] == "Hello Sitá गुरुङ"
    assert message["From"] == "Lanjut <followup@lanjut.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Unsubscribe"].startswith("<http://localhost/outbox/unsubscribe/")
    assert message["Date"].datetime == NOW
    assert message.get_body(("plain",)).get_content().splitlines() == ["A line", ".and one with a dot"]
    assert message.get_body(("html",)).get_content().strip() == "<p>A line</p>"
    assert relay.taken[0].body.isascii()
    assert f"List-Unsubscribe: {message['List-Unsubscribe']}\r\n".encode() in relay.taken[0].body


def test_mail_about_an_account_cannot_be_unsubscribed_from(relay, enqueue):
    enqueue(kind="account probe")
    drain()
    assert relay.taken[0].message["List-Unsubscribe"] is None


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "dot"])
@pytest.mark.parametrize("reply", ["451 4.3.0 later", "421 4.3.2 closing"])
def test_a_passing_trouble_is_tried_again_in_about_a_minute(relay, enqueue, stage, reply):
    email = enqueue()
    relay.answer = lambda at, _: reply if at == stage else None
    assert drain() == {"later": 1}
    assert email.state is EmailState.QUEUED
    assert timedelta(seconds=48) <= email.next_attempt_at - NOW <= timedelta(seconds=72)
    relay.answer = lambda _at, _: None
    assert drain(NOW + timedelta(minutes=2)) == {"sent": 1}
    assert len(relay.taken) == 1


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("fault", [DROP, HANG])
def test_a_line_cut_before_the_dot_is_safe_to_try_again(relay, enqueue, app, stage, fault):
    email = enqueue()
    relay.answer = lambda at, _: fault if at == stage else None
    assert drain() == {"later": 1}
    assert email.state is EmailState.QUEUED
    assert relay.taken == []


@pytest.mark.parametrize("fault", [DROP, HANG, TAKE_AND_DROP])
def test_silence_after_the_dot_is_uncertain_and_never_sent_again_by_itself(relay, enqueue, fault):
    email = enqueue()
    relay.answer = lambda at, _: fault if at == "dot" else None
    assert drain() == {"uncertain": 1}
    relay.answer = lambda _at, _: None
    ledger.sweep(NOW + timedelta(days=2))
    assert drain(NOW + timedelta(days=2)) == {}
    assert email.state is EmailState.UNCERTAIN
    assert len(relay.taken) == (1 if fault == TAKE_AND_DROP else 0)


def test_a_person_decides_about_an_uncertain_message(relay, enqueue):
    first, second = enqueue("one@example.org"), enqueue("two@example.org")
    relay.answer = lambda at, _: DROP if at == "dot" else None
    drain()
    relay.answer = lambda _at, _: None
    actions.settle(first, was_sent=True, why="seen in the relay's log", now=NOW)
    actions.settle(second, was_sent=False, why="not in the relay's log", now=NOW)
    rested = NOW + timedelta(minutes=1)  # two messages without an answer: the relay is given a rest
    assert drain(rested) == {"sent": 1}
    assert relay.recipients == ["two@example.org"]
    with pytest.raises(actions.NotUncertain):
        actions.settle(second, was_sent=False, why="again", now=NOW)


def test_a_dead_address_is_given_up_and_never_written_to_again(relay, enqueue, probe):
    enqueue("gone@example.org")
    waiting = enqueue("GONE@example.org", dedupe_key="another", send_at=NOW + timedelta(days=9))
    relay.refuse["gone@example.org"] = "550 5.1.1 no such user"
    assert drain() == {"dead address": 1}
    assert states() == {"gone@example.org": "failed", "GONE@example.org": "cancelled"}
    assert probe.dead == ["gone@example.org"]
    assert queries.is_suppressed(addresses.digest("Gone@example.org"), "any topic")
    assert waiting.last_text == "no such address"
    enqueue("gone@example.org", dedupe_key="a third")
    drain()
    assert relay.taken == []


def test_a_full_mailbox_is_tried_again(relay, enqueue, probe):
    email = enqueue("full@example.org")
    relay.refuse["full@example.org"] = "552 5.2.2 mailbox full"
    assert drain() == {"later": 1}
    assert (email.state, probe.dead) == (EmailState.QUEUED, [])


@pytest.mark.parametrize(
    ("stage", "reply"),
    [
        ("connect", "554 5.7.1 you are on a list"),
        ("mail", "550 5.1.8 who are you"),
        ("rcpt", "554 5.7.1 relaying denied"),
        ("mail", "530 5.7.0 must issue STARTTLS first"),
        ("connect", "421 4.3.2 too busy"),
        ("connect", DROP),
        ("dot", "550 5.7.26 unauthenticated sender"),
    ],
)
def test_the_relays_own_fault_burns_nobody(relay, enqueue, stage, reply, probe):
    for number in range(12):
        enqueue(f"person{number}@example.org")
    relay.answer = lambda at, _: reply if at == stage else None
    drain()
    assert set(states().values()) == {"queued"}
    assert len({attempt.email_id for attempt in attempts()}) <= 10  # one batch found out, nobody else
    [pause] = queries.pauses()
    assert pause.until == NOW + timedelta(seconds=10)
    connections = relay.connections
    assert drain(NOW + timedelta(seconds=9)) == {}
    assert relay.connections == connections
    drain(NOW + timedelta(seconds=11))
    db.session.refresh(pause)
    assert pause.until == NOW + timedelta(seconds=71)  # longer each time
    relay.answer = lambda _at, _: None
    assert drain(NOW + timedelta(seconds=75)) == {"sent": 12}
    assert queries.pauses() == []
    assert probe.dead == []


def test_when_every_recipient_is_refused_it_is_the_relay(relay, enqueue, probe):
    for number in range(6):
        enqueue(f"person{number}@example.org")
        relay.refuse[f"person{number}@example.org"] = "550 5.1.1 no such user"
    drain()
    assert set(states().values()) == {"queued"}
    assert probe.dead == []
    del relay.refuse["person0@example.org"]  # one is taken: the other five are really gone
    drain(NOW + timedelta(seconds=20))
    assert sorted(states().values()) == ["failed"] * 5 + ["sent"]


def test_content_that_is_refused_fails_and_says_so(relay, enqueue, caplog, probe):
    email = enqueue()
    relay.answer = lambda at, _: "554 5.7.1 looks like spam" if at == "dot" else None
    assert drain() == {"refused": 1}
    assert (email.state, email.last_code, email.last_enhanced_code) == (EmailState.FAILED, 554, "5.7.1")
    assert "looks like spam" in caplog.text
    assert probe.dead == []


def test_withdrawn_between_queueing_and_sending_is_not_sent(relay, enqueue, probe):
    email = enqueue("left@example.org")
    probe.unwanted["left@example.org"] = "withdrawn"
    drain()
    assert (email.state, email.last_text) == (EmailState.SKIPPED, "withdrawn")
    assert relay.taken == []


def test_withdrawn_while_the_batch_is_under_way_is_not_sent(relay, enqueue, probe):
    enqueue("first@example.org")
    enqueue("left@example.org")

    def answer(stage, recipient):
        if stage == "dot":
            probe.unwanted["left@example.org"] = "withdrawn"

    relay.answer = answer
    assert drain() == {"sent": 1, "skipped": 1}
    assert relay.recipients == ["first@example.org"]


def test_expired_mail_is_not_sent(relay, enqueue):
    email = enqueue(not_after=NOW + timedelta(hours=1))
    drain(NOW + timedelta(hours=2))
    assert (email.state, email.last_text) == (EmailState.SKIPPED, "expired")


def test_one_message_that_cannot_be_asked_about_does_not_stop_the_rest(relay, enqueue):
    broken = enqueue("broken@example.org")
    broken.kind = "a kind of the version before"
    enqueue("fine@example.org")
    assert drain() == {"sent": 1}
    assert states() == {"broken@example.org": "set_aside", "fine@example.org": "sent"}


def test_an_address_no_server_understands_fails_alone(relay, enqueue):
    enqueue("not an address")
    enqueue("भारत@example.org")
    enqueue("fine@exämple.org")
    assert drain() == {"sent": 1, "failed": 1, "refused": 1}  # the relay knows no SMTPUTF8
    assert relay.recipients == ["fine@xn--exmple-cua.org"]


def test_a_relay_that_closes_the_line_after_some_messages_costs_no_try(relay, enqueue):
    for number in range(6):
        enqueue(f"person{number}@example.org")
    seen = {"mails": 0, "closed": set()}

    def answer(stage, _recipient):
        if stage == "mail":
            seen["mails"] += 1
            if seen["mails"] in {3, 7}:
                return "421 4.7.0 enough on this line"
        return None

    relay.answer = answer
    assert drain() == {"sent": 6}
    assert relay.connections == 3


def test_no_transaction_is_open_while_the_relay_thinks(relay, enqueue, app):
    """Another writer gets in between two replies, also on SQLite, where there is one writer at a time."""
    enqueue()
    wrote = []

    def answer(stage, _recipient):
        with app.app_context():
            db.session.execute(sa.text("UPDATE outgoing_emails SET about = about"))
            db.session.commit()
        wrote.append(stage)

    relay.answer = answer
    assert drain() == {"sent": 1}
    assert {"connect", "mail", "rcpt", "data", "dot"} <= set(wrote)


def test_bounces_find_their_message(relay, enqueue, app):
    from dataclasses import replace

    settings = replace(app.config["SETTINGS"], mail_return_path="bounces@lanjut.example")
    app.config["SETTINGS"] = settings
    email = enqueue()
    drain()
    assert relay.taken[0].sender.startswith(f"bounces+{email.id}.")
    assert relay.taken[0].sender.endswith("@lanjut.example")
