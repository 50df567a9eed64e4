"""The door, a person's own page, and an administrator's pages, as a browser sees them."""

import re

import pytest
import sqlalchemy as sa

from trainingapp.accounts import actions, audit, links, passwords
from trainingapp.accounts.models import LinkPurpose, LoginSession, User
from trainingapp.clock import now
from trainingapp.db import db
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.programmes.models import Membership, Role
from trainingapp.web import limiter

GOOD = "correct horse battery"
HASHED = passwords.hashed(GOOD)


@pytest.fixture
def devi(make):
    user = make.user(email="devi@example.org", name="Devi Northstar", password_hash=HASHED)
    db.session.commit()
    return user


def sign_in(client, email="devi@example.org", password=GOOD, target=""):
    return client.post(f"/accounts/sign-in{target}", data={"email": email, "password": password})


def token_for(user, purpose=LinkPurpose.RESET):
    token = links.address(links.send(user, purpose, now())).rpartition("/")[2]
    db.session.commit()
    return token


def one(model, **facts):
    return db.session.scalar(sa.select(model).filter_by(**facts))


def test_someone_signs_in_and_out(client, devi):
    answer = sign_in(client, " Devi@Example.org ")
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Devi Northstar" in client.get("/accounts/me").text
    assert client.post("/accounts/sign-out").location == "/accounts/signed-out"
    assert client.get("/accounts/me").status_code == 302


def test_signing_in_leads_back_to_the_page_that_was_asked_for(client, devi):
    door = client.get("/accounts/me?tab=1").location
    assert door == "/accounts/sign-in?next=/accounts/me?tab%3D1"
    answer = client.post(door, data={"email": devi.email, "password": GOOD})
    assert answer.location == "/accounts/me?tab=1"


def test_a_wrong_password_keeps_the_address_that_was_typed(client, devi):
    answer = sign_in(client, password="not the right one")
    assert answer.status_code == 422
    assert 'value="devi@example.org"' in answer.text
    assert "not the right one" not in answer.text
    assert "is not right" in answer.text


def test_someone_signed_in_is_led_past_the_door(client, devi):
    client.sign_in(devi)
    assert client.get("/accounts/sign-in?next=/accounts/me").location == "/accounts/me"


def test_an_old_hash_is_renewed_when_its_owner_signs_in(client, make):
    make.user(email="old@example.org", password_hash=passwords.PasswordHasher(1, 8, 1).hash(GOOD))
    db.session.commit()
    assert sign_in(client, "old@example.org").status_code == 303
    assert not passwords.is_dated(one(User, email="old@example.org").password_hash)


def test_the_wait_grows_with_the_tries_and_says_how_long(client, devi):
    answers = [sign_in(client, password="wrong wrong wrong") for _each in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert "try again in 1 minute" in answers[-1].text
    assert 'value="devi@example.org"' in answers[-1].text
    assert int(answers[-1].headers["Retry-After"]) == 60
    assert sign_in(client, "somebody@example.org", "wrong wrong wrong").status_code == 422


def test_a_throttled_account_opens_again_by_itself(client, devi):
    for _each in range(6):
        sign_in(client, password="wrong wrong wrong")
    limiter.reset()  # what an hour does
    assert sign_in(client).status_code == 303


def test_a_link_sets_a_password_and_signs_in(client, devi):
    first = client.get(f"/accounts/password/{token_for(devi)}")
    assert (first.status_code, first.location) == (303, "/accounts/password")
    page = client.get("/accounts/password")
    assert page.status_code == 200
    refused = client.post("/accounts/password", data={"password": "short"})
    assert refused.status_code == 422
    assert "at least 12 characters" in refused.text
    done = client.post("/accounts/password", data={"password": "another horse battery"})
    assert (done.status_code, done.location) == (303, "/")
    assert client.get("/accounts/me").status_code == 200
    assert client.get("/accounts/password").status_code == 410


def test_an_invitation_greets_by_name(client, devi):
    client.get(f"/accounts/password/{token_for(devi, LinkPurpose.INVITATION)}")
    assert "Welcome, Devi Northstar" in client.get("/accounts/password").text


def test_asking_for_a_link_sends_one(client, devi):
    answer = client.post("/accounts/forgot", data={"email": "devi@example.org"})
    assert (answer.status_code, answer.location) == (303, "/accounts/forgot/sent")
    assert one(OutgoingEmail).address == "devi@example.org"
    assert client.post("/accounts/forgot", data={"email": ""}).status_code == 422


def test_only_a_few_links_are_sent_to_one_address(client, devi):
    answers = [client.post("/accounts/forgot", data={"email": devi.email}) for _each in range(4)]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 429]


def test_the_first_run_page_makes_the_first_administrator_and_then_is_gone(client):
    code = actions.begin_first_run(now())
    db.session.commit()
    typed = {"name": "Devi", "email": "devi@example.org", "password": GOOD}
    wrong = client.post("/accounts/first-run", data={**typed, "code": "WRONG"})
    assert wrong.status_code == 422
    assert 'value="devi@example.org"' in wrong.text
    done = client.post("/accounts/first-run", data={**typed, "code": code})
    assert done.location == "/accounts/users"
    assert client.get("/accounts/users").status_code == 200
    assert client.get("/accounts/first-run").status_code == 404


def test_settings_are_saved_and_used_at_once(client, devi):
    client.sign_in(devi)
    answer = client.post(
        "/accounts/me", data={"name": "Devi N.", "language": "id", "time_zone": "Asia/Makassar"}
    )
    assert answer.status_code == 303
    page = client.get("/accounts/me").text
    assert 'lang="id"' in page
    assert "Devi N." in page


def test_a_wrong_setting_is_said_at_its_field(client, devi):
    client.sign_in(devi)
    answer = client.post("/accounts/me", data={"name": "", "language": "xx", "time_zone": "Mars/Olympus"})
    assert answer.status_code == 422
    assert answer.text.count('class="error"') == 3


def test_changing_the_password_keeps_only_this_session(client, app, devi):
    other = app.test_client()
    assert sign_in(other).status_code == 303
    assert sign_in(client).status_code == 303
    wrong = client.post("/accounts/me/password", data={"current": "no", "password": "another horse battery"})
    assert wrong.status_code == 422
    assert other.get("/accounts/me").status_code == 200
    done = client.post("/accounts/me/password", data={"current": GOOD, "password": "another horse battery"})
    assert done.status_code == 303
    assert client.get("/accounts/me").status_code == 200
    assert other.get("/accounts/me").status_code == 302


def test_the_theme_is_a_cookie_and_leads_back(client):
    answer = client.post(
        "/accounts/theme", data={"theme": "dark"}, headers={"Referer": "http://localhost/x?y=1"}
    )
    assert answer.location == "/x"
    assert 'data-theme="dark"' in client.get("/accounts/sign-in").text
    client.post("/accounts/theme", data={"theme": ""})
    assert "data-theme" not in client.get("/accounts/sign-in").text


def test_an_administrator_invites_and_gives_roles(client, make):
    make.programme(slug="smi", short_name="SMI")
    client.sign_in(make.user(is_administrator=True))
    answer = client.post(
        "/accounts/users/invite",
        data={"name": "Karma Wangdi", "email": "karma@example.org", "language": "en"},
    )
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "Karma Wangdi" in page
    assert "Send new invitation" in page
    number = re.search(r"/users/(\d+)", answer.location)[1]
    programme = re.search(r'<option value="(\d+)">SMI', page)[1]
    chosen = {"programme": programme, "role": "focal_point", "country": ""}
    no_country = client.post(f"/accounts/users/{number}/roles", data=chosen)
    assert no_country.status_code == 422
    assert "Choose the country" in no_country.text
    given = client.post(
        f"/accounts/users/{number}/roles",
        data={"programme": programme, "role": "focal_point", "country": "BT"},
    )
    assert given.status_code == 303
    assert (one(Membership).role, one(Membership).country) == (Role.FOCAL_POINT, "BT")
    assert "Focal point SMI (Bhutan)" in client.get("/accounts/users?q=karma").text
    client.post(f"/accounts/users/{number}/roles/{one(Membership).id}/revoke")
    assert one(Membership) is None


def test_a_taken_address_is_said_beside_it(client, make, devi):
    client.sign_in(make.user(is_administrator=True))
    answer = client.post(
        "/accounts/users/invite", data={"name": "Devi again", "email": "DEVI@example.org", "language": "en"}
    )
    assert answer.status_code == 422
    assert "has an account already" in answer.text
    assert 'value="Devi again"' in answer.text


def test_an_administrator_closes_and_opens_an_account(client, make, app, devi):
    theirs = app.test_client()
    sign_in(theirs)
    client.sign_in(make.user(is_administrator=True))
    client.post(f"/accounts/users/{devi.id}/disable", data={"why": "left"})
    assert theirs.get("/accounts/me").status_code == 302
    assert "Disabled" in client.get("/accounts/users?state=disabled").text
    trail = client.get("/accounts/audit-trail?actor=User")
    assert "disabled" in trail.text
    assert "left" in trail.text
    number = one(User, email="devi@example.org").id
    client.post(f"/accounts/users/{number}/enable")
    assert sign_in(theirs).status_code == 303


def test_the_last_administrator_is_told_why_they_stay(client, make):
    admin = make.user(is_administrator=True)
    client.sign_in(admin)
    number = admin.id
    for path in ("disable", "administrator"):
        answer = client.post(f"/accounts/users/{number}/{path}")
        assert answer.status_code == 409
        assert "last administrator" in answer.text


def test_an_administrator_ends_sessions(client, make, app, devi):
    theirs = app.test_client()
    sign_in(theirs)
    number = devi.id
    client.sign_in(make.user(is_administrator=True))
    session = one(LoginSession, user_id=number)
    assert client.post(f"/accounts/users/{number + 1}/sessions/{session.id}/end").status_code == 404
    assert client.post(f"/accounts/users/{number}/sessions/{session.id}/end").status_code == 303
    assert theirs.get("/accounts/me").status_code == 302
    sign_in(theirs)
    client.post(f"/accounts/users/{number}/sessions/end")
    assert theirs.get("/accounts/me").status_code == 302


def test_the_trail_opens_with_nothing_to_complain_about(client, make):
    client.sign_in(make.user(is_administrator=True))
    for query in ("", "?actor=devi", "?subject=users"):
        assert 'class="error"' not in client.get(f"/accounts/audit-trail{query}").text


def test_odd_filters_do_not_break_the_trail(client, make):
    client.sign_in(make.user(is_administrator=True))
    for query in (
        "subject=nothing",
        "since=31/02/2026",
        "programme=x&after=y",
        "actor=%25",
        "until=9999-12-31",
    ):
        assert client.get(f"/accounts/audit-trail?{query}").status_code == 200


def test_a_long_trail_has_a_next_page_that_keeps_the_filter(client, make):
    admin = make.user(is_administrator=True)
    for _each in range(60):
        actions.change_settings(admin, name=f"Name {_each}", language="en", time_zone="UTC")
    client.sign_in(admin)
    page = client.get("/accounts/audit-trail?subject=users").text
    earlier = re.search(r'href="([^"]+after=[^"]+)"', page)[1].replace("&amp;", "&")
    assert "subject=users" in earlier
    assert client.get(earlier).text.count("changed settings") == 10


@pytest.mark.parametrize("odd", ["endpoint=x", "_scheme=javascript", "_method=POST", "_anchor=x", "values=1"])
def test_the_trail_carries_on_only_what_its_form_asks(client, make, odd):
    administrator = make.user(is_administrator=True)
    for _each in range(60):
        audit.record(administrator, "looked")
    client.sign_in(administrator)
    page = client.get(f"/accounts/audit-trail?{odd}&actor=a")
    assert page.status_code == 200
    assert "javascript:" not in page.text
