"""A questionnaire as such, outside of any database: what an XLSForm is read to and written from."""

from dataclasses import dataclass, field
from typing import Any

from trainingapp.surveys.models import Anonymity, Level

Texts = dict[str, str]  # language -> text


@dataclass
class Section:
    key: str
    parent: str = ""  # key of the section around it
    title: Texts = field(default_factory=dict)
    hint: Texts = field(default_factory=dict)
    relevant: str = ""


@dataclass
class Item:
    """A question, as the columns of `questions` say it."""

    key: str
    kind: str
    section: str = ""  # key of the section it stands in
    level: Level = Level.REACTION
    is_required: bool = False
    wording: Texts = field(default_factory=dict)
    hint: Texts = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    relevant: str = ""
    required_if: str = ""
    constraint: str = ""
    constraint_text: Texts = field(default_factory=dict)
    calculation: str = ""
    choice_filter: str = ""
    appearance: str = ""


@dataclass
class Form:
    """Sections and questions stand in the order in which they are read."""

    title: str
    key: str
    languages: list[str]
    sections: list[Section] = field(default_factory=list)
    questions: list[Item] = field(default_factory=list)
    anonymity: Anonymity = Anonymity.CONFIDENTIAL
    asks_progress: bool = False
    version: str = ""


@dataclass(frozen=True)
class Remark:
    """What became of one place. Without a column the whole row is meant; without a row, the sheet."""

    sheet: str | None
    row: int | None
    column: str | None  # its heading; the letter of a column that has none
    what: str
    reason: str


@dataclass
class Report:
    """`left_behind` is not carried over, and the rest means the same without it; `refused` would not."""

    left_behind: list[Remark] = field(default_factory=list)
    refused: list[Remark] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def is_accepted(self) -> bool:
        return not self.refused
