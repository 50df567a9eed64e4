"""Is this someone we know? Answers with a reason in words; never merges anyone by itself.

Asked for thousands of rows at once: a few statements for each block of rows, not one a row.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

import sqlalchemy as sa
from flask_babel import gettext as _
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from trainingapp.db import db
from trainingapp.participants.models import ContactKind, ContactPoint, NameWord, Participant
from trainingapp.participants.names import latin

Value = TypeVar("Value", int, str)

BLOCK = 1_000  # rows compared at a time; bounds the memory
_CHUNK = 900  # values in one IN (…)
_COMMON = 150  # a word that more people have tells nothing; whole names are looked up besides
_NEAR, _VERY_NEAR, _SAME_ADDRESS = 82, 91, 50  # of 100, how alike two names are


@dataclass(frozen=True)
class Seeker:
    """Someone in a file, or in a form, who may be in the directory."""

    full_name: str
    country: str = ""
    born_on: date | None = None
    passport_name: str = ""
    organisation: str = ""
    emails: tuple[str, ...] = ()  # normalised


@dataclass(frozen=True)
class Known:
    """What is compared of a person in the directory."""

    id: int
    full_name: str
    passport_name: str
    country: str
    born_on: date | None


@dataclass(frozen=True)
class Match:
    participant_id: int
    is_certain: bool
    because: tuple[str, ...]  # sentences
    score: float = field(default=100, compare=False)


def find(seekers: Sequence[Seeker], organisations: "Organisations") -> list[Match | None]:
    """The best match of each, in order. `organisations` tells where people worked, by their ids."""
    found: list[Match | None] = []
    for start in range(0, len(seekers), BLOCK):
        found += _find_block(seekers[start : start + BLOCK], organisations)
    return found


class Organisations:
    """Where people worked; the enrolments know, and this package does not know enrolments."""

    def of(self, ids: Iterable[int]) -> Mapping[int, set[str]]:  # noqa: ARG002
        return {}


def _find_block(seekers: Sequence[Seeker], organisations: Organisations) -> list[Match | None]:
    by_email = _owners({email for seeker in seekers for email in seeker.emails})
    by_name = _by_whole_name({latin(name) for seeker in seekers for name in _names(seeker)})
    by_word = _by_word({word for seeker in seekers for word in latin(seeker.full_name).split()})
    candidates: list[set[int]] = []
    for seeker in seekers:
        ids = {by_email[email] for email in seeker.emails if email in by_email}
        for name in _names(seeker):
            ids |= by_name.get(latin(name), set())
        for word in latin(seeker.full_name).split():
            ids |= by_word.get(word, set())
        candidates.append(ids)
    everyone = set().union(*candidates)
    people = _people(everyone)
    worked = organisations.of(everyone)
    return [
        _best(seeker, [people[number] for number in ids if number in people], by_email, worked)
        for seeker, ids in zip(seekers, candidates, strict=True)
    ]


def _best(
    seeker: Seeker, people: Iterable[Known], by_email: Mapping[str, int], worked: Mapping[int, set[str]]
) -> Match | None:
    matches = []
    for person in people:
        has_email = any(by_email.get(email) == person.id for email in seeker.emails)
        match = _compare(seeker, person, has_email, worked.get(person.id, set()))
        if match:
            matches.append(match)
    return max(
        matches, key=lambda match: (match.is_certain, match.score, -match.participant_id), default=None
    )


def _compare(seeker: Seeker, person: Known, has_email: bool, worked: set[str]) -> Match | None:
    alike = max(
        _alike(one, other)
        for one in _names(seeker)
        for other in filter(None, (person.full_name, person.passport_name))
    )
    same_birth = seeker.born_on is not None and seeker.born_on == person.born_on
    other_birth = not same_birth and seeker.born_on is not None and person.born_on is not None
    same_country = seeker.country == person.country
    organisation = latin(seeker.organisation)
    same_place = bool(organisation) and organisation in worked
    because = [_names_differ(seeker, person), *_what_is_same(same_birth, same_place, same_country)]
    if has_email:
        said = _("The email address is the same.")
        if alike >= _SAME_ADDRESS or same_birth:
            return Match(person.id, True, (said,), 200)
        return Match(person.id, False, (said, _("The name is not: some offices share one address.")), 150)
    if alike == 100 and same_birth and (same_country or _has_passport_name(seeker, person)):  # noqa: PLR2004
        return Match(person.id, True, tuple(because), 120)
    if same_birth and alike >= _NEAR - 12:
        return Match(person.id, False, tuple(because), alike + 20)
    if other_birth and not _is_slip(seeker.born_on, person.born_on):
        return None
    if alike >= _NEAR and same_place:
        return Match(person.id, False, tuple(because), alike + 10)
    if alike >= _VERY_NEAR and same_country:
        return Match(person.id, False, tuple(because), alike)
    return None


def _has_passport_name(seeker: Seeker, person: Known) -> bool:
    return bool(person.passport_name) and any(
        latin(name) == latin(person.passport_name) for name in _names(seeker)
    )


def _names(seeker: Seeker) -> list[str]:
    return [name for name in dict.fromkeys((seeker.full_name, seeker.passport_name)) if name]


def _alike(one: str, other: str) -> float:
    """100 when the names differ in no more than spaces, accents, case and the order of words."""
    first, second = latin(one), latin(other)
    if sorted(first.split()) == sorted(second.split()) or first.replace(" ", "") == second.replace(" ", ""):
        return 100
    return min(
        99.0,
        max(
            fuzz.token_sort_ratio(first, second), fuzz.ratio(first.replace(" ", ""), second.replace(" ", ""))
        ),
    )


def _is_slip(one: date | None, other: date | None) -> bool:
    """Day and month changed places, or one figure is another."""
    if one is None or other is None:
        return False
    swapped = (one.year, one.month, one.day) == (other.year, other.day, other.month)
    return swapped or Levenshtein.distance(one.isoformat(), other.isoformat()) == 1


def _names_differ(seeker: Seeker, person: Known) -> str:
    one, other = seeker.full_name, person.full_name
    first, second = latin(one), latin(other)
    if one == other:
        return _("The name is the same.")
    if first == second:
        return _("The name differs only in capitals, accents or signs.")
    if first.replace(" ", "") == second.replace(" ", ""):
        spaces = abs(first.count(" ") - second.count(" "))
        return _("The name differs by one space.") if spaces == 1 else _("The name differs only in spaces.")
    if sorted(first.split()) == sorted(second.split()):
        return _("The name has the same words in another order.")
    if Levenshtein.distance(first, second) == 1:
        return _("The name differs by one letter.")
    if set(first.split()) < set(second.split()) or set(second.split()) < set(first.split()):
        return _("One name is part of the other.")
    return _("The names are much alike.")


def _what_is_same(birth: bool, place: bool, country: bool) -> list[str]:
    if birth and place:
        return [_("Date of birth and organisation are the same.")]
    if birth:
        return [_("The date of birth is the same.")]
    if place:
        return [_("The organisation is the same.")]
    return [_("The country is the same.")] if country else []


def _owners(emails: set[str]) -> dict[str, int]:
    owners: dict[str, int] = {}
    for chunk in _chunks(emails):
        query = sa.select(ContactPoint.normalised, ContactPoint.participant_id).where(
            ContactPoint.kind == ContactKind.EMAIL, ContactPoint.normalised.in_(chunk)
        )
        owners |= {email: number for email, number in db.session.execute(query)}
    return owners


def _by_whole_name(names: set[str]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for chunk in _chunks(names):
        query = sa.select(Participant.sort_name, Participant.id).where(Participant.sort_name.in_(chunk))
        for name, number in db.session.execute(query):
            found[name].add(number)
    return found


def _by_word(words: set[str]) -> dict[str, set[int]]:
    """Who has a word in a name, for the words that are rare enough to tell people apart."""
    found: dict[str, set[int]] = defaultdict(set)
    for chunk in _chunks(words):
        rare = (
            sa.select(NameWord.word)
            .where(NameWord.word.in_(chunk))
            .group_by(NameWord.word)
            .having(sa.func.count() <= _COMMON)
        )
        query = sa.select(NameWord.word, NameWord.participant_id).where(NameWord.word.in_(rare))
        for word, number in db.session.execute(query):
            found[word].add(number)
    return found


def _people(ids: set[int]) -> dict[int, Known]:
    people: dict[int, Known] = {}
    columns = (
        Participant.id,
        Participant.full_name,
        sa.func.coalesce(Participant.passport_name, ""),
        Participant.country,
        Participant.born_on,
    )
    for chunk in _chunks(ids):
        query = sa.select(*columns).where(Participant.id.in_(chunk), Participant.erased_at.is_(None))
        people |= {row[0]: Known(*row) for row in db.session.execute(query)}
    return people


def _chunks(values: set[Value]) -> Iterator[list[Value]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), _CHUNK):
        yield ordered[start : start + _CHUNK]
