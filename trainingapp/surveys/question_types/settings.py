"""What can be set of a question, one class a shape of setting: how it is shown, typed and translated."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from anyascii import anyascii
from flask_babel import LazyString
from flask_babel import gettext as _

from trainingapp.surveys.question_types.contract import OptionsUnfit
from trainingapp.surveys.wording import spoken

NOTHING: Any = object()  # the setting is left out of the options
_WORDS_OF_A_VALUE = 5
_SPARE_ROWS = 1  # that one may write into without asking for a row


def value_for(text: str, taken: Sequence[str]) -> str:
    """A name for a new choice: the first words of its text, with a number where it is taken."""
    words = re.findall(r"[a-z0-9]+", anyascii(text).casefold())[:_WORDS_OF_A_VALUE]
    name = found = "_".join(words)[:40] or "choice"
    number = 2
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found


@dataclass(frozen=True)
class Setting(ABC):
    name: str
    label: LazyString
    hint: LazyString | str = ""

    partial: ClassVar[str]

    @property
    def field(self) -> str:
        return f"o-{self.name}"

    def fresh(self, language: str) -> Any:
        """Of a new question; NOTHING to leave it out."""
        return NOTHING

    @abstractmethod
    def shown(self, options: Mapping[str, Any], language: str) -> Any:
        """For its partial."""

    @abstractmethod
    def read(self, typed: Mapping[str, str], options: Mapping[str, Any], language: str) -> Any:
        """What the options say from now on; NOTHING to say nothing. Raises OptionsUnfit."""

    def texts(self, options: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Texts to translate: a name within the question, and language -> text."""
        yield from ()


class Words(Setting):
    """A text in each language."""

    partial = "surveys/settings/_words.html"

    def shown(self, options: Mapping[str, Any], language: str) -> str:
        return str((options.get(self.name) or {}).get(language, ""))

    def read(self, typed: Mapping[str, str], options: Mapping[str, Any], language: str) -> Any:
        text = typed.get(self.field, "").strip()
        found = {**(options.get(self.name) or {}), language: text}
        kept = {tag: words for tag, words in found.items() if words}
        return kept or NOTHING

    def texts(self, options: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        if options.get(self.name):
            yield self.name, options[self.name]


@dataclass(frozen=True)
class Figure(Setting):
    """A number; empty for none."""

    first: int | None = None  # of a new question

    partial = "surveys/settings/_figure.html"

    def fresh(self, language: str) -> Any:
        return NOTHING if self.first is None else self.first

    def shown(self, options: Mapping[str, Any], language: str) -> str:
        value = options.get(self.name)
        return "" if value is None else f"{value:.15g}"

    def read(self, typed: Mapping[str, str], options: Mapping[str, Any], language: str) -> Any:
        text = typed.get(self.field, "").strip().replace(",", ".")
        if not text:
            return NOTHING
        if not re.fullmatch(r"-?\d{1,12}(\.\d{1,6})?", text):
            raise OptionsUnfit(_("Write a number with digits only, like 12."), self.name)
        number = float(text)
        return int(number) if number.is_integer() else number


class Text(Setting):
    """As it is typed, the same in each language."""

    partial = "surveys/settings/_words.html"

    def shown(self, options: Mapping[str, Any], language: str) -> str:
        return str(options.get(self.name) or "")

    def read(self, typed: Mapping[str, str], options: Mapping[str, Any], language: str) -> Any:
        return typed.get(self.field, "").strip() or NOTHING


@dataclass(frozen=True)
class Tick(Setting):
    is_usual: bool = False

    partial = "surveys/settings/_tick.html"

    def shown(self, options: Mapping[str, Any], language: str) -> bool:
        return bool(options.get(self.name, self.is_usual))

    def read(self, typed: Mapping[str, str], options: Mapping[str, Any], language: str) -> Any:
        ticked = self.field in typed
        return NOTHING if ticked == self.is_usual else ticked


@dataclass(frozen=True)
class Pick(Setting):
    among: Sequence[tuple[str, LazyString]] = ()  # the first one is usual

    partial = "surveys/settings/_pick.html"

    def shown(self, options: Mapping[str, Any], language: str) -> str:
        return str(options.get(self.name) or self.among[0][0])

    def read(self, typed: Mapping[str, str], options: Mapping[str, Any], language: str) -> Any:
        chosen = typed.get(self.field, "")
        return chosen if chosen in {value for value, _label in self.among[1:]} else NOTHING


@dataclass(frozen=True)
class Listed:
    """One row of a list on its page."""

    value: str
    text: str


@dataclass(frozen=True)
class Rows(Setting):
    """Things with a value and a text: choices, or what the same is asked about.

    Fields: `o-<name>-<row>-text` and `-value`. An empty row counts for nothing.
    """

    is_fresh: bool = True  # a new question has two

    partial = "surveys/settings/_rows.html"

    def fresh(self, language: str) -> Any:
        if not self.is_fresh:
            return NOTHING
        with spoken(language):
            return [
                {"value": f"row_{number}", "text": {language: _("Answer %(number)s", number=number)}}
                for number in (1, 2)
            ]

    def shown(self, options: Mapping[str, Any], language: str) -> list[Listed]:
        rows = [
            Listed(one["value"], str(one["text"].get(language, ""))) for one in options.get(self.name) or []
        ]
        return [*rows, *[Listed("", "")] * _SPARE_ROWS]

    def read(self, typed: Mapping[str, str], options: Mapping[str, Any], language: str) -> Any:
        known = {one["value"]: one for one in options.get(self.name) or []}
        found: list[dict[str, Any]] = []
        for number in range(len(known) + len(typed)):
            text = typed.get(f"{self.field}-{number}-text")
            if text is None:
                break
            value = typed.get(f"{self.field}-{number}-value", "").strip()
            if value not in known and not text.strip():
                continue
            value = value or value_for(text, [*known, *(one["value"] for one in found)])
            one = known.get(value, {"value": value, "text": {}})
            texts = {**one["text"], language: " ".join(text.split())}
            found.append({**one, "text": {tag: words for tag, words in texts.items() if words}})
        return found or NOTHING

    def texts(self, options: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        for one in options.get(self.name) or []:
            yield f"{self.name}.{one['value']}", one["text"]

    def rearranged(self, listed: Sequence[Any], verb: str, value: str) -> list[Any]:
        """Moved up or down, or taken out."""
        at = next((at for at, one in enumerate(listed) if one["value"] == value), None)
        rows = list(listed)
        if at is None:
            return rows
        row = rows.pop(at)
        if verb != "out":
            rows.insert(max(0, at - 1 if verb == "up" else at + 1), row)
        return rows
