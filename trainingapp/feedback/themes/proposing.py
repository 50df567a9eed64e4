"""Themes from the words of comments: which words count, what means the same, and what a group is called."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import snowballstemmer

from trainingapp.feedback.comments import languages
from trainingapp.feedback.themes import grouping_words, vocabulary

FEWEST = 15  # comments; fewer are sooner read than grouped
NAMED_BY = 2  # words
SHORTEST = 3  # letters of a word that counts
_STEMMERS = {"en": "english", "id": "indonesian", "fr": "french", "fa_AF": "persian"}
_SMALL = frozenset().union(*languages.SMALL_WORDS.values())


class NotGrouped(Exception):
    """It took too long or too much memory."""


@dataclass(frozen=True)
class Proposed:
    name: str
    words: list[str]  # as people wrote them
    places: list[int]  # of its comments, the clearest first


@cache
def _stemmer(language: str) -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer(_STEMMERS[language])


def marks(text: str) -> dict[str, str]:
    """What a word counts as -> as it was written. What means the same counts as one, in any language."""
    stemmer = _stemmer(languages.language_of(text) or "en")
    found: dict[str, str] = {}
    for word in languages.WORDS.findall(text):
        plain = word.lower()
        if plain in _SMALL or len(plain) < SHORTEST:
            continue
        meaning = vocabulary.meaning_of(plain)
        found.setdefault(f"={meaning}" if meaning else stemmer.stemWord(plain), plain)
    return found


def propose(texts: Sequence[str]) -> list[Proposed]:
    """The largest group first. Raises NotGrouped."""
    marked = [marks(text) for text in texts]
    return [
        Proposed(*_named(words, [marked[place] for place in places]), places)
        for words, places in _grouped([sorted(one) for one in marked])
    ]


def _grouped(comments: list[list[str]]) -> list[grouping_words.Group]:
    try:
        child = subprocess.run(  # noqa: S603 - our own script
            [sys.executable, "-I", grouping_words.__file__],
            input=json.dumps(comments),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=grouping_words.SECONDS,
            check=False,
            env={"PYTHONIOENCODING": "utf-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
    except subprocess.TimeoutExpired as slow:
        raise NotGrouped from slow
    if child.returncode:
        raise NotGrouped(child.stderr[-500:])
    return [(words, places) for words, places in json.loads(child.stdout)]


def _named(words: Sequence[str], inside: Sequence[dict[str, str]]) -> tuple[str, list[str]]:
    """By the words most of its comments share, each in the form that stands there most often."""
    forms = {word: Counter(one[word] for one in inside if word in one) for word in words}
    shared = sorted((word for word in words if forms[word]), key=lambda word: (-forms[word].total(), word))
    written = [max(sorted(forms[word]), key=forms[word].__getitem__) for word in shared]
    return ", ".join(written[:NAMED_BY]).capitalize(), written
