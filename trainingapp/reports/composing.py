"""A report put together: the document that a draft shows, and that publication freezes.

{"title", "subject", "kind", "language", "direction", "as_of", "about": [[name, value], …], "sections": […]}
A section is {"key", "title", "pieces", "missing", "text": blocks of prose.py}. Everything is in the report's
language.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from babel import Locale
from flask_babel import force_locale
from flask_babel import gettext as _

from trainingapp.dates import day
from trainingapp.labels import label
from trainingapp.reports import prose, queries
from trainingapp.reports.kinds import KINDS
from trainingapp.reports.models import Report, ReportSection, ReportText
from trainingapp.reports.pieces import written
from trainingapp.reports.sections import SECTIONS, About, Told

Document = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """A section of a draft: its place, what it tells now and what is written beside it."""

    place: ReportSection
    told: Told
    text: ReportText | None


@contextmanager
def in_language(report: Report) -> Iterator[None]:
    with force_locale(report.language):
        yield


def about(report: Report) -> About:
    return About(
        report.programme,
        report.cohort,
        KINDS[report.kind].scope(report),
        report.level,
        report.language,
        queries.quoted(report),
    )


def parts(report: Report) -> list[Part]:
    """In their order, those that are left out too; figures of those are not worked out."""
    asked, texts = about(report), queries.texts(report)
    with in_language(report):
        return [
            Part(place, SECTIONS[place.key].tell(asked) if place.is_told else Told(), texts.get(place.id))
            for place in queries.sections(report)
        ]


def document(report: Report, found: list[Part] | None = None) -> Document:
    """Of `parts`, where they are at hand."""
    found = parts(report) if found is None else found
    with in_language(report):
        return {
            "title": report.title,
            "subject": KINDS[report.kind].subject(report),
            "kind": str(KINDS[report.kind].name),
            "language": report.language.replace("_", "-"),
            "direction": Locale.parse(report.language).text_direction,
            "as_of": report.as_of.isoformat(),
            "about": _about(report),
            "contents": _("Contents"),
            "sections": [_section(part) for part in found if part.place.is_told and _says(part)],
        }


def _says(part: Part) -> bool:
    return bool(part.told.pieces or part.told.missing or (part.text and part.text.text))


def _about(report: Report) -> list[list[str]]:
    level = _("%(rank)s %(level)s", rank=written(report.level.rank), level=label(report.level))
    rows = [[_("Figures as of"), day(report.as_of)], [_("Results from level"), level]]
    if report.published_at and report.published_by:
        rows.append([_("Published on"), day(report.published_at)])
        rows.append([_("Published by"), report.published_by.name])
    if report.number > 1:
        rows += [[_("Version"), written(report.number)], [_("What was corrected"), report.corrects]]
    return rows


def _section(part: Part) -> dict[str, Any]:
    return {
        "key": part.place.key,
        "title": str(SECTIONS[part.place.key].title),
        "pieces": list(part.told.pieces),
        "missing": part.told.missing,
        "text": prose.blocks(part.text.text if part.text else ""),
    }
