"""Encryption and signing in, against real servers with certificates of their own authority."""

import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import trustme
from encrypted_relay import of, server
from factories import NOW

from trainingapp.config import ConfigError
from trainingapp.db import db
from trainingapp.outbox import queries
from trainingapp.outbox.lines import relays, smtp
from trainingapp.outbox.lines.contract import Letter
from trainingapp.outbox.lines.replies import Stage, Verdict
from trainingapp.outbox.sending import sender

LETTER = Letter("bounces@lanjut.example", "sita@example.org", b"Subject: x\r\n\r\nx\r\n", "<1@x>", "1.x")


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def cafile(authority, tmp_path):
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(path)
    return path


def offer(url):
    line = smtp.Connection(relays.read_url(url), "localhost")
    try:
        return line.offer(LETTER) or line.dot()
    finally:
        line.quit()


def test_starttls_and_a_password(authority, cafile):
    with server(starttls=of(authority.issue_cert("localhost")), users={b"me@here": b"p:w/#?"}) as taker:
        reply = offer(
            f"smtp://me%40here:p%3Aw%2F%23%3F@localhost:{taker.port}?starttls=1&cafile={cafile}&timeout=5"
        )
    assert reply.verdict is Verdict.SENT
    assert taker.taken == [(True, True, ["sita@example.org"])]


def test_encrypted_from_the_first_byte(authority, cafile):
    with server(tls=of(authority.issue_cert("localhost"))) as taker:
        reply = offer(f"smtps://localhost:{taker.port}?cafile={cafile}&timeout=5")
    assert reply.verdict is Verdict.SENT


def test_by_an_address_in_digits(authority, cafile):
    with server(starttls=of(authority.issue_cert("127.0.0.1"))) as taker:
        reply = offer(f"smtp://127.0.0.1:{taker.port}?starttls=1&cafile={cafile}&timeout=5")
    assert reply.verdict is Verdict.SENT


def has_ipv6():
    with suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        return True
    return False


# Containers are often made without IPv6; nothing that could be installed brings it.
@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6, not even on loopback")
def test_over_ipv6(authority, cafile):
    with server(starttls=of(authority.issue_cert("::1")), hostname="::1") as taker:
        reply = offer(f"smtp://[::1]:{taker.port}?starttls=1&cafile={cafile}&timeout=5")
    assert reply.verdict is Verdict.SENT
    assert relays.read_url("smtp://[::1]:25").name == "[::1]:25"


YESTERDAY = datetime.now(UTC) - timedelta(days=1)
WRONG = {
    "another name": lambda ca: ca.issue_cert("mail.example.org"),
    "expired": lambda ca: ca.issue_cert(
        "localhost", not_before=YESTERDAY - timedelta(days=9), not_after=YESTERDAY
    ),
    "of an unknown authority": lambda _: trustme.CA().issue_cert("localhost"),
}


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
@pytest.mark.parametrize("wrong", WRONG)
def test_a_certificate_that_proves_nothing_is_the_relays_fault(authority, cafile, scheme, wrong):
    """And the password never leaves."""
    context = of(WRONG[wrong](authority))
    kind = {"tls": context} if scheme == "smtps" else {"starttls": context}
    with server(**kind, users={b"me": b"secret"}) as taker:
        more = "" if scheme == "smtps" else "&starttls=1"
        reply = offer(f"{scheme}://me:secret@localhost:{taker.port}?cafile={cafile}&timeout=5{more}")
    assert (reply.stage, reply.verdict) == (Stage.CONNECT, Verdict.RELAY_FAULT)
    assert "certificate verify failed" in reply.text
    assert taker.taken == []


def test_the_machines_authorities_are_asked_when_no_other_is_named(authority):
    with server(tls=of(authority.issue_cert("localhost"))) as taker:
        reply = offer(f"smtps://localhost:{taker.port}?timeout=5")
    assert "certificate verify failed" in reply.text


def test_a_wrong_password_rests_the_relay_and_burns_nobody(app, authority, cafile, enqueue, probe):
    with server(starttls=of(authority.issue_cert("localhost")), users={b"me": b"right"}) as taker:
        url = f"smtp://me:wr0ng-s3cret@localhost:{taker.port}?starttls=1&cafile={cafile}&timeout=5"
        app.config["SETTINGS"] = replace(app.config["SETTINGS"], smtp_url=url)
        emails = [enqueue(f"person{number}@example.org") for number in range(3)]
        db.session.commit()
        assert sender.drain("w", 5, lambda: NOW) == {"relay fault": 3}
    assert {email.state.value for email in emails} == {"queued"}
    assert probe.dead == []
    (pause,) = queries.pauses()
    assert pause.code == 535
    assert "wr0ng" not in pause.text


def test_a_relay_that_asks_nobody_to_sign_in_is_not_given_a_password(relay):
    reply = offer(relay.url.replace("//", "//me:secret@"))
    assert (reply.stage, reply.verdict) == (Stage.CONNECT, Verdict.RELAY_FAULT)
    assert "AUTH" in reply.text
    assert not any("AUTH" in line for line in relay.said)


@pytest.mark.parametrize("where", ["a file", "a variable"])
def test_a_password_may_lie_elsewhere(where, tmp_path, monkeypatch):
    path = tmp_path / "password"
    path.write_text("s3cret\n")
    monkeypatch.setenv("RELAY_PASSWORD", "s3cret")
    option = f"password_file={path}" if where == "a file" else "password_env=RELAY_PASSWORD"
    relay = relays.read_url(f"smtps://me@mail.example.org?{option}")
    assert relay.password == "s3cret"
    assert "s3cret" not in repr(relay)


@pytest.mark.parametrize(
    "option",
    [
        "cafile=/nowhere.pem",
        "password_file=/nowhere",
        "password_env=NOT_SET_AT_ALL",
        "password_file=/etc/hostname&password_env=PATH",
        "timeout=nan",
        "timeout=-1",
        "timeout=1e9",
        "starttls=1",
        "color=red",
    ],
)
def test_an_odd_option_stops_the_start(option):
    with pytest.raises(ConfigError, match="SMTP_URL"):
        relays.read_url(f"smtps://me@mail.example.org?{option}")


@pytest.mark.parametrize(
    "url",
    [
        "smtp://me:s3cr/et@mail.example.org:587",
        "smtps://me:s3cr#et@mail.example.org",
        "smtps://me:s3cret@a..b",
    ],
)
def test_no_sentence_about_an_odd_address_quotes_its_password(url):
    with pytest.raises(ConfigError) as problem:
        relays.read_url(url)
    assert "s3cr" not in str(problem.value)
    assert problem.value.__cause__ is None


@contextmanager
def talker(talk):
    """A server that is no server: `talk(connection)` does what it likes with the first that calls."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def run():
            with suppress(OSError), listening.accept()[0] as connection:
                talk(connection)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield f"smtp://127.0.0.1:{listening.getsockname()[1]}"
    thread.join(10)
    assert not thread.is_alive()


def trickle(connection, line=b"220 I am very slow to say this " * 99):
    for byte in line:
        connection.send(bytes([byte]))
        threading.Event().wait(0.05)


def chatter(connection, first, line):
    connection.send(b"220 ready\r\n")
    connection.recv(100)
    connection.send(first)
    while True:
        connection.send(line)


@pytest.mark.parametrize(
    ("talk", "timeout", "words"),
    [
        (trickle, 1, "TimeoutError"),
        (partial(chatter, first=b"250-me\r\n", line=b"250-X-EXTENSION\r\n" * 50), 60, "endless"),
        (partial(chatter, first=b"250 ", line=b"for ever and ever "), 60, "endless"),
        (lambda connection: connection.recv(1), 1, "timed out"),
        (lambda connection: connection.close(), 60, "hung up"),
    ],
    ids=["a byte now and then", "endless lines", "an endless line", "silence", "nothing"],
)
def test_no_relay_holds_a_sender_for_ever(talk, timeout, words):
    with talker(talk) as url:
        reply = offer(f"{url}?timeout={timeout}")
    assert (reply.stage, reply.verdict) == (Stage.CONNECT, Verdict.RELAY_FAULT)
    assert words in reply.text


def test_what_somebody_slips_in_before_the_encryption_is_not_believed():
    def talk(connection):
        connection.send(b"220 ready\r\n")
        connection.recv(100)
        connection.send(b"250-me\r\n250 STARTTLS\r\n")
        connection.recv(100)
        connection.send(b"220 go on\r\n250-me\r\n250 AUTH PLAIN\r\n")
        connection.recv(4096)

    with talker(talk) as url:
        reply = offer(f"{url}?starttls=1")
    assert reply.stage is Stage.CONNECT
    assert reply.code is None
