"""Pages for what went wrong, when the database itself is what went wrong."""

import re
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import servers
from clients import Browser, settings
from databases import ON_POSTGRESQL, on_postgresql_alone
from factories import programme, user

from trainingapp import create_app
from trainingapp.db import db
from trainingapp.programmes.roles import Role


@dataclass
class Place:
    """A product whose database can be taken away: now, or in the next request before its view."""

    url: str
    lose: Callable[[], None]
    is_next: bool = False
    known: Browser = field(init=False)
    stranger: Browser = field(init=False)

    def __post_init__(self):
        self.app = create_app(settings(self.url))
        self.app.test_client_class = Browser
        self.app.before_request(self.lose_if_asked)
        self.known, self.stranger = self.app.test_client(), self.app.test_client()

    def lose_if_asked(self):
        if self.is_next:
            self.lose()


@pytest.fixture(params=["sqlite", ON_POSTGRESQL])
def database(request):
    return request.param


@pytest.fixture
def server():
    """Whoever asks for it may stop it. Its user may not look into pytest's own folders."""
    with TemporaryDirectory(prefix="lanjut-test-") as folder:
        started = servers.PostgreSQL(Path(folder))
        yield started
        with suppress(subprocess.CalledProcessError):  # as a rule it is stopped by now
            started.stop()


@pytest.fixture
def place(database, tmp_path, request):
    if database == "postgresql":
        server = request.getfixturevalue("server")
        made = Place(server.url("postgres"), server.stop)
    else:
        path = tmp_path / "lanjut.sqlite3"

        def lose():
            db.engine.dispose()  # an open file outlives its name
            path.rename(tmp_path / "away.sqlite3")
            path.mkdir()

        made = Place(f"sqlite:///{path}", lose)
    with made.app.app_context():
        db.create_all()
        made.known.sign_in(user((programme(), Role.ORGANISER)))
        yield made
        db.session.remove()
        db.engine.dispose()


def says_what_happened(answer):
    assert re.search(r"<code>[0-9a-f]{8}</code>", answer.text)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")


def test_while_the_database_is_away_everybody_reads_what_happened_and_a_reference(place):
    assert place.known.get("/programmes/").status_code == 200
    place.lose()
    says_what_happened(place.known.get("/programmes/"))
    says_what_happened(place.known.get("/there/is/no/such/page"))
    says_what_happened(place.stranger.get("/accounts/first-run"))
    assert place.stranger.get("/accounts/sign-in").status_code == 200  # it asks for nothing


@on_postgresql_alone  # a file that is open cannot be taken away
def test_who_signed_in_reads_it_too_when_it_goes_while_she_asks(place):
    assert place.known.get("/programmes/").status_code == 200
    place.is_next = True
    says_what_happened(place.known.get("/programmes/"))
