"""What the values of one column look like: a scale in words, several choices in a cell, numbers, days."""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

from trainingapp.surveys.numerals import read_number

MISSING = ("NA", "N/A", "n/a", "#N/A", "NaN", "NULL", "null", "-", "--", "\u2013", "\u2014")
MARKS = ("\n", ";", "|", ",")  # between several choices in a cell
MOST_CHOICES = 40
MOST_POINTS = 11
USUAL_TOP = (4, 5, 7, 10)  # points of a scale that was answered up to there or below
_LONGEST_CHOICE = 250
_FEW, _MANY = 5, 30  # answers: what one of many wrote is no choice, what one of few wrote may be one
_LEADING_POINT = re.compile(
    r"\(?(\d{1,2})\s*(?:\)|[-\u2013\u2014:=.]|\()\s*\D.*"
)  # "4 - Good", "5 (very satisfied)"
_CODE = re.compile(r"0\d")
_MILLIONS = re.compile(r"\d{1,3}(?:[.,'\u2019\s]\d{3}){2,}")
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_TELEPHONE = re.compile(r"\+\d[\d\s().-]{7,18}")
_OF_PEOPLE = {"person", "respondent"}
_ASIDE = re.compile(  # "Your full name (as in passport)"
    r"(?i)^(?:(?:please )?(?:enter|write|type|give) )?(?:what is )?(?:your )?|\s*\([^()]*\)"
)
_OUTSIDE_BRACKETS = r"{}(?![^()]*\))"  # a comma in "(e.g. CSV, JSON)" parts nothing


_QUOTES = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")


def plain(text: str) -> str:
    """For comparison: without case, marks, quotes' shapes and spaces around."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    folded = folded.translate(_QUOTES)
    return " ".join(re.sub(r"[_\s]+", " ", folded).split()).strip(" .:;!?*")


@cache
def vocabulary() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text(encoding="utf-8"))


@cache
def _scales() -> list[dict[str, int]]:
    """Each scale's words with their points, 1 the lowest."""
    return [
        {plain(word): point for point, words in enumerate(levels, 1) for word in words}
        for levels in vocabulary()["scales"].values()
    ]


@cache
def _words(section: str, name: str) -> frozenset[str]:
    return frozenset(plain(word) for word in vocabulary()[section][name])


def is_called(heading: str, name: str) -> bool:
    """Whether a form service, or people, head a column of that use so, perhaps in two languages.

    KoboToolbox writes the groups before the name: "about_you/name".
    """
    known = _words("headings", name)
    if name in _OF_PEOPLE:
        heading = _ASIDE.sub("", heading)
    if " " not in heading:
        return plain(heading.rpartition("/")[2]) in known
    return plain(heading) in known or all(plain(part) in known for part in heading.split("/"))


def are_ways_to_people(cells: Sequence[str]) -> bool:
    """Whether most are e-mail addresses or telephone numbers, whatever they are headed."""
    return 2 * sum(bool(_ADDRESS.fullmatch(one) or _TELEPHONE.fullmatch(one)) for one in cells) > len(cells)


def is_other(text: str) -> bool:
    return plain(text) in _words("other", "words")


def is_total(text: str) -> bool:
    """Whether a row that begins so sums up those above it."""
    return plain(text) in _words("total", "words")


def own_words(text: str) -> str:
    """Of "Other: a shop of my own"; "" where the text does not begin so."""
    before, _colon, words = text.partition(":")
    return words.strip() if is_other(before) else ""


def has_no_view(text: str) -> bool:
    """Such as "I do not know": it is no point of a scale."""
    return plain(text) in _words("no_view", "words")


def asks_for_words(heading: str) -> bool:
    """Whether people were asked to write, whatever they wrote."""
    words = f" {plain(heading)} "
    return any(part in words for part in vocabulary()["open"]["words"])


def language_of(text: str) -> str | None:
    """As a form service names it: "English (United States)", "id"."""
    name = plain(text.partition("(")[0])
    return next((tag for tag in vocabulary()["languages"] if name in _words("languages", tag)), None)


def level_of(heading: str) -> str:
    words = plain(heading)
    for level, parts in vocabulary()["levels"].items():
        if any(part in words for part in parts):
            return str(level)
    return "reaction"


def yes_no(values: Iterable[str]) -> dict[str, str] | None:
    """Value as it stands -> yes or no, when it is nothing but these."""
    found = {}
    for value in values:
        word = next((word for word in ("yes", "no") if plain(value) in _words("yes_no", word)), None)
        if word is None:
            return None
        found[value] = word
    return found or None


def points_in_words(values: Sequence[str]) -> dict[str, int] | None:
    """Value -> point from 1 to 5, when all are words of one scale; of one point the English word first."""
    for scale in _scales():
        if len(values) > 1 and all(plain(value) in scale for value in values) and not _merges(values, scale):
            order = list(scale)
            listed = sorted(values, key=lambda value: order.index(plain(value)))
            return {value: scale[plain(value)] for value in listed}
    return None


def _merges(values: Sequence[str], scale: Mapping[str, int]) -> bool:
    """Whether two of one point are two answers, not one in two languages: "agree" and "somewhat agree"."""
    at_points: dict[int, set[str]] = {}
    for value in values:
        at_points.setdefault(scale[plain(value)], set()).add(plain(value))
    pairs = (pair for said in at_points.values() for pair in combinations(said, 2))
    return any(set(one.split()) & set(other.split()) for one, other in pairs)


def points_in_front(values: Sequence[str]) -> dict[str, int] | None:
    """Value -> its leading number, as in "4 - Good"; often only the ends of a scale bear words."""
    found = {}
    for value in values:
        leading = _LEADING_POINT.fullmatch(value)
        if not leading and not (value.isdecimal() and len(value) <= len("10")):
            return None
        found[value] = int(leading[1] if leading else value)
    has_words = any(not value.isdecimal() for value in values)
    return found if has_words and len(set(found.values())) == len(found) <= MOST_POINTS else None


def numbers(values: Iterable[str], decimals: int = 9) -> list[float] | None:
    """All of them, when all are. What begins with 0 is a code: a postcode, a telephone."""
    try:
        found = [read_number(value, decimals) for value in values]
    except ValueError:
        return None
    return None if any(_CODE.match(value) for value in values) else found


def thousands(values: Iterable[str]) -> list[float] | None:
    """Such as "12,500", which could be twelve and a half but for a "1,200,000" beside it."""
    is_clear = any(_MILLIONS.fullmatch(value) for value in values)
    return numbers(values, 0) if is_clear else None


def parts(cell: str, separator: str) -> list[str]:
    """The choices in one cell."""
    pieces = re.split(_OUTSIDE_BRACKETS.format(re.escape(separator)), cell)
    return [piece.strip() for piece in pieces if piece.strip()]


def rejoined(pieces: Sequence[str], mark: str, known: Container[str]) -> list[str]:
    """Pieces of a choice that has the mark in its own words are one again, where that is `known`."""
    found, at = [], 0
    glue = mark if mark.isspace() else f"{mark} "
    while at < len(pieces):
        ends = range(len(pieces), at, -1)
        end = next((end for end in ends if plain(glue.join(pieces[at:end])) in known), at + 1)
        found.append(glue.join(pieces[at:end]))
        at = end
    return found


def with_marks_inside(cells: Sequence[str], mark: str) -> list[str]:
    """Choices that have the mark in their own words: "Films, videos" is never there in halves.

    The second half begins with a small letter, where choices begin with capitals.
    """
    split = [parts(cell, mark) for cell in cells]
    alone = Counter(piece for pieces in split for piece in pieces)
    pairs = Counter(pair for pieces in split for pair in pairwise(pieces))
    has_capitals = 2 * sum(count for piece, count in alone.items() if piece[:1].isupper()) > alone.total()
    return [
        f"{one}{mark} {other}"
        for (one, other), count in pairs.items()
        if has_capitals and other[:1].islower() and count == alone[one] == alone[other] > 1
    ]


def separator(cells: Sequence[str]) -> str:
    """Between several choices in a cell: ";" of Microsoft Forms, "," of Google Forms, or nothing.

    There are several where splitting leaves fewer different texts than there were, each used again.
    """
    whole = Counter(cells)
    for mark in MARKS:
        split = [parts(cell, mark) for cell in cells]
        found = Counter(part for pieces in split for part in pieces if not own_words(part))
        has_several = any(len(pieces) > 1 for pieces in split)
        if not has_several or not found or len(found) > MOST_CHOICES:
            continue
        # Microsoft Forms ends each cell with the mark
        ends = mark == ";" and all(cell.endswith(mark) for cell in cells)
        is_reused = sum(found.values()) >= 2 * len(found)
        is_unusual = mark in "\n|"  # within a sentence
        if ends or (is_reused and (is_unusual or len(found) < len(whole))):
            return mark
    return ""


def choices(counted: Mapping[str, int]) -> tuple[list[str], list[str]] | None:
    """Those offered, the most frequent first, and what people wrote of their own; None for words only."""
    total = sum(counted.values())
    rare = [value for value, count in counted.items() if count == 1]
    often = [value for value, _count in Counter(counted).most_common() if value not in rare]
    has_own_words = (total >= _MANY and len(often) > 1) or len(rare) > max(2, len(often))
    own = rare if has_own_words else []
    offered = often + [value for value in rare if value not in own]
    if not offered or len(offered) > MOST_CHOICES or max(map(len, offered)) > _LONGEST_CHOICE:
        return None
    is_chosen_again = len(offered) < total if total <= _FEW else 2 * len(offered) <= total
    is_usual = 2 * sum(counted[value] for value in offered) >= total
    return (offered, own) if is_chosen_again and is_usual else None
