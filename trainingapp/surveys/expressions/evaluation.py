"""What a tree comes to. Total: there is a value for every tree and any values."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trainingapp import clock
from trainingapp.surveys.expressions.functions import FUNCTIONS, total
from trainingapp.surveys.expressions.values import LONGEST, Value, equal, number, truth
from trainingapp.surveys.expressions.values import text as as_text

Node = str | float | list[Any]  # a text, a number, or an operator or function with its parts


@dataclass(frozen=True)
class Surroundings:
    values: Mapping[str, Value]  # answers by question key
    here: Value  # "." is the answer that is being checked
    facts: Mapping[str, Value]  # of the choice that is being filtered
    at: datetime | None

    @property
    def moment(self) -> datetime:
        return self.at or clock.now()


def evaluate(tree: Node, around: Surroundings) -> Value:
    value = _of(tree, around)
    if isinstance(value, str):
        return value[:LONGEST]
    return value if isinstance(value, bool) or math.isfinite(value) else ""


def _of(node: Node, around: Surroundings) -> Value:  # noqa: PLR0911 - one line a form of node
    if not isinstance(node, list):
        return node
    name, *parts = node
    if name in {"$", "@"}:
        known = around.values if name == "$" else around.facts
        return known.get(parts[0], "")
    if name == ".":
        return around.here
    if name == "or":
        return any(truth(_of(part, around)) for part in parts)
    if name == "and":
        return all(truth(_of(part, around)) for part in parts)
    if name == "if":
        return _of(parts[1] if truth(_of(parts[0], around)) else parts[2], around)
    if name == "once":
        return around.here if as_text(around.here) != "" else _of(parts[0], around)
    if name in {"today", "now"}:
        return around.moment.date().isoformat() if name == "today" else _iso(around.moment)
    values = [_of(part, around) for part in parts]
    if name in FUNCTIONS:
        return FUNCTIONS[name].of(*values)
    return _operator(name, values)


def _iso(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="seconds")


def _operator(sign: str, values: list[Value]) -> Value:  # noqa: PLR0911 - one line a sign
    if sign in {"=", "!="}:
        return equal(values[0], values[1]) == (sign == "=")
    numbers = list(map(number, values))
    if sign == "neg":
        return -numbers[0]
    if sign == "+":
        return total(numbers)
    if sign == "*":
        return math.prod(numbers)
    left, right = numbers
    if sign == "-":
        return left - right
    if sign == "div":
        return left / right if right else _by_zero(left, right)
    if sign == "mod":
        return math.fmod(left, right) if right and math.isfinite(left) else math.nan
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[sign]


def _by_zero(left: float, right: float) -> float:
    return (
        math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left) * math.copysign(1, right)
    )
