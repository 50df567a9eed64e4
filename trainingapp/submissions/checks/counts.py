"""How many people, countries and editions the texts say, and how many the list and our record have."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from operator import or_

from flask_babel import gettext as _

from trainingapp import countries, dates
from trainingapp.forms import FIRST_YEAR, LAST_YEAR
from trainingapp.statistics import SMALLEST_GROUP
from trainingapp.submissions.checks.findings import Entry, Finding, Weight
from trainingapp.submissions.held import Held


class Counted(StrEnum):
    PEOPLE = "people"
    COUNTRIES = "countries"
    EDITIONS = "editions"


# What the number stands before, in English, Indonesian, French and Dari.
_NOUNS = {
    Counted.PEOPLE: (
        "people|persons|participants|trainees|alumni|officials|peserta|orang|personnes|participantes"
        "|stagiaires|anciens|شرکت[\u200c ]?کننده|نفر|تن"
    ),
    Counted.COUNTRIES: "countries|nations|negara|pays|کشور",
    Counted.EDITIONS: "editions|edisi|éditions|دوره",
}
_SMALL = (
    "two three four five six seven eight nine ten eleven twelve",
    "dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas duabelas",
    "deux trois quatre cinq six sept huit neuf dix onze douze",
)
_WRITTEN = {word: number for line in _SMALL for number, word in enumerate(line.split(), 2)}
# No longer than a number of people is: Python reads none of thousands of digits.
_NUMBER = rf"\d{{1,3}}(?:[.,\u00a0\u202f ]\d{{3}}){{1,3}}|\d{{1,9}}|{'|'.join(_WRITTEN)}"
_PATTERNS = {
    # One word may stand between: 109 government officials.
    counted: re.compile(rf"(?<![\w.,\u2013-])({_NUMBER})\s+(?:[^\W\d]+\s+)?(?:{nouns})\b", re.IGNORECASE)
    for counted, nouns in _NOUNS.items()
}


def counts_in(text: str, counted: Counted) -> dict[int, str]:
    """Number -> the words it stands in. A number that reads like a year is taken for one."""
    found: dict[int, str] = {}
    for match in _PATTERNS[counted].finditer(text):
        written = match[1].casefold()
        number = _WRITTEN.get(written) or int(re.sub(r"\D", "", written))
        if not (written.isdecimal() and FIRST_YEAR <= number <= LAST_YEAR):
            found.setdefault(number, " ".join(match[0].split()))
    return found


@dataclass(frozen=True)
class CountsAgree:
    """With the list of countries, where the form has one, and with our record."""

    listed: str = ""

    def __call__(self, entry: Entry) -> Iterator[Finding]:
        listed = {countries.find(name) or name for name in entry.many(self.listed)} if self.listed else set()
        for prose, text in entry.prose():
            for number, words in counts_in(text, Counted.COUNTRIES).items():
                if listed and number != len(listed):
                    sentence = _(
                        "“%(words)s” stands here, and the list of countries has %(many)d.",
                        words=words,
                        many=len(listed),
                    )
                    yield Finding(prose.key, Weight.WRONG, sentence)
            if entry.held and entry.held.editions:
                for counted in Counted:
                    for number, words in counts_in(text, counted).items():
                        yield from _against(entry.held, prose.key, counted, number, words)


def _against(held: Held, key: str, counted: Counted, number: int, words: str) -> Iterator[Finding]:
    total, parts = _record(held, counted)
    if number == total or number in parts or (counted is Counted.PEOPLE and number < SMALLEST_GROUP):
        return
    day = dates.day(held.day)
    earlier = _until(held, counted, number)
    if earlier is not None:
        sentence = _(
            "“%(words)s” was true until %(year)d; our record has %(total)d on %(day)s.",
            words=words,
            year=earlier,
            total=total,
            day=day,
        )
        yield Finding(key, Weight.WRONG, sentence)
    else:
        sentence = _(
            "“%(words)s” is in no figure of ours: our record has %(total)d on %(day)s.",
            words=words,
            total=total,
            day=day,
        )
        yield Finding(key, Weight.LOOK, sentence)


def _record(held: Held, counted: Counted) -> tuple[int, set[int]]:
    """The whole, and what else may rightly be said: of one edition, of people, of what plans add up to."""
    if counted is Counted.PEOPLE:
        others = [held.different or 0, held.completed.k, held.answered.k, held.answered.n]
        told = {int(one.actual) for one in held.figures if one.actual.isdecimal()}
        return held.people, {one.people for one in held.editions} | told | set(others)
    if counted is Counted.COUNTRIES:
        return len(held.countries), {len(one.countries) for one in held.editions}
    return len(held.editions), set()


def _until(held: Held, counted: Counted, number: int) -> int | None:
    """The year of the edition with which our count had come so far."""
    years = [one.year for one in held.editions]
    if counted is Counted.COUNTRIES:
        steps = [len(codes) for codes in accumulate((set(one.countries) for one in held.editions), or_)]
    else:
        steps = list(accumulate(one.people if counted is Counted.PEOPLE else 1 for one in held.editions))
    return dict(zip(steps, years, strict=True)).get(number)
