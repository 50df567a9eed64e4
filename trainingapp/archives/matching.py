"""Which of our questions a column is, and which of our values a text is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from trainingapp.archives import shapes
from trainingapp.archives.maps import Asked
from trainingapp.archives.shapes import plain
from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types import QUESTION_TYPES, AnswerUnreadable

ALIKE = 88  # of 100, for a heading to be the wording of a question we have
CLOSE = 90  # for a text to be a choice we have
WORDED_TOP = 5  # points of a scale in words


@dataclass(frozen=True)
class Known:
    """A question that the survey, or another one of the programme, has asked."""

    key: str
    kind: str
    wordings: tuple[str, ...]
    choices: Mapping[str, tuple[str, ...]]  # value -> its texts in every language
    items: Mapping[str, tuple[str, ...]]
    points: tuple[int, int] | None  # of a scale
    asked: Asked
    takes_several: bool  # one person may choose several
    is_here: bool  # the survey itself has it


@dataclass(frozen=True)
class Rescaled:
    choices: dict[str, str | None]
    theirs: tuple[int, int]


def alike(known: Sequence[Known], heading: str) -> Known | None:
    """The one question that is called so or worded so; None when two are."""
    wanted = plain(heading)
    for one in known:
        if wanted in {plain(one.key), *map(plain, one.wordings)}:
            return one
    scored = sorted(
        (
            (max((fuzz.token_sort_ratio(wanted, plain(text)) for text in one.wordings), default=0.0), at)
            for at, one in enumerate(known)
        ),
        reverse=True,
    )
    is_clear = len(scored) == 1 or (len(scored) > 1 and scored[0][0] > scored[1][0])
    return known[scored[0][1]] if is_clear and scored[0][0] >= ALIKE else None


def fits(known: Known, texts: Sequence[str]) -> bool:
    """Whether most of these could be answers to it: two questions of one name may ask different things."""
    if known.points and rescaled(texts, known.points):
        return True
    if known.choices:
        return 2 * sum(value_of(text, known.choices) is not None for text in texts) >= len(texts)
    return are_readable(known.kind, known.asked.options, texts)


def are_readable(kind: str, options: dict[str, Any], texts: Sequence[str]) -> bool:
    """Whether a question of this kind would take each of them for an answer."""
    question = Question(key="", kind=kind, wording={"en": ""}, options=options)
    return all(_is_readable(question, text) for text in texts)


def _is_readable(question: Question, text: str) -> bool:
    try:
        return bool(QUESTION_TYPES[question.kind].read_cells(question, {"": text}, list(question.wording)))
    except AnswerUnreadable:
        return False


def chosen(cell: str, mark: str, choices: Mapping[str, Sequence[str]]) -> list[str]:
    """The choices in one cell; one that has the mark in its own words stays whole."""
    if not mark:
        return [cell]
    texts = {plain(text) for value, texts in choices.items() for text in (value, *texts)}
    return shapes.rejoined(shapes.parts(cell, mark), mark, texts)


def separator(cells: Sequence[str], choices: Mapping[str, Sequence[str]]) -> str:
    """What parts choices that we know, however few cells there are; "" where nothing does."""
    for mark in shapes.MARKS:
        parted = [chosen(cell, mark, choices) for cell in cells]
        pieces = [piece for some in parted for piece in some]
        are_parted = any(some != [cell] for some, cell in zip(parted, cells, strict=True))
        if are_parted and 2 * sum(value_of(piece, choices) is not None for piece in pieces) > len(pieces):
            return mark
    return ""


def value_of(text: str, choices: Mapping[str, Sequence[str]]) -> str | None:
    wanted = plain(text)
    for value, texts in choices.items():
        if wanted in {plain(value), *map(plain, texts)}:
            return value
    scored = [(fuzz.ratio(wanted, plain(one)), value) for value, texts in choices.items() for one in texts]
    best = max(scored, default=(0.0, ""))
    return best[1] if best[0] >= CLOSE else None


def rescaled(texts: Sequence[str], ours: tuple[int, int]) -> Rescaled | None:
    """Words, or another number of points, on our points: the ends on the ends, the rest evenly between."""
    in_words = shapes.points_in_words(texts)
    points = in_words or shapes.points_in_front(texts)
    if points is None:
        numbers = shapes.numbers(texts)
        points = {text: int(number) for text, number in zip(texts, numbers, strict=True)} if numbers else {}
    if not points:
        return None
    lowest = min(1, *points.values())
    highest = max(points.values())
    if in_words:
        highest = max(WORDED_TOP, highest)
    elif all(text.isdecimal() for text in points):  # the highest point may be one that nobody gave
        highest = next((top for top in shapes.USUAL_TOP if highest <= top), highest)
    if highest == lowest:
        return None
    low, high = ours
    step = (high - low) / (highest - lowest)
    found = {text: str(round(low + (point - lowest) * step)) for text, point in points.items()}
    return Rescaled(dict(found), (lowest, highest))
