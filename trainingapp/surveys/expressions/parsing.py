"""From text to a tree. Whatever is written either parses or is refused with its place."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import re2
from flask_babel import gettext as _

from trainingapp.surveys.expressions import functions
from trainingapp.surveys.expressions.evaluation import Node, Surroundings, evaluate
from trainingapp.surveys.expressions.tokens import ExpressionUnreadable, Token, tokens
from trainingapp.surveys.expressions.values import LONGEST, Value

DEEPEST = 80
_SUM = {"+", "-"}
_LADDER = [{"or"}, {"and"}, {"=", "!="}, {"<", "<=", ">", ">="}, _SUM, {"*", "div", "mod"}]
# Read from the evaluator itself: they look at no argument, at only one of several, or at the clock.
_SPECIAL = {"if": (3, 3), "once": (1, 1), "today": (0, 0), "now": (0, 0)}


@dataclass(frozen=True)
class Expression:
    text: str
    tree: Node = field(repr=False)

    @property
    def names(self) -> set[str]:
        """Keys of the questions whose answers it asks for."""
        return {node[1] for node in _walk(self.tree) if node[0] == "$"}

    @property
    def columns(self) -> set[str]:
        """Facts of a choice that it asks for: a choice filter's names without ${ }."""
        return {node[1] for node in _walk(self.tree) if node[0] == "@"}

    @property
    def calls_rare(self) -> bool:
        return any(node[0] in functions.RARE for node in _walk(self.tree))

    def evaluate(
        self,
        values: Mapping[str, Value],
        here: Value = "",
        facts: Mapping[str, Value] | None = None,
        at: datetime | None = None,
    ) -> Value:
        """Never raises; "" for a number that is none. `at` is the moment in the person's own zone."""
        return evaluate(self.tree, Surroundings(values, here, facts or {}, at))

    def as_json(self) -> Node:
        """["=", ["$", "key"], "yes"]: for JSON as it is; `static/when.js` evaluates it."""
        return self.tree


@lru_cache(maxsize=2048)
def parse(text: str) -> Expression:
    """Raises ExpressionUnreadable."""
    if len(text) > LONGEST:
        raise ExpressionUnreadable(
            _("It is longer than %(most)s characters.", most=LONGEST), LONGEST, text[LONGEST - 10 : LONGEST]
        )
    parser = _Parser(tokens(text))
    tree = parser.ladder(0)
    if parser.here.kind != "end":
        raise parser.unreadable()
    if _depth(tree) > DEEPEST:
        raise parser.unreadable(_("It is nested too deeply."))
    return Expression(text, tree)


def _depth(tree: Node) -> int:
    level: list[Node] = [tree]
    depth = 0
    while level := [part for node in level if isinstance(node, list) for part in node[1:]]:
        depth += 1
    return depth


def _walk(node: Node) -> Iterator[list[Any]]:
    if isinstance(node, list):
        yield node
        for part in node[1:]:
            yield from _walk(part)


class _Parser:
    """Recursive descent. `depth` counts what is open, so that no text reaches Python's own limit."""

    def __init__(self, found: Sequence[Token]) -> None:
        self.tokens = found
        self.at = 0
        self.depth = 0

    @property
    def here(self) -> Token:
        return self.tokens[self.at]

    def unreadable(self, text: str = "", token: Token | None = None) -> ExpressionUnreadable:
        met = token or self.here
        if not text and met.kind == "end":
            text = _("It ends too early.")
        sentence = text or _(
            "“%(met)s” is not understood at character %(position)d.",
            met=met.text,
            position=met.position,
        )
        return ExpressionUnreadable(sentence, met.position, met.text)

    def take(self, *texts: str) -> Token | None:
        if self.here.kind in {"sign", "name"} and self.here.text in texts:
            self.at += 1
            return self.tokens[self.at - 1]
        return None

    def need(self, sign: str) -> None:
        if not self.take(sign):
            raise self.unreadable()

    def deeper(self, read: Callable[[], Node]) -> Node:
        self.depth += 1
        if self.depth > DEEPEST // 2:
            raise self.unreadable(_("It is nested too deeply."))
        node = read()
        self.depth -= 1
        return node

    def ladder(self, rung: int) -> Node:
        """Operators from the loosest to the tightest. Long chains become one flat node."""
        if rung == len(_LADDER):
            return self.negative()
        parts = [self.ladder(rung + 1)]
        signs: list[str] = []
        while sign := self.take(*_LADDER[rung]):
            signs.append(sign.text)
            parts.append(self.ladder(rung + 1))
        if not signs:
            return parts[0]
        if rung == _LADDER.index(_SUM):
            signed = zip(["+", *signs], parts, strict=True)
            return ["+", *(part if sign == "+" else ["neg", part] for sign, part in signed)]
        if set(signs) <= {"and", "or"}:
            return [signs[0], *parts]
        tree = parts[0]
        for sign_text, part in zip(signs, parts[1:], strict=True):
            tree = [sign_text, tree, part]
        return tree

    def negative(self) -> Node:
        if self.take("-"):
            return ["neg", self.deeper(self.negative)]
        return self.primary()

    def primary(self) -> Node:
        token = self.here
        if token.kind in {"number", "text"}:
            self.at += 1
            return token.value
        if token.kind == "answer":
            self.at += 1
            return ["$", token.value]
        if self.take("("):
            node = self.deeper(lambda: self.ladder(0))
            self.need(")")
            return node
        if token.text in {"/", ".."}:
            return self.path()
        if self.take("."):
            return self.path() if self.here.text == "/" else ["."]
        if token.kind == "name":
            self.at += 1
            return self.call(token) if self.take("(") else ["@", token.text]
        raise self.unreadable()

    def path(self) -> Node:
        """`../age` and `/data/person/age` mean ${age}: names of questions are unique here."""
        start = self.here
        name = None
        while self.take("/", ".."):
            name = self.here if self.here.kind == "name" else None
            self.at += name is not None
        if name is None or self.here.text in {"(", "//"}:
            raise self.unreadable(token=start)
        return ["$", name.text]

    def call(self, name: Token) -> Node:
        if name.text == "current" and self.take(")") and self.here.text == "/":
            return self.path()
        least, most = self.places(name)
        arguments: list[Node] = []
        if not self.take(")"):
            arguments.append(self.deeper(lambda: self.ladder(0)))
            while self.take(","):
                arguments.append(self.deeper(lambda: self.ladder(0)))
            self.need(")")
        if not least <= len(arguments) <= most:
            raise self.unreadable(
                _("%(name)s() has too few or too many values in its brackets.", name=name.text), name
            )
        if name.text == "regex" and isinstance(arguments[1], str):
            try:
                functions.pattern(arguments[1])
            except (re2.error, UnicodeError) as odd:
                raise self.unreadable(_("The pattern of regex() is not understood."), name) from odd
        return [name.text, *arguments]

    def places(self, name: Token) -> tuple[int, int]:
        """For how many values it has room, at the least and at the most."""
        if name.text in _SPECIAL:
            return _SPECIAL[name.text]
        known = functions.FUNCTIONS.get(name.text)
        if known is None:
            raise self.unreadable(_("We do not have the function %(name)s().", name=name.text), name)
        return known.least, known.most
