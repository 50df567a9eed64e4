"""Years that do not fit together: of the period, of the status, in the texts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import gettext as _

from trainingapp.forms import FIRST_YEAR, LAST_YEAR
from trainingapp.submissions.checks.findings import Entry, Finding, Weight


class Status(StrEnum):
    """As the platform writes it."""

    ONGOING = "Ongoing"
    COMPLETED = "Completed"


_YEAR = re.compile(r"(?<![\w./])(?<!\d,)((?:19|20)\d\d)(?![\w/]|[.,]\d)")
# A year is part of a name beside these: the 2005 Convention, Agenda 2030, a plan for 2016 to 2025.
_NAMES = re.compile(
    r"\b(agenda|convention|konvensi|vision|visi|plan|rencana|strategy|strategi|stratégie|programme of action"
    r"|program aksi|framework|kerangka|cadre|goals|tujuan|objectifs|sdgs?|tpb|odd)\b",
    re.IGNORECASE,
)
_NEAR = 24  # characters to each side in which a name makes a year its own


def year(text: str) -> int | None:
    found = re.fullmatch(r"\d{4}", text.strip())
    number = int(text) if found else 0
    return number if FIRST_YEAR <= number <= LAST_YEAR else None


def years_in(text: str) -> list[int]:
    """Without those that belong to a name."""
    return [
        int(match[1])
        for match in _YEAR.finditer(text)
        if not _NAMES.search(text[max(0, match.start() - _NEAR) : match.end() + _NEAR])
    ]


@dataclass(frozen=True)
class YearsFit:
    """Status, first and last year, and the years that the texts name."""

    status: str
    first: str
    last: str

    def __call__(self, entry: Entry) -> Iterator[Finding]:
        for key in (self.first, self.last):
            if entry.text(key) and year(entry.text(key)) is None:
                yield Finding(key, Weight.WRONG, _("A year has four digits, like 2016."))
        first, last = year(entry.text(self.first)), year(entry.text(self.last))
        if first and last and first > last:
            text = _("The period ends in %(last)d, before it begins in %(first)d.", first=first, last=last)
            yield Finding(self.last, Weight.WRONG, text)
            return
        yield from self._status(entry, last)
        yield from self._outside(entry, first, last)
        yield from self._against_record(entry, first)

    def _status(self, entry: Entry, last: int | None) -> Iterator[Finding]:
        status, now = entry.text(self.status), entry.today.year
        if status == Status.ONGOING and last and last < now:
            text = _("It is said to go on, and its last year, %(year)d, is over.", year=last)
            yield Finding(self.status, Weight.WRONG, text)
        if status == Status.COMPLETED and last and last > now:
            text = _("It is said to be completed, and its last year, %(year)d, is still to come.", year=last)
            yield Finding(self.status, Weight.WRONG, text)

    def _outside(self, entry: Entry, first: int | None, last: int | None) -> Iterator[Finding]:
        for prose, text in entry.prose():
            outside = sorted(
                {one for one in years_in(text) if (first and one < first) or (last and one > last)}
            )
            if outside:
                words = _("Years outside of the period: %(years)s.", years=", ".join(map(str, outside)))
                yield Finding(prose.key, Weight.LOOK, words)

    def _against_record(self, entry: Entry, first: int | None) -> Iterator[Finding]:
        if first and entry.held and entry.held.editions and entry.held.editions[0].year != first:
            text = _("The first edition in our record is of %(year)d.", year=entry.held.editions[0].year)
            yield Finding(self.first, Weight.LOOK, text)


@dataclass(frozen=True)
class FourYears:
    """Parties report every four years: 2017 to 2020, or from report to report 2016 to 2020."""

    field: str

    def __call__(self, entry: Entry) -> Iterator[Finding]:
        text = entry.text(self.field)
        if not text:
            return
        found = [int(one) for one in re.findall(r"\d{4}", text)]
        if len(found) != 2 or found[1] - found[0] not in (3, 4):  # noqa: PLR2004 - a first and a last year
            sentence = _("A reporting cycle is four years. Write its first and last year, like 2017 to 2020.")
            yield Finding(self.field, Weight.WRONG, sentence)
        elif found[0] > entry.today.year:
            yield Finding(self.field, Weight.LOOK, _("This cycle has not begun."))
