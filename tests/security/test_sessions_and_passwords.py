"""Checks 1 to 8, 10, 12 and 14 of the security list: sessions, cookies, passwords, the first account."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from trainingapp import clock
from trainingapp.accounts import actions, links, passwords, sessions
from trainingapp.accounts.models import LinkPurpose, LoginSession, PasswordLink, User
from trainingapp.db import db

GOOD = "correct horse battery"
HASHED = passwords.hashed(GOOD)


@pytest.fixture
def devi(make):
    user = make.user(email="devi@example.org", password_hash=HASHED)
    db.session.commit()
    return user


def sign_in(client, email="devi@example.org", password=GOOD):
    return client.post("/accounts/sign-in", data={"email": email, "password": password})


def is_in(client):
    return client.get("/accounts/me").status_code == 200


def the_cookie(client):
    return client.get_cookie("session").value


def test_a_signed_out_cookie_opens_nothing_when_it_is_played_again(client, devi):
    sign_in(client)
    kept = the_cookie(client)
    client.post("/accounts/sign-out")
    client.set_cookie("session", kept)
    assert not is_in(client)


def test_the_database_holds_no_session_id_that_a_cookie_could_carry(client, devi):
    sign_in(client)
    with client.session_transaction() as carried:
        token = carried["_user_id"]
    assert len(token) >= 43  # 256 bits
    assert token not in {row.token_hash for row in db.session.scalars(sa.select(LoginSession))}


def test_signing_in_changes_the_id_and_drops_what_the_browser_carried(client, devi):
    with client.session_transaction() as carried:
        carried["planted"] = "by somebody else"
    sign_in(client)
    with client.session_transaction() as carried:
        first = carried["_user_id"]
        assert "planted" not in carried
    client.post("/accounts/sign-out")
    sign_in(client)
    with client.session_transaction() as carried:
        assert carried["_user_id"] != first


def test_a_new_role_asks_for_a_new_session(client, devi, make):
    sign_in(client)
    actions.make_administrator(db.session.get_one(User, devi.id))
    db.session.commit()
    assert not is_in(client)


def test_half_an_hour_of_silence_ends_a_session(client, devi):
    with time_machine.travel(clock.now(), tick=False) as time:
        sign_in(client)
        for _each in range(3):
            time.shift(sessions.IDLE - timedelta(seconds=1))
            assert is_in(client)
        time.shift(sessions.IDLE + timedelta(seconds=1))
        assert not is_in(client)


def test_no_session_outlives_twelve_hours(client, devi):
    with time_machine.travel(clock.now(), tick=False) as time:
        sign_in(client)
        for _each in range(25):
            time.shift(timedelta(minutes=29))
            alive = is_in(client)
        assert not alive


def test_disabling_a_user_ends_every_session_in_the_same_transaction(app, client, devi, make):
    make.user(is_administrator=True)
    other = app.test_client()
    sign_in(client), sign_in(other)
    actions.disable(db.session.get_one(User, devi.id), clock.now())
    assert db.session.scalar(sa.select(sa.func.count(LoginSession.id))) == 0
    db.session.rollback()
    assert is_in(client)
    actions.disable(db.session.get_one(User, devi.id), clock.now())
    db.session.commit()
    assert not is_in(client)
    assert not is_in(other)


def test_people_end_their_own_sessions_and_nobody_else_s(app, client, devi, make):
    stranger, other = make.user(), app.test_client()
    sign_in(other)
    row = db.session.scalar(sa.select(LoginSession))
    number = row.id
    client.sign_in(stranger)
    assert client.post(f"/accounts/me/sessions/{number}/end").status_code == 404
    assert is_in(other)
    assert other.post(f"/accounts/me/sessions/{number}/end").status_code == 303
    assert not is_in(other)


def test_the_session_cookie_is_for_this_host_over_https_and_not_for_scripts(https):
    client = https.test_client()
    page = client.get("/accounts/sign-in", base_url="https://lanjut.example.org")
    cookie = next(each for each in page.headers.getlist("Set-Cookie") if "session" in each)
    parts = {part.strip() for part in cookie.split(";")}
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= parts
    assert not any(part.startswith("Domain") for part in parts)


def test_a_link_s_cookie_goes_only_to_the_page_that_needs_it(https):
    answer = https.test_client().get("/accounts/password/abc", base_url="https://lanjut.example.org")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Secure-password-link=abc")
    for part in ("Secure", "HttpOnly", "Path=/accounts/password", "SameSite=Lax", "Max-Age=1800"):
        assert part in cookie


class Counting(passwords.PasswordHasher):
    def __init__(self):
        super().__init__(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self.asked = []

    def verify(self, hash, password):  # noqa: A002 - as the library names it
        self.asked.append(hash)
        return super().verify(hash, password)


@pytest.mark.parametrize(
    "facts",
    [
        None,
        {"password_hash": None},
        {"password_hash": HASHED},
        {"password_hash": HASHED, "is_enabled": False},
    ],
    ids=["unknown", "invited", "known", "disabled"],
)
def test_sign_in_says_and_does_the_same_whether_an_account_exists(app, make, monkeypatch, facts):
    hasher = Counting()
    monkeypatch.setattr(passwords, "hasher", hasher)
    if facts is not None:
        make.user(email="someone@example.org", **facts)
        db.session.commit()
    client = app.test_client()
    answer = sign_in(client, "someone@example.org", "not the right one")
    assert answer.status_code == 422
    assert "The email address or the password is not right." in answer.text
    assert len(hasher.asked) == 1
    assert hasher.asked[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert db.session.scalar(sa.select(sa.func.count(LoginSession.id))) == 0


@pytest.mark.parametrize("path", ["/accounts/sign-in", "/accounts/forgot"])
def test_no_page_tells_whether_an_account_exists(app, devi, path):
    def asked(email):
        client = app.test_client()
        answer = client.post(path, data={"email": email, "password": "not the right one"})
        followed = client.get(answer.location) if answer.location else answer
        lines = [line for line in followed.text.splitlines() if "csrf_token" not in line]
        return answer.status_code, answer.location, "\n".join(lines).replace(email, "…")

    assert asked("devi@example.org") == asked("nobody@example.org")


def test_a_reset_link_works_once_for_half_an_hour_and_is_not_stored(client, devi):
    link = links.send(db.session.get_one(User, devi.id), LinkPurpose.RESET, clock.now())
    token = links.address(link).rpartition("/")[2]
    db.session.commit()
    assert link.expires_at - clock.now() <= timedelta(minutes=30)
    everything = [
        str(row) for table in db.metadata.sorted_tables for row in db.session.execute(table.select())
    ]
    assert not any(token in row for row in everything)
    client.get(f"/accounts/password/{token}")
    assert client.post("/accounts/password", data={"password": "another horse battery"}).status_code == 303
    client.get(f"/accounts/password/{token}")
    assert client.post("/accounts/password", data={"password": "third horse battery"}).status_code == 410
    assert db.session.scalar(sa.select(PasswordLink.used_at)) is not None


def test_a_fresh_server_has_no_account_and_no_password_that_opens_it(app, client):
    assert db.session.scalar(sa.select(sa.func.count(User.id))) == 0
    for name in ("admin", "admin@example.org", "administrator", "root"):
        assert sign_in(client, name, "admin").status_code == 422
