"""What was found so far in one reply: what is said, what is unclear, and what contradicts or takes back."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from trainingapp.replies import grammar
from trainingapp.replies.vocabulary import fold

SHOWN = 300  # characters of what is asked back
WHOLE = 100  # percent


@dataclass(frozen=True)
class Said:
    """About one activity. A state is there only if she wrote a word for it."""

    number: int = 0
    state: str | None = None  # of plans.models.ActivityState
    percent: int | None = None
    blocker: str | None = None
    note: str = ""
    is_same: bool = False  # as she said last time

    @property
    def is_odd(self) -> bool:
        """Done, and 60 %."""
        share = self.percent
        return share is not None and (
            (self.state == "done" and share != WHOLE) or (self.state == "not_started" and share > 0)
        )


@dataclass(frozen=True)
class Reading:
    said: tuple[Said, ...] = ()
    unclear: tuple[str, ...] = ()  # in her own words
    wish: str | None = None  # help, stop, not_me, moved


@dataclass(frozen=True)
class Clause:
    numbers: list[int]
    said: Said  # for each of them
    end: int


class Found:
    def __init__(self, activities: Mapping[int, str]) -> None:
        self.activities = {number: fold(text) for number, text in activities.items()}
        self.numbers = sorted(activities)
        self.said: dict[int, Said] = {}
        self.contradicted: set[int] = set()
        self.unclear: list[str] = []
        self.last: tuple[Clause, str] | None = None
        self.closed_at: int | None = None  # how much was unclear when she said goodbye

    @property
    def is_fresh(self) -> bool:
        return not self.said and not self.unclear

    def number_of(self, quoted: str) -> int:
        """Of the activity that the quoted line names; 0 for any other line."""
        found = re.match(r"\W*(\d{1,2})[.)]?\s+(.+)", fold(quoted))
        if found is None:
            return 0
        known = self.activities.get(int(found[1]), "")
        return int(found[1]) if known and found[2].strip()[:12] == known[:12] else 0

    def add(self, clause: Clause, words: str) -> None:
        self.closed_at = None
        if not clause.numbers or set(clause.numbers) - set(self.numbers):
            self.ask(words)
            return
        self.last = clause, words
        for number in clause.numbers:
            self._keep(replace(clause.said, number=number), words)

    def _keep(self, said: Said, words: str) -> None:
        before = self.said.get(said.number)
        joined = _joined(before, said) if before else said
        if joined is None or said.number in self.contradicted:
            self.contradicted.add(said.number)
            self.said.pop(said.number, None)
            self.unclear.append(words)
        else:
            self.said[said.number] = joined

    def ask(self, words: str, *, is_joined: bool = False) -> None:
        """`is_joined` to what was understood just before, by a comma or "and": it may take that back."""
        flat = fold(words).strip(" .,;!")
        if not flat:
            return
        doubt = grammar.DOUBT.search(flat)
        is_about_it = is_joined and (doubt or grammar.states_in(flat) or re.search(r"[\d?]", flat))
        if self.last and (is_about_it or (doubt and doubt.start() == 0)):
            clause, before = self.last
            self._take_back(clause.numbers)
            words = (
                f"{before.strip()} … {words.strip()}"
                if not is_joined
                else f"{before.strip()}, {words.strip()}"
            )
        elif doubt or grammar.states_in(flat):  # "1 is not done", of a step that another line calls done
            head = grammar.HEAD.match(flat)
            self._take_back(map(int, re.findall(r"\d+", head[1]) if head else ()))
        self.last = None
        self.unclear.append(words.strip()[:SHOWN])

    def _take_back(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self.said.pop(number, None)
            self.contradicted.add(number)

    def closing(self) -> None:
        if self.closed_at is None:
            self.closed_at = len(self.unclear)

    def reading(self) -> Reading:
        unclear = self.unclear if self.closed_at is None or self.is_fresh else self.unclear[: self.closed_at]
        if self.said and unclear and self.closed_at is None and _is_name(unclear[-1]):
            unclear = unclear[:-1]
        return Reading(
            tuple(self.said[number] for number in sorted(self.said)), tuple(dict.fromkeys(unclear))
        )


def _is_name(words: str) -> bool:
    flat = fold(words)
    return (
        bool(grammar.NAME.fullmatch(words))
        and words[:1].isupper()
        and not (grammar.states_in(flat) or grammar.DOUBT.search(flat))
    )


def _joined(one: Said, other: Said) -> Said | None:
    """Both together, None where they contradict each other."""
    pairs = ((one.state, other.state), (one.percent, other.percent), (one.blocker, other.blocker))
    if one.is_same != other.is_same or any(None not in pair and pair[0] != pair[1] for pair in pairs):
        return None
    note = one.note if other.note in {"", one.note} else f"{one.note}; {other.note}".strip("; ")
    both = replace(
        one,
        state=one.state or other.state,
        percent=other.percent if one.percent is None else one.percent,
        blocker=one.blocker or other.blocker,
        note=note,
    )
    return None if both.is_odd else both
