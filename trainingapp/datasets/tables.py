"""The tables of a package: what each column means, and its rows. English, whatever the reader speaks: a
package is read by programs and by people of many countries.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trainingapp.cohorts.models import EnrolmentKind
from trainingapp.datasets.anonymity import COARSEST, Group, Levels, Record, Shown
from trainingapp.datasets.ladders import TRAITS
from trainingapp.participants.models import Sex
from trainingapp.plans.models import PlanState, Problem
from trainingapp.plans.progress.models import EvidenceLevel

Cell = str | int


@dataclass(frozen=True)
class Field:
    name: str
    title: str
    description: str
    type: str = "string"
    values: tuple[str, ...] = ()  # all that may stand there
    is_required: bool = False

    def described(self) -> dict[str, Any]:
        constraints: dict[str, Any] = {"required": True} if self.is_required else {}
        if self.values:
            constraints["enum"] = list(self.values)
        facts = {"name": self.name, "type": self.type, "title": self.title, "description": self.description}
        return {**facts, "constraints": constraints} if constraints else facts


@dataclass(frozen=True)
class TableFile:
    name: str
    title: str
    description: str
    fields: Sequence[Field]
    rows: Sequence[Sequence[Cell]]
    key: tuple[str, ...] = ()
    points: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # table -> fields of the same names

    @property
    def path(self) -> str:
        return f"{self.name}.csv"


_YEARS = "Year of the edition. A span where several years are told as one."
TOLD = {
    "year": Field("year", "Year", _YEARS, "year"),
    "years": Field("years", "Years", _YEARS),
    "country": Field("country", "Country", "Nominating country, ISO 3166-1 alpha-2."),
    "region": Field("region", "Region", "Sub-region of the United Nations (M49) of the nominating country."),
    "age": Field("age", "Age", "Ten-year band at the first day of the edition; empty: not recorded."),
    "sex": Field("sex", "Sex", "As the person stated it.", values=tuple(one.value for one in Sex)),
    "kind": Field(
        "kind", "Kind", "In what role the person took part.", values=tuple(one.value for one in EnrolmentKind)
    ),
}
PLAN_FACTS = (
    Field(
        "state",
        "State of the plan",
        "As last reported.",
        values=tuple(one.value for one in PlanState if one is not PlanState.DRAFT),
    ),
    Field(
        "evidence",
        "Level of evidence",
        "The best that shows one of its activities; empty: nothing reported.",
        values=tuple(one.value for one in EvidenceLevel),
    ),
    Field(
        "problem",
        "Problem",
        "What kind of problem the plan works on.",
        values=tuple(one.value for one in Problem),
    ),
    Field(
        "months",
        "Months until the last report",
        "From the last day of the edition, in bands.",
        values=("0-3", "4-6", "7-12", "13-24", "25+"),
    ),
)
SILENT = " Empty too where all of a group would say the same."


def told(levels: Levels) -> list[Field]:
    """Traits that have a column at these levels."""
    return [
        TOLD[trait.columns[level]]
        for trait, level, last in zip(TRAITS, levels, COARSEST, strict=True)
        if level < last
    ]


def _cells(group: Group, levels: Levels) -> list[Cell]:
    cells = zip(group, levels, COARSEST, strict=False)
    return [value for value, level, last in cells if level < last]


def people(shown: Shown, levels: Levels, order: Any) -> TableFile:
    rows = [(record, _cells(group, levels)) for group, records in shown.items() for record in records]
    description = "One row for each place taken: who came to two editions has two rows. In random order."
    return TableFile("people", "People", description, told(levels), _shuffled("people", rows, order))


def plans(shown: Shown, levels: Levels, diverse: Sequence[set[Group]], order: Any) -> TableFile:
    """`diverse`: of each fact the groups that may be told it."""
    rows = [
        (
            record,
            _cells(group, levels)
            + [value if group in groups else "" for value, groups in zip(record.facts, diverse, strict=True)],
        )
        for group, records in shown.items()
        for record in records
    ]
    facts = [Field(one.name, one.title, one.description + SILENT, values=one.values) for one in PLAN_FACTS]
    description = "One row for each action plan that was sent in. In random order, not that of the people."
    return TableFile(
        "plans", "Action plans", description, [*told(levels), *facts], _shuffled("plans", rows, order)
    )


def _shuffled(table: str, rows: Sequence[tuple[Record, list[Cell]]], order: Any) -> list[list[Cell]]:
    """By a secret: nobody learns from the order who came first, and one package is always the same."""
    placed = sorted((order(table, number), row) for number, (_record, row) in enumerate(rows))
    return [row for _place, row in placed]


@dataclass(frozen=True)
class Chosen:
    """How many gave one answer."""

    group: Group  # years and months
    question: str
    wording: int
    value: str
    people: int
    answered: int


def answers(found: Sequence[Chosen], levels: Levels) -> TableFile:
    fields = [
        *[one for one in told(levels) if one.name in {"year", "years"}],
        Field("months", "Months after the edition", "When the question was asked.", "integer"),
        Field("question", "Question", "Key of the question, see questions.csv.", is_required=True),
        Field("wording", "Wording", "Number of its wording, see questions.csv.", "integer", is_required=True),
        Field("value", "Value", "Code of the answer, see questions.csv.", is_required=True),
        Field("people", "People", "How many chose it.", "integer", is_required=True),
        Field("answered", "Answered", "How many answered the question.", "integer", is_required=True),
    ]
    rows: list[Sequence[Cell]] = [
        [
            *(one.group[:1] if levels[0] < COARSEST[0] else ()),
            *(int(one.group[-1]), one.question, one.wording, one.value, one.people, one.answered),
        ]
        for one in found
    ]
    description = (
        "Closed questions of the follow-up, counted. Counts and not rows of people, so that no two answers "
        "belong together; without sex, country or kind, so that nothing can be held against the groups of a "
        "wave. An answer that nobody gave has no row."
    )
    points = {"questions": ("question", "wording", "value")}
    return TableFile("answers", "Answers", description, fields, sorted(rows, key=_sortable), points=points)


def questions(rows: Sequence[Sequence[Cell]]) -> TableFile:
    fields = [
        Field("question", "Question", "Key of the question: it lives for years.", is_required=True),
        Field("wording", "Wording", "1 for the first, then as it changed.", "integer", is_required=True),
        Field("text", "Text", "As it was asked, in English where there is English."),
        Field("several", "Several", "Whether one person could choose several.", "boolean"),
        Field("level", "Level", "Of Kirkpatrick's four: reaction, learning, behaviour, results."),
        Field("value", "Value", "Code of an answer.", is_required=True),
        Field("label", "Label", "The answer in words."),
    ]
    description = "The codebook: each question, each of its wordings, each answer it offers."
    key = ("question", "wording", "value")
    return TableFile("questions", "Questions and answers", description, fields, rows, key=key)


def indicators(rows: Sequence[Sequence[Cell]]) -> TableFile:
    fields = [
        Field("frame", "Frame", "The shared frame that defines the indicator.", is_required=True),
        Field("code", "Code", "Of the indicator in its frame.", is_required=True),
        Field("indicator", "Indicator", "Its name."),
        Field("unit", "Unit", "What is counted; a currency's code where it is money."),
        Field("plans", "Plans", "How many plans are added up.", "integer", is_required=True),
        Field("actual", "Actual", "The sum of their latest values, as shown at level 2 or above.", "number"),
        Field("change", "Change", "Actual less baseline; empty where few have a baseline.", "number"),
    ]
    description = "What plans add to shared indicators. Contribution is asked, not claimed."
    return TableFile("indicators", "Indicators", description, fields, rows, key=("frame", "code", "unit"))


def _sortable(row: Sequence[Cell]) -> list[str]:
    return [f"{cell:09d}" if isinstance(cell, int) else cell for cell in row]
