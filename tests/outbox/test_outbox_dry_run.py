"""A sender whose relay is a folder: every step of the ledger, and nobody gets a mail."""

import mailbox
from dataclasses import replace
from datetime import timedelta
from email import message_from_binary_file
from email.policy import default
from functools import partial

import pytest
import sqlalchemy as sa
from factories import NOW

from trainingapp.db import db
from trainingapp.outbox import evidence, senders
from trainingapp.outbox.letters import composing
from trainingapp.outbox.lines.maildir import Writing
from trainingapp.outbox.lines.replies import Verdict
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.outbox.sending import ledger
from trainingapp.outbox.sending import sender as sending

LATER = NOW + ledger.GRACE + timedelta(seconds=1)


@pytest.fixture
def folder(app, tmp_path):
    path = tmp_path / "mail box"
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], smtp_url=f"maildir:{path}")
    return path


def drain(now=NOW):
    db.session.commit()
    return sending.drain("w", 20, lambda: now)


def box(folder):
    """As Python's own reader of such folders sees it."""
    read = partial(message_from_binary_file, policy=default)
    return {
        message["Delivered-To"]: message for message in mailbox.Maildir(folder, factory=read, create=False)
    }


def states():
    db.session.rollback()
    return [email.state for email in db.session.scalars(sa.select(OutgoingEmail).order_by(OutgoingEmail.id))]


def test_a_dry_run_ends_in_a_folder_that_mail_programs_open(folder, enqueue, app, probe):
    enqueue("sita@example.org", facts={"name": "सीता"})
    enqueue("thiri@example.org")
    assert drain() == {"sent": 2}
    assert drain() == {}
    assert states() == [EmailState.SENT] * 2
    assert probe.gone == ["sita@example.org", "thiri@example.org"]
    told = box(folder)
    assert set(told) == {"sita@example.org", "thiri@example.org"}
    assert told["sita@example.org"]["Subject"] == "Hello सीता"
    assert told["sita@example.org"]["Return-Path"] == "<followup@lanjut.example>"
    assert not list((folder / "tmp").iterdir())
    assert {path.stat().st_mode & 0o777 for path in (folder / "new").iterdir()} == {0o600}
    assert senders.is_dry_run(app.config["SETTINGS"])


@pytest.mark.parametrize("is_written", [True, False])
def test_a_crash_between_the_rename_and_our_note_is_settled_by_the_folder(folder, enqueue, app, is_written):
    email = enqueue()
    db.session.commit()
    (lease,) = ledger.claim("w", 1, NOW)
    db.session.commit()
    sender = senders.of(app.config["SETTINGS"], senders.DEFAULT)
    letter = composing.compose(email, sender, NOW)
    line = Writing(sender.relay)
    assert line.offer(letter) is None
    ledger.fence(lease, NOW)
    db.session.commit()
    if is_written:
        line.dot()
    ledger.sweep(LATER)
    assert evidence.from_folders(app.config["SETTINGS"], LATER) == is_written
    db.session.commit()
    assert states() == [EmailState.SENT if is_written else EmailState.UNCERTAIN]
    if is_written:
        assert email.sent_at == NOW


def test_a_message_that_was_read_in_the_folder_is_still_found(folder, enqueue, app):
    email = enqueue()
    drain()
    (path,) = (folder / "new").iterdir()
    path.rename(folder / "cur" / f"{path.name}:2,S")
    (relay,) = {sender.relay for sender in senders.all(app.config["SETTINGS"]).values()}
    assert relay.holds(email.message_id)
    assert not relay.holds("<another@localhost>")


def test_what_was_decided_to_go_again_lies_there_once(folder, enqueue):
    email = enqueue()
    drain()
    email.state, email.lease_token, email.sent_at = EmailState.QUEUED, None, None
    assert drain() == {"sent": 1}
    assert len(list((folder / "new").iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_the_relays_fault(folder, enqueue, app):
    folder.write_text("a file is in the way")
    email = enqueue()
    assert drain() == {"relay fault": 1}
    assert email.state is EmailState.QUEUED
    assert "the folder cannot be written" in email.last_text


def test_a_folder_that_goes_away_before_the_rename_has_taken_nothing(folder, enqueue, app):
    email = enqueue()
    sender = senders.of(app.config["SETTINGS"], senders.DEFAULT)
    line = Writing(sender.relay)
    assert line.offer(composing.compose(email, sender, NOW)) is None
    (folder / "new").rmdir()
    (folder / "new").write_text("in the way")
    assert line.dot().verdict is Verdict.LATER


def test_without_a_dry_run_nothing_is_asked(app, enqueue):
    assert evidence.from_folders(app.config["SETTINGS"], NOW) == 0
    assert not senders.is_dry_run(app.config["SETTINGS"])
