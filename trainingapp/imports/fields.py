"""What a column may mean, and how a heading is understood.

What organisers call each field, in English, Indonesian and French, stands in headings.csv.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from rapidfuzz import fuzz, process

from trainingapp import countries

LABELS: dict[str, LazyString] = {
    "full_name": _l("Name"),
    "given_name": _l("Given name"),
    "middle_name": _l("Middle name"),
    "family_name": _l("Family name"),
    "title": _l("Mr, Ms, Dr"),
    "passport_name": _l("Name in the passport"),
    "certificate_name": _l("Name for the certificate"),
    "local_name": _l("Name in their own script"),
    "country": _l("Country"),
    "email": _l("Email"),
    "other_email": _l("Second email"),
    "phone": _l("Phone"),
    "messaging": _l("WhatsApp or other messenger"),
    "sex": _l("Sex"),
    "born_on": _l("Date of birth"),
    "organisation": _l("Organisation"),
    "post": _l("Post"),
    "nominating_body": _l("Nominated by"),
    "kind": _l("Kind of participant"),
    "mode": _l("In person or online"),
    "funding": _l("Funding"),
    "supervisor_name": _l("Supervisor"),
    "supervisor_email": _l("Email of the supervisor"),
}
NAME_FIELDS = ("full_name", "passport_name", "given_name", "family_name")
# A second column of these is a further way to reach the person, not a contradiction.
_SECOND = {"email": "other_email", "phone": "messaging"}
_FILLING = {
    "participant",
    "participants",
    "peserta",
    "nominee",
    "nominees",
    "applicant",
    "candidate",
    "delegate",
}
_FILLING |= {
    "trainee",
    "your",
    "the",
    "of",
    "s",
    "no",
    "number",
    "nomor",
    "du",
    "de",
    "la",
    "le",
    "please",
    "write",
}
_FILLING |= {
    "current",
    "present",
    "required",
    "wajib",
    "diisi",
    "calon",
    "l",
    "d",
    "and",
    "dan",
    "et",
    "in",
    "full",
}
_ALIKE = 90
_DEEPEST_HEADING = 25
_DEEPEST_SINGLE = 5  # one word like a heading, further down, is a word in a cell
_HONORIFICS = {
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "prof",
    "ir",
    "drs",
    "h",
    "hj",
    "mme",
    "m",
    "bapak",
    "ibu",
    "eng",
}
_MOSTLY = 0.7


def normalise(heading: str) -> str:
    """As headings are compared and remembered: no case, accents or punctuation, single spaces."""
    return countries.key(heading)[:200]


def heading_row(rows: Sequence[Sequence[str]]) -> int:
    """Index of the row that reads most like headings; titles and empty rows may stand above it."""
    scores = [_headings_in(row) for row in rows[:_DEEPEST_HEADING]]
    best = max(scores, default=0)
    if best > 1 or (best == 1 and scores.index(1) < _DEEPEST_SINGLE):
        return scores.index(best)
    return next((index for index, row in enumerate(rows) if any(row)), 0)


def _headings_in(row: Sequence[str]) -> int:
    return len({field_of(cell) for cell in row if cell and field_of(cell)})


def headings_at(rows: Sequence[Sequence[str]], index: int) -> list[str]:
    """The headings of every column; where two rows of headings are merged, the upper fills the gaps."""
    width = max((len(row) for row in rows), default=0)
    row = list(rows[index]) if rows else []
    row += [""] * (width - len(row))
    above = rows[index - 1] if index else []
    if _headings_in(above):
        row = [cell or (above[column] if column < len(above) else "") for column, cell in enumerate(row)]
    return [" ".join(cell.split())[:200] for cell in row]


def guess(
    headings: Sequence[str], rows: Sequence[Sequence[str]], remembered: Mapping[str, str]
) -> dict[str, str]:
    """Column number as text -> field. What the programme's organisers said before wins."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for column, heading in enumerate(headings):
        field = remembered.get(normalise(heading)) or field_of(heading) or ""
        if field == "title" and heading and not _are_honorifics(rows, column):
            field = "post"
        if field in taken and field in _SECOND:
            field = _SECOND[field]
        if field and field not in taken:
            found[str(column)] = field
            taken.add(field)
    for column in range(len(headings)):
        field = "" if str(column) in found else _by_content(rows, column)
        if field and field not in taken and normalise(headings[column]) not in remembered:
            found[str(column)] = field
            taken.add(field)
    return found


@cache
def field_of(heading: str) -> str | None:
    """The field a heading names by itself: whole, without its brackets, or one half of "Nama / Name"."""
    for text in _readings(heading):
        known = _vocabulary()
        if text in known:
            return known[text]
        ordered = " ".join(sorted(word for word in text.split() if word not in _FILLING))
        if ordered and ordered in _ordered_vocabulary():
            return _ordered_vocabulary()[ordered]
    plain = normalise(heading)
    alike = process.extractOne(plain, _vocabulary().keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return _vocabulary()[alike[0]] if alike and len(plain) > len("email") else None


def _readings(heading: str) -> list[str]:
    without = re.sub(r"[\(\[{（].*?[\)\]}）]", " ", heading)  # noqa: RUF001 - brackets as typed in East Asia
    halves = re.split(r"[/|\n\\]|\s[-–]\s", without)  # noqa: RUF001 - the dash people type
    inside = re.findall(r"[\(\[](.*?)[\)\]]", heading)
    texts = [heading, without, *halves, *inside]
    return [text for text in dict.fromkeys(map(normalise, texts)) if text]


def _are_honorifics(rows: Sequence[Sequence[str]], column: int) -> bool:
    cells = _cells(rows, column)
    known = sum(all(word in _HONORIFICS for word in countries.key(cell).split()) for cell in cells)
    return known >= _MOSTLY * len(cells)


def _by_content(rows: Sequence[Sequence[str]], column: int) -> str:
    cells = _cells(rows, column)
    if len(cells) < 2:  # noqa: PLR2004 - one cell says nothing about a column
        return ""
    if sum(bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.[a-z]+\.?", cell.lower())) for cell in cells) > _MOSTLY * len(
        cells
    ):
        return "email"
    named = sum(len(cell) > 3 and countries.find(cell) is not None for cell in cells)  # noqa: PLR2004
    return "country" if named > _MOSTLY * len(cells) else ""


def _cells(rows: Sequence[Sequence[str]], column: int) -> list[str]:
    return [row[column] for row in rows[:60] if column < len(row) and row[column]]


@cache
def _vocabulary() -> dict[str, str]:
    with Path(__file__).with_name("headings.csv").open(encoding="utf-8", newline="") as lines:
        return {
            normalise(heading): row["field"]
            for row in csv.DictReader(lines)
            for heading in row["headings"].split("|")
        }


@cache
def _ordered_vocabulary() -> dict[str, str]:
    ordered: dict[str, str] = {}
    for heading, field in _vocabulary().items():
        words = sorted(word for word in heading.split() if word not in _FILLING)
        if words:
            ordered.setdefault(" ".join(words), field)
    return ordered
