"""Reading an inbox: a Maildir, a real IMAP server, the same rules for both."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from factories import NOW
from samples import letter, report, return_path
from sqlalchemy.exc import InterfaceError, OperationalError

from trainingapp import clock
from trainingapp.config import ConfigError
from trainingapp.db import db
from trainingapp.inbound import actions, imap, inboxes, intake
from trainingapp.inbound.imap import Imap
from trainingapp.inbound.inboxes import CannotReach, Maildir, Nowhere, read_url
from trainingapp.inbound.models import BounceEvent
from trainingapp.outbox.models import EmailState


class OnDisk:
    """A Maildir, and how a test puts mail there."""

    def __init__(self, folder):
        self.folder = folder
        self.number = 0

    def open(self):
        return Maildir(self.folder)

    def put(self, raw):
        self.number += 1
        self.open()
        (self.folder / "new" / f"{self.number:03d}.mx").write_bytes(raw)

    def names(self, place):
        return len(list((self.folder / place).iterdir()))

    def left(self):
        return self.names("new"), self.names("cur"), self.names(".aside/new")


class OnServer:
    """An IMAP account, empty at the start."""

    def __init__(self, url, trust):
        self.address, self.trust = read_url(url), trust
        with self.open() as inbox:
            for place in ('"INBOX"', '"INBOX.Processed"', '"INBOX.Set aside"'):
                if inbox.line.select(place)[1] != [b"0"]:
                    inbox.line.store("1:*", "+FLAGS", r"(\Deleted)")
                    inbox.line.expunge()

    def open(self):
        return Imap(self.address, self.trust)

    def put(self, raw):
        with self.open() as inbox:
            inbox.line.append("INBOX", None, None, raw.replace(b"\n", b"\r\n"))

    def left(self):
        with self.open() as inbox:
            places = ('"INBOX"', '"INBOX.Processed"', '"INBOX.Set aside"')
            return tuple(int(inbox.line.select(place, readonly=True)[1][0]) for place in places)


@pytest.fixture(params=["maildir", "imap", "imap without MOVE"])
def inbox(request, tmp_path, monkeypatch):
    if request.param == "maildir":
        return OnDisk(tmp_path / "returned")
    if request.param == "imap without MOVE":
        made = Imap.__init__

        def old(self, *arguments):
            made(self, *arguments)
            self.can = [word for word in self.can if word != "MOVE"]

        monkeypatch.setattr(Imap, "__init__", old)
    return OnServer(request.getfixturevalue("imap_url"), request.getfixturevalue("trust"))


def turn(inbox, at_most=200):
    with inbox.open() as opened:
        return dict(intake.turn(opened, clock.now, at_most))


def events():
    return db.session.scalar(sa.select(sa.func.count()).select_from(BounceEvent))


def test_what_lies_there_is_read_and_moved_away(send, inbox):
    email = send()
    inbox.put(report(to=return_path(email)))
    inbox.put(letter())
    assert turn(inbox) == {"hard": 1, "none": 1}
    assert email.state is EmailState.BOUNCED
    assert inbox.left() == (0, 2, 0)
    assert turn(inbox) == {}


def test_one_that_cannot_be_read_is_set_aside_and_the_others_are_read(send, inbox, monkeypatch):
    take_in = actions.take_in

    def odd(raw, now):
        if b"poison" in raw:
            db.session.execute(sa.insert(BounceEvent).values(id=None, raw_hash=None))
        return take_in(raw, now)

    monkeypatch.setattr(actions, "take_in", odd)
    inbox.put(letter("poison"))
    inbox.put(letter("one"))
    inbox.put(letter("two"))
    tally = turn(inbox)
    assert tally == {"set aside": 1, "none": 2}
    assert inbox.left() == (0, 2, 1)


@pytest.mark.parametrize("away", [OperationalError, InterfaceError])
def test_a_database_that_is_away_is_no_fault_of_the_mail(app, tmp_path, monkeypatch, away):
    place = OnDisk(tmp_path)
    place.put(report())

    def gone(*_raw):
        raise away("", {}, Exception("the connection is closed"))

    monkeypatch.setattr(actions, "take_in", gone)
    with pytest.raises(away), place.open() as inbox:
        intake.turn(inbox, clock.now)
    assert place.left() == (1, 0, 0)


def test_a_server_that_finds_nothing_may_say_nothing():
    class Silent:
        def uid(self, *_command):
            return "OK", [None]

    inbox = Imap.__new__(Imap)
    inbox.line, inbox.address = Silent(), read_url("imaps://me:secret@mail.example.org/INBOX")
    assert list(inbox.waiting(10)) == []


def test_one_that_is_too_large_is_set_aside_unread(app, inbox, monkeypatch):
    for module in (inboxes, imap):
        monkeypatch.setattr(module, "LARGEST", 400)
    inbox.put(letter("x" * 500))
    inbox.put(letter("short"))
    assert turn(inbox) == {"set aside": 1, "none": 1}
    assert inbox.left() == (0, 1, 1)


def test_a_turn_takes_so_many_and_the_next_goes_on(app, inbox):
    for number in range(5):
        inbox.put(letter(f"number {number}"))
    assert turn(inbox, at_most=2) == {"none": 2}
    assert inbox.left() == (3, 2, 0)
    assert turn(inbox) == {"none": 3}


def test_a_crash_between_the_commit_and_the_move_costs_a_second_look_only(send, inbox):
    email = send()
    inbox.put(report(to=return_path(email)))
    with inbox.open() as opened:
        opened.done = lambda _key: None  # killed here
        intake.turn(opened, clock.now)
    assert inbox.left() == (1, 0, 0)
    turn(inbox)
    assert inbox.left() == (0, 1, 0)
    assert events() == 1


def test_while_its_message_is_being_sent_a_mail_waits_in_the_inbox(send, inbox):
    email = send(state=EmailState.DOT)
    inbox.put(report(to=return_path(email)))
    assert turn(inbox) == {"later": 1}
    assert inbox.left() == (1, 0, 0)
    email.state = EmailState.SENT
    db.session.commit()
    assert turn(inbox) == {"hard": 1}


def test_two_readers_at_once_record_it_once(app, inbox):
    inbox.put(letter())
    with inbox.open() as one, inbox.open() as two:
        assert intake.turn(one, clock.now) == {"none": 1}
        list(two.waiting(10))
        two.done("1" if isinstance(two, Imap) else "001.mx")
    assert inbox.left() == (0, 1, 0)
    assert events() == 1


def test_what_was_read_is_deleted_after_ninety_days(app, inbox, tmp_path):
    inbox.put(letter())
    turn(inbox)
    with inbox.open() as opened:
        assert opened.forget(clock.now() - actions.KEPT) == 0
        assert opened.forget(clock.now() + timedelta(days=2)) == 1
    assert inbox.left() == (0, 0, 0)


def test_without_an_inbox_nothing_is_read(app):
    with intake.opened(app.config["SETTINGS"]) as inbox:
        assert isinstance(inbox, Nowhere)
        assert intake.turn(inbox, clock.now) == {}
        assert inbox.forget(NOW) == 0


def test_the_setting_says_which_inbox(app, tmp_path, imap_url, trust):
    settings = app.config["SETTINGS"]
    with intake.opened(replace(settings, mail_inbox=f"maildir:{tmp_path}/in")) as inbox:
        assert isinstance(inbox, Maildir)
    with intake.opened(replace(settings, mail_inbox=imap_url), trust) as inbox:
        assert isinstance(inbox, Imap)


@pytest.mark.parametrize(
    "url",
    ["imaps://host/INBOX", "imaps://u:p@/x", "maildir:relative", "imaps://u:p@h:port", 'imaps://u:p@h/a"b'],
)
def test_an_odd_setting_is_refused_with_what_to_write(url):
    with pytest.raises(ConfigError, match="MAIL_INBOX must look like"):
        read_url(url)


def test_an_inbox_that_is_away_is_one_line_in_the_log(app, caplog):
    settings = replace(app.config["SETTINGS"], mail_inbox="imaps://us:s3cret@127.0.0.1:1/INBOX")
    intake.read_now(settings, clock.now)
    intake.forget(settings, NOW)
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert "Connection refused" in caplog.text
    assert "s3cret" not in caplog.text


def test_a_password_is_shown_nowhere(imap_url, trust):
    address = read_url(imap_url.replace("s3cret", "wr0ng"))
    assert "wr0ng" not in repr(address)
    with pytest.raises(CannotReach) as problem:
        Imap(address, trust)
    assert "wr0ng" not in str(problem.value)


def test_a_server_with_a_certificate_of_nobody_is_not_trusted(imap_url):
    with pytest.raises(CannotReach, match="CERTIFICATE_VERIFY_FAILED"):
        Imap(read_url(imap_url))


def test_a_folder_in_new_is_no_mail(app, tmp_path):
    place = OnDisk(tmp_path / "returned")
    place.put(letter())
    (tmp_path / "returned" / "new" / "odd").mkdir()
    assert turn(place) == {"none": 1}
    (tmp_path / "returned" / "new" / "odd").rmdir()
