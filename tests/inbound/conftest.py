"""What was sent, so that it can come back; and a kind of message that notes what it is told."""

from datetime import timedelta
from typing import ClassVar

import pytest
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
