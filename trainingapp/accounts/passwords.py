"""Passwords: Argon2id with OWASP's figures, two at a time, and which ones are too easy to guess.

Its slowness is the point, so it is also a way to exhaust the server: whoever waits too long gets `Busy`.
"""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask_babel import gettext as _

from trainingapp.accounts import sessions
from trainingapp.accounts.models import User
from trainingapp.refusals import Refusal

SHORTEST = 12
LONGEST = 256
AT_ONCE = 2
PATIENCE = 5.0  # seconds

hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# Made with the same figures from a random text nobody kept: checking it takes as long as checking any other.
NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$zw6yW22nhssAEvz7W97WOQ$2/VVPhDnz82esOzQBMG1BaGHNvr7f/3Xy9bZt0RktAQ"

_desks = BoundedSemaphore(AT_ONCE)

# What people begin with. With the person's own words and every run taken out, enough must remain.
_COMMON = (
    *("password", "passwort", "passw0rd", "katasandi", "sandi", "rahasia", "secret", "letmein", "welcome"),
    *("selamatdatang", "admin", "administrator", "login", "changeme", "default", "iloveyou", "sayang"),
    *("bismillah", "merdeka", "garuda", "indonesia", "jakarta", "colombo", "training", "pelatihan"),
    *("lanjut", "user", "test", "dragon", "monkey", "football", "sunshine", "princess", "master"),
)
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv",
)
_LOOKALIKES = str.maketrans("0134578@$!", "oieastbasi")
_ENOUGH = 7  # characters that are neither a known word nor part of a run
_DIFFERENT = 5
_SHORTEST_WORD = 4
_RUN = 4


class Busy(Exception):
    """Too many passwords are being checked at this moment; nothing was decided."""


class PasswordTooShort(Refusal):
    pass


class PasswordTooLong(Refusal):
    pass


class PasswordTooEasy(Refusal):
    pass


def hashed(password: str) -> str:
    """Raises Busy."""
    with _a_desk():
        return hasher.hash(_same_everywhere(password))


def change(user: User, password: str) -> None:
    """Every session ends with the old one. Whether it is easy to guess was asked before. Raises Busy."""
    user.password_hash = hashed(password)
    sessions.end_all(user)


def matches(password_hash: str | None, password: str) -> bool:
    """Takes the same time whether there is a hash or not. Raises Busy."""
    with _a_desk():
        try:
            found = hasher.verify(password_hash or NOBODYS, _same_everywhere(password))
        except (VerifyMismatchError, InvalidHashError):
            return False
    return found and password_hash is not None


def is_dated(password_hash: str) -> bool:
    """Whether it was made with other figures than today's."""
    return hasher.check_needs_rehash(password_hash)


def check(password: str, about: list[str], field: str = "password") -> None:
    """`about` are texts an attacker knows: name, e-mail address. Raises a Refusal at `field`."""
    if len(password) < SHORTEST:
        raise PasswordTooShort(
            _(
                "Use at least %(count)s characters. Three or four words that you can remember are good.",
                count=SHORTEST,
            ),
            field,
        )
    if len(password) > LONGEST:
        raise PasswordTooLong(_("Use at most %(count)s characters.", count=LONGEST), field)
    plain = _same_everywhere(password).lower()
    known = _words(about) | set(_COMMON)
    if min(_remains(plain, known), _remains(plain.translate(_LOOKALIKES), known)) < _ENOUGH:
        raise PasswordTooEasy(
            _(
                "This is one of the first that somebody would try: it is mostly your name, a common word or "
                "a row of keys. Three or four words that have nothing to do with each other are good."
            ),
            field,
        )


def _remains(text: str, known: set[str]) -> int:
    """How many characters are left when known words, runs and repetitions are taken out."""
    if len(set(text)) < _DIFFERENT:
        return 0
    text = re.sub(r"^(.{1,6}?)\1+$", r"\1", text)
    for word in sorted(known, key=len, reverse=True):
        text = text.replace(word, "")
    text = re.sub(r"(.)\1{2,}", "", text)
    return len(_without_runs(text))


def _without_runs(text: str) -> str:
    """Without pieces of four or more that stand in a row on a keyboard or in the alphabet."""
    kept = ""
    while text:
        size = max((_run_at(text, row) for row in _both_ways()), default=0)
        kept += "" if size >= _RUN else text[0]
        text = text[size if size >= _RUN else 1 :]
    return kept


def _run_at(text: str, row: str) -> int:
    size = 0
    while size < len(text) and text[: size + 1] in row:
        size += 1
    return size


def _both_ways() -> Iterator[str]:
    for row in _ROWS:
        yield row
        yield row[::-1]


def _words(about: list[str]) -> set[str]:
    found = {word for text in about for word in re.findall(r"\w+", text.lower())}
    joined = {re.sub(r"\W+", "", text.lower()) for text in about}
    return {word for word in found | joined if len(word) >= _SHORTEST_WORD}


def _same_everywhere(password: str) -> str:
    """One keyboard sends é as one character, another as two."""
    return unicodedata.normalize("NFKC", password)


@contextmanager
def _a_desk() -> Iterator[None]:
    if not _desks.acquire(timeout=PATIENCE):
        raise Busy
    try:
        yield
    finally:
        _desks.release()
