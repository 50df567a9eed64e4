"""What is wrong with a text before it is handed in: one sentence each, at its field. Pure.

A check is a callable that reads an entry; each kind lists its own. None of them refuses: whoever hands it in
has read them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from trainingapp.submissions.fields import Field, Prose, Value
from trainingapp.submissions.held import Held
from trainingapp.submissions.lists import Lists


class Weight(StrEnum):
    MISSING = "missing"  # the platform asks for it
    WRONG = "wrong"  # it contradicts itself, our record, or the form
    LOOK = "look"  # it may be meant so


@dataclass(frozen=True)
class Finding:
    field: str  # its key
    weight: Weight
    text: str


@dataclass(frozen=True)
class Entry:
    """What checks read."""

    fields: tuple[Field, ...]
    texts: Mapping[str, Value]
    languages: Mapping[str, str]
    lists: Lists
    today: date
    held: Held | None = None  # none of somebody else's programme
    labels: Mapping[str, str] = field(default_factory=dict)  # field -> language of its published label

    def field_of(self, key: str) -> Field:
        return next(one for one in self.fields if one.key == key)

    def text(self, key: str) -> str:
        return str(self.texts.get(key, ""))

    def many(self, key: str) -> list[str]:
        return list(self.texts.get(key, []))

    def rows(self, key: str) -> list[Mapping[str, str]]:
        return list(self.texts.get(key, []))

    def prose(self) -> Iterator[tuple[Prose, str]]:
        for one in self.fields:
            if isinstance(one, Prose) and self.text(one.key):
                yield one, self.text(one.key)


Check = Callable[[Entry], Iterable[Finding]]


def found(entry: Entry, checks: Iterable[Check]) -> list[Finding]:
    """In the order of the form, the heaviest of a field first."""
    place = {one.key: number for number, one in enumerate(entry.fields)}
    every = [finding for check in checks for finding in check(entry)]
    weights = list(Weight)
    return sorted(every, key=lambda finding: (place[finding.field], weights.index(finding.weight)))
