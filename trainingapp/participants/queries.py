"""Questions: who is it, who may it be, how do we reach them."""

from collections.abc import Callable, Iterable

import sqlalchemy as sa
from rapidfuzz import fuzz
from sqlalchemy.orm import aliased

from trainingapp import countries
from trainingapp.db import db
from trainingapp.paging import ENOUGH
from trainingapp.participants.models import ContactKind, ContactPoint, ContactState, NameWord, Participant
from trainingapp.participants.names import latin, words

# Says of a column of participants' ids which of them count; views pass what the reader may see.
Allowed = Callable[[sa.SQLColumnExpression[int]], sa.ColumnElement[bool]]

MOST_WORDS = 6
_LAST = "\U0010ffff"
_IS_EMAIL = sa.text("contact_points.kind = 'email'")  # literal: a parameter cannot use the partial index
_ALIKE = 88  # of 100: token_sort_ratio; below it two people of one family look the same


def everyone(_person: sa.SQLColumnExpression[int]) -> sa.ColumnElement[bool]:
    return sa.true()


def search(text: str, limit: int, allowed: Allowed = everyone) -> list[Participant]:
    """By the beginnings of any words of any name in any script, or of an e-mail address; in name order."""
    found = matching(text, allowed)
    query = sa.select(Participant).where(found).order_by(Participant.sort_name, Participant.id).limit(limit)
    return list(db.session.scalars(query))


def matching(text: str, allowed: Allowed = everyone) -> sa.ColumnElement[bool]:
    """A WHERE clause on Participant for what `search` finds: of very many, the closest ENOUGH + 1."""
    arms = [
        arm.limit(ENOUGH + 1).subquery()
        for arm in (_by_name(text, allowed), _by_email(text, allowed))
        if arm is not None
    ]
    if not arms:
        return sa.false()
    return Participant.id.in_(sa.union_all(*(sa.select(arm.c.participant_id) for arm in arms)))


def wanted(text: str) -> list[str]:
    """The words of what someone looks for, longest first: it narrows most."""
    return sorted(words([text]), key=lambda word: (-len(word), word))[:MOST_WORDS]


def begins(column: sa.SQLColumnExpression[str], start: str) -> sa.ColumnElement[bool]:
    return sa.and_(column >= start, column < start + _LAST)


def _has_word(person: sa.SQLColumnExpression[int], word: str) -> sa.ColumnElement[bool]:
    other = aliased(NameWord)
    return sa.exists().where(other.participant_id == person, begins(other.word, word))


def _by_name(text: str, allowed: Allowed) -> sa.Select[int] | None:
    asked = wanted(text)
    if not asked or "@" in text:
        return None
    rest = (_has_word(NameWord.participant_id, word) for word in asked[1:])
    return (
        sa.select(NameWord.participant_id)
        .where(begins(NameWord.word, asked[0]), *rest, allowed(NameWord.participant_id))
        .order_by(NameWord.word, NameWord.participant_id)
    )


def _by_email(text: str, allowed: Allowed) -> sa.Select[int] | None:
    start = text.strip().lower().replace("\0", "")
    if len(start) < 2 or " " in start:  # noqa: PLR2004 - one letter begins too many
        return None
    return (
        sa.select(ContactPoint.participant_id)
        .where(_IS_EMAIL, begins(ContactPoint.normalised, start), allowed(ContactPoint.participant_id))
        .order_by(ContactPoint.normalised)
    )


def directory(allowed: Allowed, text: str = "", country: str = "") -> sa.Select[Participant]:
    """Everyone the reader may see, erased people left out; page it by (sort_name, id)."""
    query = sa.select(Participant).where(Participant.erased_at.is_(None))
    if country:
        query = query.where(Participant.country == country)
    return query.where(matching(text, allowed)) if text else query.where(allowed(Participant.id))


def alike(names: Iterable[str | None], email: str = "", limit: int = 5) -> list[Participant]:
    """Who a new person may already be: the same address or name, or nearly the same name; likeliest first."""
    plain = [name for name in map(latin, filter(None, names)) if name]
    query = sa.select(Participant).where(Participant.erased_at.is_(None))
    same = []
    if email:
        owned = sa.select(ContactPoint.participant_id).where(
            _IS_EMAIL, ContactPoint.normalised == email.lower().replace("\0", "")
        )
        same = list(db.session.scalars(query.where(Participant.id.in_(owned))))
    shared = words(plain)
    sharing = (
        sa.select(NameWord.participant_id)
        .where(NameWord.word.in_(shared))
        .group_by(NameWord.participant_id)
        .order_by(sa.func.count().desc(), NameWord.participant_id)
        .limit(200)
        .subquery()
    )
    others = (
        db.session.scalars(query.join(sharing, Participant.id == sharing.c.participant_id)) if shared else ()
    )
    scored = [(max((_likeness(name, other) for name in plain), default=0.0), other) for other in others]
    close = sorted((pair for pair in scored if pair[0] >= _ALIKE), key=lambda pair: (-pair[0], pair[1].id))
    return list(dict.fromkeys([*same, *(person for _score, person in close)]))[:limit]


def _likeness(name: str, person: Participant) -> float:
    """0 to 100; 100 also where one has written the same words in another order."""
    written = (person.full_name, person.passport_name, person.certificate_name, person.local_name)
    return max(fuzz.token_sort_ratio(name, latin(other)) for other in written if other)


def contacts(person: Participant) -> list[ContactPoint]:
    query = sa.select(ContactPoint).where(ContactPoint.participant_id == person.id)
    return list(db.session.scalars(query.order_by(ContactPoint.kind, ContactPoint.position, ContactPoint.id)))


def emails(people: Iterable[Participant]) -> dict[int, ContactPoint]:
    """Participant's id -> the address that is written to first, else their first; one query for a page."""
    query = (
        sa.select(ContactPoint)
        .where(ContactPoint.participant_id.in_([person.id for person in people]), _IS_EMAIL)
        .order_by(ContactPoint.position.desc(), ContactPoint.id.desc())
    )
    points = db.session.scalars(query).all()
    first = {point.participant_id: point for point in points}
    return first | {point.participant_id: point for point in points if point.state == ContactState.WORKING}


def writable_address(participant: Participant) -> ContactPoint | None:
    """Where we may write: the first working e-mail address. None for who opted out, died or was erased."""
    if participant.opted_out_at or participant.deceased_on or participant.erased_at:
        return None
    query = (
        sa.select(ContactPoint)
        .where(
            ContactPoint.participant_id == participant.id,
            ContactPoint.kind == ContactKind.EMAIL,
            ContactPoint.state == ContactState.WORKING,
        )
        .order_by(ContactPoint.position, ContactPoint.id)
        .limit(1)
    )
    return db.session.scalar(query)


def reader(participant_id: int) -> str:
    """A person as the outbox counts what they get, at whatever address."""
    return f"participant:{participant_id}"


def lacks_address(person: sa.SQLColumnExpression[int]) -> sa.ColumnElement[bool]:
    """Of a column of ids: whom we would write to if any address of theirs worked."""
    working = sa.exists().where(
        ContactPoint.participant_id == person, _IS_EMAIL, ContactPoint.state == ContactState.WORKING
    )
    wanted = sa.exists().where(
        Participant.id == person,
        Participant.opted_out_at.is_(None),
        Participant.deceased_on.is_(None),
        Participant.erased_at.is_(None),
    )
    return sa.and_(wanted, ~working)


def zone(participant: Participant) -> str:
    """IANA: their own, else their country's capital's."""
    return participant.time_zone or countries.zone_of(participant.country)
