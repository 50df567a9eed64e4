"""`trainingapp mail classify`, `receive` and `read`, as an operator and a mail server call them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from clients import REAL
from databases import on_sqlite_alone
from samples import absence, letter, report, return_path

from trainingapp.db import db
from trainingapp.inbound import queries
from trainingapp.outbox.models import EmailState

COMMAND = Path(sys.executable).parent / "trainingapp"
OURS = ("DATABASE_URL", "SECRET_KEY", "REDIS_URL", "SMTP_URL", "DEMO", "BASE_URL", "VAR_DIR", "MAIL_INBOX")


def trainingapp(*arguments, stdin=b"", **environ):
    db.session.rollback()  # what a test has looked at must not lock the command out
    clean = {name: value for name, value in os.environ.items() if name not in OURS}
    return subprocess.run(
        [COMMAND, *arguments],
        env={**clean, **environ},
        input=stdin,
        capture_output=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def files(tmp_path):
    def put(**contents):
        for name, raw in contents.items():
            (tmp_path / name).write_bytes(raw)
        return [str(tmp_path / name) for name in contents]

    return put


@on_sqlite_alone  # it is asked nothing
def test_one_object_a_line_for_whatever_is_named(app, files, tmp_path):
    named = files(hard=report(), away=absence(), arrived=report("2.0.0", "", action="delivered"), empty=b"")
    odd = [str(tmp_path), str(tmp_path / "missing"), str(tmp_path / ("x" * 300))]
    done = trainingapp(
        "mail", "classify", "--json", *named, *odd, DATABASE_URL="odd", VAR_DIR="/proc/nowhere"
    )
    assert (done.returncode, done.stderr) == (0, b"")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert found[0] == {"file": named[0], "kind": "hard", "recipients": ["sita@example.org"], "code": "5.1.1"}
    assert [each["kind"] for each in found] == ["hard", "auto", *["none"] * 5]
    assert found[2]["delivered"] is True
    assert [each["file"] for each in found] == [*named, *odd]
    assert all(each["error"] for each in found[4:])


@on_sqlite_alone  # as above
def test_as_a_table_for_people(app, files):
    done = trainingapp("mail", "classify", *files(hard=report()))
    assert done.stdout.decode().split() == ["hard", "5.1.1", *files(hard=report()), "sita@example.org"]


def full(email):
    """No kind of message is told of it: the kind of these tests is unknown to other processes."""
    return report("5.2.2", "smtp; 552 5.2.2 Mailbox full", to=return_path(email))


@pytest.fixture
def environ(app):
    settings = app.config["SETTINGS"]
    return {
        **REAL,
        "DATABASE_URL": settings.database_url,
        "VAR_DIR": str(settings.var),
    }


def test_a_mail_server_pipes_one_in(send, environ):
    email = send()
    done = trainingapp("mail", "receive", "--to", return_path(email), stdin=full(email), **environ)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    db.session.expire_all()
    assert email.state is EmailState.BOUNCED


def test_it_comes_again_while_its_message_is_being_sent(send, environ):
    email = send(state=EmailState.DOT)
    done = trainingapp("mail", "receive", stdin=report(to=return_path(email)), **environ)
    assert done.returncode == os.EX_TEMPFAIL


@on_sqlite_alone  # the test's own; what is named is another
@pytest.mark.parametrize(
    "environ",
    [
        {**REAL, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
        {**REAL, "DATABASE_URL": "sqlite:////nowhere/at/all.sqlite3"},
        {**REAL, "SECRET_KEY": "short", "DATABASE_URL": "sqlite:///x"},
    ],
    ids=["the server is away", "the file is away", "a setting is wrong"],
)
def test_the_mail_server_keeps_it_while_we_cannot(app, environ):
    done = trainingapp("mail", "receive", stdin=report(), **environ)
    assert done.returncode == os.EX_TEMPFAIL
    assert b"Traceback" not in done.stderr


def test_the_inbox_is_read_by_hand(send, environ, tmp_path):
    email = send()
    (tmp_path / "in" / "new").mkdir(parents=True)
    (tmp_path / "in" / "new" / "1.mx").write_bytes(full(email))
    environ["MAIL_INBOX"] = f"maildir:{tmp_path}/in"
    assert trainingapp("mail", "read", **environ).stdout == b"full: 1\n"
    assert trainingapp("mail", "read", **environ).stdout == b"Nothing lies there.\n"
    db.session.expire_all()
    assert email.state is EmailState.BOUNCED


@on_sqlite_alone  # not reached
def test_an_inbox_that_is_away_is_said_in_one_line(environ):
    done = trainingapp("mail", "read", **environ, MAIL_INBOX="imaps://us:s3cret@127.0.0.1:1/INBOX")
    assert done.returncode == 1
    assert b"Connection refused" in done.stderr
    assert b"s3cret" not in done.stderr


def test_the_worker_reads_and_forgets(send, environ, tmp_path):
    email = send()
    (tmp_path / "in" / "new").mkdir(parents=True)
    (tmp_path / "in" / "new" / "1.mx").write_bytes(full(email))
    (tmp_path / "in" / "new" / "2.mx").write_bytes(letter())
    environ |= {"MAIL_INBOX": f"maildir:{tmp_path}/in", "REDIS_URL": "redis://127.0.0.1:1/0"}
    tasks = "from worker.tasks import read_inbox, forget; read_inbox(); read_inbox(); forget()"
    db.session.rollback()
    subprocess.run([sys.executable, "-c", tasks], env={**os.environ, **environ}, check=True, timeout=60)
    db.session.expire_all()
    assert email.state is EmailState.BOUNCED
    assert len(queries.events(None, only_unmatched=False, after=None, before=None).rows) == 2
