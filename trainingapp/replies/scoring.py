"""How well replies are understood, measured on labelled ones. The files lie in tests/replies."""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from trainingapp.replies import own_words, parser
from trainingapp.replies.readings import Reading

Fact = tuple[object, ...]

# What the labelled letters asked about.
PLAN = (
    "Train two firms in cost records",
    "Open a testing laboratory",
    "Write a guide on export papers",
    "Set up a fair for buyers",
    "Ask the ministry for a fund",
    "Visit ten workshops",
    "Report to the chamber",
)


class LabelUnreadable(Exception):
    """The text says where."""


@dataclass(frozen=True)
class Example:
    title: str
    language: str
    activities: int
    text: str
    facts: frozenset[Fact]

    def read(self) -> Reading:
        is_html = self.text.lstrip().startswith("<")
        lines = (own_words.of_html if is_html else own_words.of_text)(self.text)
        return parser.parse(lines, dict(enumerate(PLAN[: self.activities], start=1)))


@dataclass
class Score:
    examples: int = 0
    accepted: int = 0  # facts
    wrong: int = 0
    labelled: int = 0
    whole: int = 0  # replies of which everything was understood
    faults: list[tuple[Example, AbstractSet[Fact], AbstractSet[Fact]]] = field(
        default_factory=list
    )  # invented, missed

    @property
    def precision(self) -> float:
        return 1 - self.wrong / self.accepted if self.accepted else 1.0

    @property
    def recall(self) -> float:
        return (self.accepted - self.wrong) / self.labelled if self.labelled else 1.0


def score(examples: list[Example]) -> Score:
    found = Score(len(examples))
    for example in examples:
        facts = facts_of(example.read())
        invented, missed = facts - example.facts, example.facts - facts
        found.accepted += len(facts)
        found.labelled += len(example.facts)
        found.wrong += len(invented)
        found.whole += not invented and not missed
        if invented or missed:
            found.faults.append((example, invented, missed))
    return found


def facts_of(reading: Reading) -> frozenset[Fact]:
    facts: set[Fact] = {("wish", reading.wish)} if reading.wish else set()
    for said in reading.said:
        facts |= {
            (said.number, name, value)
            for name, value in (
                ("state", said.state),
                ("percent", said.percent),
                ("cause", said.blocker),
                ("note", said.note.casefold() or None),
                ("same", said.is_same or None),
            )
            if value is not None
        }
    return frozenset(facts)


# The files ------------------------------------------------------------------------------------------

_TITLE = re.compile(r"@ (\w+) ([1-7]) (.+)")
_SAYS = re.compile(
    r"(\d)(?: (same|done|on_track|not_started|delayed|blocked|dropped|handed_over))?"
    r'(?: (\d+)%)?(?: ([a-z_]+))?(?: "(.+)")?'
)


def read(text: str) -> list[Example]:
    """Raises LabelUnreadable."""
    return list(_examples(text.split("\n")))


def _examples(lines: list[str]) -> Iterator[Example]:
    title: re.Match[str] | None = None
    body: list[str] = []
    for number, line in enumerate(lines, start=1):
        if title is None:
            title, body = _TITLE.fullmatch(line), []
            if title is None and line.strip() and not line.startswith("#"):
                raise LabelUnreadable(
                    f"line {number}: a reply begins with @, its language and a number of activities"
                )
        elif line.startswith("= "):
            yield Example(title[3], title[1], int(title[2]), "\n".join(body), _labels(line[2:], number))
            title = None
        else:
            body.append(line)
    if title is not None:
        raise LabelUnreadable(f"the last reply, {title[3]}, has no label")


def _labels(text: str, number: int) -> frozenset[Fact]:
    facts: set[Fact] = set()
    for item in filter(None, (part.strip() for part in re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', text))):
        said = _SAYS.fullmatch(item)
        if item.startswith("!"):
            facts.add(("wish", item[1:]))
        elif said:
            of, state, percent, cause, note = int(said[1]), said[2], said[3], said[4], said[5]
            facts |= {(of, "same", True)} if state == "same" else {(of, "state", state)} if state else set()
            facts |= {(of, "percent", int(percent))} if percent else set()
            facts |= {(of, "cause", cause)} if cause else set()
            facts |= {(of, "note", note.casefold())} if note else set()
        elif item not in {"?", "-"}:
            raise LabelUnreadable(f"line {number}: {item!r} is no label")
    return frozenset(facts)
