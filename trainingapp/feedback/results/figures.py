"""What was counted of a wave or of an old spreadsheet: lists of lists, so that they can be kept as JSON."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, groupby
from typing import Any

from trainingapp.feedback.results.grouping import Cube, Told, cell
from trainingapp.surveys.question_types import Counted

Rows = list[list[Any]]

SCHEME = 1  # another number whenever a row means something else: what was counted ahead is counted anew


@dataclass(frozen=True)
class Figures:
    """Each row begins with the id of its question and ends with how many people."""

    responses: int = 0
    values: Rows = field(default_factory=list)  # question, item, choice, number, people
    people: Rows = field(default_factory=list)  # question, people: of kinds with several values a person
    pairs: Rows = field(default_factory=list)  # question, then, now, people
    texts: Rows = field(default_factory=list)  # question, text, people

    @classmethod
    def together(cls, parts: Sequence["Figures"]) -> "Figures":
        """Of responses that are in one part each."""
        return cls(
            sum(part.responses for part in parts),
            _added(part.values for part in parts),
            _added(part.people for part in parts),
            _added(part.pairs for part in parts),
            _added(part.texts for part in parts),
        )

    @cached_property
    def _by_question(self) -> dict[str, dict[int, Rows]]:
        return {name: _grouped(getattr(self, name)) for name in ("values", "people", "pairs", "texts")}

    def _of(self, name: str, question_id: int) -> Iterator[list[Any]]:
        return (row[1:] for row in self._by_question[name].get(question_id, ()))

    def chosen(self, question_id: int) -> dict[str, int]:
        """Choice -> people; an answer without a choice counts under ''."""
        found: dict[str, int] = defaultdict(int)
        for _item, choice, _number, people in self._of("values", question_id):
            found[choice] += people
        return found

    def numbers(self, question_id: int) -> dict[float, int]:
        """Lowest first."""
        found: dict[float, int] = defaultdict(int)
        for _item, _choice, number, people in self._of("values", question_id):
            if number is not None:
                found[number] += people
        return dict(sorted(found.items()))

    def counted(self, question_id: int) -> list[Counted]:
        return [
            Counted(choice, number, people, item)
            for item, choice, number, people in self._of("values", question_id)
        ]

    def has_items(self, question_id: int) -> bool:
        return any(row[0] for row in self._of("values", question_id))

    def answered(self, question_id: int) -> int:
        """How many answered, where one person may have given several values."""
        return sum(people for (people,) in self._of("people", question_id))

    def moved(self, question_id: int) -> dict[tuple[float, float], int]:
        """(then, now) -> how many gave both."""
        return {(then, now): people for then, now, people in self._of("pairs", question_id)}

    def written(self, question_id: int) -> dict[str, int]:
        """Text as it was written -> how often."""
        return dict(self._of("texts", question_id))


@dataclass(frozen=True)
class Cells:
    """The same by country, sex and kind together, of the questions that may be told by group."""

    everybody: Rows = field(default_factory=list)  # country, sex, kind, people
    chosen: Rows = field(default_factory=list)  # question, country, sex, kind, choice, people
    people: Rows = field(default_factory=list)  # question, country, sex, kind, people: of kinds with several

    @classmethod
    def together(cls, parts: Sequence["Cells"]) -> "Cells":
        return cls(
            _added(part.everybody for part in parts),
            _added(part.chosen for part in parts),
            _added(part.people for part in parts),
        )

    @property
    def cube(self) -> Cube:
        return {(country, sex, kind): people for country, sex, kind, people in self.everybody}

    @cached_property
    def _chosen(self) -> dict[int, Rows]:
        return _grouped(self.chosen)

    @cached_property
    def _people(self) -> dict[int, Rows]:
        return _grouped(self.people)

    def table(self, question_id: int, told: Told) -> dict[Any, tuple[int, dict[str, int]]]:
        """Combination of told groups -> how many answered this question, and how many chose what."""
        chosen: dict[Any, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for _question, *names, choice, people in self._chosen.get(question_id, ()):
            chosen[cell(names, told)][choice] += people
        answered: dict[Any, int] = {place: sum(counts.values()) for place, counts in chosen.items()}
        if several := self._people.get(question_id):
            answered = defaultdict(int)
            for _question, *names, people in several:
                answered[cell(names, told)] += people
        return {place: (answered[place], counts) for place, counts in chosen.items()}


def _added(parts: Iterable[Rows]) -> Rows:
    """Rows that begin alike are one, with the people of all of them."""
    found: Counter[tuple[Any, ...]] = Counter()
    for *about, people in chain.from_iterable(parts):
        found[tuple(about)] += people
    return [[*about, people] for about, people in found.items()]


def _grouped(rows: Rows) -> dict[int, Rows]:
    ordered = sorted(rows, key=lambda row: row[0])
    return {question_id: list(some) for question_id, some in groupby(ordered, key=lambda row: row[0])}
