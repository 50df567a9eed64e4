"""Which passwords are taken, and how they are kept."""

import threading
from contextlib import suppress

import pytest
from argon2 import PasswordHasher
from clients import settings
from hypothesis import given
from hypothesis import strategies as st

from trainingapp import create_app
from trainingapp.accounts import passwords

SITA = ["Sita Sharma", "sita", "sme.example.org"]


@pytest.fixture(scope="module", autouse=True)
def language():
    """Refusals are sentences, so they are said in a language; no database is asked."""
    app = create_app(settings("sqlite:///:memory:"))
    with app.app_context():
        yield


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "tujuh kambing di pasar",
        "གཞོན་ནུ་དང་རི་བོང་",
        "x" * 3 + "Pq7 river lamp",
        "9f!kLm2#vbNq",
        "Every Tuesday I sweep the workshop before the others come, and nobody knows. " * 3,
    ],
)
def test_a_password_that_nobody_would_try_is_taken(password):
    passwords.check(password, SITA)


@pytest.mark.parametrize("password", ["", "short", "elevenchars"])
def test_a_short_password_is_refused(password):
    with pytest.raises(passwords.PasswordTooShort):
        passwords.check(password, SITA)


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "P@ssw0rd1234",
        "aaaaaaaaaaaaaaaa",
        "abcabcabcabc",
        "123456789012",
        "qwertyuiop12",
        "asdfghjklasdf",
        "SitaSharma2024",
        "sita.sharma!!!",
        "lanjutlanjut1",
        "Lanjut2026!!",
        "katasandi123",
        "indonesia1945",
        "abcdefghijklmnop",
        "zyxwvutsrqpon",
    ],
)
def test_what_somebody_would_try_first_is_refused(password):
    with pytest.raises(passwords.PasswordTooEasy):
        passwords.check(password, SITA)


def test_a_password_is_never_cut_short():
    long = "river " * 21 + "lamp"
    kept = passwords.hashed(long)
    assert passwords.matches(kept, long)
    assert not passwords.matches(kept, long[:-1])


def test_a_very_long_password_is_refused_and_not_hashed():
    with pytest.raises(passwords.PasswordTooLong):
        passwords.check("river lamp " * 100, SITA)


@given(st.text(min_size=12, max_size=60))
def test_every_text_gets_a_clear_yes_or_no(password):
    with suppress(passwords.PasswordTooShort, passwords.PasswordTooLong, passwords.PasswordTooEasy):
        passwords.check(password, SITA)


def test_the_same_letters_from_another_keyboard_are_the_same_password():
    assert passwords.matches(passwords.hashed("caf\u00e9 au lait noir"), "cafe\u0301 au lait noir")


def test_the_figures_are_the_ones_asked_for():
    kept = passwords.hashed("correct horse battery")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not passwords.is_dated(kept)
    assert not passwords.is_dated(passwords.NOBODYS)
    assert passwords.is_dated(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("x"))


def test_nobody_s_hash_opens_nothing():
    assert not passwords.matches(None, "correct horse battery")
    assert not passwords.matches("not a hash", "correct horse battery")


def test_who_waits_too_long_for_a_free_desk_is_told_so(monkeypatch):
    monkeypatch.setattr(passwords, "PATIENCE", 0.01)
    inside, leave = threading.Barrier(passwords.AT_ONCE + 1), threading.Event()

    class Slow(PasswordHasher):
        def verify(self, *_args):
            inside.wait(5)
            return leave.wait(5)

    monkeypatch.setattr(passwords, "hasher", Slow())
    threads = [
        threading.Thread(target=passwords.matches, args=(None, "x")) for _each in range(passwords.AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    inside.wait(5)
    with pytest.raises(passwords.Busy):
        passwords.matches(None, "x")
    leave.set()
    for thread in threads:
        thread.join()
