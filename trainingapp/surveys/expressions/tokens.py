"""An expression's text, cut into words and signs."""

import re
from dataclasses import dataclass
from typing import Any

from trainingapp.refusals import Refusal

_NAME = r"[^\W\d][\w.\-]*"
_TOKEN = re.compile(
    rf"""
      (?P<space>  \s+ )
    | (?P<number> [0-9]+(?:\.[0-9]*)? | \.[0-9]+ )
    | (?P<text>   "[^"]*" | '[^']*' )
    | (?P<answer> \$\{{ \s* {_NAME} \s* \}} )
    | (?P<name>   {_NAME}(?:(?<![.\-]):(?!:){_NAME})? )
    | (?P<sign>   != | <= | >= | // | \.\. | [-+*=<>(),./] )
    """,
    re.VERBOSE,
)
# Word processors bend quotes; whoever wrote the expression meant straight ones.
_STRAIGHT = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "})


class ExpressionUnreadable(Refusal):
    """`position` counts characters from 1; `met` is what stood there, empty at the end."""

    def __init__(self, text: str, position: int, met: str) -> None:
        super().__init__(text)
        self.position = position
        self.met = met


@dataclass(frozen=True)
class Token:
    kind: str  # number, text, answer, name, sign; "end" after the last
    text: str
    position: int

    @property
    def value(self) -> Any:
        """What it stands for, without its quotes or braces."""
        if self.kind == "number":
            return float(self.text)
        if self.kind == "text":
            return self.text[1:-1]
        return self.text[2:-1].strip() if self.kind == "answer" else self.text


def tokens(text: str) -> list[Token]:
    """Ends with an "end". A sign that is none of the language's comes out as kind "odd"."""
    text = text.translate(_STRAIGHT)
    found = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        kind, word = (str(match.lastgroup), match.group()) if match else ("odd", text[at])
        if kind != "space":
            found.append(Token(kind, word, at + 1))
        at += len(word)
    return [*found, Token("end", "", len(text) + 1)]
