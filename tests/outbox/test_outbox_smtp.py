"""Where SMTP_URL points, and what goes over the line."""

import smtplib
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainingapp.config import ConfigError
from trainingapp.outbox.lines import relays, smtp
from trainingapp.outbox.lines.contract import Letter
from trainingapp.outbox.lines.replies import Verdict


def test_an_address_says_everything_about_the_relay():
    relay = relays.read_url("smtp://me%40here:p%3Aw@mail.example.org:587?starttls=1&timeout=9")
    assert (relay.name, relay.user, relay.password) == ("mail.example.org:587", "me@here", "p:w")
    assert (relay.starttls, relay.is_tls, relay.timeout) == (True, False, 9.0)
    assert relays.read_url("smtps://mail.example.org").port == 465


@pytest.mark.parametrize(
    "url",
    [
        "smtp://me:secret@mail.example.org:587",  # in the clear
        "smtp://mail.example.org?startls=1",  # misspelt, and then silently without TLS
        "smtp://mail.example.org:many",
        "smtp://",
    ],
)
def test_an_odd_address_stops_the_start(url):
    with pytest.raises(ConfigError, match="SMTP_URL"):
        relays.read_url(url)


def test_a_relay_that_offers_no_starttls_is_not_written_to_in_the_clear(relay):
    line = smtp.Connection(relays.read_url(f"{relay.url}&starttls=1"), "localhost")
    refused = line.offer(Letter("a@example.org", "b@example.org", b"x", "<1@x>", "1.x"))
    assert refused.stage == "connect"
    assert relay.taken == []


def test_a_dot_that_never_left_leaves_no_doubt(relay):
    """The line is cut before it: nothing was accepted, and the message is tried again."""
    line = smtp.Connection(relays.read_url(relay.url), "localhost")
    assert line.offer(Letter("a@example.org", "b@example.org", b"x", "<1@x>", "1.x")) is None
    line._client.sock.shutdown(socket.SHUT_WR)
    assert line.dot().verdict is Verdict.LATER
    assert relay.taken == []


@given(st.binary(max_size=200))
def test_stuffing_is_what_the_standard_library_does_and_ends_a_line(body):
    stuffed = smtp.stuffed(body)
    assert stuffed.endswith(b"\r\n")
    assert b"\r\n.\r\n" not in b"\r\n" + stuffed
    text = body.decode("latin1")
    expected = smtplib._quote_periods(smtplib._fix_eols(text).encode("latin1"))
    assert stuffed in {expected, expected + b"\r\n"}
