"""Checks 15 to 19 and 21 to 24: every request, every response."""

import logging
import socket
import sqlite3
import time
from contextlib import closing

import pytest
import sqlalchemy as sa
from clients import settings
from world import ROLES

from trainingapp import access, create_app
from trainingapp.addresses import local_path
from trainingapp.db import db

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # each package's own tests refuse those

ONE_CLICK = {"outbox.unsubscribe_now"}  # RFC 8058: mail programs post there without a page
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


def test_every_unsafe_request_without_a_token_is_refused(site):
    taken = []
    for rule, method in site.routes():
        if method in UNSAFE and rule.endpoint not in ONE_CLICK:
            client = site.browser("administrator")
            client.without_csrf = True
            with site.app.app_context():
                answer = client.open(site.address(rule, site.world.own), method=method)
            if answer.status_code != 400:
                taken.append(f"{method} {rule.endpoint}: {answer.status_code}")
    assert not taken, "\n".join(taken)


@pytest.mark.parametrize("role", ["anonymous", "participant", "organiser", "coordinator", "administrator"])
def test_looking_changes_no_row(site, role):
    """SQLite counts every change that another connection makes, in any table."""
    writing = []
    with closing(sqlite3.connect(site.live)) as watcher:

        def version():
            return watcher.execute("PRAGMA data_version").fetchone()[0]

        before = version()
        for rule, each in site.routes():
            for method in ("GET", "HEAD") if each == "GET" else ():
                site.ask(role, method, site.address(rule, site.world.own))
                if version() != before:
                    writing.append(f"{method} {rule.endpoint}")
                    before = version()
    assert not writing, "\n".join(writing)


POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/accounts/sign-in", 200),
        ("/accounts/me", 302),
        ("/nothing/here", 404),
        ("/broken", 500),
        ("/static/app.css", 200),
        ("/accounts/password", 410),
        ("/accounts/sign-out", 405),
    ],
)
def test_every_response_carries_the_headers(https, path, status):
    answer = https.test_client().get(path, base_url="https://lanjut.example.org")
    assert answer.status_code == status
    headers = answer.headers
    assert headers["Strict-Transport-Security"] == "max-age=31556926; includeSubDomains"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "origin" in headers["Referrer-Policy"]
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    policy = {part.strip() for part in headers["Content-Security-Policy"].split(";")}
    assert {"default-src 'none'", "frame-ancestors 'none'"} <= policy
    if "static" not in path:
        assert policy >= POLICY
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"


def test_no_policy_allows_what_stands_inside_a_page(https):
    policy = (
        https.test_client()
        .get("/accounts/sign-in", base_url="https://lanjut.example.org")
        .headers["Content-Security-Policy"]
    )
    assert "unsafe" not in policy
    assert "*" not in policy


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https://evil.example",
        "http:/evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/x\r\nSet-Cookie: a=b",
        " //evil.example",
        "/ /evil.example",
        "/x\\..\\y",
        "",
        None,
    ],
)
def test_a_next_page_elsewhere_is_the_first_page(target):
    assert local_path(target) == "/"


@pytest.mark.parametrize("target", ["/", "/cohorts/3", "/people?q=a&after=2", "/x#y", "/a//b", "/a/%2F%2Fb"])
def test_a_next_page_of_ours_is_kept(target):
    assert local_path(target) == target


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https:evil.example", "/%0d%0aX: y"])
def test_nobody_is_led_away_after_signing_in(site, target):
    answer = site.ask("viewer", "GET", "/accounts/sign-in", query_string={"next": target})
    assert answer.status_code == 302
    assert answer.location.startswith("/")
    assert not answer.location.startswith(("//", "/\\"))
    assert "X" not in answer.headers


def test_an_error_gives_a_reference_and_nothing_of_the_inside(https, caplog):
    with caplog.at_level(logging.ERROR):
        answer = https.test_client().get("/broken", base_url="https://lanjut.example.org")
    assert "ZeroDivisionError" not in answer.text
    assert "secret of the house" not in answer.text
    reference = caplog.records[-1].getMessage().rpartition(" ")[2]
    assert reference in answer.text
    assert not https.debug
    for name in ("Server", "X-Powered-By"):
        assert not any(sign.isdigit() for sign in answer.headers.get(name, ""))


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost:80@evil", "[::1]"])
def test_a_host_that_is_not_ours_is_refused(app, client, host):
    answer = client.get("/accounts/sign-in", headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text


def test_nothing_that_a_form_does_not_ask_for_is_taken(site):
    """`role=admin` in every form: for those who are not administrators no account and no role changes."""
    greedy = {
        "role": "organiser",
        "roles": "administrator",
        "is_administrator": "1",
        "administrator": "yes",
        "is_enabled": "0",
        "password_hash": "x",
        "user_id": "1",
        "programme": str(site.world.other["programme_id"]),
        "programme_id": str(site.world.other["programme_id"]),
    }
    wanted = sa.text(
        "SELECT id, is_administrator, is_enabled, password_hash FROM users WHERE id <= :last ORDER BY id"
    )
    held = sa.text("SELECT user_id, programme_id, role, country FROM memberships ORDER BY id")

    def rights():
        with site.app.app_context():
            last = {"last": max(site.world.users.values())}
            return db.session.execute(wanted, last).all(), db.session.execute(held).all()

    before = rights()
    for role in set(ROLES) - {"administrator"}:
        for rule, method in site.routes():
            if method in UNSAFE:
                site.ask(role, method, site.address(rule, site.world.own), data=greedy)
                assert rights() == before, f"{role}: {method} {rule.endpoint}"


def test_a_view_that_does_not_say_who_may_ask_stops_the_start():
    app = create_app(settings("sqlite:///:memory:"))
    app.add_url_rule("/open", endpoint="open", view_func=lambda: "everything")
    with pytest.raises(RuntimeError, match="open"):
        access.enforce(app)


def test_nul_is_left_out_of_what_is_asked_and_typed(app, client, make):
    client.sign_in(make.user(is_administrator=True))
    assert client.get("/accounts/users?q=a%00b").status_code == 200
    assert client.get("/programmes/a%00b").status_code == 404
    assert client.get("/r/a%00b").status_code in {404, 410}
    client.post(
        "/programmes/new",
        data={"name": "Batik\0", "short_name": "B\0atik", "slug": "ba\0tik", "description": ""},
    )
    assert client.get("/programmes/batik").status_code == 200


def test_a_referrer_that_is_no_address_leads_to_the_first_page(app, client):
    answer = client.post("/accounts/theme", data={"theme": "dark"}, headers={"Referer": "http://[::1"})
    assert (answer.status_code, answer.location) == (303, "/")


def test_pages_do_not_wait_for_a_silent_redis(empty_sqlite, tmp_path):
    """It takes the connection and never answers, as behind a broken firewall."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        app = create_app(settings(f"sqlite:///{empty_sqlite}", REDIS_URL=url, VAR_DIR=str(tmp_path)))
        began = time.monotonic()
        for _each in range(3):
            assert app.test_client().get("/r/nobody").status_code == 410
        took = time.monotonic() - began
        with app.app_context():
            db.engine.dispose()
        create_app(settings("sqlite:///:memory:"))  # the limiter keeps its storage for the whole process
    assert took < 4


def test_while_someone_writes_for_long_pages_answer_and_forms_say_so(site):
    """One writer at a time is SQLite's way; the wait is shortened here."""
    with site.app.app_context():
        sa.event.listen(db.engine, "connect", lambda raw, _record: raw.execute("PRAGMA busy_timeout=100"))
        db.engine.dispose()
    with closing(sqlite3.connect(site.live, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert site.ask("administrator", "GET", "/programmes/").status_code == 200
        data = {"name": "A", "language": "en", "time_zone": "Asia/Jakarta"}
        late = site.ask("administrator", "POST", "/accounts/me", data=data)
        other.execute("ROLLBACK")
    assert late.status_code == 503
    assert "Nothing was saved" in late.text
