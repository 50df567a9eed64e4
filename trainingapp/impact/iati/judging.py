"""One file, judged in three layers; a broken place never ends the search for others, unless nothing can be
read after it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO

from flask_babel import gettext as _
from lxml import etree

from trainingapp.impact.iati import codes, opening, rules, schema
from trainingapp.impact.iati.opening import ACTIVITY, ROOT, VERSION, Element, NotIati
from trainingapp.impact.iati.verdict import Finding, Verdict

PLACE = "iati-identifier"
LONGEST = 500  # characters


def judged(file: BinaryIO, now: datetime) -> Verdict:
    verdict = Verdict()
    try:
        root = opening.root_of(file)
        verdict.add(schema.judged_root(root))
        verdict.add(_of_version(root))
        verdict.add(_activities(file, verdict, now))
        if not verdict.activities:
            verdict.add([Finding(_("The file holds no activity."), root.sourceline, f"/{ROOT}")])
    except NotIati as refused:
        verdict.add([refused.finding])
    return verdict


def _of_version(root: Element) -> Iterator[Finding]:
    version = root.get("version")
    if version != VERSION:
        text = _("The file is of version %(version)s. It was judged by version 2.03.", version=version)
        yield Finding(text, root.sourceline, f"/{ROOT}/@version", is_problem=False)


def _activities(file: BinaryIO, verdict: Verdict, now: datetime) -> Iterator[Finding]:
    lines: dict[str, int] = {}  # identifier -> where it was first
    is_extended = False
    for element in opening.parts(file):
        if not isinstance(element.tag, str):
            continue  # a comment, or a processing instruction
        if element.tag != ACTIVITY:
            is_extension = element.tag.startswith("{")
            is_extended |= is_extension
            if not is_extension:
                yield _stranger(element)
            continue
        verdict.activities += 1
        found = list(_of_activity(element, now))
        if is_extended:
            text = _("Extensions of a namespace stand after the last activity; here one stands before.")
            found.append(Finding(text, element.sourceline, ""))
            is_extended = False
        identifier = opening.identifier_of(element)
        found.extend(_of_identifier(identifier, element.sourceline, lines))
        prefix = f"/{ROOT}/{ACTIVITY}[{verdict.activities}]"
        for one in dict.fromkeys(found):
            path = f"{prefix}/{one.path}" if one.path else prefix
            yield replace(one, path=path.replace("//", "/"), activity=identifier[:120])


def _of_identifier(identifier: str, line: int, lines: dict[str, int]) -> Iterator[Finding]:
    """Versions are told apart by it: it is there, once in a file, and of a length that can be kept."""
    if not identifier:
        yield Finding(_("The activity has no identifier."), line, PLACE)
    elif len(identifier) > LONGEST:
        yield Finding(_("The identifier is longer than %(most)d characters.", most=LONGEST), line, PLACE)
    elif first := lines.get(identifier):
        text = _("“%(text)s” is the activity of line %(line)d already.", text=identifier[:80], line=first)
        yield Finding(text, line, PLACE)
    else:
        lines[identifier] = line


def _stranger(element: Element) -> Finding:
    text = _("“%(element)s” may not stand here: an IATI file holds activities.", element=element.tag)
    return Finding(text, element.sourceline, f"/{ROOT}/{element.tag}")


def _of_activity(activity: Element, now: datetime) -> Iterator[Finding]:
    yield from schema.judged(activity)
    tree = activity.getroottree()
    for element, one in (*codes.judged(activity), *rules.judged(activity, now)):
        yield replace(one, line=element.sourceline, path=_path(tree, element) + one.path)


def _path(tree: etree._ElementTree, element: Element) -> str:
    """Below the activity: those before it are gone, so that its own number would be wrong."""
    return "/".join(tree.getpath(element).split("/")[3:])
