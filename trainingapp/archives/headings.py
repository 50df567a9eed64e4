"""Headings that stand in one row, or in the two or three that some form services write."""

import re
from collections.abc import Sequence

_QUALTRICS = '{"ImportId":'  # in its third row of headings
_NO_NAMES = {
    "response",
    "open-ended response",
}  # SurveyMonkey's second row where there is one thing to answer
_ALIKE = 3  # headings that the second row says again in other letters
_OF_SEVERAL = re.compile(r"(?P<question>.+?) - (?P<row>.+)")
_CHOSEN = " - Selected Choice"
_OWN_WORDS = re.compile(r"(?P<question>.+) - (?P<row>[^-]+) - Text")
_CODED = re.compile(r"[A-Za-z]\w*(?:\[\w+\])*\.\s+(?P<text>.+)", re.DOTALL)

Row = Sequence[str]


def joined(rows: Sequence[Row]) -> tuple[list[str], int]:
    """The headings as one row, and how many rows they take."""
    first, rest = rows[0], rows[1:]
    if len(rest) > 1 and sum(cell.startswith(_QUALTRICS) for cell in rest[1]) > len(rest[1]) / 2:
        return _in_words(first, rest[0]), 3
    if rest and _says_again(first, rest[0]):
        return _in_words(first, rest[0]), 2
    if len(rest) > 1 and _continues(first, rest[0], rest[1:]):
        return _with_rows(first, rest[0]), 2
    return _without_codes(first), 1


def _without_codes(first: Row) -> list[str]:
    """LimeSurvey's headings where each has its code in front: "submitdate. Date submitted"."""
    coded = [_CODED.fullmatch(text) for text in first]
    if not all(found or not text for found, text in zip(coded, first, strict=True)):
        return list(first)
    return [found["text"] if found else "" for found in coded]


def _says_again(first: Row, second: Row) -> bool:
    """Codes above and words below: "ResponseId", "Response ID"."""
    pairs = [(one, other) for one, other in zip(first, second, strict=False) if one != other and one]
    return sum(_letters(one) == _letters(other) for one, other in pairs) >= _ALIKE


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def _in_words(codes: Row, words: Row) -> list[str]:
    """Qualtrics' wordings; those of one question as "Question [row]"."""
    said = [words[at] if at < len(words) and words[at] else code for at, code in enumerate(codes)]
    said = [text.removesuffix(_CHOSEN) for text in said]
    parts = [_OWN_WORDS.fullmatch(text) or _OF_SEVERAL.fullmatch(text) for text in said]
    questions = [found["question"] if found else text for found, text in zip(parts, said, strict=True)]
    return [
        f"{found['question']} [{found['row']}]" if found and questions.count(found["question"]) > 1 else text
        for found, text in zip(parts, said, strict=True)
    ]


def _continues(first: Row, second: Row, rest: Sequence[Row]) -> bool:
    """Whether the second row says what stands below headings that reach over several columns.

    Then it is empty where the answers are not, and says nothing that is answered.
    """
    width = max(len(first), len(second))
    one, two = _as_long(first, width), _as_long(second, width)
    columns = [[row[at] for row in rest if at < len(row) and row[at]] for at in range(width)]
    below = [at for at in range(width) if two[at]]
    answered = [at for at in range(width) if one[at] and not two[at] and 2 * len(columns[at]) > len(rest)]
    return (
        bool(answered)
        and any(not one[at] for at in below)
        and all(two[at] not in columns[at] or set(columns[at]) == {two[at]} for at in below)
    )


def _with_rows(first: Row, second: Row) -> list[str]:
    found, question = [], ""
    width = max(len(first), len(second))
    for above, below in zip(_as_long(first, width), _as_long(second, width), strict=True):
        question = above or question
        has_row = below and below.casefold() not in _NO_NAMES
        found.append((f"{question} [{below}]" if question else below) if has_row else above)
    return found


def _as_long(row: Row, width: int) -> list[str]:
    return [*row, *[""] * (width - len(row))]
