"""A kind of message for tests, with the switches that a test needs."""

from dataclasses import replace
from typing import ClassVar

import pytest
from clients import settings
from relay import Relay

from trainingapp import create_app
from trainingapp.db import db
from trainingapp.outbox import actions, unsubscribe
from trainingapp.outbox.kinds import KINDS, Message, MessageKind, register


class Probe(MessageKind):
    name = "probe"
    topic = "follow-up"
    unwanted: ClassVar[dict[str, str]] = {}
    gone: ClassVar[list[str]] = []
    dead: ClassVar[list[str]] = []

    def render(self, email):
        return Message(
            f"Hello {email.facts.get('name', 'you')}",
            "A line\n.and one with a dot\n",
            "<p>A line</p>",
            unsubscribe.url(email),
        )

    def unwanted_because(self, email):
        return self.unwanted.get(email.address)

    def went(self, email):
        self.gone.append(email.address)

    def bounced(self, email):
        self.dead.append(email.address)


class AccountProbe(Probe):
    name = "account probe"
    topic = "account"


@pytest.fixture(autouse=True)
def probe():
    """The kind "probe", fresh for each test."""
    Probe.unwanted, Probe.gone, Probe.dead = {}, [], []
    register(Probe)
    register(AccountProbe)
    yield Probe
    KINDS.pop("probe")
    KINDS.pop("account probe")


@pytest.fixture
def enqueue(app):
    def put(address="sita@example.org", now=None, kind="probe", **facts):
        from factories import NOW

        values = {"language": "en", "about": "invitation:1", "facts": {}, **facts}
        key = values.pop("dedupe_key", f"{kind}:{address}")
        return actions.enqueue(kind, key, address, now=now or NOW, **values)

    return put


@pytest.fixture
def relay(app):
    server = Relay()
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], smtp_url=server.url)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def memory():
    """SQLite in memory: thousands of steps, each with its commits."""
    app = create_app(settings("sqlite:///:memory:"))
    with app.app_context():
        db.create_all()
        yield
        db.session.remove()
        db.engine.dispose()
