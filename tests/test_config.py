"""What stops a start, and what it says."""

import pytest
from clients import REAL

from trainingapp.config import ConfigError, load

WHOLE = {**REAL, "DATABASE_URL": "postgresql://lanjut@db.example.org/lanjut"}


def refused(environ):
    with pytest.raises(ConfigError) as problem:
        load(environ)
    return str(problem.value)


def test_a_server_that_knows_nothing_names_all_that_is_missing_in_one_sentence():
    assert refused({}).startswith("Set SECRET_KEY, DATABASE_URL, BASE_URL, SMTP_URL, MAIL_FROM: ")


@pytest.mark.parametrize("name", WHOLE)
def test_a_server_guesses_none_of_them(name):
    assert refused({**WHOLE, name: ""}).startswith(f"Set {name}: ")
    assert refused({key: value for key, value in WHOLE.items() if key != name}).startswith(f"Set {name}: ")


def test_the_try_out_needs_a_key_and_nothing_else():
    made = load({"DEMO": "1", "SECRET_KEY": "x" * 40})
    assert made.base_url == "http://127.0.0.1:5050"
    assert made.mail_from == "Lanjut <followup@lanjut.example>"
    assert refused({"DEMO": "1"}).startswith("Set SECRET_KEY to 32 or more random characters")


def test_a_short_key_says_how_to_make_one():
    assert "secrets.token_urlsafe" in refused({**WHOLE, "SECRET_KEY": "short"})


@pytest.mark.parametrize("odd", ["FUL", "full; PRAGMA foreign_keys=OFF", "2"])
def test_sqlite_is_told_one_of_its_four_words(odd):
    assert refused({**WHOLE, "SQLITE_SYNCHRONOUS": odd}) == (
        f"SQLITE_SYNCHRONOUS must be OFF, NORMAL, FULL or EXTRA, not {odd!r}."
    )
    assert load({**WHOLE, "SQLITE_SYNCHRONOUS": "full"}).synchronous == "FULL"
    assert load({**WHOLE, "SQLITE_SYNCHRONOUS": ""}).synchronous == "NORMAL"


@pytest.mark.parametrize("name", ["BASE_URL", "SMTP_URL", "REDIS_URL", "MAIL_INBOX"])
def test_an_address_that_is_none_stops_the_start_and_its_password_is_not_repeated(name):
    said = refused({**WHOLE, name: "https://lanjut:sesame@[example.org"})
    assert said.startswith(f"{name} is no address: ")
    assert "sesame" not in said


@pytest.mark.parametrize("odd", ["-1", "one", "²"])
def test_a_number_is_written_in_figures(odd):
    assert (
        refused({**WHOLE, "TRUSTED_PROXIES": odd}) == f"TRUSTED_PROXIES must be a whole number, not {odd!r}."
    )
