"""The code lists of the standard, and which attribute takes its codes from which.

A list that the standard calls complete holds every code there is: another is a problem. Of the others, and of
codes that were withdrawn, it only warns. A list that does not come with the product (schemas/SOURCES.md) is
not judged.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from flask_babel import gettext as _

from trainingapp.impact.iati.opening import ACTIVITY, ROOT, Element
from trainingapp.impact.iati.schema import SCHEMAS, XML
from trainingapp.impact.iati.verdict import Finding

LANG = f"{XML}lang"


@dataclass(frozen=True)
class CodeList:
    name: str
    is_complete: bool
    codes: frozenset[str]
    names: Mapping[str, str] = field(default_factory=dict)  # English; empty where nothing shows them
    withdrawn: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Mapped:
    """That an attribute, or a text, is a code of a list."""

    attribute: str  # "" for the text of the element
    list: CodeList
    vocabularies: frozenset[str] | None  # of the element; "" where it says none

    def given(self, element: Element) -> str | None:
        if self.vocabularies is not None and element.get("vocabulary", "") not in self.vocabularies:
            return None
        text: str | None = element.get(self.attribute) if self.attribute else element.text
        return text if self.attribute or text is None else text.strip()


@cache
def code_list(name: str) -> CodeList:
    found = _data()["lists"][name]
    names = found.get("names", {})
    return CodeList(
        name,
        found["complete"],
        frozenset(found.get("codes", names)),
        names,
        frozenset(found.get("withdrawn", ())),
    )


def judged(activity: Element) -> Iterator[tuple[Element, Finding]]:
    """Every element with a code that its list does not hold."""
    mapped = _mapped()
    places = {activity: ACTIVITY}
    for element in activity.iter(tag="*"):
        if not isinstance(element.tag, str) or element.tag.startswith("{"):
            continue
        if element is not activity:
            parent = places.get(element.getparent())
            if parent is None:
                continue  # inside an extension
            places[element] = f"{parent}/{element.tag}"
        for one in (*mapped.get(places[element], ()), *mapped[""]):
            code = one.given(element)
            if code is not None and (finding := _finding(one, code)):
                yield element, finding


def _finding(mapped: Mapped, code: str) -> Finding | None:
    held = mapped.list
    where = "xml:lang" if mapped.attribute == LANG else mapped.attribute
    detail = f"codelist {held.name}"
    path = f"/@{where}" if where else ""
    if code not in held.codes:
        text = _("“%(code)s” is no code of the list %(list)s.", code=code[:40], list=held.name)
        return Finding(text, None, path, detail, is_problem=held.is_complete)
    if code in held.withdrawn:
        text = _("The code “%(code)s” was withdrawn from the list %(list)s.", code=code, list=held.name)
        return Finding(text, None, path, detail, is_problem=False)
    return None


@cache
def _mapped() -> dict[str, list[Mapped]]:
    """By the place of an element; under "" what holds everywhere."""
    found: dict[str, list[Mapped]] = {"": []}
    for place, what, name, vocabularies in _data()["mapping"]:
        if name in _data()["lists"] and place != ROOT:
            attribute = LANG if what == "@xml:lang" else what.removeprefix("@").removesuffix("text()")
            only = None if vocabularies is None else frozenset(vocabularies)
            found.setdefault(place, []).append(Mapped(attribute, code_list(name), only))
    return found


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads((SCHEMAS / "code_lists.json").read_text(encoding="utf-8"))
    return data
