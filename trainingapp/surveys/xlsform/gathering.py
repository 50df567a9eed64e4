"""What an expression asks of a repeat, said of the copies that it is written out in."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from trainingapp.surveys.expressions import ExpressionUnreadable, parse
from trainingapp.surveys.xlsform.references import QUOTED

EXPRESSIONS = {"relevant", "required", "constraint", "calculation", "choice_filter", "repeat_count"}
_GATHERED = re.compile(
    r"\b(sum|min|max|count|count-non-empty|join)(\(\s*(?:'[^']*'\s*,|\"[^\"]*\"\s*,)?\s*)\$\{\s*([^}\s]+)\s*\}(\s*\))"
)
_PATH = re.compile(r"(?:\.\.?|current\(\))?(?:/(?:\.\.|[^\W\d][\w.\-]*))+(?![\w(/.\-])")
_QUOTES = re.compile(r"('[^']*'|\"[^\"]*\")")


@dataclass(frozen=True)
class Repeat:
    name: str
    inside: frozenset[str]  # names of what it asks
    endings: Sequence[str]  # of the names in each copy
    count: str  # how many of them are asked, as an expression


def without_paths(text: str) -> str:
    """`../age` as `${age}`, which follows its question into each copy."""
    parts = _QUOTES.split(text)  # every other one is a text in quotes
    return "".join(part if at % 2 else _PATH.sub(_as_name, part) for at, part in enumerate(parts))


def _as_name(found: re.Match[str]) -> str:
    last = found.group().rpartition("/")[2]
    return found.group() if last == ".." else f"${{{last}}}"


def numbered(text: str, number: int, depth: int) -> str:
    """`position(..)` in a copy is its number; so many steps up is the repeat."""
    up = r"\s*/\s*".join([r"\.\."] * depth)
    return re.sub(rf"\bposition\(\s*{up}\s*\)", str(number), text) if depth else text


def picked(text: str, repeat: Repeat) -> str:
    """`count(${repeat})`, and `indexed-repeat(${x}, ${repeat}, 2)` as `${x_2}`."""
    text = re.sub(rf"\bcount\(\s*\$\{{\s*{re.escape(repeat.name)}\s*\}}\s*\)", f"({repeat.count})", text)
    return _calls(text, "indexed-repeat", lambda arguments: _one_of_copies(arguments, repeat))


def _one_of_copies(arguments: Sequence[str], repeat: Repeat) -> str | None:
    names = [found.group(1) if (found := QUOTED.fullmatch(part)) else "" for part in arguments[:2]]
    if len(arguments) != 3 or names[1] != repeat.name or names[0] not in repeat.inside:  # noqa: PLR2004 - question, repeat, place
        return None
    place = arguments[2]
    try:
        wanted = parse(place)
    except ExpressionUnreadable:
        return None
    if wanted.names:
        one = "''"
        for number, ending in reversed([*enumerate(repeat.endings, 1)]):
            one = f"if(({place}) = {number}, ${{{names[0]}{ending}}}, {one})"
        return one
    at = wanted.evaluate({})
    is_one = isinstance(at, float) and at.is_integer() and 1 <= at <= len(repeat.endings)
    return f"${{{names[0]}{repeat.endings[int(at) - 1]}}}" if is_one else "''"


def _calls(text: str, name: str, instead: Callable[[Sequence[str]], str | None]) -> str:
    """The text with calls of a function exchanged; None leaves one as it is."""
    at = text.find(f"{name}(")
    if at < 0:
        return text
    start, depth, parts, quote = at + len(name) + 1, 1, [""], ""
    end = start
    while end < len(text) and depth:
        sign = text[end]
        quote = ("" if sign == quote else quote) if quote else (sign if sign in "'\"" else "")
        depth += 0 if quote else (sign == "(") - (sign == ")")
        if sign == "," and depth == 1 and not quote:
            parts.append("")
        elif depth:
            parts[-1] += sign
        end += 1
    call = instead([part.strip() for part in parts]) if not depth else None
    return text[:at] + (text[at:end] if call is None else call) + _calls(text[end:], name, instead)


def gathered(text: str, copies: Mapping[str, Sequence[str]]) -> str:
    """`sum(${x})` of a repeat asks for all its copies: sum(${x_1}, ${x_2})."""

    def spread(found: re.Match[str]) -> str:
        call, start, name, end = found.groups()
        names = copies.get(name)
        if not names:
            return found.group()
        listed = ", ".join(f"${{{one}}}" for one in names)
        return f"count-non-empty{start}{listed}{end}" if call == "count" else f"{call}{start}{listed}{end}"

    return _GATHERED.sub(spread, text) if "${" in text else text
