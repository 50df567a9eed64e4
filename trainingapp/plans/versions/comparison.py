"""Two versions side by side as a person reads them: line by line, and in each line word by word."""

import itertools
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from trainingapp.plans.versions.content import LISTS, Document, diff

MOST_PAIRS = 250_000  # of words; texts that differ more are shown as one taken out and one put in


class Kind(StrEnum):
    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True)
class Piece:
    kind: Kind
    text: str


@dataclass(frozen=True)
class FieldChange:
    field: str
    before: list[Piece]  # without what is new
    after: list[Piece]  # without what is gone


@dataclass(frozen=True)
class LineChange:
    of: str  # "" is the plan itself
    line: Any
    was: int | None  # its place, from 1; none when it was not there
    now: int | None
    moved: bool
    fields: list[FieldChange]


def compare(old: Document, new: Document, said: Callable[[str, Any], str]) -> list[LineChange]:
    """Only what differs: the plan's own fields first, then each list in its new order, what went at its
    end. `said` writes a value of a field as a person reads it.
    """
    changes = diff(old, new)
    found = []
    own = [_field(c.field, c.before, c.after, said) for c in changes if not c.of]
    if own:
        found.append(LineChange("", None, None, None, moved=False, fields=own))
    for of in LISTS:
        was = {line["id"]: number for number, line in enumerate(old[of], 1)}
        now = {line["id"]: number for number, line in enumerate(new[of], 1)}
        moved = _moved([line for line in was if line in now], [line for line in now if line in was])
        fields: dict[Any, list[FieldChange]] = {line: [] for line in moved}
        for change in (change for change in changes if change.of == of and change.line is not None):
            fields.setdefault(change.line, []).extend(
                _fields(change.field, change.before, change.after, said)
            )
        found += [
            LineChange(of, line, was.get(line), now.get(line), line in moved, fields[line])
            for line in sorted(fields, key=lambda line: (line not in now, now.get(line) or was[line]))
        ]
    return found


def words(before: str, after: str) -> list[Piece]:
    """The pieces that make `before` (same and gone) and `after` (same and new)."""
    old, new = _tokens(before), _tokens(after)
    start = sum(
        1 for _same in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False))
    )
    rest = min(len(old), len(new)) - start
    ends = zip(reversed(old[start:]), reversed(new[start:]), strict=False)
    end = min(rest, sum(1 for _same in itertools.takewhile(lambda pair: pair[0] == pair[1], ends)))
    inside = _inside(old[start : len(old) - end], new[start : len(new) - end])
    pieces = [(Kind.SAME, old[:start]), *inside, (Kind.SAME, old[len(old) - end :])]
    return [Piece(kind, "".join(tokens)) for kind, tokens in pieces if tokens]


def _inside(old: list[str], new: list[str]) -> Iterator[tuple[Kind, list[str]]]:
    if len(old) * len(new) > MOST_PAIRS:
        yield from ((Kind.GONE, old), (Kind.NEW, new))
        return
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            yield Kind.SAME, old[a:b]
        else:
            yield from ((Kind.GONE, old[a:b]), (Kind.NEW, new[c:d]))


def _tokens(text: str) -> list[str]:
    """Words, spaces and marks. A vowel sign above or below its letter stays with its word."""
    return ["".join(letters) for _kind, letters in itertools.groupby(text, _kind_of)]


def _kind_of(letter: str) -> str:
    if letter.isspace():
        return " "
    return "word" if letter.isalnum() or unicodedata.category(letter)[0] == "M" else letter


def _fields(field: str, before: Any, after: Any, said: Callable[[str, Any], str]) -> list[FieldChange]:
    """One field; or, where a whole line came or went, each field of it that says something."""
    if field:
        return [_field(field, before, after, said)]
    old, new = before or {}, after or {}
    every = [_field(name, old.get(name), new.get(name), said) for name in {**old, **new} if name != "id"]
    return [change for change in every if change.before or change.after]


def _field(field: str, before: Any, after: Any, said: Callable[[str, Any], str]) -> FieldChange:
    pieces = words(said(field, before), said(field, after))
    return FieldChange(
        field,
        [piece for piece in pieces if piece.kind != Kind.NEW],
        [piece for piece in pieces if piece.kind != Kind.GONE],
    )


def _moved(before: Sequence[Any], after: Sequence[Any]) -> set[Any]:
    """The fewest lines that must move to get from one order to the other: all but a longest run that
    stands in the same order in both.
    """
    place = {line: number for number, line in enumerate(before)}
    ends: list[int] = []  # the smallest last place of a run of each length
    runs: list[int] = []  # for each line of `after`, the length of the longest run that ends with it
    for line in after:
        at = bisect_left(ends, place[line])
        ends[at : at + 1] = [place[line]]
        runs.append(at + 1)
    length, stays = len(ends), set()
    for line, run in zip(reversed(after), reversed(runs), strict=True):
        if run == length:
            stays.add(line)
            length -= 1
    return set(after) - stays
