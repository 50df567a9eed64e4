"""`trainingapp mail lmtp`, as a mail server talks to it."""

import os
import smtplib
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from clients import REAL
from databases import on_sqlite_alone
from samples import absence, report, return_path

from trainingapp.db import db
from trainingapp.inbound import lmtp, queries
from trainingapp.outbox.models import EmailState

COMMAND = Path(sys.executable).parent / "trainingapp"


@contextmanager
def served(app, listen, **environ):
    db.session.rollback()  # what a test has looked at must not lock the server out
    settings = app.config["SETTINGS"]
    named = {**REAL, "DATABASE_URL": settings.database_url.replace("+psycopg", "")}
    process = subprocess.Popen(
        [COMMAND, "mail", "lmtp", "--listen", listen],
        env={**os.environ, **named, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        assert process.stdout.readline().decode().startswith("Listening"), process.stderr.read()
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def hand_over(client, raw, *to):
    """What the server answers for each recipient."""
    client.ehlo_or_helo_if_needed()
    client.mail("")
    for address in to:
        client.rcpt(address)
    client.docmd("DATA")
    client.send(raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n.\r\n")
    return [client.getreply()[0] for _address in to]


def test_a_mail_server_hands_over_what_came_back(app, send, free_port):
    email = send()
    path = return_path(email)
    raw = report().replace(path.encode(), b"bounces@example.org")
    with served(app, f"127.0.0.1:{free_port}"), smtplib.LMTP("127.0.0.1", free_port) as client:
        assert hand_over(client, raw, path, "somebody@example.org") == [250, 250]
        assert hand_over(client, absence(), path) == [250]
    db.session.expire_all()
    assert email.state == EmailState.BOUNCED
    assert len(queries.of_email(email.id)) == 2


@on_sqlite_alone  # about the line: the database makes no difference
def test_a_socket_in_the_file_system_and_a_line_of_its_own_kind(app, tmp_path):
    path = tmp_path / "lmtp.sock"
    path.touch()  # left over by one that was killed
    with served(app, f"unix:{path}"):
        client = smtplib.LMTP(str(path))
        assert client.docmd("EHLO", "mail.example.org")[0] == 500
        assert client.docmd("LHLO", "mail.example.org")[0] == 250
        client.quit()


@on_sqlite_alone  # the test's own; the one that is away is another
def test_while_the_database_is_away_the_mail_server_keeps_the_mail(app, tmp_path, free_port):
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    with (
        served(app, f"127.0.0.1:{free_port}", DATABASE_URL=nowhere),
        smtplib.LMTP("127.0.0.1", free_port) as client,
    ):
        assert hand_over(client, report(), "bounces@example.org", "b@example.org") == [451, 451]


@pytest.mark.parametrize(
    "listen", ["2424", "127.0.0.1:", "127.0.0.1:0", "host:99999", "unix:relative", ":25"]
)
def test_an_odd_place_to_listen_is_refused(listen):
    with pytest.raises(lmtp.ListenUnfit):
        lmtp.place(listen)
