"""`trainingapp users`, `audit` and `first-run`, as typed at a console."""

import pytest
import sqlalchemy as sa

from trainingapp.accounts import audit
from trainingapp.accounts.models import AuditSeal, User
from trainingapp.clock import now
from trainingapp.db import db

FOCAL_POINT = ("users", "grant", "admin@example.org", "focal_point", "--programme", "smi")


@pytest.fixture
def run(app):
    def command(*words):
        return app.test_cli_runner().invoke(args=list(words))

    return command


def test_a_server_without_users_prints_a_code_once_per_asking(run, make):
    first, second = run("first-run").output, run("first-run").output
    assert first != second
    assert len(first.strip()) == 23
    make.user()
    db.session.commit()
    refused = run("first-run")
    assert refused.exit_code == 1
    assert "has users already" in refused.output


def test_someone_is_invited_given_a_role_listed_and_disabled(run, make):
    make.programme(slug="smi")
    make.user(is_administrator=True)
    db.session.commit()
    assert run("users", "invite", "karma@example.org", "Karma Wangdi").exit_code == 0
    assert (
        run(
            "users", "grant", "karma@example.org", "focal_point", "--programme", "smi", "--country", "bt"
        ).exit_code
        == 0
    )
    assert "karma@example.org\tKarma Wangdi\tinvited\tfocal_point@smi BT" in run("users", "list").output
    assert run("users", "revoke", "karma@example.org", "focal_point", "--programme", "smi").exit_code == 0
    assert run("users", "revoke", "karma@example.org", "focal_point", "--programme", "smi").exit_code == 1
    assert run("users", "disable", "karma@example.org", "--why", "left").exit_code == 0
    assert "karma@example.org\tKarma Wangdi\tdisabled\t-" in run("users", "list", "--search", "karma").output


def test_a_printed_link_opens(run, client):
    link = run(
        "users", "invite", "karma@example.org", "Karma", "--administrator", "--print-link"
    ).output.strip()
    client.get(link.removeprefix("http://localhost"))
    assert client.get("/accounts/password").status_code == 200
    assert db.session.scalar(sa.select(User)).is_administrator


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("users", "disable", "nobody@example.org"), "Nobody has an account"),
        (("users", "invite", "not an address", "Name"), "not an email address"),
        (("users", "revoke", "admin@example.org", "administrator"), "last administrator"),
        (("users", "grant", "admin@example.org", "organiser", "--programme", "no"), "no programme 'no'"),
        (FOCAL_POINT, "Choose the country"),
        ((*FOCAL_POINT, "--country", "Atlantis"), "a country called 'Atlantis'"),
        (("users", "invite", "long@example.org", "Name " * 60), "at most 200 letters"),
    ],
)
def test_a_refusal_is_one_sentence_and_a_status(run, make, words, said):
    make.programme(slug="smi")
    make.user(email="admin@example.org", is_administrator=True)
    db.session.commit()
    answer = run(*words)
    assert answer.exit_code == 1
    assert said in answer.output
    assert "Traceback" not in answer.output


def test_a_country_is_known_by_any_of_its_names(run, make):
    make.programme(slug="smi")
    make.user(email="admin@example.org")
    db.session.commit()
    assert run(*FOCAL_POINT, "--country", "Bhutan").exit_code == 0
    assert "focal_point@smi BT" in run("users", "list").output


def test_the_trail_is_sealed_and_verified(run, make):
    audit.record(make.user(), "added")
    db.session.commit()
    assert "0 entries" in run("audit", "verify").output
    assert "Nothing new" in run("audit", "seal").output
    seal = AuditSeal(last_entry_id=1, entries=1, digest="0" * 64, sealed_at=now())
    db.session.add(seal)
    db.session.commit()
    answer = run("audit", "verify")
    assert answer.exit_code == 1
    assert "does not fit seal 1" in answer.output
