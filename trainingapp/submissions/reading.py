"""The text of an entry as it is published, or as we wrote it: field by field. Parts may be missing.

Plain text is cut at the labels that the platform uses, in whatever language they are shown; JSON has the
keys of our fields. What fits nowhere is handed back.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from trainingapp.refusals import Refusal
from trainingapp.submissions import languages
from trainingapp.submissions.fields import Choice, Field, Prose, Rows, Short, Value, clean, fits, same
from trainingapp.submissions.kinds.contract import Kind
from trainingapp.submissions.lists import Lists

LONGEST_ENTRY = 200_000  # characters
_MOST_WORDS = 12  # of a label


class EntryUnreadable(Refusal):
    """Nothing of what was pasted has a place in the form."""


@dataclass
class Read:
    texts: dict[str, Value]
    languages: dict[str, str] = field(default_factory=dict)  # of each text
    labels: dict[str, str] = field(default_factory=dict)  # field -> language in which its label stands
    unplaced: str = ""


def read(kind: Kind, given: str, lists: Lists) -> Read:
    """Raises EntryUnreadable."""
    text = given.strip()[:LONGEST_ENTRY]
    found = _from_json(kind, text, lists) if text.startswith("{") else _from_text(kind, text, lists)
    if not any(found.texts.values()):
        labels = ", ".join(str(one.label) for one in kind.fields[:4])
        raise EntryUnreadable(
            _("No field of this form was found in it. Its labels are %(labels)s and so on.", labels=labels),
            "text",
        )
    for one in kind.fields:
        if isinstance(one, Prose) and found.texts[one.key] and not found.languages.get(one.key):
            found.languages[one.key] = languages.guess(found.texts[one.key]) or ""
    return found


def _from_json(kind: Kind, text: str, lists: Lists) -> Read:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise EntryUnreadable(
            _("This begins like JSON and is none: %(why)s.", why=problem), "text"
        ) from problem
    values = given.get("fields", given)
    if not isinstance(values, dict):
        raise EntryUnreadable(_("This JSON holds no fields."), "text")
    read_, left = Read(kind.blank()), {}
    for key, value in values.items():
        one = next((one for one in kind.fields if one.key == key), None)
        if one and fits(value, one):
            read_.texts[key] = _cleaned(value, one)
        elif one and (text_ := _as_lines(value)):
            read_.texts[key] = one.understood(text_, lists)
        else:
            left[key] = value
    said = given.get("languages")
    for key, code in (said if isinstance(said, dict) else {}).items():
        if code in languages.KNOWN and any(one.key == key for one in kind.fields):
            read_.languages[key] = code
    read_.unplaced = clean(json.dumps(left, ensure_ascii=False, indent=1)) if left else ""
    return read_


def _as_lines(value: object) -> str:
    """Of a number, a text, or a list of them; empty for anything else."""
    several = value if isinstance(value, list) else [value]
    return "\n".join(map(str, several)) if all(isinstance(one, str | int | float) for one in several) else ""


def _cleaned(value: Value, of: Field) -> Value:
    """As the field keeps what was typed: rows have every column."""
    if isinstance(of, Rows):
        rows = [{column.key: clean(row.get(column.key, "")) for column in of.columns} for row in value]
        return [row for row in rows if any(row.values())]
    if isinstance(value, list):
        return [text for text in map(clean, value) if text]
    return clean(value)


def _from_text(kind: Kind, text: str, lists: Lists) -> Read:
    read_ = Read(kind.blank())
    labels, unplaced = _labels(kind), []
    for (label, language), lines in _parts(labels, text):
        said = "\n".join(lines).strip()
        keys = kind.joined.get(label) or (label,)
        if not label:
            unplaced.append(said)
        elif len(keys) > 1:
            for key, year in zip(keys, re.findall(r"\d{4}", said), strict=False):
                read_.texts[key] = read_.texts[key] or year
            unplaced.append(said if len(re.findall(r"[^\W\d]+", said)) > 1 else "")  # more than "to"
        elif read_.texts[label]:
            unplaced.append(said)  # a label that stands there twice
        else:
            one = kind.field(label)
            said, rest = _first_line(said) if isinstance(one, Short | Choice) else (said, "")
            unplaced.append(rest)
            read_.texts[label] = one.understood(said, lists)
            read_.labels[label] = language
    _take_title(kind, read_, unplaced)
    read_.unplaced = clean("\n".join(part for part in unplaced if part))
    return read_


def _first_line(text: str) -> tuple[str, str]:
    """What such a field holds, and what follows it under a label that is not ours."""
    head, _break, rest = text.partition("\n")
    return head, rest.strip()


def _take_title(kind: Kind, read_: Read, unplaced: list[str]) -> None:
    """A page begins with its title, which has no label."""
    first = next(iter(kind.fields)).key
    if unplaced and unplaced[0] and not read_.texts[first] and any(read_.texts.values()):
        head, unplaced[0] = _first_line(unplaced[0])
        read_.texts[first] = clean(head)


def _labels(kind: Kind) -> dict[str, tuple[str, str]]:
    """Compared label -> (field, or a label that fills two; the language of the label)."""
    labels = {same(label): (label, "en") for label in kind.joined}
    for one in kind.fields:
        labels[same(one.own_label)] = (one.key, "en")
        for language, others in one.called.items():
            for label in others:
                labels.setdefault(same(label), (one.key, language))
    return labels


def _parts(labels: Mapping[str, tuple[str, str]], text: str) -> Iterator[tuple[tuple[str, str], list[str]]]:
    """What stands before the first label, then each label with its lines."""
    current: tuple[str, str] = ("", "")
    lines: list[str] = []
    for line in text.splitlines():
        found, rest = _label_of(labels, line)
        if found:
            yield current, lines
            current, lines = found, [rest]
        else:
            lines.append(line)
    yield current, lines


def _label_of(labels: Mapping[str, tuple[str, str]], line: str) -> tuple[tuple[str, str] | None, str]:
    """A line that is a label, or begins with one and a colon."""
    whole = same(line)
    if whole in labels:
        return labels[whole], ""
    label, colon, rest = line.partition(":")
    if colon and len(label.split()) <= _MOST_WORDS and same(label) in labels:
        return labels[same(label)], rest.strip()
    return None, ""


def missing(kind: Kind, texts: Mapping[str, Any]) -> list[Field]:
    return [one for one in kind.fields if not texts.get(one.key)]
