"""One rule of the standard, and where it is asked. Its kinds are in rule_kinds.py."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from lxml import etree

from trainingapp.impact.iati.opening import Element
from trainingapp.impact.iati.verdict import Finding

Broken = tuple[Element, str]  # where, and what is wrong in a sentence


@dataclass(frozen=True)
class At:
    """The element that is judged, by what is the case now."""

    element: Element
    now: datetime
    each: str = ""  # of a loop: the vocabulary whose rules are asked


class Path:
    """An XPath with the text and the element of each thing it finds."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("'$1'", "$each")
        self._find = etree.XPath(self.text)

    def __call__(self, at: At) -> Any:
        return self._find(at.element, each=at.each) if "$each" in self.text else self._find(at.element)

    def found(self, at: At) -> list[tuple[Element, str]]:
        """A text without words is nothing; an element is something anyhow."""
        found = []
        for thing in self(at):
            if etree.iselement(thing):
                found.append((thing, "".join(thing.itertext())))
            elif thing.strip():
                found.append((thing.getparent(), str(thing)))
        return found


class Rule(ABC):
    kind: ClassVar[str]

    def __init__(self, case: dict[str, Any]) -> None:
        self.id: str = case["id"]
        self.is_problem = case["severity"] == "error"
        self.condition = Path(case["condition"]) if "condition" in case else None
        self.paths = [Path(text) for text in case.get("paths", ())]
        self.prepare(case)

    def prepare(self, case: dict[str, Any]) -> None:  # noqa: B027 - most kinds have no more than paths
        """What only this kind has."""

    def judged(self, at: At) -> Iterator[tuple[Element, Finding]]:
        if self.condition is None or self.condition(at):
            for where, reason in self.broken(at):
                yield where, Finding(reason, detail=f"rule {self.id}", is_problem=self.is_problem)

    @abstractmethod
    def broken(self, at: At) -> Iterator[Broken]: ...

    def all_found(self, at: At) -> list[tuple[Element, str]]:
        return [pair for path in self.paths for pair in path.found(at)]
