"""What is wrong with a text before it is handed in: one sentence each, at its field. Pure.

A check is a callable that reads an entry; each kind lists its own. None of them refuses: whoever hands it in
has read them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from urllib.parse import urlsplit

from flask_babel import gettext as _

from trainingapp import dates
from trainingapp.submissions import fields as fields_
from trainingapp.submissions.fields import Choice, Codes, Field, Need, Options, Prose, Value
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


def complete(entry: Entry) -> Iterator[Finding]:
    for one in entry.fields:
        if entry.texts.get(one.key):
            continue
        if one.need is Need.PLATFORM:
            yield Finding(one.key, Weight.MISSING, _("The platform asks for it, and it is empty."))
        elif one.need is Need.PRACTICE:
            yield Finding(one.key, Weight.LOOK, _("It is empty. Readers look for it here."))


def lengths(entry: Entry) -> Iterator[Finding]:
    for one, text in entry.prose():
        count = fields_.words(text)
        if one.most and count > one.most:
            words = _("%(count)d words; %(most)d are enough.", count=count, most=one.most)
            yield Finding(one.key, Weight.WRONG, words)
        elif count < one.least:
            words = _("%(count)d words; readers need %(least)d or more.", count=count, least=one.least)
            yield Finding(one.key, Weight.LOOK, words)


def options_known(entry: Entry) -> Iterator[Finding]:
    """Of lists and choices: what was typed or pasted is among them on that day."""
    for one in entry.fields:
        if not isinstance(one, Codes | Choice):
            continue
        known = codes_of(one.options, entry.lists)
        value = entry.texts.get(one.key) or []
        odd = [code for code in ([value] if isinstance(value, str) else value) if code not in known]
        if odd:
            text = _(
                "Not on the list that holds on %(day)s: %(codes)s.",
                day=dates.day(entry.lists.day),
                codes=", ".join(odd),
            )
            yield Finding(one.key, Weight.WRONG, text)


def codes_of(options: Options, lists: Lists) -> set[str]:
    return {code for _heading, group in options(lists) for code, _text in group}


@dataclass(frozen=True)
class AddressSound:
    field: str

    def __call__(self, entry: Entry) -> Iterator[Finding]:
        text = entry.text(self.field)
        if text and not is_address(text):
            yield Finding(
                self.field,
                Weight.WRONG,
                _("Write a whole address that begins with https://, without spaces or a password."),
            )


def is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port_is_one = parts.port is None or parts.port > 0
    except ValueError:
        return False
    host = parts.hostname or ""
    labels = host.split(".")
    return (
        parts.scheme == "https"
        and port_is_one
        and "@" not in parts.netloc
        and not any(letter.isspace() for letter in text)
        and len(labels) > 1
        and all(label and not label.startswith("-") and not label.endswith("-") for label in labels)
        and all(letter.isalnum() or letter in "-." for letter in host)
    )
