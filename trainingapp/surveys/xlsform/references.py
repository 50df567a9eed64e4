"""Who asks for whose answer: names put in place of names, and circles found."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from trainingapp.surveys.expressions import ExpressionUnreadable, parse
from trainingapp.surveys.expressions.tokens import Token, tokens
from trainingapp.surveys.xlsform.contents import Form, Item, Section

QUOTED = re.compile(r"\$\{\s*([^}\s]+)\s*\}")  # also in labels and hints


def quoted(text: str) -> set[str]:
    return set(QUOTED.findall(text))


def with_names(text: str, names: Mapping[str, str]) -> str:
    """The text with `${old}` as `${new}`."""
    return QUOTED.sub(lambda found: f"${{{names.get(found.group(1), found.group(1))}}}", text)


def without(text: str, name: str) -> str:
    """A gap where `${name}` was quoted."""
    return QUOTED.sub(lambda found: "…" if found.group(1) == name else found.group(), text)


def with_texts(expression: str, texts: Mapping[str, str]) -> str:
    """The expression with some of its quoted texts exchanged: values of choices that had to change."""
    return _exchanged(
        expression,
        lambda token: (
            f"{token.text[0]}{texts[token.value]}{token.text[0]}"
            if token.kind == "text" and token.value in texts
            else None
        ),
    )


def with_quotes(expression: str, words: set[str]) -> str:
    """The expression with some bare words as texts: `pastel = yes` as `pastel = 'yes'`."""
    return _exchanged(
        expression,
        lambda token: f"'{token.text}'" if token.kind == "name" and token.text in words else None,
    )


def _exchanged(expression: str, new: Callable[[Token], str | None]) -> str:
    pieces, at = [], 0
    for token in tokens(expression):
        if (text := new(token)) is not None:
            start = token.position - 1
            pieces += [expression[at:start], text]
            at = start + len(token.text)
    return "".join([*pieces, expression[at:]])


def expressions_of(part: Item | Section) -> dict[str, str]:
    """Column -> expression, of those that decide about it: in its own constraint it may name itself."""
    found = {"relevant": part.relevant}
    if isinstance(part, Item):
        found |= {
            "required": part.required_if,
            "calculation": part.calculation,
            "choice_filter": part.choice_filter,
        }
    return {column: text for column, text in found.items() if text}


def _needs(part: Item | Section) -> Iterator[str]:
    for text in expressions_of(part).values():
        try:
            yield from parse(text).names
        except ExpressionUnreadable:
            continue  # refused where it stands


def circle(form: Form) -> list[str]:
    """Keys of questions each of which waits for the next; empty when there is no such circle."""
    sections = {section.key: section for section in form.sections}
    graph: dict[str, set[str]] = {}
    for question in form.questions:
        needs = set(_needs(question))
        for section in _around(question.section, sections):
            needs |= set(_needs(section))
        graph[question.key] = needs
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as found:
        return list(found.args[1])[::-1]
    return []


def _around(key: str, sections: Mapping[str, Section]) -> Iterable[Section]:
    while key:
        yield sections[key]
        key = sections[key].parent
