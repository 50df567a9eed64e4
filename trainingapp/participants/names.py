"""Names as they can be compared and sorted. For display a name is never touched."""

import re
from collections.abc import Iterable

from anyascii import anyascii

SHORTEST = 1
LONGEST = 60
LONGEST_SORTED = 220


def latin(text: str) -> str:
    """Lower-case Latin letters, digits and single spaces, whatever the script."""
    return " ".join(re.findall(r"[a-z0-9]+", anyascii(text).lower()))


def sorted_as(name: str) -> str:
    """By which lists are in order. One letter of another script may be five of ours."""
    return (latin(name) or name.lower())[:LONGEST_SORTED]


def words(texts: Iterable[str | None]) -> set[str]:
    """The search words of all of a person's names."""
    found: set[str] = set()
    for text in texts:
        found.update(word[:LONGEST] for word in latin(text or "").split() if len(word) >= SHORTEST)
    return found
