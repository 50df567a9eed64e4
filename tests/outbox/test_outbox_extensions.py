"""What a relay offers changes how fast we talk and what it is told, never what becomes of a message."""

import socket
import threading
from dataclasses import replace

import pytest
from relay import DROP, HANG, TAKE_AND_DROP, Relay

from trainingapp.outbox.lines import relays, smtp
from trainingapp.outbox.lines.contract import Letter
from trainingapp.outbox.lines.replies import Stage, Verdict

LETTER = Letter("b+1.x@lanjut.example", "sita@example.org", b"Subject: x\r\n\r\n.dot\r\n", "<1@x>", "1.x-Y_z")
NEXT = replace(LETTER, recipient="next@example.org", message_id="<2@x>")

PLAIN = "250-relay\r\n250 8BITMIME"
ALL = "250-relay\r\n250-PIPELINING\r\n250-DSN\r\n250-SMTPUTF8\r\n250 8BITMIME"
STAGES = ("mail", "rcpt", "data", "dot")
REPLIES = (
    "451 4.3.0 later",
    "421 4.3.2 closing",
    "550 5.1.1 nobody",
    "552 5.2.2 full",
    "554 5.7.1 policy",
    "no code",
    DROP,
    HANG,
    TAKE_AND_DROP,
)


@pytest.fixture
def offering():
    """A relay that greets so; and answers everything else as told."""
    begun = []

    def begin(hello, answer=lambda _stage, _recipient: None):
        relay = Relay(lambda stage, to: answer(stage, to) or (hello if stage == "ehlo" else None))
        begun.append(relay)
        return relay

    yield begin
    for relay in begun:
        relay.stop()


def send(line, letter):
    return line.offer(letter) or line.dot()


def connection(relay, timeout=0.5):
    return smtp.Connection(relays.read_url(f"smtp://127.0.0.1:{relay.port}?timeout={timeout}"), "localhost")


def outcome(relay):
    """What became of a message that meets the answer, of the one after it, and what the relay holds."""
    line = connection(relay)
    first, second = send(line, LETTER), send(line, NEXT)
    line.quit()
    return (first.stage, first.code, first.verdict), second.verdict, relay.recipients


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("reply", REPLIES)
def test_commands_in_one_flight_come_to_the_same_end(offering, stage, reply):
    ends = []
    for hello in (PLAIN, ALL):
        once = iter([reply])
        ends.append(
            outcome(offering(hello, lambda at, _to, once=once: next(once, None) if at == stage else None))
        )
    assert ends[0] == ends[1]
    assert ends[0][1] is Verdict.SENT
    assert ends[0][2].count("sita@example.org") == (stage == "dot" and reply == TAKE_AND_DROP)


@pytest.mark.parametrize(
    "after", [None, "554 5.5.1 no valid recipients", DROP], ids=["goes on", "no", "drop"]
)
def test_a_body_for_a_refused_recipient_is_never_finished(offering, after):
    """Some relays ask for the message although they refused everybody."""

    def answer(at, recipient):
        if recipient != "sita@example.org":
            return None
        return {"rcpt": "550 5.1.1 nobody", "data": after}.get(at)

    relay = offering(ALL, answer)
    line = connection(relay)
    refused = line.offer(LETTER)
    assert (refused.stage, refused.code, refused.verdict) == (Stage.RCPT, 550, Verdict.DEAD_ADDRESS)
    assert send(line, NEXT).verdict is Verdict.SENT
    line.quit()
    assert relay.recipients == ["next@example.org"]


def test_one_flight_is_one_flight():
    """This relay answers the first command only after it has read the last."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def talk():
            connection, _ = listening.accept()
            with connection, connection.makefile("rb") as lines:
                connection.send(b"220 ready\r\n")
                lines.readline()
                connection.send(b"250-me\r\n250 PIPELINING\r\n")
                told = [lines.readline() for _ in range(3)]
                assert told[2] == b"DATA\r\n"
                connection.send(b"250 ok\r\n250 ok\r\n354 go on\r\n")
                while lines.readline() != b".\r\n":
                    pass
                connection.send(b"250 taken\r\n")

        relay = threading.Thread(target=talk)
        relay.start()
        line = smtp.Connection(
            relays.read_url(f"smtp://127.0.0.1:{listening.getsockname()[1]}?timeout=5"), "localhost"
        )
        assert send(line, LETTER).verdict is Verdict.SENT
        line.drop()
        relay.join(5)


def test_notices_name_the_message_and_success_is_asked_only_as_evidence(offering):
    relay = offering(ALL)
    line = connection(relay)
    send(line, LETTER)
    send(line, replace(NEXT, is_evidence_wanted=True))
    line.quit()
    assert "MAIL FROM:<b+1.x@lanjut.example> RET=HDRS ENVID=1.x-Y_z" in relay.said
    assert "RCPT TO:<sita@example.org> NOTIFY=FAILURE,DELAY" in relay.said
    assert "RCPT TO:<next@example.org> NOTIFY=SUCCESS,FAILURE,DELAY" in relay.said
    plain = offering(PLAIN)
    line = connection(plain)
    send(line, LETTER)
    line.quit()
    assert "MAIL FROM:<b+1.x@lanjut.example>" in plain.said
    assert "RCPT TO:<sita@example.org>" in plain.said


def test_an_address_in_nepali_needs_a_relay_that_knows_such_addresses(offering):
    letter = replace(LETTER, recipient="सीता@example.org")
    able, unable = offering(ALL), offering(PLAIN)
    line = connection(able)
    assert send(line, letter).verdict is Verdict.SENT
    line.quit()
    assert "SMTPUTF8 BODY=8BITMIME" in able.said[1]
    assert able.said[2].encode("latin1").decode().startswith("RCPT TO:<सीता@example.org>")
    line = connection(unable)
    refused = line.offer(letter)
    assert refused.verdict is Verdict.REFUSED
    assert "SMTPUTF8" in refused.text
    assert send(line, NEXT).verdict is Verdict.SENT
    line.quit()


def test_no_command_ends_early(offering):
    relay = offering(ALL)
    line = connection(relay)
    with pytest.raises(ValueError, match="control character"):
        line.offer(replace(LETTER, recipient="a@example.org>\r\nRCPT TO:<b@example.org"))
    line.quit()
    assert relay.taken == []


@pytest.mark.parametrize(
    ("host", "word"),
    [
        ("lanjut.example.org", "lanjut.example.org"),
        ("10.1.2.3", "[10.1.2.3]"),
        ("2001:db8::1", "[IPv6:2001:db8::1]"),
    ],
)
def test_an_address_in_digits_greets_in_brackets(host, word):
    assert smtp.greeting(host) == word
