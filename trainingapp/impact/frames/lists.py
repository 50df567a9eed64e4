"""Lists of a frame from a spreadsheet: its indicators, its action lines, or what countries gave.

A kind of list is a class, known by the headings that only it has. All of a file comes in, or nothing and a
sentence with the row. What a list says nothing of stays empty; what it leaves out is no longer offered.
"""

import csv
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp import countries
from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.db import db
from trainingapp.impact.frames import actions
from trainingapp.impact.frames.models import FrameIndicator, FrameLine, MonitoringRound, Rank
from trainingapp.plans import amounts
from trainingapp.programmes.frame_models import FrameItem, ReferenceFrame
from trainingapp.refusals import Refusal
from trainingapp.spreadsheets import reading

SHIPPED = Path(__file__).parent / "indicators.csv"
Row = Mapping[str, str]  # heading -> text


class ListUnreadable(Refusal):
    """Something in the file has no place; says in which row."""


@dataclass(frozen=True)
class Loaded:
    kind: str
    added: int
    changed: int
    left_out: int  # no longer offered


class FrameList(ABC):
    kind: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]
    columns: ClassVar[tuple[str, ...]]

    def __init__(self, frame: ReferenceFrame, by: User | None, now: datetime) -> None:
        self.frame, self.by, self.now = frame, by, now
        self.goals, self.measures = _codes(FrameItem, frame), _codes(FrameIndicator, frame)

    @abstractmethod
    def keep(self, rows: Sequence[tuple[int, Row]]) -> Loaded:
        """Rows come with their numbers. Raises ListUnreadable."""

    def item(self, number: int, row: Row) -> int | None:
        return self.one_of(number, "goal", row["goal"], self.goals)

    def one_of(self, number: int, column: str, code: str, known: Mapping[str, int]) -> int | None:
        if code and code not in known:
            raise ListUnreadable(
                _(
                    "Row %(row)d: “%(text)s” under %(column)s is not known in this frame.",
                    row=number,
                    text=code,
                    column=column,
                ),
                "file",
            )
        return known.get(code)


def _codes(table: type[FrameItem] | type[FrameIndicator], frame: ReferenceFrame) -> dict[str, int]:
    rows = db.session.execute(sa.select(table.code, table.id).where(table.frame_id == frame.id))
    return {row.code: row.id for row in rows}


class _CodedList(FrameList):
    """Its rows have codes by which they are found again."""

    table: ClassVar[type[FrameIndicator] | type[FrameLine]]

    def keep(self, rows: Sequence[tuple[int, Row]]) -> Loaded:
        query = sa.select(self.table).where(self.table.frame_id == self.frame.id)
        rows_there: Sequence[Any] = db.session.scalars(query).all()
        known: dict[str, Any] = {row.code: row for row in rows_there}
        seen: dict[str, int] = {}
        added = 0
        for number, row in rows:
            code = _short(number, "code", row["code"])
            if not code or " " in code or code in seen:
                raise ListUnreadable(
                    _("Row %(row)d: each line needs a code of its own, without spaces.", row=number), "file"
                )
            kept = known.get(code) or self.table(frame_id=self.frame.id, code=code)
            for field, value in {**self.facts(number, row), "position": len(seen) + 1}.items():
                setattr(kept, field, value)
            kept.is_offered = True
            added += code not in known
            seen[code] = number
            db.session.add(kept)
        gone = [row for code, row in known.items() if code not in seen and row.is_offered]
        for row in gone:
            row.is_offered = False
        db.session.flush()
        return Loaded(self.kind, added, len(seen) - added, len(gone))

    @abstractmethod
    def facts(self, number: int, row: Row) -> dict[str, Any]:
        """Columns of the table. Raises ListUnreadable."""


class Indicators(_CodedList):
    kind = "indicators"
    table = FrameIndicator
    needs = ("code", "name", "unit")
    columns = (
        *("code", "name", "goal", "rank", "unit", "numerator", "denominator", "counted_in", "also_called"),
        *("source", "frequency", "gap", "as_of"),
    )

    def facts(self, number: int, row: Row) -> dict[str, Any]:
        rank = row["rank"] or Rank.MAIN.value
        if rank not in set(Rank):
            raise ListUnreadable(_("Row %(row)d: a rank is main or operational.", row=number), "file")
        texts = ("name", "unit", "numerator", "denominator", "counted_in", "source", "frequency", "gap")
        return {
            **{text: _short(number, text, row[text]) for text in texts},
            "rank": Rank(rank),
            "also_called": [word.strip() for word in row["also_called"].split(";") if word.strip()],
            "item_id": self.item(number, row),
            "as_of": _day(number, row["as_of"]),
        }


class ActionLines(_CodedList):
    kind = "action lines"
    table = FrameLine
    needs = ("code", "text", "champion")
    columns = (
        *("code", "text", "goal", "champion", "partners", "status", "indicator"),
        *("starts_on", "ends_on", "reported_on", "report_due_on"),
    )

    def facts(self, number: int, row: Row) -> dict[str, Any]:
        days = ("starts_on", "ends_on", "reported_on", "report_due_on")
        return {
            **{text: _short(number, text, row[text]) for text in ("text", "partners", "status")},
            **{day: _day(number, row[day]) for day in days},
            "champion": _country(number, row["champion"]) if row["champion"] else "",
            "item_id": self.item(number, row),
            "indicator_id": self.one_of(number, "indicator", row["indicator"], self.measures),
        }


class Values(FrameList):
    """A value that is empty is a gap."""

    kind = "values"
    needs = ("round", "indicator", "country", "value")
    columns = ("round", "indicator", "country", "value", "year", "definition", "source", "comparability")

    def keep(self, rows: Sequence[tuple[int, Row]]) -> Loaded:
        query = sa.select(MonitoringRound).where(MonitoringRound.frame_id == self.frame.id)
        rounds = {one.name: one for one in db.session.scalars(query)}
        found = sa.select(FrameIndicator).where(FrameIndicator.frame_id == self.frame.id)
        indicators = {one.code: one for one in db.session.scalars(found)}
        numbers = {name: one.id for name, one in rounds.items()}
        for number, row in rows:
            self.one_of(number, "round", row["round"], numbers)
            self.one_of(number, "indicator", row["indicator"], self.measures)
            try:
                actions.record_value(
                    rounds[row["round"]],
                    indicators[row["indicator"]],
                    _country(number, row["country"]),
                    amounts.read(row["value"]) if row["value"] else None,
                    self.by,
                    self.now,
                    year=_year(number, row["year"]),
                    **{
                        word: _short(number, word, row[word])
                        for word in ("definition", "source", "comparability")
                    },
                )
            except KeyError as empty:
                text = _("Row %(row)d: name its round and its indicator.", row=number)
                raise ListUnreadable(text, "file") from empty
            except ListUnreadable:
                raise
            except Refusal as refusal:
                text = _("Row %(row)d: %(why)s", row=number, why=str(refusal))
                raise ListUnreadable(text, "file") from refusal
        return Loaded(self.kind, len(rows), 0, 0)


KINDS: tuple[type[FrameList], ...] = (Values, ActionLines, Indicators)


def load(frame: ReferenceFrame, data: bytes, by: User | None, now: datetime) -> Loaded:
    """Raises spreadsheets.reading.Unreadable or ListUnreadable, and then nothing changed."""
    kind, rows = _understood(reading.read(data))
    with db.session.begin_nested():
        loaded = kind(frame, by, now).keep(rows)
    audit.record(frame, "list loaded", after=f"{loaded.kind}: {loaded.added} new, {loaded.changed} known")
    return loaded


def ship(now: datetime) -> int:
    """The indicators that came with the product, for frames that have none. Says how many got theirs."""
    with SHIPPED.open(encoding="utf-8", newline="") as lines:
        every = list(csv.DictReader(lines))
    has = sa.exists().where(FrameIndicator.frame_id == ReferenceFrame.id)
    bare = db.session.scalars(sa.select(ReferenceFrame).where(~has)).all()
    frames = [frame for frame in bare if frame.key in {row["frame"] for row in every}]
    for frame in frames:
        own = [(number, row) for number, row in enumerate(every, 2) if row["frame"] == frame.key]
        loaded = Indicators(frame, None, now).keep(own)
        audit.record(frame, "list loaded", after=f"{loaded.kind}: {loaded.added} new")
    return len(frames)


def _understood(sheets: Sequence[reading.Sheet]) -> tuple[type[FrameList], list[tuple[int, Row]]]:
    for sheet in sheets:
        headings = [countries.key(text).replace(" ", "_") for text in (sheet.rows or [[]])[0]]
        for kind in KINDS:
            if set(kind.needs) <= set(headings):
                rows: list[tuple[int, Row]] = [
                    (number, {**dict.fromkeys(kind.columns, ""), **dict(zip(headings, cells, strict=False))})
                    for number, cells in enumerate(sheet.rows[1:], 2)
                    if any(cells)
                ]
                return kind, rows
    needs = "; ".join(f"{kind.kind}: {', '.join(kind.columns)}" for kind in KINDS)
    raise ListUnreadable(_("The first row names the columns. Known are %(needs)s.", needs=needs), "file")


def _short(number: int, column: str, text: str) -> str:
    longest = {"code": 20, "unit": 60, "counted_in": 60, "frequency": 60, "status": 60}.get(column, 300)
    if len(text) > longest:
        raise ListUnreadable(
            _(
                "Row %(row)d: the text under %(column)s is longer than %(longest)d letters.",
                row=number,
                column=column,
                longest=longest,
            ),
            "file",
        )
    return text


def _day(number: int, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as odd:
        text = _("Row %(row)d: write days like 2026-03-09.", row=number)
        raise ListUnreadable(text, "file") from odd


def _year(number: int, text: str) -> int | None:
    if text and not (text.isascii() and text.isdecimal() and len(text) == len("2026")):
        raise ListUnreadable(_("Row %(row)d: a year has four digits.", row=number), "file")
    return int(text) if text else None


def _country(number: int, text: str) -> str:
    found = countries.find(text)
    if found is None:
        raise ListUnreadable(
            _("Row %(row)d: “%(text)s” is no country we know.", row=number, text=text), "file"
        )
    return found
