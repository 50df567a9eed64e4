"""Is this someone we know? Answers with a reason in words; never merges anyone by itself.

Asked for thousands of rows at once: a few statements for each block of rows, not one a row.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TypeVar

import sqlalchemy as sa
from flask_babel import gettext as _
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from trainingapp.db import db
from trainingapp.participants.models import ContactKind, ContactPoint, NameWord, Participant
from trainingapp.participants.names import latin
from trainingapp.participants.queries import Allowed, everyone

Value = TypeVar("Value", int, str)

BLOCK = 1_000  # rows compared at a time; bounds the memory
_CHUNK = 900  # values in one IN (…)
_COMMON = 150  # a word that more people have tells nothing; whole names are looked up besides
# Of 100, how alike two names must be for a match, by what else is the same.
_SAME, _VERY_NEAR, _NEAR, _SAME_BIRTH, _SAME_ADDRESS = 100, 91, 82, 70, 50


_latin = lru_cache(maxsize=20_000)(latin)  # the same names are compared many times over


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


def find(
    seekers: Sequence[Seeker], organisations: "Organisations", allowed: Allowed = everyone
) -> list[Match | None]:
    """The best match of each, in order. `organisations` tells where people worked, by their ids;
    `allowed` who may be shown to the reader.
    """
    found: list[Match | None] = []
    for start in range(0, len(seekers), BLOCK):
        found += _find_block(seekers[start : start + BLOCK], organisations, allowed)
    return found


def out_of_reach(emails: set[str], allowed: Allowed) -> set[str]:
    """Those addresses that belong to people who may not be shown."""
    owners = _owners(emails)
    shown = _people(set(owners.values()), allowed)
    return {email for email, owner in owners.items() if owner not in shown}


class Organisations:
    """Where people worked; the enrolments know, and this package does not know enrolments."""

    def of(self, ids: Iterable[int]) -> Mapping[int, set[str]]:  # noqa: ARG002
        return {}


def _find_block(
    seekers: Sequence[Seeker], organisations: Organisations, allowed: Allowed
) -> list[Match | None]:
    """Whoever is known by an address needs no comparing of names with half the directory."""
    by_email = _owners({email for seeker in seekers for email in seeker.emails})
    people = _people(set(by_email.values()), allowed)
    found: list[Match | None] = []
    for seeker in seekers:
        owners = {by_email[email] for email in seeker.emails if email in by_email}
        match = _best(seeker, [people[number] for number in owners if number in people], by_email, {})
        found.append(match if match and match.is_certain else None)
    rest = [index for index, match in enumerate(found) if match is None]
    by_name = iter(_find_by_name([seekers[index] for index in rest], by_email, organisations, allowed))
    return [match or next(by_name) for match in found]


def _find_by_name(
    seekers: Sequence[Seeker], by_email: Mapping[str, int], organisations: Organisations, allowed: Allowed
) -> list[Match | None]:
    by_name = _by_whole_name({_latin(name) for seeker in seekers for name in _names(seeker)})
    by_word = _by_word({word for seeker in seekers for word in _latin(seeker.full_name).split()})
    candidates: list[set[int]] = []
    for seeker in seekers:
        ids = {by_email[email] for email in seeker.emails if email in by_email}
        for name in _names(seeker):
            ids |= by_name.get(_latin(name), set())
        for word in _latin(seeker.full_name).split():
            ids |= by_word.get(word, set())
        candidates.append(ids)
    people = _people(set().union(*candidates), allowed)
    worked = organisations.of(people)
    return [
        _best(seeker, [people[number] for number in ids if number in people], by_email, worked)
        for seeker, ids in zip(seekers, candidates, strict=True)
    ]


def _best(
    seeker: Seeker, people: Iterable[Known], by_email: Mapping[str, int], worked: Mapping[int, set[str]]
) -> Match | None:
    scored = []
    for person in people:
        likeness = _liken(seeker, person, by_email, worked.get(person.id, set()))
        is_certain, score = _weigh(likeness)
        if score:
            scored.append((is_certain, score, -person.id, person, likeness))
    if not scored:
        return None
    is_certain, score, _order, person, likeness = max(scored, key=lambda found: found[:3])
    return Match(person.id, is_certain, _reasons(seeker, person, likeness), score)


@dataclass(frozen=True)
class Likeness:
    name: float  # of 100
    email: bool
    birth: bool
    passport: bool
    organisation: bool
    country: bool
    other_birth: bool  # both are known, and differ by more than a slip of the pen


def _liken(seeker: Seeker, person: Known, by_email: Mapping[str, int], worked: set[str]) -> Likeness:
    theirs = [name for name in (person.full_name, person.passport_name) if name]
    ours = _names(seeker)
    same_birth = seeker.born_on is not None and seeker.born_on == person.born_on
    both_known = seeker.born_on is not None and person.born_on is not None
    return Likeness(
        name=max(_alike(one, other) for one in ours for other in theirs),
        email=any(by_email.get(email) == person.id for email in seeker.emails),
        birth=same_birth,
        passport=bool(person.passport_name) and _latin(person.passport_name) in map(_latin, ours),
        organisation=bool(seeker.organisation) and _latin(seeker.organisation) in worked,
        country=seeker.country == person.country,
        other_birth=both_known and not same_birth and not _is_slip(seeker.born_on, person.born_on),
    )


def _weigh(like: Likeness) -> tuple[bool, float]:
    """Whether they are surely the same, and how good the match is; 0 for none."""
    if like.email:
        return (True, 300) if like.name >= _SAME_ADDRESS or like.birth else (False, 250)
    if like.name == _SAME and like.birth and (like.country or like.passport):
        return (True, 200)
    may_be = (
        (like.birth and like.name >= _SAME_BIRTH)
        or (not like.other_birth and like.organisation and like.name >= _NEAR)
        or (not like.other_birth and like.country and like.name >= _VERY_NEAR)
    )
    return (False, like.name + 20 * like.birth + 10 * like.organisation if may_be else 0)


def _reasons(seeker: Seeker, person: Known, like: Likeness) -> tuple[str, ...]:
    if like.email and (like.name >= _SAME_ADDRESS or like.birth):
        return (_("The email address is the same."),)
    if like.email:
        said = _("The name is not: some offices share one address.")
        return (_("The email address is the same."), said)
    return (_names_differ(seeker, person), *_what_is_same(like))


def _names(seeker: Seeker) -> list[str]:
    return [name for name in dict.fromkeys((seeker.full_name, seeker.passport_name)) if name]


def _alike(one: str, other: str) -> float:
    """100 when the names differ in no more than accents, case, signs and the order of words."""
    (in_order, joined), (other_in_order, other_joined) = _spelt(one), _spelt(other)
    if in_order == other_in_order:
        return _SAME
    return min(_SAME - 1, max(fuzz.ratio(in_order, other_in_order), fuzz.ratio(joined, other_joined)))


@lru_cache(maxsize=20_000)
def _spelt(name: str) -> tuple[str, str]:
    """Its words in alphabetical order, and all of it without spaces."""
    plain = _latin(name)
    return " ".join(sorted(plain.split())), plain.replace(" ", "")


def _is_slip(one: date | None, other: date | None) -> bool:
    """Day and month changed places, or one figure is another."""
    if one is None or other is None:
        return False
    swapped = (one.year, one.month, one.day) == (other.year, other.day, other.month)
    return swapped or Levenshtein.distance(one.isoformat(), other.isoformat()) == 1


def _names_differ(seeker: Seeker, person: Known) -> str:  # noqa: PLR0911 - one line a difference
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


def _what_is_same(like: Likeness) -> list[str]:
    if like.birth and like.organisation:
        return [_("Date of birth and organisation are the same.")]
    if like.birth:
        return [_("The date of birth is the same.")]
    if like.organisation:
        return [_("The organisation is the same.")]
    return [_("The country is the same.")] if like.country else []


def _owners(emails: set[str]) -> dict[str, int]:
    owners: dict[str, int] = {}
    for chunk in _chunks(emails):
        query = sa.select(ContactPoint.normalised, ContactPoint.participant_id).where(
            ContactPoint.kind == ContactKind.EMAIL, ContactPoint.normalised.in_(chunk)
        )
        owners |= dict(db.session.execute(query).all())
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


def _people(ids: set[int], allowed: Allowed) -> dict[int, Known]:
    people: dict[int, Known] = {}
    columns = (
        Participant.id,
        Participant.full_name,
        sa.func.coalesce(Participant.passport_name, ""),
        Participant.country,
        Participant.born_on,
    )
    for chunk in _chunks(ids):
        query = sa.select(*columns).where(
            Participant.id.in_(chunk), Participant.erased_at.is_(None), allowed(Participant.id)
        )
        people |= {row[0]: Known(*row) for row in db.session.execute(query)}
    return people


def _chunks(values: set[Value]) -> Iterator[list[Value]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), _CHUNK):
        yield ordered[start : start + _CHUNK]
