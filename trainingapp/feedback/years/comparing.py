"""Askings of one key put together by edition, theme or year, and two of them compared."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from trainingapp.feedback.years import differences
from trainingapp.feedback.years.differences import Difference
from trainingapp.feedback.years.queries import Asking, Tallied, words
from trainingapp.surveys.models import Question


class By(StrEnum):
    ASKING = "asking"
    EDITION = "edition"
    THEME = "theme"
    YEAR = "year"


@dataclass
class Pool(Tallied):
    """Askings taken together. Those that are hidden by themselves are not among them: nobody can subtract.
    Of an edition only the latest is: the same people answer each time, and twenty would pass for sixty.
    """

    key: str = ""  # of its place in the address
    askings: Sequence[Asking] = ()
    left_out: int = 0  # too few people
    earlier: int = 0  # an edition that answered again

    @property
    def first(self) -> Asking:
        return self.askings[0]

    @property
    def question(self) -> Question:
        """As it was asked last."""
        return self.askings[-1].question

    @property
    def has_changed(self) -> bool:
        """Its words or answers within."""
        return len({str(words(one.question)) for one in self.askings}) > 1

    @property
    def cohorts(self) -> set[int]:
        return {one.cohort.id for one in self.askings if one.cohort}

    @property
    def ends(self) -> set[tuple[object, object]]:
        """Of the scales on which it was asked."""
        return {(one.question.options.get("from"), one.question.options.get("to")) for one in self.askings}


def _edition(one: Asking) -> object:
    return one.cohort.id if one.cohort else None


def _theme(one: Asking) -> object:
    return one.cohort.theme_id if one.cohort else None


def _people(one: Asking) -> object:
    """Whose answers they may be: those of an old spreadsheet of no edition are taken to be others."""
    return one.cohort.id if one.cohort else one.key


def _year(one: Asking) -> object:
    return one.cohort.theme.year if one.cohort else one.on.year if one.on else None


_KEYS: dict[By, Callable[[Asking], object]] = {
    By.ASKING: lambda one: one.key,
    By.EDITION: _edition,
    By.THEME: _theme,
    By.YEAR: _year,
}


def pools(askings: Iterable[Asking], by: By) -> list[Pool]:
    """In the order of their first asking; what belongs nowhere is left out."""
    together: dict[object, list[Asking]] = {}
    for one in askings:
        if (key := _KEYS[by](one)) is not None:
            together.setdefault(key, []).append(one)
    return [_pool(str(key), some) for key, some in together.items()]


def _pool(key: str, askings: Sequence[Asking]) -> Pool:
    shown = [one for one in askings if not one.is_hidden]
    latest = {_people(one): one for one in shown}
    found = Pool(
        key=key,
        askings=list(latest.values()) or askings,
        left_out=len(askings) - len(shown),
        earlier=len(shown) - len(latest),
    )
    chosen: Counter[str] = Counter()
    numbers: Counter[float] = Counter()
    for one in latest.values():
        found.people += one.people
        chosen.update(one.chosen)
        numbers.update(one.numbers)
    found.chosen, found.numbers = dict(chosen), dict(numbers)
    return found


@dataclass(frozen=True)
class Comparison:
    first: Pool
    second: Pool
    difference: Difference | None  # none: what was asked cannot be compared

    @property
    def has_changed(self) -> bool:
        """The words or the answers to choose from, between the two or within one."""
        return (
            self.first.has_changed
            or self.second.has_changed
            or (words(self.first.question) != words(self.second.question))
        )

    @property
    def are_same_people(self) -> bool:
        """Some of them at least: one edition answered both times."""
        return bool(self.first.cohorts & self.second.cohorts)


def compare(first: Pool, second: Pool, value: str, *, has_means: bool) -> Comparison | None:
    """Means, or the shares of those who gave this value. None where one of them has too few people."""
    if first.is_hidden or second.is_hidden:
        return None
    return Comparison(first, second, _difference(first, second, value, has_means=has_means))


def _difference(first: Pool, second: Pool, value: str, *, has_means: bool) -> Difference | None:
    if not has_means:
        return differences.of_shares(first.said(value), second.said(value))
    if len(first.ends | second.ends) > 1 or not (first.numbers and second.numbers):
        return None
    return differences.of_means(first.numbers, second.numbers)
