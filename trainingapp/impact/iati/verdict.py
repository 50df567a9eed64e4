"""What was found in a file, and whether it may come in."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

MOST = 1_000  # of each: who reads more, mends the file and asks again


@dataclass(frozen=True)
class Finding:
    reason: str
    line: int | None = None
    path: str = ""
    detail: str = ""  # in the parser's words, or the number of the rule
    activity: str = ""  # its identifier
    is_problem: bool = True  # else a warning

    @property
    def shown(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "is_problem"}


@dataclass
class Verdict:
    activities: int = 0
    problems: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    left_out: int = 0

    @property
    def is_accepted(self) -> bool:
        return not self.problems

    def add(self, findings: Iterable[Finding]) -> None:
        for one in findings:
            kept = self.problems if one.is_problem else self.warnings
            if len(kept) < MOST:
                kept.append(one)
            else:
                self.left_out += 1

    @property
    def shown(self) -> dict[str, Any]:
        """As JSON; the package says what it means."""
        return {
            "accepted": self.is_accepted,
            "activities": self.activities,
            "left_out": self.left_out,
            "problems": [one.shown for one in self.problems],
            "warnings": [one.shown for one in self.warnings],
        }
