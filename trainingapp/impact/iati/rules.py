"""The standard ruleset: what no schema can say of an activity.

schemas/ruleset.json holds the rules as IATI keeps them; a kind of rule is a class here. Whether a breach is a
problem or only warns is the standard's own word. Left out is one rule that needs the list of every agency
that gives identifiers to organisations (1.14.8).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from trainingapp.impact.iati.opening import Element
from trainingapp.impact.iati.rule import At, Path
from trainingapp.impact.iati.rule_kinds import KINDS
from trainingapp.impact.iati.schema import SCHEMAS
from trainingapp.impact.iati.verdict import Finding

ACTIVITY = "/iati-activities/iati-activity"


class Rules:
    """Rules of one place of an activity, some for each of what a path finds there."""

    def __init__(self, kinds: dict[str, Any]) -> None:
        self.rules = [KINDS[kind](case) for kind, cases in kinds.items() if kind != "loop" for case in cases]
        self.loops = [(Path(loop["foreach"]), Rules(loop["do"])) for loop in kinds.get("loop", ())]

    def judged(self, at: At) -> Iterator[tuple[Element, Finding]]:
        for rule in self.rules:
            yield from rule.judged(at)
        for path, inner in self.loops:
            for each in dict.fromkeys(map(str, path(at))):
                yield from inner.judged(replace(at, each=each))


def judged(activity: Element, now: datetime) -> Iterator[tuple[Element, Finding]]:
    whole = At(activity, now)
    for place, rules in _rules():
        for element in place(whole):
            yield from rules.judged(At(element, now))


@cache
def _rules() -> Sequence[tuple[Path, Rules]]:
    data = json.loads((SCHEMAS / "ruleset.json").read_text(encoding="utf-8"))
    return [(_below(place), Rules(kinds)) for places, kinds in data.items() for place in places.split(" | ")]


def _below(place: str) -> Path:
    """Of the whole file's path the part that begins at the activity."""
    inside = place.removeprefix(ACTIVITY).removeprefix("/")
    return Path(f".//{inside.removeprefix('/')}" if place.startswith("//") else inside or ".")
