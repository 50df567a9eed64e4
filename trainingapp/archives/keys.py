"""Keys and values made of what people wrote."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from anyascii import anyascii

from trainingapp.archives.maps import LONGEST_KEY
from trainingapp.archives.shapes import is_other, plain
from trainingapp.surveys.question_types import OTHER

_ROOM = 4  # for a number after a key that is taken
_LONGEST_VALUE = 40


def slug(text: str, longest: int = LONGEST_KEY - _ROOM) -> str:
    """snake_case, cut between words: "How useful was it?" -> how_useful_was_it."""
    words = re.findall(r"[a-z0-9]+", anyascii(text).casefold())
    found = ""
    for word in words:
        if len(found) + len(word) >= longest:
            break
        found = f"{found}_{word}" if found else word
    found = found or (words[0][:longest] if words else "question")
    return found if found[0].isalpha() else f"q_{found}"


def values(texts: Sequence[str]) -> dict[str, str]:
    """Text -> a value of its own; texts that differ in case or marks only are one choice."""
    found: dict[str, str] = {}
    by_plain: dict[str, str] = {}
    for text in texts:
        if is_other(text):
            by_plain[plain(text)] = OTHER
        elif plain(text) not in by_plain:
            by_plain[plain(text)] = free(slug(text, _LONGEST_VALUE), {OTHER, *by_plain.values()})
        found[text] = by_plain[plain(text)]
    return found


def free(name: str, taken: Any) -> str:
    """The name, with a number where it is taken."""
    number, found = 2, name
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found


def as_options(named: Mapping[str, str]) -> list[dict[str, Any]]:
    """Choices or rows of a question, from text -> value. "Something else" is none of them."""
    shown: dict[str, str] = {}
    for text, value in named.items():
        if value != OTHER:
            shown.setdefault(value, text)
    return [{"value": value, "text": {"en": text}} for value, text in shown.items()]
