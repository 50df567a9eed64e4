"""Countries: by whatever name people write, with their clock and their days of rest.

Names and codes come from CLDR (babel), zones from tzdata, both kept up to date by their publishers;
what neither knows stands in other_country_names.csv.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from flask_babel import get_locale
from rapidfuzz import fuzz, process

# Those of the editions' countries and of the large international languages; the first to claim a name has it.
_NAMED_IN = (
    *("en", "id", "fr", "es", "pt", "ru", "ar", "fa", "zh", "my", "lo", "km", "th", "vi", "ne", "dz", "si"),
    *("ta", "bn", "ur", "hi", "mn", "ms", "ko", "ja", "de", "uz", "tr"),
)
_OTHER_NAMES = Path(__file__).with_name("other_country_names.csv")
_LENGTH_OF_CODES = (2, 3)
_ALIKE = 75  # of 100; below it a suggestion would be a guess
_SUGGESTED = 3
_STYLES = {"the", "republic", "kingdom", "of", "federal", "democratic", "islamic", "socialist", "peoples"}
_INSIDE_WORDS = re.compile(r"(?<=\b\w)\.(?=\w\b)|['\u2019`]")  # U.S.A., d'Ivoire

_OWN_NAMES = {"LA": "Lao PDR", "MM": "Myanmar", "VN": "Viet Nam"}

# Where tzdata's first zone of several is not the capital's.
_CAPITAL_ZONES = {
    "AQ": "Antarctica/McMurdo",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "FM": "Pacific/Pohnpei",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}
# Where CLDR 47 still gives Saturday and Sunday: the weeks the governments themselves keep.
_WEEKENDS = {
    "BD": frozenset({4, 5}),
    "BN": frozenset({4, 6}),
    "DJ": frozenset({4, 5}),
    "MV": frozenset({4, 5}),
    "NP": frozenset({5}),
    "PS": frozenset({4, 5}),
}


@lru_cache(maxsize=2_000)  # a list names few countries many times
def find(text: str) -> str | None:
    """The ISO 3166-1 alpha-2 code of a country by any usual name or code; None when unknown or unclear."""
    plain = key(text)
    found = _codes().get(plain.upper()) if len(plain) in _LENGTH_OF_CODES else None
    if found:
        return found
    meant = _names().get(plain) or _names().get(_without_style(plain)) or ()
    return meant[0] if len(meant) == 1 else None


def suggestions(text: str) -> list[str]:
    """Codes of countries whose name is much like the text, likeliest first. Never taken for granted."""
    plain = key(text)
    unclear = _names().get(plain) or _names().get(_without_style(plain))
    if unclear:
        return list(unclear)
    alike = process.extract(plain, _names().keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=12)
    codes = [code for name, _score, _index in alike for code in _names()[name]]
    return list(dict.fromkeys(codes))[:_SUGGESTED]


def choices() -> list[tuple[str, str]]:
    """(code, name in the reader's language), in the order of that language's names."""
    return sorted(((code, name_of(code)) for code in _zones()), key=lambda choice: key(choice[1]))


def name_of(code: str) -> str:
    """In the reader's language; in Latin letters as the state itself signs, where CLDR differs."""
    locale = get_locale() or Locale("en")
    own = _OWN_NAMES.get(code) if locale.language in {"en", "id"} else None
    return own or locale.territories.get(code, code)


def spellings(languages: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(name, the codes it may mean) as names are written in these languages, and their other names; not what
    people are called: a Nepali is no Nepal.
    """
    with _OTHER_NAMES.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if not row["is"]:
                yield row["name"], tuple(row["codes"].split())
    for language in languages:
        for code, name in Locale.parse(language).territories.items():
            if code in _zones():
                yield name, (code,)


def exists(code: str) -> bool:
    return code in _zones()


def zone_of(code: str) -> str:
    """The capital's IANA zone; UTC for a code nobody knows."""
    return _CAPITAL_ZONES.get(code) or _zones().get(code, "UTC")


@cache
def weekend_of(code: str) -> frozenset[int]:
    """Days of rest, Monday = 0."""
    if code in _WEEKENDS:
        return _WEEKENDS[code]
    try:
        locale = Locale.parse(f"und_{code}")
    except (UnknownLocaleError, ValueError):
        return frozenset({5, 6})
    first, last = locale.weekend_start, locale.weekend_end
    return frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))


def key(text: str) -> str:
    """As names are compared: no accents, no case, no punctuation, single spaces; any script."""
    split = unicodedata.normalize("NFKD", text.replace("&", " and "))
    bare = "".join(letter for letter in split if unicodedata.category(letter) not in {"Mn", "Cf"})
    return " ".join(re.findall(r"\w+", _INSIDE_WORDS.sub("", bare.casefold())))


def _without_style(plain: str) -> str:
    """Republic of Indonesia is Indonesia; Republic of Korea stands in the list of other names."""
    return " ".join(word for word in plain.split() if word not in _STYLES)


@cache
def _zones() -> dict[str, str]:
    """Code -> first zone, for every country of ISO 3166-1."""
    text = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    zones: dict[str, str] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            code, _place, zone = line.split("\t")[:3]
            zones.setdefault(code, zone)
    return zones


@cache
def _codes() -> dict[str, str]:
    """ISO 3166-1 alpha-2 and alpha-3, and their withdrawn codes with one successor ("BUR", "UK")."""
    aliases = get_global("territory_aliases")
    single = {code: now[0] for code, now in aliases.items() if len(now) == 1 and now[0] in _zones()}
    return {code: now for code, now in single.items() if code.isalpha()} | {code: code for code in _zones()}


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """Compared name -> the code it means; several codes where it is unclear by itself ("Congo")."""
    names: dict[str, tuple[str, ...]] = {}
    with _OTHER_NAMES.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            names[key(row["name"])] = tuple(row["codes"].split())
    for language in _NAMED_IN:
        territories = Locale.parse(language).territories
        for code in _zones():
            if code in territories:
                names.setdefault(key(territories[code]), (code,))
    return names
