"""Two devices, one draft: question by question, the one that was touched later is right."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Touches = Mapping[str, Any]  # field -> [second since 1970 in which it was touched, revision of the draft]


@dataclass(frozen=True)
class Device:
    """What a posted page says of itself."""

    seen: int = 0  # the revision of the draft that it showed
    touched: Mapping[str, int] | None = None  # field -> second; none: without script a page cannot tell

    def loses(self, touches: Touches, fields: Mapping[str, bool]) -> set[str]:
        """Which of these fields another device knows better. Their truth: something was answered here."""
        return {name for name, answered in fields.items() if self._loses(touches.get(name), name, answered)}

    def _loses(self, stored: tuple[int, int] | None, name: str, answered: bool) -> bool:
        if stored is None:
            return False
        second, revision = stored
        if self.touched is None:
            return revision > self.seen and not answered
        if name in self.touched:
            return second > self.touched[name]
        return revision > self.seen


def key(line: str) -> str:
    """Of a line of the plan, by its name on the page: a-7 is a7."""
    return line.replace("-", "", 1)


def revision(touches: Touches) -> int:
    return max((number for _second, number in touches.values()), default=0)


def since(touches: Touches, seen: int) -> set[str]:
    """What was touched after that revision."""
    return {name for name, (_second, number) in touches.items() if number > seen}


def touch(touches: Touches, device: Device, fields: Iterable[str], second: int) -> dict[str, Any]:
    """With these fields as touched on the device, in a new revision; `second` where it cannot tell when."""
    number = revision(touches) + 1
    when = device.touched or {}
    return {**touches, **{name: [when.get(name, second), number] for name in fields}}
