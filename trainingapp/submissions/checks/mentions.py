"""Countries that a text names, in the languages of the app and by their other names. Pure.

A name is found as whole words, the longest first: Papua New Guinea is no Guinea, and "Laotian" is no Laos.
In scripts with capitals it begins with one: a jersey is no island, and a turkey no country.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from trainingapp import countries

LANGUAGES = ("en", "id", "fr", "fa_AF")
_WORD = re.compile(
    r"\w[\w\u0300-\u036f\u064b-\u0652]*(?:[\u200c'\u2019`.]\w[\w\u0300-\u036f\u064b-\u0652]*)*"
)
_ELISION = re.compile(r"^[dlDL]['\u2019`](?=\w)")  # l'Indonésie
_POSSESSIVE = re.compile(r"['\u2019`]s$")  # Nepal's
_INSIDE = re.compile(r"^(?P<before>[^()]+)\((?P<inside>[^()]+)\)$")  # Myanmar (Burma)
_ALSO_WORDS = {"america", "jersey", "maurice", "reunion"}  # Latin America; names and things, more often
_ACRONYM = 4  # letters; a short name in capitals is one only in capitals


@dataclass(frozen=True)
class _Word:
    """As it is compared: as it stands, and without what a language hangs on before or after it."""

    match: re.Match[str]
    plain: str
    bare: str  # l'Indonésie
    owner: str  # Nepal's
    may_begin: bool

    @classmethod
    def of(cls, match: re.Match[str]) -> "_Word":
        text = match[0]
        bare = _ELISION.sub("", text)
        plain, first = countries.key(text), bare[:1]
        return cls(
            match,
            plain,
            countries.key(bare) if bare != text else plain,
            countries.key(_POSSESSIVE.sub("", text)) if _POSSESSIVE.search(text) else plain,
            first.isupper() or (first.isalpha() and first.lower() == first.upper()),
        )


def named_in(text: str) -> dict[str, str]:
    """Code -> how it is written there first. What may mean several countries is left out."""
    plain = unicodedata.normalize("NFC", text)
    words = [_Word.of(match) for match in _WORD.finditer(plain)]
    found: dict[str, str] = {}
    place = 0
    while place < len(words):
        code, length = _longest(words, place)
        if code:
            written = plain[words[place].match.start() : words[place + length - 1].match.end()]
            found.setdefault(code, " ".join(written.split()))
        place += length
    return found


def _longest(words: list[_Word], place: int) -> tuple[str | None, int]:
    """The country whose name begins here, and how many words it takes."""
    names, most = _names()
    if not words[place].may_begin:
        return None, 1
    for length in range(min(most, len(words) - place), 0, -1):
        some = words[place : place + length]
        for form in _forms(some):
            codes, is_acronym = names.get(form, ((), False))
            if codes and (not is_acronym or all(word.match[0].isupper() for word in some)):
                return (codes[0] if len(codes) == 1 else None), length
    return None, 1


def _forms(some: list[_Word]) -> Iterator[str]:
    plain = [word.plain for word in some]
    yield " ".join(plain)
    if some[0].bare != some[0].plain:
        yield " ".join([some[0].bare, *plain[1:]])
    if some[-1].owner != some[-1].plain:
        yield " ".join([*plain[:-1], some[-1].owner])


@cache
def _names() -> tuple[dict[str, tuple[tuple[str, ...], bool]], int]:
    """Compared name -> (codes, whether it is an acronym), and the most words in one."""
    names: dict[str, tuple[tuple[str, ...], bool]] = {}
    for name, codes in countries.spellings(LANGUAGES):
        parts = _INSIDE.match(name)
        for spelled in (name, *(parts.groups() if parts and len(codes) == 1 else ())):
            plain = countries.key(spelled)
            is_acronym = len(plain) <= _ACRONYM and spelled.isupper()
            if plain and plain not in _ALSO_WORDS:
                names.setdefault(plain, (codes, is_acronym))
    return names, max(len(name.split()) for name in names)
