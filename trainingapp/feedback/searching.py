"""Words found in comments as people write them: with and without accents, Arabic or Persian letters."""

import unicodedata

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

MOST_WORDS = 6

# Arabic letters that stand for Persian ones, in pairs
_PERSIAN = dict(
    zip(
        "\u064a\u0649\u0643\u0629\u0623\u0625\u0671\u0624",
        "\u06cc\u06cc\u06a9\u0647\u0627\u0627\u0627\u0648",
        strict=True,
    )
)
_DIGITS = {chr(start + n): str(n) for start in (0x660, 0x6F0) for n in range(10)}
_DROPPED = "\u200c\u200d\u0640" + "".join(map(chr, range(0x64B, 0x653)))  # joiners, tatweel, vowel signs


def _plain(letter: str) -> str:
    """Without accent, in lower case."""
    return unicodedata.normalize("NFKD", letter)[0].lower()


_letters = (chr(code) for code in range(0xC0, 0x530))  # Greek and Cyrillic too: SQLite lowers ASCII alone
_ACCENTED = {
    letter: _plain(letter) for letter in _letters if letter.isalpha() and _plain(letter) != letter
} | _PERSIAN
_FROM = "".join(_ACCENTED) + "".join(_DIGITS) + _DROPPED
_TO = "".join(_ACCENTED.values()) + "".join(_DIGITS.values())
_TABLE = str.maketrans(_FROM[: len(_TO)], _TO, _DROPPED)


def folded(text: str) -> str:
    return text.lower().translate(_TABLE)


def has_words(column: InstrumentedAttribute[str | None], text: str) -> sa.ColumnElement[bool]:
    """A WHERE clause: every word stands somewhere in it, in any order and any part of a word."""
    plain = sa.func.translate(sa.func.lower(column), _FROM, _TO)
    words = folded(text).replace("\0", "").split()[:MOST_WORDS]
    return sa.and_(sa.true(), *(plain.contains(word, autoescape=True) for word in words))
