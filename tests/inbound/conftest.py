"""What was sent, so that it can come back; and a kind of message that notes what it is told."""

import ssl
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

import pytest
import servers
from dovecot import PASSWORD, Dovecot
from factories import NOW

from trainingapp.db import db
from trainingapp.inbound import actions
from trainingapp.outbox import actions as outbox
from trainingapp.outbox.kinds import KINDS, Message, MessageKind, register
from trainingapp.outbox.models import EmailState


class Told(MessageKind):
    name = "told"
    topic = "surveys"
    told: ClassVar[list[str]] = []
    breaks: ClassVar[bool] = False

    def render(self, _email):
        return Message("Six months later", "Dear Sita\n", "<p>Dear Sita</p>")

    def unwanted_because(self, _email):
        return None

    def bounced(self, email):
        if self.breaks:
            raise RuntimeError("this kind is broken")
        self.told.append(f"bounced {email.address}: {email.last_text}")

    def complained(self, email, _now):
        self.told.append(f"complained {email.address}")


@pytest.fixture(autouse=True)
def told():
    Told.told, Told.breaks = [], False
    register(Told)
    yield Told
    KINDS.pop("told")


@pytest.fixture
def send(app):
    """A message that went out; each has a number of its own."""

    def sent(address="sita@example.org", state=EmailState.SENT, key=None):
        email = outbox.enqueue(
            "told", key or f"told:{address}", address, now=NOW, language="en", about="told:1", facts={}
        )
        email.state, email.sent_at, email.dot_at = state, NOW, NOW
        if state is EmailState.UNCERTAIN:
            email.sent_at = None
        db.session.commit()
        return email

    return sent


@pytest.fixture
def take(app):
    """Takes a mail in, `days` after NOW."""

    def taken(raw, days=0, **more):
        event = actions.take_in(raw, NOW + timedelta(days=days), **more)
        db.session.commit()
        return event

    return taken


@pytest.fixture(scope="session")
def dovecot():
    """In a folder that its own users may enter."""
    if servers.DOVECOT is None:
        pytest.skip("Dovecot is not installed here; the summary says how, and in CI the run fails")
    with tempfile.TemporaryDirectory(prefix="dovecot-") as folder:
        Path(folder).chmod(0o755)
        server = Dovecot(Path(folder))
        yield server
        server.stop()


@pytest.fixture
def imap_url(dovecot):
    return f"imaps://returned:{quote(PASSWORD, safe='')}@127.0.0.1:{dovecot.port}/INBOX"


@pytest.fixture
def trust(dovecot):
    context = ssl.create_default_context()
    dovecot.authority.configure_trust(context)
    return context
