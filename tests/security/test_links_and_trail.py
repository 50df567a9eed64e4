"""Checks 28 to 30, 33 and 41: refusals are noted, links are bound and hidden, the trail only grows."""

import json
import logging
from datetime import timedelta

import pytest
import sqlalchemy as sa

from trainingapp import clock, tokens
from trainingapp.accounts import actions, audit, links
from trainingapp.accounts.models import AuditEntry, LinkPurpose, User
from trainingapp.db import db
from trainingapp.programmes.models import Role

NOW = clock.now


def test_a_refused_request_is_in_the_security_log(client, make, caplog):
    user = make.user((make.programme(), Role.VIEWER))
    db.session.commit()
    number = user.id
    client.sign_in(user)
    with caplog.at_level(logging.WARNING, logger="trainingapp.security"):
        assert client.get("/accounts/users").status_code == 403
    noted = json.loads(caplog.records[-1].getMessage())
    assert noted["event"] == "refused"
    assert (noted["user"], noted["endpoint"]) == (number, "accounts.users")


def test_somebody_else_s_programme_is_in_the_security_log(site, caplog):
    address = f"/visits/{site.world.other['visit_id']}"
    with caplog.at_level(logging.WARNING, logger="trainingapp.security"):
        assert site.ask("organiser", "GET", address).status_code == 404
    assert json.loads(caplog.records[-1].getMessage())["programme"] == site.world.other["programme_id"]


def test_no_text_from_outside_makes_a_second_line_in_the_log(client, caplog):
    with caplog.at_level(logging.WARNING, logger="trainingapp.security"):
        client.post("/accounts/sign-in", data={"email": 'a\r\n{"event": "all is well"}', "password": "x"})
        client.get("/accounts/password", headers={"Cookie": "password-link=a%0a%0db"})
    assert caplog.records
    for record in caplog.records:
        assert "\n" not in record.getMessage()
        assert "\r" not in record.getMessage()
        assert json.loads(record.getMessage())["event"] in {"sign-in refused", "closed password link"}


def test_no_password_and_no_token_is_in_any_log(client, make, caplog):
    user = make.user(email="devi@example.org")
    token = links.address(links.send(user, LinkPurpose.RESET, NOW())).rpartition("/")[2]
    db.session.commit()
    with caplog.at_level(logging.DEBUG):
        client.post("/accounts/sign-in", data={"email": "devi@example.org", "password": "a very secret one"})
        client.get(f"/accounts/password/{token}")
        client.post("/accounts/password", data={"password": "another very secret one"})
    text = "\n".join(record.getMessage() for record in caplog.records)
    assert "very secret one" not in text
    assert token not in text


def test_a_token_is_256_bits_and_differs_by_purpose_and_part(app):
    made = {
        tokens.issue("invitation", 1, 1),
        tokens.issue("invitation", 1, 2),
        tokens.issue("invitation", 11),
        tokens.issue("unsubscribe", 1, 1),
        tokens.issue("password", "reset", "1"),
        tokens.issue("password", "invitation", "1"),
    }
    assert len(made) == 6
    assert {len(token) for token in made} == {43}
    assert all(token not in tokens.fingerprint(token) for token in made)


def test_a_token_of_another_purpose_sets_no_password(client, make):
    user = make.user()
    link = links.send(user, LinkPurpose.INVITATION, NOW())
    db.session.commit()
    other = tokens.issue("unsubscribe", link.purpose.value, link.nonce)
    client.get(f"/accounts/password/{other}")
    assert client.get("/accounts/password").status_code == 410


def test_wrong_expired_used_and_replaced_links_end_on_the_same_page(app, make):
    def page(token):
        client = app.test_client()
        client.get(f"/accounts/password/{token}")
        answer = client.get("/accounts/password")
        lines = [line for line in answer.text.splitlines() if "csrf_token" not in line]
        return answer.status_code, lines

    def token_of(link):
        return links.address(link).rpartition("/")[2]

    used = links.send(make.user(), LinkPurpose.RESET, NOW())
    actions.use_link(used, "correct horse battery", NOW())
    expired = links.send(make.user(), LinkPurpose.RESET, NOW() - timedelta(hours=1))
    someone = make.user()
    replaced = links.send(someone, LinkPurpose.RESET, NOW() - timedelta(seconds=2))
    links.send(someone, LinkPurpose.RESET, NOW() - timedelta(seconds=1))
    disabled = links.send(make.user(is_enabled=False), LinkPurpose.RESET, NOW())
    sent = [token_of(link) for link in (used, expired, replaced, disabled)]
    db.session.commit()
    pages = [page(token) for token in ("wrong", *sent)]
    assert pages[0][0] == 410
    assert all(each == pages[0] for each in pages)


def test_guessing_links_is_slowed_down(client):
    answers = {client.get(f"/accounts/password/guess-{number}").status_code for number in range(31)}
    assert answers == {303, 429}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_entries SET actor = 'nobody'",
        "DELETE FROM audit_entries",
        "UPDATE audit_seals SET entries = 0",
        "DELETE FROM audit_seals",
    ],
)
def test_the_database_itself_refuses_to_change_the_trail(app, make, change):
    audit.record(make.user(), "added")
    db.session.flush()
    audit.seal(NOW() + timedelta(hours=1))
    db.session.commit()
    with pytest.raises(sa.exc.DBAPIError, match="only grows"):
        db.session.execute(sa.text(change))
    db.session.rollback()


def test_a_change_behind_the_database_s_back_breaks_the_seal(app, make):
    for number in range(3):
        audit.record(make.user(), f"verb {number}")
        db.session.flush()
        audit.seal(NOW() + timedelta(hours=number + 1))
    assert audit.verify().broken is None
    is_sqlite = db.engine.dialect.name == "sqlite"
    db.session.execute(
        sa.text(
            "DROP TRIGGER audit_entries_no_update"
            if is_sqlite
            else "ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_only_grows"
        )
    )
    second = db.session.scalars(sa.select(AuditEntry.id).order_by(AuditEntry.id)).all()[1]
    db.session.execute(sa.update(AuditEntry).where(AuditEntry.id == second).values(why="never happened"))
    found = audit.verify()
    assert (found.seals, found.broken.last_entry_id) == (1, second)
    db.session.rollback()


def test_the_trail_holds_no_secret(client, make):
    user = make.user(email="devi@example.org")
    token = links.address(links.send(user, LinkPurpose.INVITATION, NOW())).rpartition("/")[2]
    db.session.commit()
    client.get(f"/accounts/password/{token}")
    client.post("/accounts/password", data={"password": "a very secret one"})
    client.post(
        "/accounts/me/password", data={"current": "a very secret one", "password": "quite another word"}
    )
    hashed = db.session.scalar(sa.select(User.password_hash))
    trail = [
        json.dumps([entry.before, entry.after, entry.why, entry.facts])
        for entry in db.session.scalars(sa.select(AuditEntry))
    ]
    assert len(trail) >= 2
    for secret in ("a very secret one", "quite another word", token, tokens.fingerprint(token), hashed):
        assert not any(secret in line for line in trail)


def test_a_line_break_in_a_name_stays_inside_its_own_line_of_the_trail(client, make):
    admin = make.user(is_administrator=True)
    client.sign_in(admin)
    name = "Eve</td></tr>\r\n<script>alert(1)</script> 2026-01-01 administrator granted"
    user = make.user(name=name)
    audit.record(user, "added", after=name, why=name)
    db.session.commit()
    page = client.get("/accounts/audit-trail").text
    assert "<script>alert" not in page
    assert page.count("<tr>") == 2
