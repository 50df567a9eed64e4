"""The fields of a form on somebody else's platform: how each is typed, read and written. Pure.

Whatever was typed is kept as it was typed; what is wrong with it the checks say.
"""

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from flask_babel import LazyString, force_locale
from werkzeug.datastructures import MultiDict

from trainingapp import countries
from trainingapp.submissions.lists import Group, Lists

Value = Any  # what JSON keeps of it: a text, a list of texts, or a list of rows (column -> text)
Options = Callable[[Lists], list[Group]]

LONGEST = 20_000  # characters of one text
MOST = 200  # lines, codes or rows
SPARE_ROWS = 2  # empty ones, to add more without a script
_NO_LETTERS = {"Cc", "Cs"}  # control signs and halves of letters
_NOWHERE = "\ufffe\uffff"  # in no file of Word
_GOAL = re.compile(r"(?<![\w.])0?(\d{1,2}(?:\.(?:\d{1,2}|[a-d]))?)(?![\w])(?!\.\w)")


class Need(StrEnum):
    """Who asks for it."""

    PLATFORM = "platform"
    PRACTICE = "practice"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Field(ABC):
    key: str
    label: LazyString
    hint: LazyString | str = ""
    need: Need = Need.PLATFORM
    called: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # language -> its other labels

    control: ClassVar[str]  # a macro of templates/submissions/_controls.html
    is_prose: ClassVar[bool] = False  # written in a language, its words are counted

    @property
    def blank(self) -> Value:
        """Of an entry that holds nothing there."""
        return ""

    @property
    def own_label(self) -> str:
        """As the platform itself writes it: in English."""
        with force_locale("en"):
            return str(self.label)

    def typed(self, form: MultiDict[str, str]) -> Value:
        return clean(form.get(self.key, ""))

    @abstractmethod
    def understood(self, text: str, lists: Lists) -> Value:
        """From the text of a published entry."""

    @abstractmethod
    def written(self, value: Value, lists: Lists) -> str:
        """As it is pasted into the platform's own form, in its words."""


class _OneText(Field):
    def understood(self, text: str, lists: Lists) -> Value:  # noqa: ARG002 - of a list only where one is
        return clean(text)

    def written(self, value: Value, lists: Lists) -> str:  # noqa: ARG002 - as above
        return str(value)


@dataclass(frozen=True)
class Prose(_OneText):
    least: int = 0  # words
    most: int = 0  # words; 0: no limit
    rows: int = 1

    control = "prose"
    is_prose = True


@dataclass(frozen=True)
class Short(_OneText):
    """A name, a year, a number, an address."""

    mode: str = "text"  # which keys a phone shows

    control = "short"


@dataclass(frozen=True)
class Choice(_OneText):
    """One of a list. An answer that is no option stays as it was."""

    options: Options = field(default=lambda _lists: [])
    also: Mapping[str, str] = field(default_factory=dict)  # another word for an option -> its code

    control = "choice"

    def understood(self, text: str, lists: Lists) -> Value:
        plain = clean(text)
        is_numbered = any(
            code[:1].isdigit() for _heading, group in self.options(lists) for code, _text in group
        )
        number = _goal(plain) if is_numbered else ""
        return _code(plain, self.options, lists) or self.also.get(plain.casefold()) or number or plain

    def written(self, value: Value, lists: Lists) -> str:
        return _worded(str(value), self.options, lists)


class _Many(Field):
    @property
    def blank(self) -> Value:
        return []


@dataclass(frozen=True)
class Names(_Many):
    """Countries or organisations, one a line."""

    control = "names"

    def typed(self, form: MultiDict[str, str]) -> Value:
        return _lines(form.get(self.key, ""))

    def understood(self, text: str, lists: Lists) -> Value:  # noqa: ARG002 - of no list
        return _parts(text)

    def written(self, value: Value, lists: Lists) -> str:  # noqa: ARG002 - as above
        return "\n".join(value)


@dataclass(frozen=True)
class Codes(_Many):
    """Some of a list, by their codes."""

    options: Options = field(default=lambda _lists: [])

    control = "codes"

    def typed(self, form: MultiDict[str, str]) -> Value:
        codes = [clean(code) for code in form.getlist(self.key)]
        return list(dict.fromkeys(code for code in codes if code))[:MOST]

    def understood(self, text: str, lists: Lists) -> Value:
        """Platforms write “09 - Industry, Innovation”: the number counts; without one, the words do."""
        parts = _lines(text)
        numbers = [_goal(part) for part in parts] if len(parts) > 1 else _GOAL.findall(text)
        found = (
            numbers
            if all(numbers) and numbers
            else [_code(one, self.options, lists) or one for one in _parts(text)]
        )
        return list(dict.fromkeys(found))

    def written(self, value: Value, lists: Lists) -> str:
        return "\n".join(_worded(code, self.options, lists) for code in value)


@dataclass(frozen=True)
class Column:
    key: str
    label: LazyString
    span: str  # of twelve, as in .lines
    options: Options | None = None


@dataclass(frozen=True)
class Rows(Field):
    columns: tuple[Column, ...] = ()

    control = "rows"

    @property
    def blank(self) -> Value:
        return []

    def typed(self, form: MultiDict[str, str]) -> Value:
        lists = [[clean(text) for text in form.getlist(f"{self.key}-{one.key}")] for one in self.columns]
        many = min(max((len(each) for each in lists), default=0), MOST)
        rows = [
            {
                one.key: each[place] if place < len(each) else ""
                for one, each in zip(self.columns, lists, strict=True)
            }
            for place in range(many)
        ]
        return [row for row in rows if any(row.values())]

    def understood(self, text: str, lists: Lists) -> Value:
        """A row a line, its parts between bars: “Chamber of batik makers | Civil society”; what is more stays
        in the last one.
        """
        rows = []
        for line in _lines(text):
            parts = [part.strip() for part in line.split("|", len(self.columns) - 1)]
            parts += [""] * (len(self.columns) - len(parts))
            rows.append(
                {
                    one.key: (one.options and _code(part, one.options, lists)) or part
                    for one, part in zip(self.columns, parts, strict=False)
                }
            )
        return rows

    def written(self, value: Value, lists: Lists) -> str:
        return "\n".join(
            " | ".join(
                _worded(row.get(one.key, ""), one.options, lists) if one.options else row.get(one.key, "")
                for one in self.columns
            ).rstrip(" |")
            for row in value
        )


def clean(text: str) -> str:
    """Without what no text holds; one kind of line end; not too long."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")[:LONGEST]
    return "".join(
        letter
        for letter in lines
        if letter in "\n\t" or (unicodedata.category(letter) not in _NO_LETTERS and letter not in _NOWHERE)
    ).strip()


def fits(value: object, of: Field) -> bool:
    """Whether something from outside has the shape that the field keeps."""
    if isinstance(of, Rows):
        keys = {one.key for one in of.columns}
        return isinstance(value, list) and all(
            isinstance(row, dict) and set(row) <= keys and all(isinstance(part, str) for part in row.values())
            for row in value
        )
    if isinstance(of, _Many):
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return isinstance(value, str)


def told(code: str, text: str) -> str:
    """An option as it is read: its number stands before its words, unless they say it."""
    return f"{code} {text}" if code[:1].isdigit() and code not in text else text


def words(text: str) -> int:
    """Parts between spaces that hold a letter or a digit. static/app.js counts in the same way."""
    return sum(any(letter.isalnum() for letter in part) for part in text.split())


def same(label: str) -> str:
    """As labels are compared."""
    return countries.key(label)


def _goal(text: str) -> str:
    found = _GOAL.search(text)
    return str(found[1]) if found else ""


def _code(text: str, options: Options, lists: Lists) -> str:
    """The option meant by a code or by its words, as the platform writes them; empty when none is."""
    with force_locale("en"):
        groups = options(lists)
    meant = same(text)
    return next(
        (code for _heading, group in groups for code, words_ in group if meant in (same(code), same(words_))),
        "",
    )


def _worded(code: str, options: Options, lists: Lists) -> str:
    """As the platform writes it; numbers stay beside their words."""
    with force_locale("en"):
        texts = {each: text for _heading, group in options(lists) for each, text in group}
    return told(code, texts.get(code, code))


def _parts(text: str) -> list[str]:
    """One a line; of one line, what stands between semicolons or else commas."""
    lines = _lines(text)
    mark = ";" if ";" in text else r",(?![^(]*\))"
    return _lines(re.sub(mark, "\n", text)) if len(lines) == 1 else lines


def _lines(text: str) -> list[str]:
    lines = [re.sub(r"^[\s•*\u2013-]+\s", "", clean(line)) for line in clean(text).split("\n")]
    return [line for line in lines if line][:MOST]
