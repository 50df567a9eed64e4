"""The schema of the standard: order of elements, what must be there, forms of dates and numbers."""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from lxml import etree

from trainingapp.impact.iati.opening import ACTIVITY, Element
from trainingapp.impact.iati.verdict import Finding

SCHEMAS = Path(__file__).parent / "schemas"
XML = "{http://www.w3.org/XML/1998/namespace}"
_SUBJECT = r"Element '(?P<element>[^']+)'(?:, attribute '(?P<attribute>[^']+)')?: "
_EXPECTED = r"Expected is (?:one of )?\( (?P<expected>.*) \)"


def judged(activity: Element) -> Iterator[Finding]:
    """Each thing that the schema does not allow; `path` begins below the activity."""
    schema = _schema()
    if not schema.validate(activity):
        yield from map(_finding, schema.error_log)


def judged_root(root: Element) -> Iterator[Finding]:
    """The attributes of the outermost element: its children are judged one by one."""
    standard = {
        name: text for name, text in root.attrib.items() if not name.startswith("{") or name.startswith(XML)
    }
    alone = etree.Element(root.tag, standard)  # what a namespace adds is free, and its address may be any
    alone.append(deepcopy(_least()))
    schema = _schema()
    if not schema.validate(alone):
        for entry in schema.error_log:
            found = _finding(entry)
            yield Finding(found.reason, root.sourceline, f"/{root.tag}", found.detail)


@cache
def _schema() -> Any:
    return etree.XMLSchema(etree.parse(SCHEMAS / "iati-activities-schema.xsd"))


@cache
def _least() -> Element:
    """The smallest activity that the schema allows."""
    return etree.fromstring(
        f"<{ACTIVITY}><iati-identifier/><reporting-org ref='A' type='10'><narrative/></reporting-org>"
        "<title><narrative/></title><description><narrative/></description><participating-org role='1'/>"
        f"<activity-status code='1'/><activity-date type='1' iso-date='2020-01-01'/></{ACTIVITY}>"
    )


def _finding(entry: Any) -> Finding:
    for pattern, sentence in _SENTENCES:
        found = pattern.search(entry.message)
        if found:
            reason = sentence(found.groupdict())
            break
    else:
        reason = _("The schema of the standard does not allow this.")
    return Finding(reason, entry.line, _below(entry.path), entry.message)


def _below(path: str | None) -> str:
    """Of "/iati-activity/title/narrative[2]" what comes after the activity."""
    return (path or "").removeprefix("/").partition("/")[2]


Words = dict[str, str]


def _unexpected(words: Words) -> str:
    expected = _names(words["expected"])
    if expected:
        return _(
            "“%(element)s” may not stand here. The order is fixed; here may stand: %(expected)s.",
            element=words["element"],
            expected=", ".join(expected),
        )
    return _("“%(element)s” may not stand here: nothing more is expected.", element=words["element"])


def _lacking(words: Words) -> str:
    """What is expected ends with the one that has to come; those before it may be left out."""
    return _(
        "“%(element)s” has no “%(name)s” in it, and needs one.",
        element=words["element"],
        name=_names(words["expected"])[-1],
    )


def _odd_value(words: Words) -> str:
    place = (words["attribute"] or words["element"]).replace(XML, "xml:")
    kinds = {
        "date": _("“%(value)s” in “%(place)s” is not a date. Dates are written like 2024-03-31."),
        "dateTime": _("“%(value)s” in “%(place)s” is not a moment. Write it like 2024-03-31T09:00:00Z."),
        "decimal": _("“%(value)s” in “%(place)s” is not a number. Write it like 12.5, without a comma."),
        "int": _("“%(value)s” in “%(place)s” is not a whole number."),
        "positiveInteger": _("“%(value)s” in “%(place)s” is not a whole number from 1 up."),
        "nonNegativeInteger": _("“%(value)s” in “%(place)s” is not a whole number from 0 up."),
        "boolean": _("“%(value)s” in “%(place)s” is neither true (1) nor false (0)."),
        "anyURI": _("“%(value)s” in “%(place)s” is not an address."),
        "language": _("“%(value)s” in “%(place)s” is not a code of a language."),
    }
    sentence = kinds.get(words["type"] or "", _("“%(value)s” is not allowed in “%(place)s”."))
    return sentence % {"value": words["value"][:80], "place": place}


_KINDS: tuple[tuple[str, Callable[[Words], str]], ...] = (
    (rf"{_SUBJECT}This element is not expected\.(?: {_EXPECTED})?", _unexpected),
    (rf"{_SUBJECT}Missing child element\(s\)\.(?: {_EXPECTED})?", _lacking),
    (
        rf"{_SUBJECT}'(?P<value>.*)' is not a valid value of the [\w ]*type(?: '(?:\w+:)?(?P<type>\w+)')?",
        _odd_value,
    ),
    (
        rf"{_SUBJECT}The attribute '(?P<name>[^']+)' is required but missing",
        lambda words: _("“%(element)s” lacks its “%(name)s”.", element=words["element"], name=words["name"]),
    ),
    (
        rf"{_SUBJECT}The attribute '(?P<name>[^']+)' is not allowed",
        lambda words: _(
            "“%(element)s” has no “%(name)s” in the standard. Extensions need a namespace of their own.",
            element=words["element"],
            name=words["name"],
        ),
    ),
    (
        rf"{_SUBJECT}Character content",
        lambda words: _(
            "There is text inside “%(element)s”, where only elements may stand.", element=words["element"]
        ),
    ),
    (
        rf"{_SUBJECT}Element content is not allowed",
        lambda words: _("“%(element)s” may hold no other elements.", element=words["element"]),
    ),
)
_SENTENCES = [(re.compile(pattern, re.DOTALL), sentence) for pattern, sentence in _KINDS]


def _names(expected: str | None) -> list[str]:
    """Of "title, ##other{*}*" the names of the standard."""
    names = [name.strip() for name in (expected or "").split(",")]
    return [name for name in names if name and not name.startswith("##")]
