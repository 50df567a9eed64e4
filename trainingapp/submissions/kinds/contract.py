"""What a kind of submission is. Each is a class, listed in kinds/__init__.py."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import ClassVar

from flask_babel import LazyString

from trainingapp.submissions.checks.findings import Check, Entry, Finding, found
from trainingapp.submissions.fields import Field, Value
from trainingapp.submissions.held import Background


class Kind(ABC):
    key: ClassVar[str]
    name: ClassVar[LazyString]
    about: ClassVar[LazyString]  # where it is handed in, and what it is good for
    fields: ClassVar[tuple[Field, ...]]  # in the platform's order
    checks: ClassVar[tuple[Check, ...]]
    joined: ClassVar[Mapping[str, tuple[str, str]]] = {}  # a label of published entries -> first, last year

    def field(self, key: str) -> Field:
        return next(one for one in self.fields if one.key == key)

    def blank(self) -> dict[str, Value]:
        return {one.key: one.blank for one in self.fields}

    def found(self, entry: Entry) -> list[Finding]:
        return found(entry, self.checks)

    @abstractmethod
    def propose(self, known: Background) -> Iterable[tuple[str, Value]]:
        """(field, text) from what we hold, in the language of the moment; nothing that we do not hold."""
