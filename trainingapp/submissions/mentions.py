"""Countries that a text names, in the languages of the app and by their other names. Pure.

A name is found as whole words, the longest first: Papua New Guinea is no Guinea, and "Laotian" is no Laos.
In scripts with capitals it begins with one: a jersey is no island, and a turkey no country.
"""

import re
import unicodedata
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


def named_in(text: str) -> dict[str, str]:
    """Code -> how it is written there first. What may mean several countries is left out."""
    plain = unicodedata.normalize("NFC", text)
    matches = list(_WORD.finditer(plain))
    words = [match[0] for match in matches]
    found: dict[str, str] = {}
    place = 0
    while place < len(words):
        code, length = _longest(words, place)
        if code:
            written = plain[matches[place].start() : matches[place + length - 1].end()]
            found.setdefault(code, " ".join(written.split()))
        place += length
    return found


def _longest(words: list[str], place: int) -> tuple[str | None, int]:
    names, most = _names()
    if not _may_begin(words[place]):
        return None, 1
    for length in range(min(most, len(words) - place), 0, -1):
        some = words[place : place + length]
        for form in _forms(some):
            known = names.get(form)
            if known is None or (known[1] and not all(word.isupper() for word in some)):
                continue
            return (known[0][0] if len(known[0]) == 1 else None), length
    return None, 1


def _may_begin(word: str) -> bool:
    first = _ELISION.sub("", word)[:1]
    return first.isupper() or first.lower() == first.upper()


def _forms(some: list[str]) -> set[str]:
    """As they stand, and without what a language hangs on."""
    bare = [_ELISION.sub("", some[0]), *some[1:]]
    every = (some, bare, [*some[:-1], _POSSESSIVE.sub("", some[-1])])
    return {countries.key(" ".join(each)) for each in every}


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
