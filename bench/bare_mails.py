"""The floor of sending: smtplib and the database's own driver, with the three commits that the promise needs.

For each mail: leased, committed; MAIL, RCPT, DATA and a body of the usual size; dot, committed; the last dot
and its reply; sent, committed. Nothing is rendered, nobody is asked about, no attempt is noted.
"""

import smtplib
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import current_app

from bench import data
from trainingapp import clock
from trainingapp.db import commit_durably, db
from trainingapp.outbox import senders
from trainingapp.outbox.letters import composing
from trainingapp.outbox.lines.smtp import stuffed
from trainingapp.outbox.models import OutgoingEmail

LEASED = "UPDATE outgoing_emails SET state = 'leased', lease_until = {} WHERE id = {}"
DOT = "UPDATE outgoing_emails SET state = 'dot', dot_at = {} WHERE id = {}"
SENT = "UPDATE outgoing_emails SET state = 'sent', sent_at = {} WHERE id = {}"
TAKEN = 250


def seconds() -> float:
    """For every mail there is."""
    settings = current_app.config["SETTINGS"]
    sender = senders.of(settings, senders.DEFAULT)
    letter = composing.compose(
        db.session.scalars(sa.select(OutgoingEmail).limit(1)).one(), sender, clock.now()
    )
    numbers = db.session.scalars(sa.select(OutgoingEmail.id)).all()
    body, relay = stuffed(letter.body), urlsplit(settings.smtp_url)
    data.settle()
    commit_durably(db.engine)
    with smtplib.SMTP(relay.hostname or "", relay.port or 0) as client:
        assert client.sock is not None
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.ehlo()
        raw = db.engine.raw_connection()
        driver: Any = raw.driver_connection
        began = time.perf_counter()
        for number in numbers:
            _commit(driver, LEASED, number)
            client.mail(letter.sender)
            client.rcpt(letter.recipient)
            client.docmd("DATA")
            client.send(body)
            _commit(driver, DOT, number)
            client.send(b".\r\n")
            if client.getreply()[0] != TAKEN:
                raise SystemExit("the relay did not take it")
            _commit(driver, SENT, number)
        took = time.perf_counter() - began
        raw.close()
    return took


def _commit(driver: Any, change: str, number: int) -> None:
    is_sqlite = db.engine.dialect.name == "sqlite"
    if is_sqlite:
        driver.execute("BEGIN IMMEDIATE")
    driver.execute(change.format(*("??" if is_sqlite else ("%s", "%s"))), (str(clock.now()), number))
    driver.commit()
