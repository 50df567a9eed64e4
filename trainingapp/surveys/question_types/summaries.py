"""What the answers to one question come to."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Counted:
    """How many people gave this value."""

    choice: str
    number: float | None
    count: int
    item: str = ""


@dataclass(frozen=True)
class Line:
    """One bar of a chart."""

    value: str
    text: str
    count: int


@dataclass(frozen=True)
class Row:
    """One item of a question that asks the same of several."""

    value: str
    text: str
    people: int
    lines: list[Line] = field(default_factory=list)
    mean: float | None = None


@dataclass(frozen=True)
class Summary:
    """`people` answered it; they may have given several values each."""

    people: int
    lines: list[Line] = field(default_factory=list)
    mean: float | None = None
    median: float | None = None
    total: float | None = None
    unit: str = ""
    ends: tuple[str, str] | None = None  # what the lowest and the highest point of a scale mean
    has_words: bool = False  # answers are to be read one by one
    rows: list[Row] = field(default_factory=list)


class Spread:
    """Of numbers that come with how often each was given."""

    def __init__(self, counted: Iterable[Counted]) -> None:
        pairs = sorted((value.number, value.count) for value in counted if value.number is not None)
        self.count = sum(count for _number, count in pairs)
        self.total = sum(number * count for number, count in pairs) if pairs else None
        self.mean = self.total / self.count if self.total is not None and self.count else None
        self.median = self._at(pairs) if self.count else None

    def _at(self, pairs: list[tuple[float, int]]) -> float:
        """The middle value, or half-way between the two in the middle."""
        middle = ((self.count - 1) // 2, self.count // 2)
        found = []
        for wanted in middle:
            seen = 0
            for number, count in pairs:
                seen += count
                if wanted < seen:
                    found.append(number)
                    break
        return sum(found) / len(found)
