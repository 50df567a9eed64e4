"""The map from a spreadsheet's columns to our keys: a JSON file that people read and correct.

    {"survey": "pre-course", "title": "Before the course", "source": "Google Forms", "sheet": "",
     "heading_row": 1, "language": "en", "collected_on": "", "day_first": null, "missing": ["NA"],
     "columns": [{"heading": "Timestamp", "use": "answered_at"},
                 {"heading": "How useful was it?", "use": "answer", "key": "relevance", "item": "",
                  "split": "", "choices": {"Very useful": "5", "No view": ""}}],
     "questions": {"budget": {"kind": "number", "level": "results", "wording": {"en": "…"}, "options": {}}},
     "check": ["What a person should look at before the import."]}

A choice that is mapped to "" is left out; one mapped to null stops the import until somebody decides.
`questions` says what to ask under a key that the survey does not have yet. Several columns may have one
key: with different items they are rows of one question, else each row of the file has it in one of them.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _

from trainingapp.letters import holdable
from trainingapp.refusals import Refusal

LONGEST_KEY = 60


class MapUnfit(Refusal):
    """The map is not one; the text says where."""


class Use(StrEnum):
    ANSWER = "answer"
    ANSWERED_AT = "answered_at"
    RESPONDENT = (
        "respondent"  # tells two answers of one person apart from those of two; never stored as it is
    )
    LANGUAGE = "language"
    LEAVE_OUT = "leave out"


@dataclass
class Column:
    heading: str
    use: Use = Use.LEAVE_OUT
    key: str = ""
    item: str = ""
    split: str = ""  # between several choices in one cell
    choices: dict[str, str | None] = field(default_factory=dict)  # as the file has it -> value
    why: str = ""  # it is left out

    def __post_init__(self) -> None:
        if self.use is Use.ANSWER and not self.key:
            raise MapUnfit(_("The column %(heading)s has no key.", heading=self.heading))
        if len(self.key) > LONGEST_KEY or len(self.item) > LONGEST_KEY:
            raise MapUnfit(
                _(
                    "%(heading)s: a key and an item have %(most)s characters at the most.",
                    heading=self.heading,
                    most=LONGEST_KEY,
                )
            )


@dataclass
class Asked:
    """A question that the survey does not have yet."""

    kind: str
    level: str = "reaction"
    wording: dict[str, str] = field(default_factory=dict)  # language -> text
    options: dict[str, Any] = field(default_factory=dict)


@dataclass
class Map:
    survey: str
    title: str = ""
    source: str = ""
    sheet: str = ""
    heading_row: int = 1
    language: str = "en"
    collected_on: str = ""  # a day, for rows that do not say when
    day_first: bool | None = None  # none: only dates that can be read in one way
    missing: list[str] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    questions: dict[str, Asked] = field(default_factory=dict)
    check: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.survey or len(self.survey) > LONGEST_KEY:
            raise MapUnfit(_("Name the survey that these answers belong to, in the map's “survey”."))
        if self.collected_on and not _is_day(self.collected_on):
            raise MapUnfit(_("“collected_on” is a day like 2019-07-13."))
        if self.heading_row < 1:
            raise MapUnfit(_("“heading_row” is a number from 1."))

    def only(self, use: Use) -> Column | None:
        """Raises MapUnfit when two columns have a use that one can have."""
        found = [column for column in self.columns if column.use is use]
        if len(found) > 1:
            raise MapUnfit(_("Two columns are mapped to “%(use)s”; there can be one.", use=use.value))
        return found[0] if found else None


def write(a_map: Map) -> dict[str, Any]:
    """As JSON has it, without what says nothing."""
    found = asdict(a_map)
    found["columns"] = [
        {name: value for name, value in column.items() if value or name in {"heading", "use"}}
        for column in found["columns"]
    ]
    return found


def read(raw: object) -> Map:
    """Of parsed JSON. Raises MapUnfit."""
    whole = _mapping(_holdable(raw), _("the map"))
    columns = whole.pop("columns", [])
    questions = _mapping(whole.pop("questions", {}), "questions")
    if not isinstance(columns, list):
        raise MapUnfit(_("“%(name)s” is not what it should be.", name="columns"))
    found = _made(Map, whole, _("the map"))
    for number, one in enumerate(columns, 1):
        place = f"columns, {number}"
        facts = _mapping(one, place)
        try:
            facts["use"] = Use(facts.get("use", Use.LEAVE_OUT))
        except ValueError as odd:
            uses = ", ".join(use.value for use in Use)
            raise MapUnfit(_("%(place)s: “use” is one of %(uses)s.", place=place, uses=uses)) from odd
        found.columns.append(_made(Column, facts, place))
    found.questions = {
        str(key): _made(Asked, _mapping(one, f"questions, {key}"), f"questions, {key}")
        for key, one in questions.items()
    }
    return found


def _holdable(raw: Any) -> Any:
    """Without the letters that a database cannot keep."""
    if isinstance(raw, str):
        return holdable(raw)
    if isinstance(raw, dict):
        return {_holdable(name): _holdable(value) for name, value in raw.items()}
    return [_holdable(one) for one in raw] if isinstance(raw, list) else raw


def _made(kind: type[Any], facts: Mapping[str, Any], place: str) -> Any:
    """A dataclass from JSON: no field it does not know, none of another type."""
    known = kind.__dataclass_fields__
    for name, value in facts.items():
        if name not in known:
            raise MapUnfit(_("%(place)s: “%(name)s” is nothing we know.", place=place, name=name))
        if not _fits(value, known[name].type):
            raise MapUnfit(_("%(place)s: “%(name)s” is not what it should be.", place=place, name=name))
    try:
        return kind(**facts)
    except TypeError as missing:
        raise MapUnfit(_("%(place)s is not complete.", place=place)) from missing


_TYPES: dict[Any, tuple[type, ...]] = {
    str: (str,),
    int: (int,),
    bool | None: (bool, type(None)),
    Use: (Use,),
    list[str]: (list,),
    dict[str, str]: (dict,),
    dict[str, Any]: (dict,),
    dict[str, str | None]: (dict,),
}


def _fits(value: object, wanted: Any) -> bool:
    if not isinstance(value, _TYPES.get(wanted, ())) or (wanted is int and isinstance(value, bool)):
        return False
    if wanted is list[str]:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if wanted in {dict[str, str], dict[str, str | None]}:
        values = value.values() if isinstance(value, dict) else ()
        return all(isinstance(one, str) or (one is None and wanted != dict[str, str]) for one in values)
    return True


def _mapping(raw: object, place: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise MapUnfit(_("%(place)s is not what it should be.", place=place))
    return dict(raw)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
