"""What a column's cells offered people to choose or to fill in: the kind of question behind them."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from trainingapp.archives import keys, matching, shapes
from trainingapp.archives.shapes import plain
from trainingapp.surveys.question_types import OTHER

_RATED = re.compile(
    r"rat(e|ing)|scale|score|how (much|well|likely|satisf|useful)|recommend|nilai|skala|seberapa|note"
)
_STATED = re.compile(r"\b([01])\s*(?:-|\u2013|to|sampai|hingga|à)\s*(4|5|6|7|9|10)\b")  # "(0-10)"
_TOLD_TO_OTHERS = re.compile(r"recommend|merekomendasikan|recommand")  # from 0 to 10, wherever it is asked
_RANKED = 3  # things, at the least, that everybody put in order
YES_NO = [{"value": "yes", "text": {"en": "Yes"}}, {"value": "no", "text": {"en": "No"}}]


@dataclass
class Offer:
    kind: str
    options: dict[str, Any] = field(default_factory=dict)
    choices: dict[str, str | None] = field(default_factory=dict)  # as the file has it -> value
    split: str = ""


def several(cells: Sequence[str], own: Callable[[list[str]], None]) -> Offer | None:
    """Several choices in a cell. `own` is told what people wrote themselves."""
    mark = shapes.separator(cells)
    if not mark:
        return None
    whole = {plain(text) for text in shapes.with_marks_inside(cells, mark)}
    split = [shapes.rejoined(shapes.parts(cell, mark), mark, whole) for cell in cells]
    offered = Counter(part for pieces in split for part in pieces)
    values = keys.values(_listed(offered))
    choices = keys.as_options(values)
    if len(choices) >= _RANKED and all(sorted(pieces) == sorted(values) for pieces in split):
        return Offer("ranking", {"choices": choices}, dict(values), mark)
    written = [text for text in offered if text not in values]
    own(written)
    has_other = bool(written) or OTHER in values.values()
    return Offer("many_of", {"choices": choices, "other": has_other}, dict(values), mark)


def _listed(counted: Mapping[str, int]) -> list[str]:
    """Choices people ticked; what one person alone wrote among many is their own words."""
    offered = [text for text in counted if not shapes.own_words(text)] or list(counted)
    often = [text for text, _count in Counter(counted).most_common() if counted[text] > 1 and text in offered]
    return often if len(often) > 1 else offered


def closed(
    cells: Sequence[str],
    heading: str,
    look: Callable[[str], None],
    own: Callable[[list[str]], None],
    offered_elsewhere: set[str],
) -> Offer | None:
    """One choice in a cell, a number or a day; None for words."""
    counted = Counter(cells)
    if yes_no := shapes.yes_no(counted):
        return Offer("yes_no", {}, dict(yes_no))
    no_view = {text: "" for text in counted if shapes.has_no_view(text)}
    points = [text for text in counted if text not in no_view]
    rated = _rated(points) or (_points(points, heading, look) if no_view else None)
    if rated:
        rated.choices |= no_view
        _say_no_view(no_view, heading, look)
        return rated
    if numbers := shapes.numbers(counted) or shapes.thousands(counted):
        return _number(numbers, heading, look)
    if matching.are_readable("date", {"form": "date"}, list(counted)):
        return Offer("date", {"form": "date"})
    if shapes.asks_for_words(heading):
        return None
    return _one_of(counted, own, offered_elsewhere)


def _say_no_view(texts: Mapping[str, str], heading: str, look: Callable[[str], None]) -> None:
    if texts:
        look(
            _(
                "%(heading)s: these are no points and are left out: %(texts)s",
                heading=heading,
                texts=" | ".join(texts),
            )
        )


def _rated(values: Sequence[str]) -> Offer | None:
    """A scale with words."""
    in_words = shapes.points_in_words(values)
    points = in_words or shapes.points_in_front(values)
    if not points:
        return None
    low, high = (1, 5) if in_words else (min(1, *points.values()), max(points.values()))
    ends = {point: text for text, point in reversed(points.items())}  # of two words the first
    named = {name: {"en": ends[at]} for name, at in (("low", low), ("high", high)) if at in ends}
    options = {"from": low, "to": high, **named}
    return Offer("scale", options, {text: str(point) for text, point in points.items()})


def _points(values: Sequence[str], heading: str, look: Callable[[str], None]) -> Offer | None:
    """A scale of bare numbers, beside words that are none of its points."""
    numbers = shapes.numbers(values)
    offer = _number(numbers, heading, look) if numbers else None
    if numbers is None or offer is None or offer.kind != "scale":
        return None
    offer.choices = {text: str(int(point)) for text, point in zip(values, numbers, strict=True)}
    return offer


def _number(numbers: Sequence[float], heading: str, look: Callable[[str], None]) -> Offer:
    whole = all(number.is_integer() for number in numbers)
    low, high = min(numbers), max(numbers)
    is_rated = bool(_RATED.search(plain(heading))) and high <= shapes.USUAL_TOP[-1]
    if whole and low >= 0 and (is_rated or high <= shapes.USUAL_TOP[1]) and high > 1:
        bottom, top = _ends(plain(heading), int(low), int(high))
        look(
            _(
                "%(heading)s: the points seen are %(low)s to %(high)s; we took a scale from %(from)s to "
                "%(to)s. Write another one under “questions” if it had more points.",
                heading=heading,
                low=int(low),
                high=int(high),
                to=top,
                **{"from": bottom},
            )
        )
        return Offer("scale", {"from": bottom, "to": top})
    decimals = max(len(f"{number:.9f}".rstrip("0").partition(".")[2]) for number in numbers)
    return Offer("number", {"decimals": decimals, "min": min(0, low)})


def _ends(heading: str, low: int, high: int) -> tuple[int, int]:
    """Of a scale, as its heading says them; else the usual ones about the points that were given."""
    stated = _STATED.search(heading)
    if stated and int(stated[1]) <= low and high <= int(stated[2]):
        return int(stated[1]), int(stated[2])
    top = next(one for one in shapes.USUAL_TOP if high <= one)
    is_from_zero = top == shapes.USUAL_TOP[-1] and _TOLD_TO_OTHERS.search(heading)
    return (0 if is_from_zero else min(1, low)), top


def _one_of(
    counted: Mapping[str, int], own: Callable[[list[str]], None], offered_elsewhere: set[str]
) -> Offer | None:
    said = {text: count for text, count in counted.items() if not shapes.own_words(text)}
    found = shapes.choices(said)
    if found is None or all(map(shapes.is_other, found[0])):
        return None
    offered, written = found
    offered += [text for text in written if plain(text) in offered_elsewhere]
    written = [text for text in written if text not in offered]
    written += [text for text in counted if text not in said]
    if len(offered) == 1:
        return None  # a choice is between two things
    own(written)
    named = keys.values(offered)
    other = {"other": True} if written or OTHER in named.values() else {}
    return Offer("one_of", {"choices": keys.as_options(named), **other}, dict(named))
