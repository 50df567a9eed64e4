"""Long lists, a page at a time, by a place in the order and never by a count of rows.

Page 2,000 costs what page 2 costs, and a row that is added meanwhile moves nobody to another page.
"""

import base64
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Generic, Protocol, TypeVar

import sqlalchemy as sa
from flask_babel import format_decimal
from sqlalchemy.orm import InstrumentedAttribute

from trainingapp.db import UTCDateTime, db
from trainingapp.numbers import whole

SIZE = 50
STRETCH = 1000  # rows read at a time where all of a list is wanted
ENOUGH = 1000  # beyond this nobody needs the exact number

Row = TypeVar("Row")
Place = TypeVar("Place")
Shown_co = TypeVar("Shown_co", covariant=True)
_size: ContextVar[int] = ContextVar("size", default=SIZE)
Keys = Sequence[InstrumentedAttribute[Any]]


@dataclass(frozen=True)
class Page(Generic[Row]):
    rows: list[Row]
    before: str | None  # the cursor of the page before this one, if there is one
    after: str | None


def page(
    query: sa.Select[Row],
    keys: Keys,
    *,
    after: str | None = None,
    before: str | None = None,
    descending: bool = False,
) -> Page[Row]:
    """One page of entities in the order of `keys`, the last of them unique. An odd cursor is the start."""
    start = _read(after or before, keys)
    backwards = bool(before) and start is not None
    downwards = descending != backwards
    if start is not None:
        here = sa.tuple_(*keys)
        query = query.where(here < start if downwards else here > start)
    query = query.order_by(*(key.desc() if downwards else key for key in keys)).limit(_size.get() + 1)
    rows = list(db.session.scalars(query))
    more = len(rows) > _size.get()
    rows = rows[: _size.get()]
    if backwards:
        rows.reverse()
    has_before, has_after = (more, True) if backwards else (start is not None, more)
    return Page(
        rows,
        _write(rows[0], keys) if has_before and rows else None,
        _write(rows[-1], keys) if has_after and rows else None,
    )


class Part(Protocol[Shown_co]):
    """A page of some list."""

    @property
    def rows(self) -> Sequence[Shown_co]: ...

    @property
    def after(self) -> str | None: ...


def stretches(fetch: Callable[[str | None], Part[Row]]) -> Iterator[Sequence[Row]]:
    """All of a list, read by the page's own function: it is given where to go on."""
    after: str | None = None
    while True:
        larger = _size.set(STRETCH)
        try:
            found = fetch(after)
        finally:
            _size.reset(larger)
        yield found.rows
        after = found.after
        if after is None:
            return


def one_by_one(fetch: Callable[[Place | None], list[Row]], place: Callable[[Row], Place]) -> Iterator[Row]:
    """All of a list that is read with one row too many where more follow."""
    after: Place | None = None
    while True:
        rows = fetch(after)
        yield from rows[:SIZE]
        if len(rows) <= SIZE:
            return
        after = place(rows[SIZE - 1])


def numbered(fetch: Callable[[int], tuple[list[Row], bool]]) -> Iterator[Row]:
    """All of a list with numbered pages."""
    for number in itertools.count(1):
        rows, has_more = fetch(number)
        yield from rows
        if not has_more:
            return


def bounded_count(query: sa.Select[Any]) -> int:
    """How many rows, but never looks further than ENOUGH + 1."""
    return bounded_counts([query], ENOUGH)[0]


def bounded_counts(queries: Iterable[sa.Select[Any]], enough: int) -> list[int]:
    """How many rows each finds, but never looks further than enough + 1; all at once."""
    some = (
        query.with_only_columns(sa.literal(1), maintain_column_froms=True).order_by(None).limit(enough + 1)
        for query in queries
    )
    counts = (sa.select(sa.func.count()).select_from(rows.subquery()).scalar_subquery() for rows in some)
    return list(db.session.execute(sa.select(*counts)).one())


def worded(count: int, enough: int | None = None) -> str:
    """As shown: 1,000+ when it went on from there. Without `enough` for what `bounded_count` counted."""
    enough = enough or ENOUGH
    return f"{format_decimal(enough)}+" if count > enough else format_decimal(count)


def _write(row: object, keys: Keys) -> str:
    values = [getattr(row, key.key) for key in keys]
    texts = [value.isoformat() if isinstance(value, date) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(texts).encode()).rstrip(b"=").decode()


def _read(cursor: str | None, keys: Keys) -> tuple[Any, ...] | None:
    if not cursor:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return tuple(_READERS[_kind(key)](value) for key, value in zip(keys, values, strict=True))
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None


def _kind(key: InstrumentedAttribute[Any]) -> type:
    return datetime if isinstance(key.type, UTCDateTime) else key.type.python_type


def _text(value: str) -> str:
    """Raises what `_read` expects of anything but a text that both databases hold."""
    if b"\0" in str.encode(value):
        raise ValueError("no database holds NUL")
    return value


def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


_READERS: dict[type, Callable[[Any], Any]] = {
    str: _text,
    int: lambda value: whole(str(value)),
    date: date.fromisoformat,
    datetime: _moment,
}
