"""What coordinators write: paragraphs, lists and bold in a small part of Markdown. Pure.

It is read into blocks and never into HTML: pages, PDF and DOCX each write the blocks in their own way.
A block is {"kind": "paragraph", "dir", "runs"} or {"kind": "bullets" or "numbers", "dir", "items", "start"};
an item is a list of runs, and a run is {"text", "bold"}.
"""

import unicodedata
from collections.abc import Iterator
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

Runs = list[dict[str, Any]]
Block = dict[str, Any]

_READER = MarkdownIt("zero").enable(["list", "emphasis", "newline", "escape"])
_LISTS = {"bullet_list_open": "bullets", "ordered_list_open": "numbers"}


def blocks(text: str) -> list[Block]:
    """Whatever else is written stays as it is typed."""
    found: list[Block] = []
    within: list[Block] = []  # lists that are open; what stands in an inner one belongs to the outermost
    for token in _READER.parse(text):
        if token.type in _LISTS:
            # A paragraph may begin with a year and a full stop: it keeps its number.
            within.append({"kind": _LISTS[token.type], "items": [], "start": token.attrGet("start") or 1})
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            closed = within.pop()
            if not within and closed["items"]:
                found.append({**closed, "dir": direction(_plain(closed["items"]))})
        elif token.type == "inline" and within:
            within[0]["items"].append(list(_runs(token.children or [])))
        elif token.type == "inline":
            runs = list(_runs(token.children or []))
            found.append({"kind": "paragraph", "runs": runs, "dir": direction(_plain([runs]))})
    return found


def _runs(tokens: list[Token]) -> Iterator[dict[str, Any]]:
    bold = 0
    for token in tokens:
        if token.type == "strong_open":
            bold += 1
        elif token.type == "strong_close":
            bold -= 1
        elif token.type in {"softbreak", "hardbreak"}:
            yield {"text": " " if token.type == "softbreak" else "\n", "bold": False}
        elif token.type in {"em_open", "em_close"}:
            yield {"text": token.markup, "bold": bool(bold)}  # 3*4*5 is no emphasis
        elif token.content:
            yield {"text": token.content, "bold": bool(bold)}


def _plain(items: list[Runs]) -> str:
    return " ".join(run["text"] for runs in items for run in runs)


def direction(text: str) -> str:
    """Of a paragraph, by its first letter that has one (UAX 9, rules P2 and P3)."""
    for letter in text:
        if (kind := unicodedata.bidirectional(letter)) in {"R", "AL"}:
            return "rtl"
        if kind == "L":
            break
    return "ltr"
