"""The kinds of rules that the standard has: each a class, by the name that the ruleset calls it."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from dateutil.relativedelta import relativedelta
from flask_babel import gettext as _

from trainingapp.impact.iati import rule_words
from trainingapp.impact.iati.rule import At, Broken, Path, Rule

WHOLE = 100
NEEDS_A_LIST = "ORG-ID-PREFIX"
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
LONGEST = 60  # characters of a number


class Unique(Rule):
    kind = "unique"

    def broken(self, at: At) -> Iterator[Broken]:
        seen: set[str] = set()
        for where, text in self.all_found(at):
            if text.strip() in seen:
                yield (
                    where,
                    _(
                        "“%(text)s” is the identifier of the organisation too. The activity needs its own.",
                        text=text.strip()[:80],
                    ),
                )
            seen.add(text.strip())


class StartsWith(Rule):
    kind = "startswith"

    def prepare(self, case: dict[str, Any]) -> None:
        needs_a_list = NEEDS_A_LIST in case["prefix"]
        self.prefixes = [] if needs_a_list else [Path(text) for text in case["prefix"]]
        self.separator: str = case.get("separator", "")

    def broken(self, at: At) -> Iterator[Broken]:
        prefixes = [text.strip() for path in self.prefixes for _where, text in path.found(at)]
        for where, text in self.all_found(at) if prefixes else ():
            if not text.strip().startswith(tuple(prefix + self.separator for prefix in prefixes)):
                yield (
                    where,
                    _(
                        "“%(text)s” should begin with “%(prefix)s”.",
                        text=text.strip()[:80],
                        prefix=prefixes[0][:60] + self.separator,
                    ),
                )


class AtLeastOne(Rule):
    kind = "atleast_one"

    def broken(self, at: At) -> Iterator[Broken]:
        if not self.all_found(at):
            yield at.element, rule_words.missing(self.id)


class NoMoreThanOne(Rule):
    kind = "no_more_than_one"

    def broken(self, at: At) -> Iterator[Broken]:
        found = [thing for path in self.paths for thing in path(at)]
        if len(found) > 1:
            yield found[1], rule_words.broken(self.id)


class OneOrAll(Rule):
    """Said once for the activity, or at each place that it is about."""

    kind = "one_or_all"
    PLACES: ClassVar[dict[str, str]] = {
        "lang": ".//narrative[normalize-space() and not(@xml:lang)]",
        "sector": "transaction[not(sector)]",
        "currency": "(.//value | fss/forecast | crs-add/loan-status)[not(@currency)]",
    }

    def prepare(self, case: dict[str, Any]) -> None:
        self.one, self.lacking = Path(case["one"]), Path(self.PLACES[case["all"]])

    def broken(self, at: At) -> Iterator[Broken]:
        if not self.one(at):
            for where in self.lacking(at)[:1]:
                yield where, rule_words.broken(self.id)


class DateNow(Rule):
    kind = "date_now"

    def prepare(self, case: dict[str, Any]) -> None:
        self.paths = [Path(case["date"])]

    def broken(self, at: At) -> Iterator[Broken]:
        for where, text in self.all_found(at):
            told = moment(text)
            if told is not None and told > at.now:
                yield where, _("%(moment)s is in the future.", moment=text)


class DateOrder(Rule):
    kind = "date_order"
    NOW = "NOW"

    def prepare(self, case: dict[str, Any]) -> None:
        self.less = Path(case["less"])
        self.more = None if case["more"] == self.NOW else Path(case["more"])

    def broken(self, at: At) -> Iterator[Broken]:
        for where, first in self.less.found(at):
            begins = day(first)
            if begins is None:
                continue
            if self.more is None:
                if begins > at.now.date():
                    yield (
                        where,
                        _("%(day)s is in the future. This date tells of what has happened.", day=first),
                    )
                continue
            for there, last in self.more.found(at):
                ends = day(last)
                if ends is not None and begins > ends:
                    yield there, _("The end, %(end)s, is before the start, %(start)s.", end=last, start=first)


class TimeLimit(Rule):
    kind = "time_limit"

    def prepare(self, case: dict[str, Any]) -> None:
        self.start, self.end = Path(case["start"]), Path(case["end"])

    def broken(self, at: At) -> Iterator[Broken]:
        starts, ends = ([day(text) for _where, text in path.found(at)] for path in (self.start, self.end))
        if starts and ends and starts[0] and ends[0] and ends[0] > _year_after(starts[0]):
            yield at.element, rule_words.broken(self.id)


class RegexMatches(Rule):
    kind = "regex_matches"
    FORBIDDEN = frozenset("/&|?")  # what the only pattern of the ruleset forbids

    def broken(self, at: At) -> Iterator[Broken]:
        for where, text in self.all_found(at):
            if self.FORBIDDEN & set(text):
                yield (
                    where,
                    _(
                        "“%(text)s” holds one of the signs / & | ?, which an identifier may not.",
                        text=text.strip()[:80],
                    ),
                )


class NoSpaces(Rule):
    kind = "no_spaces"

    def broken(self, at: At) -> Iterator[Broken]:
        for where, text in self.all_found(at):
            if text != text.strip():
                yield (
                    where,
                    _(
                        "The identifier “%(text)s” begins or ends with a space or a new line.",
                        text=text.strip()[:80],
                    ),
                )


class StrictSum(Rule):
    """To four decimals, as the validator of the standard does it: thirds are written with some digits."""

    kind = "strict_sum"

    def broken(self, at: At) -> Iterator[Broken]:
        found = self.all_found(at)
        numbers = [given for _where, text in found if (given := number(text)) is not None]
        if not found:
            yield at.element, rule_words.broken(self.id)
        elif len(numbers) == len(found) and round(sum(numbers, Decimal(0)), 4) != WHOLE:
            yield found[0][0], _("The percentages add up to %(sum)s, not to 100.", sum=sum(numbers))


class Range(Rule):
    kind = "range"

    def prepare(self, case: dict[str, Any]) -> None:
        self.least, self.most = Decimal(str(case["min"])), Decimal(str(case["max"]))

    def broken(self, at: At) -> Iterator[Broken]:
        for where, text in self.all_found(at):
            given = number(text)
            if given is not None and not self.least <= given <= self.most:
                yield where, _("A percentage is between 0 and 100; here is %(given)s.", given=text)


class IfThen(Rule):
    kind = "if_then"

    def prepare(self, case: dict[str, Any]) -> None:
        self.when, self.then = Path(case["if"]), Path(case["then"])

    def broken(self, at: At) -> Iterator[Broken]:
        if self.when(at) and not self.then(at):
            things = [thing for path in self.paths for thing in path(at)]
            elements = [thing for thing in things if not isinstance(thing, str)]
            yield (elements or [at.element])[0], rule_words.broken(self.id)


KINDS: dict[str, type[Rule]] = {rule.kind: rule for rule in Rule.__subclasses__()}


def day(text: str) -> date | None:
    """Of an xsd:date, which may end with a time zone; none where the schema has something to say."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def _year_after(day: date) -> date:
    """The last day there is, where the calendar ends before."""
    return date.max if day.year == date.max.year else day + relativedelta(years=1)


def moment(text: str) -> datetime | None:
    """Of an xsd:dateTime; without a zone it is taken as UTC."""
    try:
        told = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def number(text: str) -> Decimal | None:
    """Of an xsd:decimal, which has no exponent; none of one that is too long to be added up."""
    written = text.strip()
    return Decimal(written) if len(written) <= LONGEST and NUMBER.fullmatch(written) else None
