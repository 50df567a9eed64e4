"""Uncertain messages against the log of the relay that may have taken them."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from factories import NOW

from trainingapp.db import db
from trainingapp.outbox import relay_log
from trainingapp.outbox.lines.replies import Reply, Stage
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.outbox.relay_log import Settled, Stretch
from trainingapp.outbox.sending import ledger

LOST = Reply(Stage.DOT, None, "cut")
HOUR = timedelta(hours=1)
WHOLE = Stretch(NOW - HOUR, NOW + HOUR)
POSTFIX = """\
Mar  2 09:00:01 mx postfix/cleanup[812]: 4XyZ1: message-id={name}
Mar  2 09:00:01 mx postfix/qmgr[77]: 4XyZ1: from=<b+1@lanjut.example>, size=9120, nrcpt=1 (queue active)
Mar  2 09:00:02 mx postfix/smtp[815]: 4XyZ1: to=<sita@example.org>, relay=mx.example.org, status=sent (250 ok)
"""
CUT = """\
Mar  2 09:00:01 mx postfix/cleanup[812]: 4XyZ1: message-id={name}
Mar  2 09:00:01 mx postfix/smtpd[810]: lost connection after DATA (9120 bytes) from lanjut[192.0.2.7]
Mar  2 09:00:02 mx postfix/qmgr[77]: 4XyZ2: from=<someone@else.example>, size=12, nrcpt=1 (queue active)
"""
EXIM = "2026-03-02 09:00:01 1sT-0001 <= b+1@lanjut.example H=lanjut [192.0.2.7] P=esmtps S=9120 id={bare}\n"


@pytest.fixture
def uncertain(enqueue):
    """A message whose reply was lost at NOW."""
    email = enqueue()
    lease = ledger.claim("w", 1, NOW)[0]
    assert ledger.fence(lease, NOW)
    assert ledger.finish(lease, NOW, LOST)
    db.session.commit()
    return email


@pytest.mark.parametrize(
    ("log", "was_taken"),
    [(POSTFIX, True), (CUT, False), (EXIM, True), ("{name}\n", True), ("{bare}x\n", False), ("", False)],
    ids=["postfix", "postfix, cut in the middle", "exim", "a plain list", "another name", "nothing"],
)
def test_a_log_tells_what_was_taken(log, was_taken):
    name = "<9f-3_aB@lanjut.example>"
    lines = log.format(name=name, bare=name.strip("<>")).splitlines(keepends=True)
    assert relay_log.accepted(lines, {name}) == ({name} if was_taken else set())


def test_what_the_log_has_was_sent_and_its_kind_hears_of_it(uncertain, probe):
    names = relay_log.uncertain()
    assert relay_log.settle(names, names, None, NOW + HOUR) == Settled(sent=1, again=0, left=0)
    assert (uncertain.state, uncertain.sent_at) == (EmailState.SENT, NOW)
    assert probe.gone == [uncertain.address]


def test_what_a_whole_log_does_not_have_goes_out_once_more(uncertain):
    settled = relay_log.settle(relay_log.uncertain(), set(), WHOLE, NOW + HOUR)
    assert settled == Settled(sent=0, again=1, left=0)
    assert [lease.email_id for lease in ledger.claim("w", 1, NOW + HOUR)] == [uncertain.id]


@pytest.mark.parametrize(
    "stretch",
    [None, Stretch(NOW, NOW + HOUR), Stretch(NOW - HOUR, NOW + ledger.GRACE / 2)],
    ids=["a log of which nobody says that it is whole", "begins too late", "ends too early"],
)
def test_absence_proves_nothing_outside_of_the_time_that_the_log_covers(uncertain, stretch):
    settled = relay_log.settle(relay_log.uncertain(), set(), stretch, NOW + HOUR)
    assert settled == Settled(sent=0, again=0, left=1)
    assert uncertain.state is EmailState.UNCERTAIN


def test_what_became_uncertain_while_the_log_was_read_is_left(uncertain):
    assert relay_log.settle(set(), set(), WHOLE, NOW + HOUR) == Settled(sent=0, again=0, left=1)


def test_the_command_reads_a_log_and_says_what_it_found(app, uncertain, tmp_path):
    log = tmp_path / "mail.log"
    log.write_text(POSTFIX.format(name=uncertain.message_id))
    said = app.test_cli_runner().invoke(args=["outbox", "settle-from-log", str(log)])
    assert said.output == "1 were sent, 0 go out once more, 0 stay uncertain.\n"
    db.session.expire_all()
    assert db.session.scalars(sa.select(OutgoingEmail.state)).one() is EmailState.SENT


def test_the_command_wants_both_ends_of_the_time(app, uncertain, tmp_path):
    log = tmp_path / "mail.log"
    log.write_text("")
    half = ["outbox", "settle-from-log", str(log), "--whole-from", "2026-03-02"]
    said = app.test_cli_runner().invoke(args=half)
    assert said.exit_code == 2
    assert "both" in said.output
