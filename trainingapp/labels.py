"""What a state or kind is called on the page, and how it looks. Each package's words.py describes its own."""

from collections.abc import Mapping
from enum import StrEnum

from flask import Flask
from flask_babel import LazyString

TONES = ("", "todo", "ok", "info", "warn", "bad", "off")

_described: dict[type[StrEnum], Mapping[StrEnum, tuple[LazyString | str, str]]] = {}


def describe(kind: type[StrEnum], words: Mapping[StrEnum, tuple[LazyString | str, str]]) -> None:
    """Member -> (text, tone). Raises ValueError when a member is missing."""
    missing = set(kind) - set(words)
    if missing:
        raise ValueError(f"{kind.__name__} has no words for {sorted(missing)}")
    _described[kind] = words


def label(member: StrEnum | None) -> str:
    return "" if member is None else str(_described[type(member)][member][0])


def tone(member: StrEnum | None) -> str:
    return "" if member is None else _described[type(member)][member][1]


def choices(kind: type[StrEnum]) -> list[tuple[str, str]]:
    """For a select or radio field; call while a request is served, so that the language is known."""
    return [(member.value, label(member)) for member in kind]


def settle(app: Flask) -> None:
    app.add_template_filter(label, "label")
    app.add_template_filter(tone, "tone")
