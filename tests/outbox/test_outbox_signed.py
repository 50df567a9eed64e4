"""Signatures over what really goes over the line: from the ledger through a relay to a receiver."""

from dataclasses import replace

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from factories import NOW

from trainingapp.db import db
from trainingapp.outbox import senders
from trainingapp.outbox.sending import sender

FILE = """
[surveys]
topics = ["follow-up"]
return_path = "bounces@lanjut.example"
success_notices = true
[[surveys.dkim]]
selector = "first"
domain = "lanjut.example"
key_file = "{folder}/rsa.pem"
[[surveys.dkim]]
selector = "second"
domain = "lanjut.example"
key_file = "{folder}/ed25519.pem"
"""


@pytest.fixture
def signing(app, relay, tmp_path):
    for name, key in {
        "rsa": rsa.generate_private_key(65537, 2048),
        "ed25519": ed25519.Ed25519PrivateKey.generate(),
    }.items():
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (tmp_path / f"{name}.pem").write_bytes(pem)
    (tmp_path / "senders.toml").write_text(FILE.format(folder=tmp_path))
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail_senders=tmp_path / "senders.toml")
    return senders.of(app.config["SETTINGS"], "surveys")


def drain():
    db.session.commit()
    return sender.drain("w", 20, lambda: NOW)


def test_what_the_relay_takes_is_what_was_signed(relay, signing, enqueue):
    """Dots at the start of lines, other scripts and long lines included."""
    relay.answer = lambda stage, _: "250-relay\r\n250-PIPELINING\r\n250 DSN" if stage == "ehlo" else None
    email = enqueue(facts={"name": "सीता गुरुङ " * 20})
    account = enqueue("account@example.org", kind="account probe")
    assert drain() == {"sent": 2}
    by_recipient = {taken.recipient: taken for taken in relay.taken}
    taken = by_recipient["sita@example.org"]
    public = {f"{key.name}.".encode(): key.record.encode() for key in signing.dkim}
    for number, algorithm in enumerate((b"rsa-sha256", b"ed25519-sha256")):
        check = dkim.DKIM(taken.body)
        assert check.verify(idx=number, dnsfunc=lambda name, **_: public.get(name))
        assert check.signature_fields[b"a"] == algorithm
        assert check.signature_fields[b"c"] == b"relaxed/relaxed"
        assert check.include_headers.count(b"from") >= 2
        assert {b"list-unsubscribe", b"list-unsubscribe-post", b"message-id"} <= set(check.include_headers)
    assert taken.sender.startswith(f"bounces+{email.id}.")
    assert any(f"ENVID={email.id}." in line for line in relay.said)
    assert any("NOTIFY=SUCCESS,FAILURE,DELAY" in line for line in relay.said)
    plain = by_recipient["account@example.org"]
    assert account.sender == senders.DEFAULT
    assert b"DKIM-Signature" not in plain.body
    assert plain.sender == "followup@lanjut.example"


def test_the_same_message_has_one_name_on_every_attempt(relay, signing, enqueue):
    email = enqueue()
    once = iter(["451 4.3.0 later"])
    relay.answer = lambda stage, _: next(once, None) if stage == "rcpt" else None
    drain()
    email.next_attempt_at = NOW
    drain()
    told = [line.rpartition("ENVID=")[2] for line in relay.said if line.startswith("MAIL")]
    assert len(told) == 2
    assert relay.taken[0].message["Message-ID"] == email.message_id
